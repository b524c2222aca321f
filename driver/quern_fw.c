// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Loading and starting the firmware.
 *
 * The image is checked field by field and by its hash before anything of it is used, and kept in
 * memory for resets. The firmware's reply is copied once and checked before it is used. Every
 * wait is bounded in cycles of the chip and in time.
 */
#include <crypto/sha2.h>
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/firmware.h>

#include <kunit/visibility.h>

#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "quern_device.h"
#include "quern_fw.h"

#define QUERN_FW_NAME "quern/quern-fw.bin"
#define QUERN_FW_FEATURES (BIT_ULL(QUERN_MSG_FEATURE_PREEMPT) | BIT_ULL(QUERN_MSG_FEATURE_COUNTERS))
#define QUERN_BOOT_CYCLES 2000000 /* it takes under 100,000 */
#define QUERN_BOOT_MS 60000
#define QUERN_BOOT_IDLE_MS 1000
#define QUERN_BOOT_TRIES 3
#define QUERN_RESET_MS 10000
#define QUERN_RING_NEEDED 64

MODULE_FIRMWARE(QUERN_FW_NAME);

#ifdef __BIG_ENDIAN
#error "records are little-endian"
#endif

static int quern_fw_check_hash(struct quern_device *qdev, const struct firmware *fw)
{
	u8 digest[SHA256_DIGEST_SIZE];
	struct quern_fw_image *header;
	u8 *copy;

	copy = kvmemdup(fw->data, fw->size, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	header = (struct quern_fw_image *)copy;
	memset(header->sha256, 0, sizeof(header->sha256));
	sha256(copy, fw->size, digest);
	kvfree(copy);
	if (memcmp(digest, qdev->fw.header.sha256, sizeof(digest))) {
		drm_err(&qdev->drm, "firmware " QUERN_FW_NAME " is damaged: wrong hash\n");
		return -EBADMSG;
	}
	return 0;
}

VISIBLE_IF_KUNIT int quern_fw_check(struct quern_device *qdev, const struct firmware *fw)
{
	struct quern_fw_image *header = &qdev->fw.header;
	enum quern_image_error error;

	memcpy(header, fw->data, min(fw->size, sizeof(*header)));
	error = quern_image_check(header, fw->size);
	if (error) {
		drm_err(&qdev->drm, "firmware " QUERN_FW_NAME ": %s\n",
			quern_image_error_text(error));
		return -EINVAL;
	}
	return quern_fw_check_hash(qdev, fw);
}
EXPORT_SYMBOL_IF_KUNIT(quern_fw_check);

int quern_fw_load(struct quern_device *qdev)
{
	struct device *dev = qdev->drm.dev;
	const struct firmware *fw;
	int ret;

	BUILD_BUG_ON(offsetof(struct quern_host_mem, admin_sq) % QUERN_RECORD_ALIGN);
	BUILD_BUG_ON(offsetof(struct quern_host_mem, log) % QUERN_RECORD_ALIGN);
	qdev->fw.mem = dmam_alloc_coherent(dev, sizeof(*qdev->fw.mem), &qdev->fw.mem_dma,
					   GFP_KERNEL);
	if (!qdev->fw.mem)
		return -ENOMEM;
	/* One message of ours says it all. */
	ret = firmware_request_nowarn(&fw, QUERN_FW_NAME, dev);
	if (ret) {
		drm_err(&qdev->drm, "firmware " QUERN_FW_NAME " cannot be loaded: %d\n", ret);
		return ret;
	}
	ret = quern_fw_check(qdev, fw);
	if (ret)
		goto out_release;
	qdev->fw.payload = drmm_kmalloc(&qdev->drm, qdev->fw.header.payload_bytes, GFP_KERNEL);
	if (!qdev->fw.payload) {
		ret = -ENOMEM;
		goto out_release;
	}
	memcpy(qdev->fw.payload, fw->data + sizeof(qdev->fw.header), qdev->fw.header.payload_bytes);
out_release:
	release_firmware(fw);
	return ret;
}

void quern_fw_halt(struct quern_device *qdev)
{
	unsigned long end = jiffies + msecs_to_jiffies(QUERN_RESET_MS);
	u32 ctrl;

	quern_write(qdev, QUERN_REG_IRQ_ENABLE, 0);
	quern_write(qdev, QUERN_REG_CTRL, QUERN_CTRL_RESET_MASK);
	do {
		ctrl = quern_read(qdev, QUERN_REG_CTRL);
		if (ctrl == U32_MAX || !(ctrl & QUERN_CTRL_RESET_MASK))
			return;
		usleep_range(20, 200);
	} while (time_before(jiffies, end));
	drm_err(&qdev->drm, "the chip does not finish its reset: no more DMA for it\n");
	pci_clear_master(to_pci_dev(qdev->drm.dev));
}
EXPORT_SYMBOL_IF_KUNIT(quern_fw_halt);

bool quern_fw_alive(struct quern_device *qdev)
{
	return quern_read(qdev, QUERN_REG_CTRL) & QUERN_CTRL_CORE_RUN_MASK &&
	       quern_read(qdev, QUERN_REG_FW_STATUS) == QUERN_FW_STATE_READY &&
	       !(quern_read(qdev, QUERN_REG_STATUS) & QUERN_STATUS_WATCHDOG_MASK);
}
EXPORT_SYMBOL_IF_KUNIT(quern_fw_alive);

static void quern_fw_write_image(struct quern_device *qdev)
{
	const struct quern_fw_image *header = &qdev->fw.header;
	u32 first = header->load_addr / sizeof(u32);

	for (u32 i = 0; i < header->payload_bytes / sizeof(u32); i++)
		quern_write(qdev, QUERN_REG_TCM(first + i), qdev->fw.payload[i]);
}

static void quern_fw_write_record(struct quern_device *qdev)
{
	struct quern_host_mem *mem = qdev->fw.mem;
	dma_addr_t dma = qdev->fw.mem_dma;
	const struct quern_boot_params params = {
		.features = QUERN_FW_FEATURES,
		.admin_sq = dma + offsetof(struct quern_host_mem, admin_sq),
		.admin_cq = dma + offsetof(struct quern_host_mem, admin_cq),
		.reply = dma + offsetof(struct quern_host_mem, reply),
		.log = dma + offsetof(struct quern_host_mem, log),
		.admin_entries = QUERN_ADMIN_ENTRIES,
		.log_bytes = sizeof(mem->log),
	};

	memset(mem, 0, sizeof(*mem));
	quern_boot_init(&mem->boot, &params);
	quern_write(qdev, QUERN_REG_HOST_BOOT_LO, lower_32_bits(dma));
	quern_write(qdev, QUERN_REG_HOST_BOOT_HI, upper_32_bits(dma));
}

/*
 * The state in which the firmware ends up, or BOOTING if it takes too long, or sleeps instead. A
 * clock that stands still is one that nothing runs by.
 */
static u32 quern_fw_wait(struct quern_device *qdev)
{
	unsigned long end = jiffies + msecs_to_jiffies(QUERN_BOOT_MS);
	unsigned long idle_end = jiffies + msecs_to_jiffies(QUERN_BOOT_IDLE_MS);
	u32 last = quern_read(qdev, QUERN_REG_CYCLE_LO);
	u64 cycles = 0;
	u32 state, status;

	do {
		u32 before = last;
		bool over = quern_device_cycles_over(qdev, &last, &cycles, QUERN_BOOT_CYCLES);

		status = quern_read(qdev, QUERN_REG_STATUS);
		state = quern_read(qdev, QUERN_REG_FW_STATUS);
		if (state != QUERN_FW_STATE_OFF && state != QUERN_FW_STATE_BOOTING)
			break;
		if (over || status & QUERN_STATUS_WATCHDOG_MASK)
			break;
		if (last != before && !(status & QUERN_STATUS_CORE_SLEEP_MASK))
			idle_end = jiffies + msecs_to_jiffies(QUERN_BOOT_IDLE_MS);
		usleep_range(200, 1000);
	} while (time_before(jiffies, end) && time_before(jiffies, idle_end));
	return state;
}

/* Without a valid place nothing is known of any job. */
static void quern_fw_set_progress(struct quern_device *qdev, const struct quern_boot_reply *reply)
{
	u32 end = reply->progress_addr + (QUERN_NUM_CTX - 1) * reply->progress_stride + sizeof(u32);
	bool valid = reply->progress_stride && end <= QUERN_TCM_BYTES &&
		     !((reply->progress_addr | reply->progress_stride) % sizeof(u32));

	qdev->fw.progress_addr = valid ? reply->progress_addr : 0;
	qdev->fw.progress_stride = reply->progress_stride;
}

u32 quern_fw_progress(struct quern_device *qdev, u32 slot)
{
	u32 addr = qdev->fw.progress_addr + slot * qdev->fw.progress_stride;

	if (!qdev->fw.progress_addr)
		return QUERN_PROGRESS_BEGUN;
	return quern_read(qdev, QUERN_REG_TCM(addr / sizeof(u32)));
}
EXPORT_SYMBOL_IF_KUNIT(quern_fw_progress);

static int quern_fw_check_reply(struct quern_device *qdev)
{
	struct quern_boot_reply reply = qdev->fw.mem->reply;
	enum quern_reply_error error = quern_reply_check(&reply, QUERN_FW_FEATURES);

	if (error) {
		drm_err(&qdev->drm, "handshake: %s\n", quern_reply_error_text(error));
		return -EPROTO;
	}
	if (reply.max_entries < QUERN_RING_NEEDED) {
		drm_err(&qdev->drm, "rings of the firmware have %u entries\n", reply.max_entries);
		return -EPROTO;
	}
	qdev->fw.features = reply.features;
	qdev->fw.version = reply.fw_version;
	qdev->fw.num_ctx = reply.num_ctx;
	quern_fw_set_progress(qdev, &reply);
	return 0;
}

static int quern_fw_failed(struct quern_device *qdev, u32 state)
{
	u32 error = quern_read(qdev, QUERN_REG_FW_ERROR);

	if (state == QUERN_FW_STATE_REFUSED)
		drm_err(&qdev->drm, "firmware refused the handshake: %s\n",
			quern_boot_error_name(error));
	else
		drm_err(&qdev->drm, "firmware did not start: state %s, error 0x%x, at 0x%x\n",
			quern_fw_state_name(state), error, quern_read(qdev, QUERN_REG_SCRATCH(0)));
	return state == QUERN_FW_STATE_REFUSED ? -EPROTO : -ETIMEDOUT;
}

/* Once; returns the state in which the firmware ends up. */
static u32 quern_fw_start(struct quern_device *qdev)
{
	quern_fw_halt(qdev);
	quern_fw_write_image(qdev);
	quern_fw_write_record(qdev);
	quern_write(qdev, QUERN_REG_IRQ_STATUS, GENMASK(QUERN_NUM_VECTORS - 1, 0));
	quern_write(qdev, QUERN_REG_IRQ_ENABLE, GENMASK(QUERN_NUM_VECTORS - 1, 0));
	dma_wmb(); /* the record before the core that reads it */
	quern_write(qdev, QUERN_REG_CTRL, QUERN_CTRL_CORE_RUN_MASK);
	return quern_fw_wait(qdev);
}

/* A bus that fails may do so once: that is no reason to give the chip up. */
static bool quern_fw_bus_failed(struct quern_device *qdev, u32 state)
{
	return state == QUERN_FW_STATE_REFUSED &&
	       quern_read(qdev, QUERN_REG_FW_ERROR) == QUERN_BOOT_ERROR_DMA;
}

int quern_fw_boot(struct quern_device *qdev)
{
	unsigned int tries = 0;
	u32 state;
	int ret;

	lockdep_assert_held(&qdev->admin.lock);
	do {
		state = quern_fw_start(qdev);
	} while (quern_fw_bus_failed(qdev, state) && ++tries < QUERN_BOOT_TRIES);
	if (state != QUERN_FW_STATE_READY)
		ret = quern_fw_failed(qdev, state);
	else
		ret = quern_fw_check_reply(qdev);
	if (ret)
		quern_fw_halt(qdev);
	return ret;
}
EXPORT_SYMBOL_IF_KUNIT(quern_fw_boot);

size_t quern_fw_read_log(struct quern_device *qdev, char *text, size_t bytes)
{
	const u8 *log = qdev->fw.mem->log;
	u32 written = READ_ONCE(*(const u32 *)log);
	size_t len = min3((size_t)written, bytes, (size_t)QUERN_LOG_TEXT_BYTES);

	BUILD_BUG_ON_NOT_POWER_OF_2(QUERN_LOG_TEXT_BYTES);
	dma_rmb(); /* the count before the text */
	for (size_t i = 0; i < len; i++) {
		u32 at = (u32)(written - len + i) % QUERN_LOG_TEXT_BYTES;
		u8 c = log[QUERN_LOG_HEADER_BYTES + at];

		text[i] = c == '\n' || (c >= ' ' && c < 127) ? c : '?';
	}
	return len;
}
EXPORT_SYMBOL_IF_KUNIT(quern_fw_read_log);
