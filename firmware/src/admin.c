// SPDX-License-Identifier: Apache-2.0
/* Admin ring: each command is copied to the TCM, checked, executed, answered. */
#include "fw.h"
#include "mmio.h"

static enum quern_status execute(struct fw *fw, const struct quern_admin_cmd *cmd, uint64_t *value)
{
	if (cmd->flags)
		return QUERN_STATUS_EINVAL;
	switch (cmd->op) {
	case QUERN_ADMIN_OP_PING:
		*value = cmd->root;
		return QUERN_STATUS_OK;
	case QUERN_ADMIN_OP_CTX_CREATE:
		return ctx_create(fw, cmd);
	case QUERN_ADMIN_OP_CTX_DESTROY:
		return ctx_destroy(fw, cmd->ctx);
	case QUERN_ADMIN_OP_TLB_FLUSH:
		return tlb_flush(cmd->asid);
	case QUERN_ADMIN_OP_CTX_RESET:
		return ctx_reset(fw, cmd->ctx);
	default:
		return QUERN_STATUS_EOPNOTSUPP;
	}
}

static void answer(struct fw *fw, uint32_t seqno, enum quern_status status, uint64_t value)
{
	struct quern_admin_done done;
	uint64_t addr = fw->boot.admin_cq + (fw->admin_head & (fw->boot.admin_entries - 1)) * sizeof(done);

	memset(&done, 0, sizeof(done));
	done.index = fw->admin_head + 1;
	done.status = status;
	done.seqno = seqno;
	done.value = value;
	if (dma_write(addr, &done, sizeof(done)))
		fw_panic(FW_PANIC_HOST, fw->admin_head);
	if (++fw->admin_head == fw->admin_tail)
		hot_arm(fw);
	mmio_write(QUERN_REG_IRQ_RAISE, FW_VECTOR_ADMIN);
}

void admin_poll(struct fw *fw)
{
	uint32_t tail = mmio_read(QUERN_REG_ADMIN_TAIL);

	if (tail - fw->admin_head > fw->boot.admin_entries) {
		log_line(fw, "admin doorbell out of range", tail);
		return;
	}
	fw->admin_tail = tail;
	while (fw->admin_head != tail) {
		struct quern_admin_cmd cmd;
		uint64_t addr = fw->boot.admin_sq + (fw->admin_head & (fw->boot.admin_entries - 1)) * sizeof(cmd);
		uint64_t value = 0;
		enum quern_status status;

		if (dma_read(addr, &cmd, sizeof(cmd))) {
			answer(fw, 0, QUERN_STATUS_EIO, 0);
			continue;
		}
		status = execute(fw, &cmd, &value);
		answer(fw, cmd.seqno, status, value);
		mmio_write(QUERN_REG_WDT_LOAD, FW_WATCHDOG_CYCLES);
	}
}
