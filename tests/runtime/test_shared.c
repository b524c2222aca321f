// SPDX-License-Identifier: Apache-2.0
/* The helpers that driver, firmware tests and runtime share: rings, page table entries, handshake records. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quern/handshake.h"
#include "quern/ring.h"
#include "quern/sv39.h"

static void ring_sizes(void **state)
{
	(void)state;
	for (uint32_t n = 0; n <= 4096; n++)
		assert_int_equal(quern_ring_entries_ok(n), n >= 2 && n <= QUERN_MSG_MAX_RING && !(n & (n - 1)));
	assert_false(quern_ring_entries_ok(0x80000000u));
}

static void ring_counts_wrap(void **state)
{
	(void)state;
	assert_int_equal(quern_ring_used(0xfffffffeu, 2), 4);
	assert_int_equal(quern_ring_space(0xfffffffeu, 2, 8), 4);
	assert_int_equal(quern_ring_space(0, 8, 8), 0);
	assert_int_equal(quern_ring_space(0, 9, 8), 0);
	assert_int_equal(quern_ring_space(5, 4, 8), 0);
	assert_true(quern_ring_tail_ok(0xffffffffu, 7, 8));
	assert_false(quern_ring_tail_ok(0xffffffffu, 8, 8));
	assert_false(quern_ring_tail_ok(1, 0, 8));
	assert_int_equal(quern_ring_slot(0xffffffffu, 8), 7);
	assert_int_equal(quern_ring_slot(8, 8), 0);
}

/* A stale entry of the previous lap, and zeroed memory, never pass for a new one. */
static void ring_stamps_are_fresh(void **state)
{
	(void)state;
	assert_false(quern_ring_stamped(0, 0));
	for (uint32_t n = 2; n <= QUERN_MSG_MAX_RING; n *= 2)
		for (uint32_t i = 0xffffffffu - 3; i != 5; i++) {
			assert_true(quern_ring_stamped(quern_ring_stamp(i), i));
			assert_false(quern_ring_stamped(quern_ring_stamp(i - n), i));
		}
}

static void pte_fields(void **state)
{
	const uint64_t bus = 0x00ff123456789000ull;

	(void)state;
	assert_int_equal(quern_pte_bus(quern_pte_table(bus)), bus);
	assert_int_equal(quern_pte_bus(quern_pte_leaf(bus, true)), bus);
	assert_false(quern_pte_is_leaf(quern_pte_table(bus)));
	assert_true(quern_pte_is_leaf(quern_pte_leaf(bus, false)));
	assert_true(quern_pte_valid(quern_pte_table(bus)));
	assert_true(quern_pte_valid(quern_pte_leaf(bus, false)));
	assert_int_equal(quern_pte_leaf(bus, true) & ~quern_pte_leaf(bus, false), QUERN_PTE_W);
	assert_int_equal(quern_sv39_index(0x3fffffffffull, 0), 511);
	assert_int_equal(quern_sv39_index(0x3fffffffffull, 1), 511);
	assert_int_equal(quern_sv39_index(0x3fffffffffull, 2), 255);
	assert_int_equal(quern_sv39_leaf_bytes(0), 4096);
	assert_int_equal(quern_sv39_leaf_bytes(1), 2 << 20);
	assert_int_equal(quern_sv39_leaf_bytes(2), 1 << 30);
}

static void va_bounds(void **state)
{
	const uint64_t end = 1ull << QUERN_VA_BITS;

	(void)state;
	assert_true(quern_sv39_va_ok(0, end));
	assert_true(quern_sv39_va_ok(end - 1, 1));
	assert_false(quern_sv39_va_ok(end - 1, 2));
	assert_false(quern_sv39_va_ok(end, 0));
	assert_false(quern_sv39_va_ok(1, UINT64_MAX));
	assert_false(quern_sv39_va_ok(UINT64_MAX, 2));
}

/* Three tables at 4 KiB, 8 KiB, 12 KiB of a small memory. */
struct tables {
	uint64_t entry[4 * QUERN_SV39_PTES];
};

static int read_table(void *ctx, uint64_t bus, uint64_t *pte)
{
	const struct tables *t = ctx;

	if (bus % 8 || bus / 8 >= sizeof(t->entry) / 8)
		return -1;
	*pte = t->entry[bus / 8];
	return 0;
}

#define VA ((3ull << 30) | (5ull << 21) | (7ull << 12) | 0x123)

static void tables_init(struct tables *t, uint64_t leaf)
{
	memset(t, 0, sizeof(*t));
	t->entry[512 + 3] = quern_pte_table(0x2000);
	t->entry[1024 + 5] = quern_pte_table(0x3000);
	t->entry[1536 + 7] = leaf;
}

static enum quern_fault walk(struct tables *t, uint64_t va, bool write)
{
	return quern_sv39_walk(read_table, t, 0x1000, va, write).fault;
}

