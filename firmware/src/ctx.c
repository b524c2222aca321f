// SPDX-License-Identifier: Apache-2.0
/* Context slots and address spaces. Contexts may share an address space; its root is installed by the first and removed by the last. */
#include "fw.h"
#include "mmio.h"

#define TLB_POLL_LIMIT 1000000u
#define ASID_ROOT_VALID 0x80000000u
#define ROOT_LIMIT (1ull << 43)

/* Entry sizes are powers of two. */
bool ctx_ring_ok(uint64_t addr, uint32_t entries, uint32_t entry_bytes)
{
	if (entries < 2 || entries > QUERN_MSG_MAX_RING || !fw_power_of_two(entries))
		return false;
	return addr && !(addr & (entry_bytes - 1)) && addr + (uint64_t)entries * entry_bytes > addr;
}

enum quern_status tlb_flush(uint32_t asid)
{
	if (!asid || asid >= QUERN_NUM_ASID)
		return QUERN_STATUS_EINVAL;
	mmio_write(QUERN_REG_TLB_INVALIDATE, asid << QUERN_TLB_INVALIDATE_ASID_LSB);
	for (uint32_t i = 0; i < TLB_POLL_LIMIT; i++)
		if (!mmio_read(QUERN_REG_TLB_INVALIDATE))
			return QUERN_STATUS_OK;
	fw_panic(FW_PANIC_TLB, asid);
}

static bool create_ok(const struct quern_admin_cmd *c)
{
	return c->asid && c->asid < QUERN_NUM_ASID && c->priority < FW_NUM_PRIORITIES && c->root && c->root % 4096 == 0 && c->root < ROOT_LIMIT &&
	       ctx_ring_ok(c->sq, c->entries, sizeof(struct quern_job)) && ctx_ring_ok(c->cq, c->entries, sizeof(struct quern_job_done));
}

static void asid_get(struct fw *fw, uint32_t asid, uint32_t root)
{
	if (fw->asid_users[asid]++)
		return;
	fw->asid_root[asid] = root;
	mmio_write(QUERN_REG_ASID_ROOT(asid), ASID_ROOT_VALID | root);
}

static void asid_put(struct fw *fw, uint32_t asid)
{
	if (--fw->asid_users[asid])
		return;
	fw->asid_root[asid] = 0;
	mmio_write(QUERN_REG_ASID_ROOT(asid), 0);
	tlb_flush(asid);
	/* The ASID's next owner must find zeros, and hardware scrubs by itself only when the ASID changes. A running job of another delays this. */
	mmio_write(QUERN_REG_SCRUB, 1);
}

enum quern_status ctx_create(struct fw *fw, const struct quern_admin_cmd *cmd)
{
	uint32_t root = (uint32_t)(cmd->root >> 12);
	struct fw_ctx *ctx;

	if (cmd->ctx >= QUERN_NUM_CTX || !create_ok(cmd))
		return QUERN_STATUS_EINVAL;
	ctx = &fw->ctx[cmd->ctx];
	if (ctx->live)
		return QUERN_STATUS_EBUSY;
	if (fw->asid_users[cmd->asid] && fw->asid_root[cmd->asid] != root)
		return QUERN_STATUS_EINVAL;
	memset(ctx, 0, sizeof(*ctx));
	ctx->asid = (uint8_t)cmd->asid;
	ctx->priority = (uint8_t)cmd->priority;
	ctx->entries = cmd->entries;
	ctx->sq = cmd->sq;
	ctx->cq = cmd->cq;
	ctx->live = true;
	asid_get(fw, cmd->asid, root);
	fw->entry[cmd->ctx].page = 0;
	job_next_entry(fw, cmd->ctx);
	return QUERN_STATUS_OK;
}

enum quern_status ctx_destroy(struct fw *fw, uint32_t slot)
{
	struct fw_ctx *ctx;

	if (slot >= QUERN_NUM_CTX || !fw->ctx[slot].live)
		return QUERN_STATUS_ENOENT;
	ctx = &fw->ctx[slot];
	if (fw->staged->ctx == slot)
		job_unstage(fw);
	if (fw->active->ctx == slot)
		job_abort_wait(fw);
	job_cancel(fw, slot);
	asid_put(fw, ctx->asid);
	ctx->live = false;
	sched_update(fw, slot);
	job_next_entry(fw, slot);
	return QUERN_STATUS_OK;
}

enum quern_status ctx_reset(struct fw *fw, uint32_t slot)
{
	if (slot >= QUERN_NUM_CTX || !fw->ctx[slot].live)
		return QUERN_STATUS_ENOENT;
	if (fw->active->ctx == slot)
		return QUERN_STATUS_EBUSY;
	job_cancel(fw, slot);
	fw->ctx[slot].error = false;
	return QUERN_STATUS_OK;
}

void ctx_doorbell(struct fw *fw, uint32_t slot, uint32_t tail)
{
	struct fw_ctx *ctx = &fw->ctx[slot];

	if (!ctx->live)
		return;
	/* Forward only, and never past the ring: work that was announced cannot be taken back. */
	if (tail - ctx->head > ctx->entries || tail - ctx->head < ctx->tail - ctx->head) {
		ctx->error = true;
		log_line(fw, "doorbell out of range, context", slot);
		return;
	}
	ctx->tail = tail;
	sched_update(fw, slot);
	ctx->db_time = mmio_read(QUERN_REG_DB_TIME(slot));
}
