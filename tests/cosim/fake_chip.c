// SPDX-License-Identifier: Apache-2.0
/* A chip that is not there: see fake_chip.h. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake_chip.h"

#define BEAT 16u
#define DRAIN_CYCLES 1000000u

enum operation { OPERATION_NONE, OPERATION_READ, OPERATION_WRITE };

struct quern_sim {
	uint32_t regs[QUERN_BAR0_BYTES / 4];
	uint64_t cycles;
	enum operation operation;
	uint32_t strobe;
	const struct quern_sim_memory_ops *ops;
	void *ctx;
	void (*irq)(void *ctx, unsigned int vector);
	void *irq_ctx;
};

static int fake_create(struct quern_sim **sim, const struct quern_sim_params *params)
{
	(void)params;
	*sim = calloc(1, sizeof(**sim));
	if (!*sim)
		return -ENOMEM;
	(*sim)->regs[QUERN_REG_ID / 4] = QUERN_CHIP_ID;
	return 0;
}

static void fake_destroy(struct quern_sim *sim)
{
	free(sim);
}

static int fake_set_memory_ops(struct quern_sim *sim, const struct quern_sim_memory_ops *ops, void *ctx)
{
	sim->ops = ops;
	sim->ctx = ctx;
	return 0;
}

static int fake_set_irq(struct quern_sim *sim, void (*irq)(void *ctx, unsigned int vector), void *ctx)
{
	sim->irq = irq;
	sim->irq_ctx = ctx;
	return 0;
}

static void send_vector(struct quern_sim *sim, unsigned int vector)
{
	if (sim->irq)
		sim->irq(sim->irq_ctx, vector);
}

static void cycle(struct quern_sim *sim)
{
	uint64_t addr = sim->regs[FAKE_ADDR_LO / 4] | (uint64_t)sim->regs[FAKE_ADDR_HI / 4] << 32;
	void *data = &sim->regs[FAKE_DATA / 4];
	int ret = -1;

	sim->cycles++;
	if (sim->operation == OPERATION_NONE)
		return;
	if (sim->ops && sim->operation == OPERATION_READ)
		ret = sim->ops->read(sim->ctx, addr & ~(BEAT - 1ull), data, BEAT);
	else if (sim->ops)
		ret = sim->ops->write(sim->ctx, addr & ~(BEAT - 1ull), data, BEAT, sim->strobe);
	if (ret == QUERN_SIM_LATER)
		return;
	sim->regs[FAKE_STATUS / 4] = ret != 0;
	sim->operation = OPERATION_NONE;
	send_vector(sim, 1);
}

static int fake_read32(struct quern_sim *sim, uint32_t offset, uint32_t *value)
{
	if (offset % 4 || offset >= QUERN_BAR0_BYTES)
		return -EINVAL;
	cycle(sim);
	*value = sim->regs[offset / 4];
	return 0;
}

/* As the real chip does: a reset waits until the bus is quiet. */
static int reset(struct quern_sim *sim)
{
	uint32_t i;

	for (i = 0; sim->operation != OPERATION_NONE; i++) {
		if (i == DRAIN_CYCLES)
			return -ETIMEDOUT;
		cycle(sim);
	}
	return 0;
}

static int fake_write32(struct quern_sim *sim, uint32_t offset, uint32_t value)
{
	if (offset % 4 || offset >= QUERN_BAR0_BYTES)
		return -EINVAL;
	cycle(sim);
	if (offset == QUERN_REG_CTRL && value & QUERN_CTRL_RESET_MASK)
		return reset(sim);
	/* The address must not change under an access. */
	if (sim->operation != OPERATION_NONE || offset == QUERN_REG_ID)
		return 0;
	sim->regs[offset / 4] = value;
	if (offset == FAKE_READ)
		sim->operation = OPERATION_READ;
	if (offset == FAKE_WRITE)
		sim->operation = OPERATION_WRITE;
	sim->strobe = value & 0xffff;
	if (offset == FAKE_VECTOR)
		send_vector(sim, value % QUERN_NUM_VECTORS);
	return 0;
}

static bool fake_busy(const struct quern_sim *sim)
{
	return sim->operation != OPERATION_NONE;
}

static uint64_t fake_run(struct quern_sim *sim, uint64_t max_cycles, unsigned int stop)
{
	uint64_t n;

	for (n = 0; n < max_cycles; n++) {
		if (stop & QUERN_SIM_STOP_IDLE && !fake_busy(sim))
			break;
		cycle(sim);
	}
	return n;
}

static uint64_t fake_cycles(const struct quern_sim *sim)
{
	return sim->cycles;
}

const struct quern_sim_api fake_chip_api = {
	.create = fake_create,
	.destroy = fake_destroy,
	.set_memory_ops = fake_set_memory_ops,
	.set_irq = fake_set_irq,
	.read32 = fake_read32,
	.write32 = fake_write32,
	.run = fake_run,
	.busy = fake_busy,
	.cycles = fake_cycles,
};
