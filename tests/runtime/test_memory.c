// SPDX-License-Identifier: Apache-2.0
/* Extents, frames and page tables of the transports in this process. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "extent.h"
#include "vm.h"

static void extents_give_back_what_they_took(void **state)
{
	struct extents e;
	uint64_t a, b, c, d;

	(void)state;
	assert_true(extents_init(&e, 100, 1000));
	assert_true(extents_take(&e, 10, 1, &a));
	assert_true(extents_take(&e, 20, 64, &b));
	assert_true(extents_take(&e, 30, 1, &c));
	assert_int_equal(a, 100);
	assert_int_equal(b, 128);
	assert_int_equal(c, 148);
	assert_true(extents_take(&e, 18, 1, &d)); /* the hole that alignment left */
	assert_int_equal(d, 110);
	assert_false(extents_take(&e, 1000, 1, &d));
	extents_give(&e, 110, 18);
	extents_give(&e, b, 20);
	extents_give(&e, a, 10);
	extents_give(&e, c, 30);
	assert_true(extents_take(&e, 1000, 1, &a));
	assert_int_equal(a, 100);
	assert_false(extents_take(&e, 1, 1, &b));
	extents_finish(&e);
}

static void extents_against_a_bitmap(void **state)
{
	enum { SIZE = 512, LIVE = 32 };
	struct {
		uint64_t start, size;
	} live[LIVE] = {0};
	unsigned char used[SIZE] = {0};
	struct extents e;
	uint32_t seed = 1;

	(void)state;
	assert_true(extents_init(&e, 0, SIZE));
	for (int i = 0; i < 20000; i++) {
		uint32_t k = (seed = seed * 1664525u + 1013904223u) >> 27;
		uint64_t size = 1 + (seed >> 8) % 40, align = 1u << ((seed >> 16) % 5);

		if (live[k].size) {
			extents_give(&e, live[k].start, live[k].size);
			memset(used + live[k].start, 0, live[k].size);
			live[k].size = 0;
		} else if (extents_take(&e, size, align, &live[k].start)) {
			assert_int_equal(live[k].start % align, 0);
			assert_true(live[k].start + size <= SIZE);
			live[k].size = size;
			for (uint64_t j = 0; j < size; j++)
				assert_int_equal(used[live[k].start + j]++, 0);
		}
	}
	extents_finish(&e);
}

static void blocks_are_scattered_or_contiguous(void **state)
{
	struct busmem m;
	struct busmem_block small, large, ring;
	uint32_t neighbours = 0;

	(void)state;
	assert_true(busmem_init(&m));
	assert_true(busmem_alloc(&m, 100 * BUSMEM_PAGE - 5, &small));
	assert_true(busmem_alloc(&m, 2 * BUSMEM_HUGE + BUSMEM_PAGE, &large));
	assert_true(busmem_alloc_contiguous(&m, 5 * BUSMEM_PAGE, &ring));
	assert_int_equal(small.bytes, 100 * BUSMEM_PAGE);
	for (uint32_t i = 1; i < 100; i++)
		neighbours +=
			busmem_bus(&small, i * BUSMEM_PAGE) == busmem_bus(&small, (i - 1) * BUSMEM_PAGE) + BUSMEM_PAGE;
	assert_true(neighbours < 5);
	assert_int_equal(busmem_bus(&large, 0) % BUSMEM_HUGE, 0);
	assert_int_equal(busmem_bus(&large, BUSMEM_HUGE - 1), busmem_bus(&large, 0) + BUSMEM_HUGE - 1);
	assert_int_equal(busmem_bus(&ring, 5 * BUSMEM_PAGE - 1), busmem_bus(&ring, 0) + 5 * BUSMEM_PAGE - 1);
	assert_ptr_equal(busmem_at(&m, busmem_bus(&small, 12345), 16), small.map + 12345);
	busmem_free(&m, &small);
	busmem_free(&m, &large);
	busmem_free(&m, &ring);
	busmem_finish(&m);
}

static void what_is_not_memory_is_a_bus_error(void **state)
{
	struct busmem_block block;
	struct busmem m;
	uint64_t bus;

	(void)state;
	assert_true(busmem_init(&m));
	assert_true(busmem_alloc(&m, 1, &block));
	bus = busmem_bus(&block, 0);
	assert_non_null(busmem_at(&m, bus, BUSMEM_PAGE));
	assert_null(busmem_at(&m, bus + 1, BUSMEM_PAGE));
	assert_null(busmem_at(&m, 0, 1));
	assert_null(busmem_at(&m, bus - BUSMEM_BASE, 1));
	assert_null(busmem_at(&m, UINT64_MAX, 1));
	assert_null(busmem_at(&m, BUSMEM_BASE + (uint64_t)BUSMEM_FRAMES * BUSMEM_PAGE, 1));
	busmem_free(&m, &block);
	assert_null(busmem_at(&m, bus, 1));
	assert_null(block.map);
	busmem_free(&m, &block);
	assert_false(busmem_alloc(&m, 0, &block));
	assert_false(busmem_alloc(&m, UINT64_MAX, &block));
	busmem_finish(&m);
}

