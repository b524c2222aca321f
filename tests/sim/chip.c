// SPDX-License-Identifier: Apache-2.0
/* A chip with host memory and the script runner: see chip.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "chip.h"

const char *chip_firmware;
struct quern_sim_params chip_params = {.api = QUERN_SIM_API};

static void count_irq(void *ctx, unsigned int vector)
{
	struct chip *chip = ctx;

	chip->irqs[vector]++;
}

void chip_open(struct chip *chip)
{
	memset(chip, 0, sizeof(*chip));
	chip->rng = (struct rng){1};
	chip->host = aligned_alloc(4096, HOST_BYTES);
	assert_non_null(chip->host);
	memset(chip->host, 0, HOST_BYTES);
	assert_int_equal(quern_sim_create(&chip->sim, &chip_params), 0);
	assert_int_equal(quern_sim_set_memory(chip->sim, chip->host, HOST_BASE, HOST_BYTES), 0);
	assert_int_equal(quern_sim_set_irq(chip->sim, count_irq, chip), 0);
}

void chip_close(struct chip *chip)
{
	quern_sim_destroy(chip->sim);
	free(chip->host);
}

uint32_t chip_read(struct chip *chip, uint32_t offset)
{
	uint32_t value;

	assert_int_equal(quern_sim_read32(chip->sim, offset, &value), 0);
	return value;
}

void chip_write(struct chip *chip, uint32_t offset, uint32_t value)
{
	assert_int_equal(quern_sim_write32(chip->sim, offset, value), 0);
}

uint64_t chip_run(struct chip *chip, unsigned int stop)
{
	uint64_t cycles = quern_sim_run(chip->sim, RUN_LIMIT, stop);

	assert_true(cycles < RUN_LIMIT);
	return cycles;
}

unsigned int chip_script(struct chip *chip, enum script_op op, uint32_t addr, uint32_t value, uint32_t mask)
{
	assert_true(chip->steps < SCRIPT_MAX - 1);
	chip->script[chip->steps] = (struct script_step){.op = op, .addr = addr, .value = value, .mask = mask};
	return chip->steps++;
}

unsigned int script_write(struct chip *chip, uint32_t offset, uint32_t value)
{
	return chip_script(chip, SCRIPT_WRITE, CORE_REG(offset), value, 0);
}

unsigned int script_read(struct chip *chip, uint32_t offset)
{
	return chip_script(chip, SCRIPT_READ, CORE_REG(offset), 0, 0);
}

unsigned int script_poll(struct chip *chip, uint32_t offset, uint32_t mask, uint32_t value)
{
	return chip_script(chip, SCRIPT_POLL, CORE_REG(offset), value, mask);
}

static void load_words(struct chip *chip, uint32_t addr, const void *data, size_t bytes)
{
	const uint8_t *from = data;
	uint32_t word;
	size_t i;

	for (i = 0; i < bytes; i += 4) {
		word = 0;
		memcpy(&word, from + i, bytes - i < 4 ? bytes - i : 4);
		chip_write(chip, QUERN_REG_TCM(0) + addr + (uint32_t)i, word);
	}
}

static void load_firmware(struct chip *chip)
{
	static uint8_t image[SCRIPT_ADDR];
	FILE *file = fopen(chip_firmware, "rb");
	size_t bytes;

	assert_non_null(file);
	bytes = fread(image, 1, sizeof(image), file);
	fclose(file);
	assert_true(bytes > 0 && bytes < sizeof(image));
	load_words(chip, 0, image, bytes);
}

void chip_start(struct chip *chip)
{
	unsigned int count = chip->steps + 1;

	chip->script[chip->steps] = (struct script_step){.op = SCRIPT_END};
	load_firmware(chip);
	load_words(chip, SCRIPT_ADDR, chip->script, count * sizeof(chip->script[0]));
	chip_write(chip, QUERN_REG_IRQ_ENABLE, (1u << QUERN_NUM_VECTORS) - 1);
	chip_write(chip, QUERN_REG_CTRL, QUERN_CTRL_CORE_RUN_MASK);
}

void chip_stop(struct chip *chip)
{
	uint32_t at = QUERN_REG_TCM(0) + SCRIPT_ADDR;
	unsigned int i;

	chip_write(chip, QUERN_REG_CTRL, 0);
	for (i = 0; i < chip->steps; i++)
		chip->script[i].result = chip_read(
			chip, at + (uint32_t)(i * sizeof(struct script_step) + offsetof(struct script_step, result)));
	chip_write(chip, QUERN_REG_IRQ_STATUS, ~0u);
	chip->steps = 0;
}

uint64_t chip_execute(struct chip *chip)
{
	uint64_t cycles;

	chip_start(chip);
	cycles = chip_run(chip, QUERN_SIM_STOP_IRQ);
	assert_int_equal(chip_read(chip, QUERN_REG_FW_STATUS), QUERN_FW_STATE_READY);
	chip_stop(chip);
	return cycles;
}
