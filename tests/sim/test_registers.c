// SPDX-License-Identifier: Apache-2.0
/* Registers, doorbells, interrupts, timer, watchdog, TCM window, chip reset. */
#include <errno.h>

#include "chip.h"
#include "groups.h"

#define FIELD(value, field) (((value)&QUERN_##field##_MASK) >> QUERN_##field##_LSB)
#define CORE_CAUSE_DOORBELL 1u
#define CORE_CAUSE_ADMIN 2u

static void identity(void **state)
{
	struct chip *chip = *state;
	struct quern_sim_info info;
	uint32_t config = chip_read(chip, QUERN_REG_CONFIG0);

	quern_sim_info(chip->sim, &info);
	assert_int_equal(chip_read(chip, QUERN_REG_ID), QUERN_CHIP_ID);
	assert_int_equal(chip_read(chip, QUERN_REG_HW_VERSION), info.hw_version);
	assert_int_equal(FIELD(config, CONFIG0_ARRAY), info.array);
	assert_int_equal(FIELD(config, CONFIG0_SPM_KIB) * 1024, info.spm_bytes);
	assert_int_equal(FIELD(config, CONFIG0_BUS_BYTES), info.bus_bytes);
	config = chip_read(chip, QUERN_REG_CONFIG1);
	assert_int_equal(FIELD(config, CONFIG1_NUM_CTX), QUERN_NUM_CTX);
	assert_int_equal(FIELD(config, CONFIG1_NUM_ASID), QUERN_NUM_ASID);
}

static void access_rights(void **state)
{
	struct chip *chip = *state;
	unsigned int status;
	unsigned int boot;
	unsigned int doorbell;

	/* the host's own, the core's, and nobody's */
	chip_write(chip, QUERN_REG_HOST_BOOT_LO, 0x12345678);
	chip_write(chip, QUERN_REG_FW_STATUS, 7);
	chip_write(chip, QUERN_REG_JOB_ASID, 5);
	chip_write(chip, QUERN_REG_ASID_ROOT(3), 0x80001234);
	chip_write(chip, 0xffc, 1);
	assert_int_equal(chip_read(chip, QUERN_REG_HOST_BOOT_LO), 0x12345678);
	assert_int_equal(chip_read(chip, QUERN_REG_FW_STATUS), 0);
	assert_int_equal(chip_read(chip, QUERN_REG_JOB_ASID), 0);
	assert_int_equal(chip_read(chip, 0xffc), 0);

	script_write(chip, QUERN_REG_HOST_BOOT_LO, 1);
	boot = script_read(chip, QUERN_REG_HOST_BOOT_LO);
	script_write(chip, QUERN_REG_DOORBELL(2), 9);
	doorbell = script_read(chip, QUERN_REG_DB_PENDING);
	status = script_read(chip, QUERN_REG_ASID_ROOT(3));
	script_write(chip, QUERN_REG_SCRATCH(2), 0xabcd);
	chip_execute(chip);
	assert_int_equal(chip_result(chip, boot), 0x12345678);
	assert_int_equal(chip_result(chip, doorbell), 0);
	assert_int_equal(chip_result(chip, status), 0);
	assert_int_equal(chip_read(chip, QUERN_REG_SCRATCH(2)), 0xabcd);
}

static void bad_offsets(void **state)
{
	struct chip *chip = *state;
	uint32_t value;

	assert_int_equal(quern_sim_read32(chip->sim, 2, &value), -EINVAL);
	assert_int_equal(quern_sim_write32(chip->sim, QUERN_BAR0_BYTES, 0), -EINVAL);
}

static void tcm_window(void **state)
{
	struct chip *chip = *state;
	uint32_t words[256];
	unsigned int i;

	for (i = 0; i < 256; i++) {
		words[i] = rng_next(&chip->rng);
		chip_write(chip, QUERN_REG_TCM(i * 64 + i % 5), words[i]);
	}
	for (i = 0; i < 256; i++)
		assert_int_equal(chip_read(chip, QUERN_REG_TCM(i * 64 + i % 5)), words[i]);
}

static void tcm_window_closed(void **state)
{
	struct chip *chip = *state;
	const uint32_t word = 0xf000 / 4;

	chip_write(chip, QUERN_REG_TCM(word), 0x600d);
	chip_script(chip, SCRIPT_SLEEP, 0, 0, 0);
	chip_start(chip);
	quern_sim_run(chip->sim, 100, 0);
	chip_write(chip, QUERN_REG_TCM(word), 0xbad);
	assert_int_equal(chip_read(chip, QUERN_REG_TCM(word)), 0);
	chip_write(chip, QUERN_REG_CTRL, 0);
	assert_int_equal(chip_read(chip, QUERN_REG_TCM(word)), 0x600d);
}