static void walk_translates(void **state)
{
	const uint64_t leaf = quern_pte_leaf(0xabc000, true);
	struct quern_sv39_result r;
	struct tables t;

	(void)state;
	tables_init(&t, leaf);
	r = quern_sv39_walk(read_table, &t, 0x1000, VA, true);
	assert_int_equal(r.fault, QUERN_FAULT_NONE);
	assert_int_equal(r.bus, 0xabc123);
	assert_int_equal(r.level, 0);
	assert_int_equal(r.pte, leaf);
	t.entry[1024 + 5] = quern_pte_leaf(0x40000000, true);
	r = quern_sv39_walk(read_table, &t, 0x1000, VA, true);
	assert_int_equal(r.bus, 0x40007123);
	assert_int_equal(r.level, 1);
	t.entry[512 + 3] = quern_pte_leaf(0x80000000, false);
	r = quern_sv39_walk(read_table, &t, 0x1000, VA, false);
	assert_int_equal(r.bus, 0x80a07123);
	assert_int_equal(r.level, 2);
}

static void walk_faults(void **state)
{
	const uint64_t leaf = quern_pte_leaf(0xabc000, true);
	static const uint64_t spoil[] = {QUERN_PTE_V, QUERN_PTE_R, QUERN_PTE_U, QUERN_PTE_A};
	struct tables t;

	(void)state;
	for (size_t i = 0; i < sizeof(spoil) / sizeof(spoil[0]); i++) {
		tables_init(&t, leaf & ~spoil[i]);
		assert_int_equal(walk(&t, VA, false), QUERN_FAULT_PAGE_INVALID);
	}
	for (int bit = 54; bit < 64; bit++) {
		tables_init(&t, leaf | 1ull << bit);
		assert_int_equal(walk(&t, VA, false), QUERN_FAULT_PAGE_INVALID);
	}
	tables_init(&t, leaf & ~QUERN_PTE_W);
	assert_int_equal(walk(&t, VA, true), QUERN_FAULT_PAGE_WRITE);
	tables_init(&t, leaf & ~QUERN_PTE_D);
	assert_int_equal(walk(&t, VA, true), QUERN_FAULT_PAGE_WRITE);
	tables_init(&t, (leaf & ~(QUERN_PTE_R | QUERN_PTE_W)) | QUERN_PTE_X);
	assert_int_equal(walk(&t, VA, false), QUERN_FAULT_PAGE_READ);
	tables_init(&t, quern_pte_table(0x2000));
	assert_int_equal(walk(&t, VA, false), QUERN_FAULT_PAGE_INVALID);
	tables_init(&t, leaf);
	assert_int_equal(walk(&t, VA + 4096, false), QUERN_FAULT_PAGE_INVALID);
	assert_int_equal(walk(&t, VA | 1ull << QUERN_VA_BITS, false), QUERN_FAULT_PAGE_INVALID);
	t.entry[1024 + 5] = quern_pte_leaf(0x40001000, true);
	assert_int_equal(walk(&t, VA, false), QUERN_FAULT_PAGE_INVALID);
	t.entry[1024 + 5] = quern_pte_table(0x100000);
	assert_int_equal(walk(&t, VA, false), QUERN_FAULT_BUS);
	t.entry[1024 + 5] = quern_pte_table(0x3000) | QUERN_PTE_A;
	assert_int_equal(walk(&t, VA, false), QUERN_FAULT_PAGE_INVALID);
}

static struct quern_boot good_boot(void)
{
	const struct quern_boot_params params = {
		.features = 3,
		.admin_sq = 0x1000,
		.admin_cq = 0x2000,
		.reply = 0x3000,
		.log = 0x4000,
		.admin_entries = 16,
		.log_bytes = QUERN_LOG_HEADER_BYTES + 1024,
	};
	struct quern_boot boot;

	quern_boot_init(&boot, &params);
	return boot;
}

#define BOOT_WITH(change, expected)                                                                                    \
	do {                                                                                                           \
		struct quern_boot b = good_boot();                                                                     \
		change;                                                                                                \
		assert_int_equal(quern_boot_check(&b), expected);                                                      \
	} while (0)

static void boot_records(void **state)
{
	(void)state;
	BOOT_WITH((void)b, QUERN_BOOT_ERROR_NONE);
	BOOT_WITH(b.log = 0; b.log_bytes = 0, QUERN_BOOT_ERROR_NONE);
	BOOT_WITH(b.minor++, QUERN_BOOT_ERROR_NONE);
	BOOT_WITH(b.magic ^= 1, QUERN_BOOT_ERROR_MAGIC);
	BOOT_WITH(b.major++, QUERN_BOOT_ERROR_VERSION);
	BOOT_WITH(b.admin_entries = 0, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.admin_entries = 3, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.admin_entries = 2 * QUERN_MSG_MAX_RING, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.admin_sq = 0, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.admin_cq += 32, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.reply = 0, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.log++, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.log_bytes = 0, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.log_bytes = QUERN_LOG_HEADER_BYTES + 1000, QUERN_BOOT_ERROR_RING);
	BOOT_WITH(b.log_bytes = 64, QUERN_BOOT_ERROR_RING);
}

