// SPDX-License-Identifier: Apache-2.0
/* Core DMA: every alignment and length, errors, and a chip reset in the middle of transfers. */
#include <string.h>

#include "groups.h"

#define TCM_AREA 0x8000u
#define TCM_AREA_BYTES 0x4000u

struct transfer {
	uint64_t host;
	uint32_t tcm;
	uint32_t bytes;
	bool to_host;
};

static void script_transfer(struct chip *chip, const struct transfer *t)
{
	uint32_t control = t->bytes << QUERN_CDMA_CTRL_BYTES_LSB;

	if (t->to_host)
		control |= QUERN_CDMA_CTRL_TO_HOST_MASK;
	script_write(chip, QUERN_REG_CDMA_HOST_LO, (uint32_t)t->host);
	script_write(chip, QUERN_REG_CDMA_HOST_HI, (uint32_t)(t->host >> 32));
	script_write(chip, QUERN_REG_CDMA_TCM, t->tcm);
	script_write(chip, QUERN_REG_CDMA_CTRL, control);
	script_poll(chip, QUERN_REG_CDMA_STATUS, QUERN_CDMA_STATUS_BUSY_MASK, 0);
}

static struct transfer random_transfer(struct chip *chip)
{
	struct transfer t;
	uint64_t r = rng_u64(&chip->rng);
	uint32_t page_offset;

	t.bytes = 4 + 4 * (r % 64);
	page_offset = 4 * (uint32_t)((r >> 8) % ((4096 - t.bytes) / 4 + 1));
	t.host = HOST_BASE + 4096 * ((r >> 24) % 16) + page_offset;
	t.tcm = TCM_AREA + 4 * (uint32_t)((r >> 40) % ((TCM_AREA_BYTES - t.bytes) / 4 + 1));
	t.to_host = r >> 63;
	return t;
}

static void apply(struct chip *chip, uint8_t *tcm, uint8_t *host, const struct transfer *t)
{
	(void)chip;
	if (t->to_host)
		memcpy(host + (t->host - HOST_BASE), tcm + (t->tcm - TCM_AREA), t->bytes);
	else
		memcpy(tcm + (t->tcm - TCM_AREA), host + (t->host - HOST_BASE), t->bytes);
}

static void load_area(struct chip *chip, uint8_t *tcm)
{
	uint32_t i;
	uint32_t word;

	for (i = 0; i < TCM_AREA_BYTES; i += 4) {
		word = rng_next(&chip->rng);
		memcpy(tcm + i, &word, 4);
		chip_write(chip, QUERN_REG_TCM(0) + TCM_AREA + i, word);
	}
}

static void check_area(struct chip *chip, const uint8_t *tcm)
{
	uint32_t i;
	uint32_t word;

	for (i = 0; i < TCM_AREA_BYTES; i += 4) {
		word = chip_read(chip, QUERN_REG_TCM(0) + TCM_AREA + i);
		assert_memory_equal(tcm + i, &word, 4);
	}
}

static void random_transfers(void **state)
{
	static uint8_t tcm[TCM_AREA_BYTES];
	static uint8_t host[16 * 4096];
	struct chip *chip = *state;
	struct transfer t;
	unsigned int round;
	unsigned int i;

	for (i = 0; i < sizeof(host); i++)
		host[i] = (uint8_t)rng_u64(&chip->rng);
	memcpy(chip->host, host, sizeof(host));
	load_area(chip, tcm);
	for (round = 0; round < 4; round++) {
		for (i = 0; i < 50; i++) {
			t = random_transfer(chip);
			script_transfer(chip, &t);
			apply(chip, tcm, host, &t);
		}
		chip_execute(chip);
	}
	assert_memory_equal(chip->host, host, sizeof(host));
	check_area(chip, tcm);
}

static uint32_t status_of(struct chip *chip, const struct transfer *t)
{
	unsigned int step;

	script_transfer(chip, t);
	step = chip->steps - 1;
	chip_execute(chip);
	return chip_result(chip, step);
}

static void errors(void **state)
{
	static const struct transfer bad[] = {
		{HOST_BASE, TCM_AREA, 6, false}, /* length */
		{HOST_BASE, TCM_AREA, QUERN_CDMA_MAX_BYTES + 4, true},
		{HOST_BASE + 2, TCM_AREA, 16, false}, /* alignment */
		{HOST_BASE, TCM_AREA + 1, 16, true},
		{HOST_BASE + 4000, TCM_AREA, 100, false},    /* across 4 KiB */
		{HOST_BASE, QUERN_TCM_BYTES - 8, 12, false}, /* beyond the TCM */
		{HOST_BASE, 0xfffffff0u, 32, true},
		{1ull << 56, TCM_AREA, 16, false},	       /* beyond the bus */
		{HOST_BASE + HOST_BYTES, TCM_AREA, 64, false}, /* nobody answers */
		{HOST_BASE - 64, TCM_AREA, 64, true},
	};
	const struct transfer good = {HOST_BASE, TCM_AREA, 64, false};
	struct chip *chip = *state;
	unsigned int i;

	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(status_of(chip, &bad[i]), QUERN_CDMA_STATUS_ERROR_MASK);
	assert_int_equal(status_of(chip, &good), 0);
}

