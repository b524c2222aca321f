// SPDX-License-Identifier: Apache-2.0
/* Parts of the back end that have an interface of their own: reciprocals, the scratchpad allocator, the timing model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>
#include "quern/commands.h"
#include "reciprocal.h"
#include "lib/rng.h"
#include "emit.h"
#include "spm_alloc.h"
#include "timing.h"

/* Both sides are monotonous in x, so it is enough to look at both sides of every step: all divisors, all values. */
static void reciprocals_are_exact(void **state)
{
	(void)state;
	for (uint32_t count = 1; count <= QUERN_POOL_MAX_K * QUERN_POOL_MAX_K; count++) {
		uint64_t max = 128ull * count + count / 2;
		uint32_t mult;
		uint8_t shift;

		assert_true(exact_reciprocal(count, max, &mult, &shift));
		for (uint64_t q = 1; q * count <= max; q++)
			if (q * count * mult >> shift != q || (q * count - 1) * mult >> shift != q - 1)
				fail_msg("%u: quotient %u", count, (unsigned int)q);
		assert_int_equal(max * mult >> shift, max / count);
	}
}

static void reciprocal_that_does_not_fit(void **state)
{
	uint32_t mult;
	uint8_t shift;

	(void)state;
	assert_false(exact_reciprocal(3, 1ull << 62, &mult, &shift));
}

static void allocator_gives_what_fits(void **state)
{
	uint64_t bytes[3] = {1000, 64, 30000};
	uint32_t addr[3];
	struct spm_alloc s;

	(void)state;
	assert_true(spm_init(&s, 32768));
	assert_true(spm_get(&s, bytes, addr, 3));
	assert_false(spm_fits(&s, (uint64_t[]){2000}, 1));
	spm_put(&s, addr[0], bytes[0]);
	assert_true(spm_take(&s, addr[0], 500));
	assert_false(spm_take(&s, addr[1], 64));
	assert_false(spm_get(&s, (uint64_t[]){UINT64_MAX}, addr, 1));
	spm_finish(&s);
}

static void allocator_prefers_what_was_free_longest(void **state)
{
	uint32_t first, second;
	struct spm_alloc s;

	(void)state;
	assert_true(spm_init(&s, 4096));
	assert_true(spm_get(&s, (uint64_t[]){2048}, &first, 1));
	assert_true(spm_get(&s, (uint64_t[]){2048}, &second, 1));
	spm_put(&s, second, 2048);
	spm_put(&s, first, 2048);
	assert_true(spm_age(&s, first, 2048) > spm_age(&s, second, 2048));
	assert_true(spm_get(&s, (uint64_t[]){2048}, &first, 1));
	assert_int_equal(first, second);
	spm_finish(&s);
}

/* No byte has two owners, whatever is asked for; everything comes back. */
static void allocator_never_overlaps(void **state)
{
	uint8_t owner[65536 / SPM_GRANULE] = {0};
	uint32_t addr[40];
	uint64_t bytes[40] = {0};
	struct spm_alloc s;
	struct rng r = {7};

	(void)state;
	assert_true(spm_init(&s, 65536));
	for (int i = 0; i < 20000; i++) {
		int k = rng_in(&r, 0, 39);

		if (bytes[k]) {
			for (uint32_t g = 0; g < (bytes[k] + SPM_GRANULE - 1) / SPM_GRANULE; g++)
				owner[addr[k] / SPM_GRANULE + g] = 0;
			spm_put(&s, addr[k], bytes[k]);
			bytes[k] = 0;
			continue;
		}
		bytes[k] = (uint64_t)rng_in(&r, 1, 4000);
		if (!spm_get(&s, &bytes[k], &addr[k], 1)) {
			bytes[k] = 0;
			continue;
		}
		for (uint32_t g = 0; g < (bytes[k] + SPM_GRANULE - 1) / SPM_GRANULE; g++)
			assert_int_equal(owner[addr[k] / SPM_GRANULE + g]++, 0);
	}
	for (int k = 0; k < 40; k++)
		if (bytes[k])
			spm_put(&s, addr[k], bytes[k]);
	assert_true(spm_fits(&s, (uint64_t[]){65536}, 1));
	spm_finish(&s);
}

static struct cmd load_of(uint32_t bytes, uint32_t wait, uint32_t signal)
{
	struct quern_cmd_load l = {.len = bytes, .n1 = 1, .n2 = 1, .n3 = 1};
	struct cmd c = {.unit = QUERN_UNIT_LOAD};

	quern_cmd_load_pack(c.w, &l);
	c.w[1] = wait;
	c.w[2] = signal;
	return c;
}

static struct cmd store_of(uint32_t bytes, uint32_t wait)
{
	struct quern_cmd_store s = {.len = bytes, .n1 = 1, .n2 = 1, .n3 = 1};
	struct cmd c = {.unit = QUERN_UNIT_STORE};

	quern_cmd_store_pack(c.w, &s);
	c.w[1] = wait;
	return c;
}

static bool run_timing(uint32_t bus_bytes, struct cmd *cmds, uint32_t count, uint64_t *cycles)
{
	struct timing_machine m = {.n = 16, .board = {bus_bytes, 100}};

	return timing_run(&m, cmds, count, cycles) == STATUS_OK;
}

/* A long load takes its bytes over the bus and little more, on every board. */
static void timing_load_fills_the_bus(void **state)
{
	(void)state;
	for (uint32_t bus = 1; bus <= 16; bus *= 2) {
		struct cmd c = load_of(200000, 0, 0);
		uint64_t cycles;

		assert_true(run_timing(bus, &c, 1, &cycles));
		assert_in_range(c.end - c.start, 200000 / bus, 200000 / bus + 500);
		assert_true(cycles > c.end);
	}
}

static void timing_waits_for_tokens(void **state)
{
	struct cmd c[] = {load_of(6400, 0, 1), store_of(64, 1), store_of(64, 0)};
	uint64_t cycles;

	(void)state;
	assert_true(run_timing(16, c, 3, &cycles));
	assert_true(c[1].start > c[0].end && c[2].start > c[1].start);
}

static void timing_sees_a_blocked_stream(void **state)
{
	struct cmd c[] = {load_of(64, 2, 0), store_of(64, 0)};
	uint64_t cycles;

	(void)state;
	assert_false(run_timing(16, c, 2, &cycles));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reciprocals_are_exact),     cmocka_unit_test(reciprocal_that_does_not_fit),
		cmocka_unit_test(allocator_gives_what_fits), cmocka_unit_test(allocator_prefers_what_was_free_longest),
		cmocka_unit_test(allocator_never_overlaps),
		cmocka_unit_test(timing_load_fills_the_bus), cmocka_unit_test(timing_waits_for_tokens),
		cmocka_unit_test(timing_sees_a_blocked_stream),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