static void replies(void **state)
{
	const struct quern_boot_reply good = {
		.magic = QUERN_REPLY_MAGIC,
		.major = QUERN_MESSAGES_MAJOR,
		.features = 1,
		.num_ctx = 16,
		.max_entries = 1024,
	};
	struct quern_boot_reply r = good;

	(void)state;
	assert_int_equal(quern_reply_check(&good, 3), QUERN_REPLY_ERROR_NONE);
	assert_int_equal(quern_reply_check(&good, 2), QUERN_REPLY_ERROR_FEATURES);
	r.magic = 0;
	assert_int_equal(quern_reply_check(&r, 3), QUERN_REPLY_ERROR_MAGIC);
	r = good;
	r.major++;
	assert_int_equal(quern_reply_check(&r, 3), QUERN_REPLY_ERROR_VERSION);
	r = good;
	r.num_ctx = 0;
	assert_int_equal(quern_reply_check(&r, 3), QUERN_REPLY_ERROR_LIMITS);
	r.num_ctx = QUERN_NUM_CTX + 1;
	assert_int_equal(quern_reply_check(&r, 3), QUERN_REPLY_ERROR_LIMITS);
	r = good;
	r.max_entries = 1;
	assert_int_equal(quern_reply_check(&r, 3), QUERN_REPLY_ERROR_LIMITS);
	for (int i = 0; i <= QUERN_REPLY_ERROR_LIMITS; i++)
		assert_string_not_equal(quern_reply_error_text((enum quern_reply_error)i), "unknown error");
}

static struct quern_fw_image good_image(void)
{
	return (struct quern_fw_image){
		.magic = QUERN_FW_MAGIC,
		.header_bytes = sizeof(struct quern_fw_image),
		.major = QUERN_MESSAGES_MAJOR,
		.hw_major = QUERN_REGISTERS_MAJOR,
		.payload_bytes = 1000,
		.load_addr = 16,
		.memory_bytes = 2000,
	};
}

#define IMAGE_WITH(change, expected)                                                                                   \
	do {                                                                                                           \
		struct quern_fw_image h = good_image();                                                                \
		uint64_t bytes = sizeof(h) + 1000;                                                                     \
		change;                                                                                                \
		assert_int_equal(quern_image_check(&h, bytes), expected);                                              \
	} while (0)

static void firmware_images(void **state)
{
	(void)state;
	IMAGE_WITH((void)h, QUERN_IMAGE_ERROR_NONE);
	IMAGE_WITH(bytes = sizeof(h) - 1, QUERN_IMAGE_ERROR_SIZE);
	IMAGE_WITH(bytes--, QUERN_IMAGE_ERROR_SIZE);
	IMAGE_WITH(bytes++, QUERN_IMAGE_ERROR_SIZE);
	IMAGE_WITH(h.payload_bytes = 0; bytes = sizeof(h), QUERN_IMAGE_ERROR_SIZE);
	IMAGE_WITH(h.magic++, QUERN_IMAGE_ERROR_MAGIC);
	IMAGE_WITH(h.header_bytes--, QUERN_IMAGE_ERROR_MAGIC);
	IMAGE_WITH(h.major++, QUERN_IMAGE_ERROR_VERSION);
	IMAGE_WITH(h.hw_major++, QUERN_IMAGE_ERROR_CHIP);
	IMAGE_WITH(h.load_addr = 2, QUERN_IMAGE_ERROR_MEMORY);
	IMAGE_WITH(h.load_addr = QUERN_TCM_BYTES - 500 + 4, QUERN_IMAGE_ERROR_MEMORY);
	IMAGE_WITH(h.load_addr = 0xfffffff0u, QUERN_IMAGE_ERROR_MEMORY);
	IMAGE_WITH(h.memory_bytes = 999, QUERN_IMAGE_ERROR_MEMORY);
	IMAGE_WITH(h.memory_bytes = QUERN_TCM_BYTES, QUERN_IMAGE_ERROR_MEMORY);
	for (int i = 0; i <= QUERN_IMAGE_ERROR_MEMORY; i++)
		assert_string_not_equal(quern_image_error_text((enum quern_image_error)i), "unknown error");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(ring_sizes),
		cmocka_unit_test(ring_counts_wrap),
		cmocka_unit_test(ring_stamps_are_fresh),
		cmocka_unit_test(pte_fields),
		cmocka_unit_test(va_bounds),
		cmocka_unit_test(walk_translates),
		cmocka_unit_test(walk_faults),
		cmocka_unit_test(boot_records),
		cmocka_unit_test(replies),
		cmocka_unit_test(firmware_images),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