static void interrupt(void **state)
{
	const struct transfer t = {HOST_BASE, TCM_AREA, 256, false};
	struct chip *chip = *state;
	unsigned int cause;

	script_write(chip, QUERN_REG_CORE_IRQ_ENABLE, 8);
	script_transfer(chip, &t);
	chip->script[chip->steps - 1].op = SCRIPT_SLEEP;
	cause = script_read(chip, QUERN_REG_CORE_IRQ_STATUS);
	chip_execute(chip);
	assert_int_equal(chip_result(chip, cause), 8);
}

/* The vectors go out when the last byte is there, and not after an error. */
static void raises_vectors(void **state)
{
	struct chip *chip = *state;
	unsigned int i;

	for (i = 0; i < 2; i++) {
		script_write(chip, QUERN_REG_CDMA_HOST_LO, (uint32_t)(i ? HOST_BASE + HOST_BYTES : HOST_BASE));
		script_write(chip, QUERN_REG_CDMA_HOST_HI, HOST_BASE >> 32);
		script_write(chip, QUERN_REG_CDMA_TCM, TCM_AREA);
		script_write(chip, QUERN_REG_CDMA_CTRL,
			     64 << QUERN_CDMA_CTRL_BYTES_LSB | QUERN_CDMA_CTRL_TO_HOST_MASK | 6u << QUERN_CDMA_CTRL_RAISE_LSB);
		script_poll(chip, QUERN_REG_CDMA_STATUS, QUERN_CDMA_STATUS_BUSY_MASK, 0);
		chip_start(chip);
		chip_run(chip, QUERN_SIM_STOP_IDLE);
		chip_stop(chip);
		assert_int_equal(chip->irqs[1], 1);
		assert_int_equal(chip->irqs[2], 1);
	}
}

#define TABLE 0x9000u
#define RECORDS 0x6000u
#define FIRST_MOMENT 60u /* before the script arms */

/* Sleeps armed; when a doorbell has woken it, waits for the DMA and looks. */
static unsigned int script_armed(struct chip *chip, uint32_t ctx, uint32_t *status)
{
	unsigned int step;

	chip_script(chip, SCRIPT_WRITE, TABLE + 16 * ctx, (uint32_t)(HOST_BASE + 0x1000 * ctx), 0);
	chip_script(chip, SCRIPT_WRITE, TABLE + 16 * ctx + 4, HOST_BASE >> 32, 0);
	script_write(chip, QUERN_REG_DB_FETCH, TABLE << QUERN_DB_FETCH_TABLE_LSB | RECORDS | QUERN_DB_FETCH_ARM_MASK);
	script_write(chip, QUERN_REG_CORE_IRQ_ENABLE, QUERN_CORE_IRQ_STATUS_DOORBELL_MASK);
	chip_script(chip, SCRIPT_SLEEP, 0, 0, 0);
	script_poll(chip, QUERN_REG_CDMA_STATUS, QUERN_CDMA_STATUS_BUSY_MASK, 0);
	*status = script_read(chip, QUERN_REG_CDMA_STATUS);
	step = script_read(chip, QUERN_REG_DB_FETCH);
	chip_script(chip, SCRIPT_READ, RECORDS + 252, 0, 0);
	return step;
}

/* Each context's doorbell reads what its own entry names, once; an empty entry reads nothing. */
static void doorbell_reads(void **state)
{
	struct chip *chip = *state;
	uint32_t ctx, last, status;
	unsigned int step;

	for (ctx = 0; ctx < QUERN_NUM_CTX; ctx++) {
		last = rng_next(&chip->rng);
		memcpy(chip->host + 0x1000 * ctx + 252, &last, sizeof(last));
		step = script_armed(chip, ctx, &status);
		chip_start(chip);
		chip_run(chip, QUERN_SIM_STOP_IDLE);
		chip_write(chip, QUERN_REG_DOORBELL(ctx), 1);
		chip_write(chip, QUERN_REG_DOORBELL((ctx + 1) % QUERN_NUM_CTX), 1); /* finds it disarmed */
		chip_run(chip, QUERN_SIM_STOP_IRQ);
		chip_stop(chip);
		assert_int_equal(chip_result(chip, status), 0);
		assert_int_equal(chip_result(chip, step) & 0xffff003f, TABLE << 16 | ctx << 2 | QUERN_DB_FETCH_TAKEN_MASK);
		assert_int_equal(chip_result(chip, step + 1), last);
		chip_write(chip, QUERN_REG_CTRL, QUERN_CTRL_RESET_MASK);
	}
	step = script_armed(chip, 0, &status);
	chip->script[0].value = 0;
	chip_start(chip);
	chip_run(chip, QUERN_SIM_STOP_IDLE);
	chip_write(chip, QUERN_REG_DOORBELL(0), 1);
	chip_run(chip, QUERN_SIM_STOP_IRQ);
	chip_stop(chip);
	assert_int_equal(chip_result(chip, status), QUERN_CDMA_STATUS_ERROR_MASK);
	assert_int_equal(chip_result(chip, step) & QUERN_DB_FETCH_TAKEN_MASK, QUERN_DB_FETCH_TAKEN_MASK);
}