static void allocation_is_deterministic(void **state)
{
	uint64_t first = 0;

	(void)state;
	for (int round = 0; round < 2; round++) {
		struct busmem_block a, b, c;
		uint64_t sum = 0;
		struct busmem m;

		assert_true(busmem_init(&m));
		assert_true(busmem_alloc(&m, 50 * BUSMEM_PAGE, &a));
		assert_true(busmem_alloc(&m, 50 * BUSMEM_PAGE, &b));
		busmem_free(&m, &a);
		assert_true(busmem_alloc(&m, 70 * BUSMEM_PAGE, &c));
		for (uint32_t i = 0; i < 70; i++)
			sum = sum * 31 + busmem_bus(&c, i * BUSMEM_PAGE);
		busmem_free(&m, &b);
		busmem_free(&m, &c);
		busmem_finish(&m);
		if (round)
			assert_int_equal(sum, first);
		first = sum;
	}
}

static int read_pte(void *ctx, uint64_t bus, uint64_t *pte)
{
	const void *p = busmem_at(ctx, bus, sizeof(*pte));

	if (!p)
		return -1;
	memcpy(pte, p, sizeof(*pte));
	return 0;
}

static enum quern_fault touch(struct vm *vm, uint64_t va, bool write, uint64_t *bus)
{
	struct quern_sv39_result r = quern_sv39_walk(read_pte, vm->mem, vm_root(vm), va, write);

	*bus = r.bus;
	return r.fault;
}

static void check_mapped(struct vm *vm, const struct busmem_block *block, uint64_t va, bool writable)
{
	uint64_t bus;

	for (uint64_t at = 0; at < block->bytes; at += BUSMEM_PAGE) {
		assert_int_equal(touch(vm, va + at + 9, false, &bus), QUERN_FAULT_NONE);
		assert_int_equal(bus, busmem_bus(block, at + 9));
		assert_int_equal(touch(vm, va + at, true, &bus), writable ? QUERN_FAULT_NONE : QUERN_FAULT_PAGE_WRITE);
	}
	assert_int_equal(touch(vm, va + block->bytes, false, &bus), QUERN_FAULT_PAGE_INVALID);
	assert_int_equal(touch(vm, va - 1, false, &bus), QUERN_FAULT_PAGE_INVALID);
}

static void mappings_translate_and_end(void **state)
{
	static const uint64_t sizes[] = {1, BUSMEM_PAGE, BUSMEM_HUGE - 1, BUSMEM_HUGE, 3 * BUSMEM_HUGE + 12345};
	struct busmem m;
	struct vm vm;

	(void)state;
	assert_true(busmem_init(&m));
	assert_true(vm_init(&vm, &m));
	for (int round = 0; round < 3; round++) {
		struct busmem_block block[5];
		uint64_t va[5], bus;

		for (int i = 0; i < 5; i++) {
			int k = round == 1 ? 4 - i : i;

			assert_true(busmem_alloc(&m, sizes[k], &block[i]));
			assert_true(vm_map(&vm, &block[i], i & 1, &va[i]));
			assert_true(quern_sv39_va_ok(va[i], block[i].bytes));
		}
		for (int i = 0; i < 5; i++)
			check_mapped(&vm, &block[i], va[i], i & 1);
		for (int i = 0; i < 5; i++) {
			vm_unmap(&vm, va[i], block[i].bytes);
			for (uint64_t at = 0; at < block[i].bytes; at += BUSMEM_PAGE)
				assert_int_equal(touch(&vm, va[i] + at, false, &bus), QUERN_FAULT_PAGE_INVALID);
			vm_release(&vm, va[i], block[i].bytes);
			busmem_free(&m, &block[i]);
		}
	}
	vm_finish(&vm);
	vm_finish(&vm);
	busmem_finish(&m);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(extents_give_back_what_they_took),
		cmocka_unit_test(extents_against_a_bitmap),
		cmocka_unit_test(blocks_are_scattered_or_contiguous),
		cmocka_unit_test(what_is_not_memory_is_a_bus_error),
		cmocka_unit_test(allocation_is_deterministic),
		cmocka_unit_test(mappings_translate_and_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