static void doorbells(void **state)
{
	struct chip *chip = *state;
	unsigned int tail[QUERN_NUM_CTX];
	unsigned int time[QUERN_NUM_CTX];
	unsigned int pending;
	unsigned int cleared;
	unsigned int cause;
	unsigned int i;

	script_write(chip, QUERN_REG_CORE_IRQ_ENABLE, CORE_CAUSE_ADMIN);
	chip_script(chip, SCRIPT_SLEEP, 0, 0, 0);
	cause = script_read(chip, QUERN_REG_CORE_IRQ_STATUS);
	pending = script_read(chip, QUERN_REG_DB_PENDING);
	script_write(chip, QUERN_REG_DB_PENDING, 0x00ff);
	cleared = script_read(chip, QUERN_REG_DB_PENDING);
	for (i = 0; i < QUERN_NUM_CTX; i++) {
		tail[i] = script_read(chip, QUERN_REG_DB_TAIL(i));
		time[i] = script_read(chip, QUERN_REG_DB_TIME(i));
	}
	chip_start(chip);
	quern_sim_run(chip->sim, 1000, 0);
	assert_false(quern_sim_busy(chip->sim));
	for (i = 0; i < QUERN_NUM_CTX; i++)
		chip_write(chip, QUERN_REG_DOORBELL(i), 1000 + i);
	chip_write(chip, QUERN_REG_DOORBELL(4) + 8, 1); /* not a register */
	quern_sim_run(chip->sim, 1000, 0);
	assert_false(quern_sim_busy(chip->sim)); /* masked: still asleep */
	chip_write(chip, QUERN_REG_ADMIN_DOORBELL, 77);
	assert_true(quern_sim_busy(chip->sim));
	chip_run(chip, QUERN_SIM_STOP_IRQ);
	chip_stop(chip);
	assert_int_equal(chip_result(chip, cause), CORE_CAUSE_DOORBELL | CORE_CAUSE_ADMIN);
	assert_int_equal(chip_result(chip, pending), 0xffff);
	assert_int_equal(chip_result(chip, cleared), 0xff00);
	for (i = 0; i < QUERN_NUM_CTX; i++) {
		assert_int_equal(chip_result(chip, tail[i]), 1000 + i);
		assert_true(!i || chip_result(chip, time[i]) > chip_result(chip, time[i - 1]));
	}
}

static void vectors(void **state)
{
	struct chip *chip = *state;

	script_write(chip, QUERN_REG_IRQ_RAISE, 0xa);
	script_write(chip, QUERN_REG_IRQ_RAISE, 0x2); /* raised already: not sent again */
	chip_start(chip);
	chip_write(chip, QUERN_REG_IRQ_ENABLE, 0x3);
	chip_run(chip, QUERN_SIM_STOP_IRQ);
	quern_sim_run(chip->sim, 1000, 0);
	assert_int_equal(chip_read(chip, QUERN_REG_IRQ_STATUS), 0xb);
	assert_int_equal(chip->irqs[0], 1);
	assert_int_equal(chip->irqs[1], 1);
	assert_int_equal(chip->irqs[3], 0);
	chip_write(chip, QUERN_REG_IRQ_ENABLE, 0xf); /* a set bit becomes enabled: sent */
	assert_int_equal(chip->irqs[3], 1);
	assert_int_equal(chip->irqs[1], 1);
	chip_write(chip, QUERN_REG_IRQ_STATUS, 0x8);
	assert_int_equal(chip_read(chip, QUERN_REG_IRQ_STATUS), 0x3);
}

static void timer(void **state)
{
	struct chip *chip = *state;
	const uint32_t at = 20000;
	unsigned int woke;

	script_write(chip, QUERN_REG_MTIMECMP_HI, 0);
	script_write(chip, QUERN_REG_MTIMECMP_LO, at);
	woke = chip_script(chip, SCRIPT_SLEEP, 0, 0, 0);
	chip_execute(chip);
	assert_in_range(chip_result(chip, woke), at, at + 50);
}

static void cycle_counter(void **state)
{
	struct chip *chip = *state;
	uint32_t before = chip_read(chip, QUERN_REG_CYCLE_LO);
	uint64_t passed = quern_sim_run(chip->sim, 12345, 0);

	assert_int_equal(passed, 12345);
	assert_in_range(chip_read(chip, QUERN_REG_CYCLE_LO) - before, passed, passed + 4);
	assert_int_equal(chip_read(chip, QUERN_REG_CYCLE_HI), 0);
}

static void watchdog(void **state)
{
	struct chip *chip = *state;
	uint32_t status;

	script_write(chip, QUERN_REG_WDT_LOAD, 3000);
	chip_script(chip, SCRIPT_SPIN, 0, 0, 0);
	chip_start(chip);
	assert_in_range(chip_run(chip, QUERN_SIM_STOP_IRQ), 3000, 3200);
	assert_int_equal(chip->irqs[3], 1);
	status = chip_read(chip, QUERN_REG_STATUS);
	assert_true(status & QUERN_STATUS_WATCHDOG_MASK);
	assert_false(quern_sim_busy(chip->sim));
	chip_write(chip, QUERN_REG_CTRL, 0);
	assert_false(chip_read(chip, QUERN_REG_STATUS) & QUERN_STATUS_WATCHDOG_MASK);
}

