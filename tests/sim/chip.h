/* SPDX-License-Identifier: Apache-2.0 */
/* A chip with host memory and the script runner, for the tests of this folder. Every failure is an assertion. */
#ifndef TESTS_SIM_CHIP_H
#define TESTS_SIM_CHIP_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <cmocka.h>

#include <quern/registers.h>

#include "lib/rng.h"
#include "quern_sim.h"
#include "script.h"

#define HOST_BASE 0x80000000ull /* bus address of host memory */
#define HOST_BYTES (16u << 20)
#define CORE_REG(offset) (QUERN_CORE_MMIO_BASE + (offset))
#define RUN_LIMIT 20000000

struct chip {
	struct quern_sim *sim;
	uint8_t *host;
	uint32_t irqs[QUERN_NUM_VECTORS]; /* how often each vector was sent */
	struct script_step script[SCRIPT_MAX];
	unsigned int steps;
	struct rng rng; /* the same numbers in every run */
};

/* Arguments of the test program: the script runner's image, and parameters for every chip. */
extern const char *chip_firmware;
extern struct quern_sim_params chip_params;

void chip_open(struct chip *chip);
void chip_close(struct chip *chip);

uint32_t chip_read(struct chip *chip, uint32_t offset);
void chip_write(struct chip *chip, uint32_t offset, uint32_t value);
/* Clock until stop (QUERN_SIM_STOP_*) happens; it must within RUN_LIMIT. Returns cycles. */
uint64_t chip_run(struct chip *chip, unsigned int stop);

/* Build a script; each returns the index of its step. Addresses are register offsets. */
unsigned int chip_script(struct chip *chip, enum script_op op, uint32_t addr, uint32_t value, uint32_t mask);
unsigned int script_write(struct chip *chip, uint32_t offset, uint32_t value);
unsigned int script_read(struct chip *chip, uint32_t offset);
unsigned int script_poll(struct chip *chip, uint32_t offset, uint32_t mask, uint32_t value);

/* Load firmware and script and let the core go. */
void chip_start(struct chip *chip);
/* Stop the core, take the script's results, and begin a new script. */
void chip_stop(struct chip *chip);
/* Start, run to the end of the script, stop. Returns cycles from start to end. */
uint64_t chip_execute(struct chip *chip);

static inline uint32_t chip_result(const struct chip *chip, unsigned int step)
{
	return chip->script[step].result;
}

#endif /* TESTS_SIM_CHIP_H */
