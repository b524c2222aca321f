// SPDX-License-Identifier: Apache-2.0
/* Handshake: read the host's boot record, check it, answer. Nothing of it is used before it is checked. */
#include "fw.h"
#include "mmio.h"

static enum quern_boot_error check_log(const struct quern_boot *b)
{
	if (!b->log)
		return QUERN_BOOT_ERROR_NONE;
	if (b->log % 64 || b->log_bytes < QUERN_LOG_BYTES_MIN || !fw_power_of_two(b->log_bytes - QUERN_LOG_HEADER_BYTES))
		return QUERN_BOOT_ERROR_RING;
	return b->log + b->log_bytes < b->log ? QUERN_BOOT_ERROR_RING : QUERN_BOOT_ERROR_NONE;
}

static enum quern_boot_error check_boot(const struct quern_boot *b)
{
	uint32_t hw = mmio_read(QUERN_REG_HW_VERSION);

	if (mmio_field(hw, QUERN_HW_VERSION_MAJOR_MASK, QUERN_HW_VERSION_MAJOR_LSB) != QUERN_REGISTERS_MAJOR)
		return QUERN_BOOT_ERROR_CHIP;
	if (b->magic != QUERN_BOOT_MAGIC)
		return QUERN_BOOT_ERROR_MAGIC;
	if (b->major != QUERN_MESSAGES_MAJOR)
		return QUERN_BOOT_ERROR_VERSION;
	if (!ctx_ring_ok(b->admin_sq, b->admin_entries, sizeof(struct quern_admin_cmd)) ||
	    !ctx_ring_ok(b->admin_cq, b->admin_entries, sizeof(struct quern_admin_done)) || !b->reply || b->reply % 64)
		return QUERN_BOOT_ERROR_RING;
	return check_log(b);
}

static int refuse(enum quern_boot_error why)
{
	mmio_write(QUERN_REG_FW_ERROR, why);
	mmio_write(QUERN_REG_FW_STATUS, QUERN_FW_STATE_REFUSED);
	mmio_write(QUERN_REG_IRQ_RAISE, FW_VECTOR_ADMIN);
	return why == QUERN_BOOT_ERROR_DMA ? -FW_EIO : -FW_EINVAL;
}

static int reply(struct fw *fw)
{
	struct quern_boot_reply r;

	memset(&r, 0, sizeof(r));
	r.magic = QUERN_REPLY_MAGIC;
	r.major = QUERN_MESSAGES_MAJOR;
	r.minor = QUERN_MESSAGES_MINOR;
	r.features = fw->features;
	r.fw_version = FW_VERSION_WORD;
	r.num_ctx = QUERN_NUM_CTX;
	r.max_entries = QUERN_MSG_MAX_RING;
	r.progress_addr = (uint16_t)(uintptr_t)&fw->ctx[0].resume;
	r.progress_stride = sizeof(fw->ctx[0]);
	return dma_write(fw->boot.reply, &r, sizeof(r));
}

int boot_handshake(struct fw *fw)
{
	uint64_t addr = (uint64_t)mmio_read(QUERN_REG_HOST_BOOT_HI) << 32 | mmio_read(QUERN_REG_HOST_BOOT_LO);
	enum quern_boot_error err;

	mmio_write(QUERN_REG_FW_VERSION, FW_VERSION_WORD);
	mmio_write(QUERN_REG_FW_STATUS, QUERN_FW_STATE_BOOTING);
	if (addr % 4 || dma_read(addr, &fw->boot, sizeof(fw->boot)))
		return refuse(QUERN_BOOT_ERROR_DMA);
	err = check_boot(&fw->boot);
	if (err)
		return refuse(err);
	fw->features = fw->boot.features & FW_FEATURES;
	fw->quick = fw->features >> QUERN_MSG_FEATURE_COUNTERS & 1;
	if (reply(fw))
		return refuse(QUERN_BOOT_ERROR_DMA);
	log_line(fw, "quern firmware", FW_VERSION_WORD);
	mmio_write(QUERN_REG_FW_STATUS, QUERN_FW_STATE_READY);
	mmio_write(QUERN_REG_IRQ_RAISE, FW_VECTOR_ADMIN);
	return 0;
}