static void watchdog_fed(void **state)
{
	struct chip *chip = *state;
	unsigned int i;

	for (i = 0; i < 100; i++)
		script_write(chip, QUERN_REG_WDT_LOAD, 200);
	script_write(chip, QUERN_REG_WDT_LOAD, 0);
	chip_execute(chip);
	assert_int_equal(chip->irqs[3], 0);
	assert_int_equal(chip->irqs[0], 1);
}

static void check_trap(struct chip *chip, uint32_t cause, uint32_t value)
{
	chip_start(chip);
	chip_run(chip, QUERN_SIM_STOP_IRQ);
	assert_int_equal(chip_read(chip, QUERN_REG_FW_STATUS), QUERN_FW_STATE_CRASHED);
	assert_int_equal(chip_read(chip, QUERN_REG_SCRATCH(1)), cause);
	assert_int_equal(chip_read(chip, QUERN_REG_SCRATCH(3)), value);
	chip_stop(chip);
}

static void core_bus_errors(void **state)
{
	struct chip *chip = *state;

	chip_script(chip, SCRIPT_READ, QUERN_TCM_BYTES, 0, 0);
	check_trap(chip, 5, QUERN_TCM_BYTES);
	chip_script(chip, SCRIPT_WRITE, CORE_REG(QUERN_BAR0_BYTES), 0, 0);
	check_trap(chip, 7, CORE_REG(QUERN_BAR0_BYTES));
	chip_script(chip, SCRIPT_WRITE8, CORE_REG(QUERN_REG_SCRATCH(0)), 0, 0);
	check_trap(chip, 7, CORE_REG(QUERN_REG_SCRATCH(0)));
	chip_script(chip, SCRIPT_JUMP, QUERN_CORE_MMIO_BASE, 0, 0);
	check_trap(chip, 1, QUERN_CORE_MMIO_BASE);
}

static void reset_keeps_tcm(void **state)
{
	struct chip *chip = *state;

	chip_write(chip, QUERN_REG_TCM(100), 0x1234);
	chip_write(chip, QUERN_REG_HOST_BOOT_LO, 0x10);
	chip_write(chip, QUERN_REG_IRQ_ENABLE, 0xf);
	quern_sim_run(chip->sim, 500, 0);
	chip_write(chip, QUERN_REG_CTRL, QUERN_CTRL_RESET_MASK);
	assert_int_equal(chip_read(chip, QUERN_REG_CTRL), 0);
	assert_int_equal(chip_read(chip, QUERN_REG_HOST_BOOT_LO), 0);
	assert_int_equal(chip_read(chip, QUERN_REG_IRQ_ENABLE), 0);
	assert_in_range(chip_read(chip, QUERN_REG_CYCLE_LO), 0, 100);
	assert_int_equal(chip_read(chip, QUERN_REG_TCM(100)), 0x1234);
}

static void api_errors(void **state)
{
	struct chip *chip = *state;
	struct quern_sim_params params = {.api = QUERN_SIM_API + 1};
	struct quern_sim *sim = (struct quern_sim *)chip;

	assert_int_equal(quern_sim_create(&sim, &params), -EPROTO);
	assert_null(sim);
	params = (struct quern_sim_params){.api = QUERN_SIM_API, .bus_bytes_per_cycle = 3};
	assert_int_equal(quern_sim_create(&sim, &params), -EINVAL);
	params = (struct quern_sim_params){.api = QUERN_SIM_API, .flags = 1u << 31};
	assert_int_equal(quern_sim_create(&sim, &params), -EINVAL);
	assert_int_equal(quern_sim_set_memory(chip->sim, chip->host, HOST_BASE + 1, 16), -EINVAL);
	assert_int_equal(quern_sim_set_memory(chip->sim, NULL, HOST_BASE, 16), -EINVAL);
	chip_read(chip, QUERN_REG_ID);
	assert_int_equal(quern_sim_trace(chip->sim, "late.fst", 0, 1), -EBUSY);
	/* A device would be replaced by a file. */
	assert_int_equal(quern_sim_trace(chip->sim, "/dev/null", 0, 1), -EINVAL);
	quern_sim_destroy(NULL);
}

int run_register_tests(void)
{
	const struct CMUnitTest tests[] = {
		CHIP_TEST(identity),	      CHIP_TEST(access_rights),
		CHIP_TEST(bad_offsets),	      CHIP_TEST(tcm_window),
		CHIP_TEST(tcm_window_closed), CHIP_TEST(doorbells),
		CHIP_TEST(vectors),	      CHIP_TEST(timer),
		CHIP_TEST(cycle_counter),     CHIP_TEST(watchdog),
		CHIP_TEST(watchdog_fed),      CHIP_TEST(core_bus_errors),
		CHIP_TEST(reset_keeps_tcm),   CHIP_TEST(api_errors),
	};

	return cmocka_run_group_tests_name("registers", tests, NULL, NULL);
}