/* A doorbell at any moment around the write that disarms: it reads its record to its place, or nothing. */
static void doorbell_while_disarmed(void **state)
{
	struct chip *chip = *state;
	unsigned int when, step, num_taken = 0;
	const unsigned int runs = 200;

	memset(chip->host, 0xa5, 256);
	for (when = 0; when < runs; when++) {
		uint32_t taken;

		chip_script(chip, SCRIPT_WRITE, TABLE, (uint32_t)HOST_BASE, 0);
		chip_script(chip, SCRIPT_WRITE, TABLE + 4, HOST_BASE >> 32, 0);
		chip_script(chip, SCRIPT_WRITE, RECORDS + 252, 0x1234, 0);
		chip_script(chip, SCRIPT_WRITE, TCM_AREA, 0x5678, 0);
		script_write(chip, QUERN_REG_DB_FETCH, TABLE << QUERN_DB_FETCH_TABLE_LSB | RECORDS | QUERN_DB_FETCH_ARM_MASK);
		/* Places that the record must not go to. */
		script_write(chip, QUERN_REG_DB_FETCH, TCM_AREA);
		script_poll(chip, QUERN_REG_DB_PENDING, 1, 1);
		script_poll(chip, QUERN_REG_CDMA_STATUS, QUERN_CDMA_STATUS_BUSY_MASK, 0);
		step = script_read(chip, QUERN_REG_DB_FETCH);
		chip_script(chip, SCRIPT_READ, RECORDS + 252, 0, 0);
		chip_script(chip, SCRIPT_READ, TCM_AREA, 0, 0);
		chip_start(chip);
		quern_sim_run(chip->sim, FIRST_MOMENT + when, 0);
		chip_write(chip, QUERN_REG_DOORBELL(0), 1);
		chip_run(chip, QUERN_SIM_STOP_IRQ);
		chip_stop(chip);
		taken = chip_result(chip, step) & QUERN_DB_FETCH_TAKEN_MASK;
		num_taken += !!taken;
		assert_int_equal(chip_result(chip, step + 1), taken ? 0xa5a5a5a5 : 0x1234);
		assert_int_equal(chip_result(chip, step + 2), 0x5678);
		chip_write(chip, QUERN_REG_CTRL, QUERN_CTRL_RESET_MASK);
	}
	assert_in_range(num_taken, 1, runs - 1);
}

/* A core that was stopped while armed: the TCM is the host's, and a doorbell leaves it alone. */
static void doorbell_of_a_stopped_core(void **state)
{
	struct chip *chip = *state;
	uint32_t status;

	memset(chip->host, 0x5a, 256);
	script_armed(chip, 0, &status);
	chip_start(chip);
	chip_run(chip, QUERN_SIM_STOP_IDLE);
	chip_write(chip, QUERN_REG_CTRL, 0);
	chip_write(chip, QUERN_REG_TCM(RECORDS / 4), 0x1234);
	chip_write(chip, QUERN_REG_DOORBELL(0), 1);
	quern_sim_run(chip->sim, 500, 0);
	assert_int_equal(chip_read(chip, QUERN_REG_TCM(RECORDS / 4)), 0x1234);
	chip->steps = 0;
}

/* A reset at any moment of a transfer leaves a chip that works and a bus that owes nothing. */
static void reset_drains(void **state)
{
	const struct transfer t = {HOST_BASE + 4, TCM_AREA + 8, 256, true};
	struct chip *chip = *state;
	unsigned int when;

	for (when = 300; when < 900; when += 7) {
		script_transfer(chip, &t);
		chip_start(chip);
		quern_sim_run(chip->sim, when, 0);
		chip_write(chip, QUERN_REG_CTRL, QUERN_CTRL_RESET_MASK);
		assert_int_equal(chip_read(chip, QUERN_REG_STATUS), 0);
		chip->steps = 0;
		assert_int_equal(status_of(chip, &t), 0);
	}
}

int run_cdma_tests(void)
{
	const struct CMUnitTest tests[] = {
		CHIP_TEST(random_transfers),
		CHIP_TEST(errors),
		CHIP_TEST(interrupt),
		CHIP_TEST(raises_vectors),
		CHIP_TEST(doorbell_reads),
		CHIP_TEST(doorbell_while_disarmed),
		CHIP_TEST(doorbell_of_a_stopped_core),
		CHIP_TEST(reset_drains),
	};

	return cmocka_run_group_tests_name("core DMA", tests, NULL, NULL);
}
