/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The firmware: its image, the start of the chip's core, the log that it writes. */
#ifndef QUERN_FW_H
#define QUERN_FW_H

#include "quern/handshake.h"

#define QUERN_ADMIN_ENTRIES 16
#define QUERN_LOG_TEXT_BYTES 8192

struct firmware;
struct quern_device;

/* Memory that driver and firmware share from boot to reset. */
struct quern_host_mem {
	struct quern_boot boot;
	struct quern_boot_reply reply;
	u8 align[64];
	struct quern_admin_cmd admin_sq[QUERN_ADMIN_ENTRIES];
	struct quern_admin_done admin_cq[QUERN_ADMIN_ENTRIES];
	u8 log[QUERN_LOG_HEADER_BYTES + QUERN_LOG_TEXT_BYTES];
};

struct quern_fw {
	struct quern_fw_image header;
	u32 *payload;
	struct quern_host_mem *mem;
	dma_addr_t mem_dma;
	u64 features; /* that both sides know */
	u32 progress_addr; /* in the TCM: progress word of context 0; 0 if there are none */
	u32 progress_stride;
	u32 version;
	u32 num_ctx;
};

/* Get the image and check it; memory is released with the device. */
int quern_fw_load(struct quern_device *qdev);

/* From reset to a firmware that answers. Allocates nothing. Called with admin.lock held. */
int quern_fw_boot(struct quern_device *qdev);

/*
 * Stop the core and reset the chip: when it returns the chip does no DMA and raises no
 * interrupt.
 */
void quern_fw_halt(struct quern_device *qdev);

/*
 * How far the oldest job of a slot was when the firmware died: 0 if it had not begun,
 * QUERN_PROGRESS_BEGUN, or the command to go on at. Read between halt and boot, it is untrusted.
 */
u32 quern_fw_progress(struct quern_device *qdev, u32 slot);

/* Whether the firmware is up. A device that is gone reads as all ones and is not. */
bool quern_fw_alive(struct quern_device *qdev);

/* Copy the newest part of the log; returns the number of bytes. */
size_t quern_fw_read_log(struct quern_device *qdev, char *text, size_t bytes);

#if IS_ENABLED(CONFIG_KUNIT)
int quern_fw_check(struct quern_device *qdev, const struct firmware *fw);
#endif

#endif
