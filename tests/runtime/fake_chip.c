// SPDX-License-Identifier: Apache-2.0
/*
 * A chip and firmware that break every promise, one at a time, behind the API of the real simulation: what the RTL
 * transport must survive. The mode is in the environment variable QUERN_FAKE_CHIP; without one it behaves, and completes
 * every job without executing it.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "quern/commands.h"
#include "quern/handshake.h"
#include "quern/registers.h"
#include "quern/ring.h"
#include "quern_sim.h"

struct fake_ring {
	bool live;
	uint64_t sq, cq;
	uint32_t entries, head, tail;
};

struct quern_sim {
	char mode[32];
	struct quern_sim_memory_ops ops;
	void *memory;
	void (*irq)(void *ctx, unsigned int vector);
	void *irq_ctx;
	uint64_t cycles;
	uint64_t boot_addr;
	struct quern_boot boot;
	uint32_t fw_state, irq_status;
	struct fake_ring admin, ring[QUERN_NUM_CTX];
};

static bool mode(const struct quern_sim *sim, const char *name)
{
	return !strcmp(sim->mode, name);
}

int quern_sim_create(struct quern_sim **sim, const struct quern_sim_params *params)
{
	const char *name = getenv("QUERN_FAKE_CHIP");

	*sim = NULL;
	if (params->api != QUERN_SIM_API || (name && !strcmp(name, "api")))
		return -EPROTO;
	*sim = calloc(1, sizeof(**sim));
	if (!*sim)
		return -ENOMEM;
	strncpy((*sim)->mode, name ? name : "", sizeof((*sim)->mode) - 1);
	return 0;
}

void quern_sim_destroy(struct quern_sim *sim)
{
	free(sim);
}

void quern_sim_info(const struct quern_sim *sim, struct quern_sim_info *info)
{
	(void)sim;
	memset(info, 0, sizeof(*info));
}

int quern_sim_set_memory_ops(struct quern_sim *sim, const struct quern_sim_memory_ops *ops, void *ctx)
{
	sim->ops = *ops;
	sim->memory = ctx;
	return 0;
}

int quern_sim_set_irq(struct quern_sim *sim, void (*irq)(void *ctx, unsigned int vector), void *ctx)
{
	sim->irq = irq;
	sim->irq_ctx = ctx;
	return 0;
}

static bool fetch(struct quern_sim *sim, uint64_t bus, void *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i += 16)
		if (sim->ops.read(sim->memory, bus + i, (char *)data + i, 16))
			return false;
	return true;
}

static void put(struct quern_sim *sim, uint64_t bus, const void *data, uint32_t bytes)
{
	for (uint32_t i = 0; i < bytes; i += 16)
		if (sim->ops.write(sim->memory, bus + i, (const char *)data + i, 16, 0xffff))
			abort();
}

static void raise_irq(struct quern_sim *sim, unsigned int vector)
{
	sim->irq_status |= 1u << vector;
	sim->irq(sim->irq_ctx, vector);
}

static void boot(struct quern_sim *sim)
{
	struct quern_boot_reply reply = {
		.magic = QUERN_REPLY_MAGIC + mode(sim, "reply-magic"),
		.major = (uint16_t)(QUERN_MESSAGES_MAJOR + mode(sim, "reply-version")),
		.features = mode(sim, "reply-features") ? 1ull << 50 : 1ull << QUERN_MSG_FEATURE_COUNTERS,
		.fw_version = 1 << 16,
		.num_ctx = mode(sim, "reply-limits") ? 1000 : QUERN_NUM_CTX,
		.max_entries = mode(sim, "reply-entries") ? 16 : QUERN_MSG_MAX_RING,
	};

	if (mode(sim, "boot-silent"))
		return;
	sim->fw_state = QUERN_FW_STATE_REFUSED;
	if (mode(sim, "boot-crash"))
		sim->fw_state = QUERN_FW_STATE_CRASHED;
	else if (!mode(sim, "boot-refused") && fetch(sim, sim->boot_addr, &sim->boot, sizeof(sim->boot)) &&
		 quern_boot_check(&sim->boot) == QUERN_BOOT_ERROR_NONE)
		sim->fw_state = QUERN_FW_STATE_READY;
	sim->admin = (struct fake_ring){true, sim->boot.admin_sq, sim->boot.admin_cq, sim->boot.admin_entries, 0, 0};
	if (sim->fw_state == QUERN_FW_STATE_READY)
		put(sim, sim->boot.reply, &reply, sizeof(reply));
	raise_irq(sim, 0);
}

int quern_sim_read32(struct quern_sim *sim, uint32_t offset, uint32_t *value)
{
	sim->cycles += 4;
	switch (offset) {
	case QUERN_REG_ID:
		*value = QUERN_CHIP_ID + mode(sim, "id");
		return 0;
	case QUERN_REG_HW_VERSION:
		*value = (uint32_t)(QUERN_REGISTERS_MAJOR + mode(sim, "hw-version")) << 16;
		return 0;
	case QUERN_REG_CONFIG0:
		*value = 512u << 16 | 16 << 8 | 16;
		return 0;
	case QUERN_REG_CONFIG1:
		*value = QUERN_ACC_ENTRIES;
		return 0;
	case QUERN_REG_FW_STATUS:
		*value = sim->fw_state;
		return 0;
	case QUERN_REG_IRQ_STATUS:
		*value = sim->irq_status;
		return 0;
	default:
		*value = 0;
		return mode(sim, "dead-bus") ? -ETIMEDOUT : 0;
	}
}

int quern_sim_write32(struct quern_sim *sim, uint32_t offset, uint32_t value)
{
	sim->cycles += 4;
	if (offset == QUERN_REG_HOST_BOOT_LO)
		sim->boot_addr = (sim->boot_addr & ~0xffffffffull) | value;
	if (offset == QUERN_REG_HOST_BOOT_HI)
		sim->boot_addr = (uint32_t)sim->boot_addr | (uint64_t)value << 32;
	if (offset == QUERN_REG_CTRL && (value & QUERN_CTRL_CORE_RUN_MASK))
		boot(sim);
	if (offset == QUERN_REG_IRQ_STATUS)
		sim->irq_status &= ~value;
	if (offset == QUERN_REG_ADMIN_DOORBELL)
		sim->admin.tail = value;
	for (uint32_t i = 0; i < QUERN_NUM_CTX; i++)
		if (offset == QUERN_REG_DOORBELL(i))
			sim->ring[i].tail = value;
	return 0;
}

static uint32_t execute(struct quern_sim *sim, const struct quern_admin_cmd *cmd)
{
	if (mode(sim, "admin-status"))
		return QUERN_STATUS_EBUSY;
	if (cmd->op == QUERN_ADMIN_OP_CTX_CREATE)
		sim->ring[cmd->ctx] = (struct fake_ring){true, cmd->sq, cmd->cq, cmd->entries, 0, 0};
	if (cmd->op == QUERN_ADMIN_OP_CTX_DESTROY)
		sim->ring[cmd->ctx].live = false;
	return QUERN_STATUS_OK;
}

static void answer_admin(struct quern_sim *sim)
{
	struct quern_admin_cmd cmd;
	struct quern_admin_done done = {.index = quern_ring_stamp(sim->admin.head)};

	if (!fetch(sim, sim->admin.sq + quern_ring_slot(sim->admin.head, sim->admin.entries) * sizeof(cmd), &cmd,
		   sizeof(cmd)))
		abort();
	done.seqno = cmd.seqno + mode(sim, "admin-seqno");
	done.status = execute(sim, &cmd);
	put(sim, sim->admin.cq + quern_ring_slot(sim->admin.head, sim->admin.entries) * sizeof(done), &done,
	    sizeof(done));
	sim->admin.head++;
	raise_irq(sim, 0);
}

static void complete_job(struct quern_sim *sim, struct fake_ring *ring)
{
	struct quern_job job;
	struct quern_job_done done = {.index = quern_ring_stamp(ring->head)};
	uint32_t slot = quern_ring_slot(ring->head, ring->entries);

	if (!fetch(sim, ring->sq + slot * sizeof(job), &job, sizeof(job)))
		abort();
	done.seqno = job.seqno + mode(sim, "job-seqno");
	done.status = mode(sim, "job-status") ? 99 : QUERN_STATUS_OK;
	done.t_doorbell = sim->cycles;
	if (mode(sim, "job-stale"))
		done.index--;
	put(sim, ring->cq + slot * sizeof(done), &done, sizeof(done));
	if (mode(sim, "job-twice")) {
		done.index = quern_ring_stamp(ring->head + 1);
		put(sim, ring->cq + quern_ring_slot(ring->head + 1, ring->entries) * sizeof(done), &done, sizeof(done));
	}
	ring->head++;
	raise_irq(sim, 1);
}

static void run_job(struct quern_sim *sim, struct fake_ring *ring)
{
	if (mode(sim, "job-silent") || mode(sim, "job-hang"))
		return;
	if (!mode(sim, "job-crash") && !mode(sim, "job-reset")) {
		complete_job(sim, ring);
		return;
	}
	sim->fw_state = mode(sim, "job-crash") ? QUERN_FW_STATE_CRASHED : QUERN_FW_STATE_OFF;
	raise_irq(sim, 0);
}

int quern_sim_trace(struct quern_sim *sim, const char *path, uint64_t from_cycle, uint64_t to_cycle)
{
	(void)sim;
	(void)path;
	(void)from_cycle;
	(void)to_cycle;
	return -ENOTSUP;
}

bool quern_sim_busy(const struct quern_sim *sim)
{
	if (mode(sim, "admin-silent") || mode(sim, "job-silent") || mode(sim, "job-stale"))
		return false;
	for (uint32_t i = 0; i < QUERN_NUM_CTX; i++)
		if (sim->ring[i].live && sim->ring[i].head != sim->ring[i].tail)
			return true;
	return sim->admin.head != sim->admin.tail;
}

/* One answer a call, so that the host sees work in progress. */
uint64_t quern_sim_run(struct quern_sim *sim, uint64_t max_cycles, unsigned int stop)
{
	(void)stop;
	if (sim->admin.head != sim->admin.tail && !mode(sim, "admin-silent") && !mode(sim, "admin-hang")) {
		answer_admin(sim);
		sim->cycles += 100;
		return 100;
	}
	for (uint32_t i = 0; i < QUERN_NUM_CTX; i++) {
		if (!sim->ring[i].live || sim->ring[i].head == sim->ring[i].tail)
			continue;
		run_job(sim, &sim->ring[i]);
		break;
	}
	sim->cycles += max_cycles;
	return max_cycles;
}

uint64_t quern_sim_cycles(const struct quern_sim *sim)
{
	return sim->cycles;
}
