/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First contact between host and firmware: the boot record, its reply and the firmware image's header.
 *
 * The host writes struct quern_boot, points HOST_BOOT at it and starts the core. The firmware copies the record, checks
 * it with quern_boot_check(), writes struct quern_boot_reply and sets FW_STATUS. Each side checks what the other wrote.
 * Versions meet when the majors are equal; what either side knows beyond the other's minor is told by feature bits, and
 * only bits that both set are in force.
 */
#ifndef QUERN_HANDSHAKE_H
#define QUERN_HANDSHAKE_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include "quern/messages.h"
#include "quern/registers.h"
#include "quern/ring.h"

#define QUERN_RECORD_ALIGN 64 /* bytes: every address in the boot record */

/* What a host gives to the firmware; the remaining fields of the record follow from the contract. */
struct quern_boot_params {
	uint64_t features; /* bits 1 << QUERN_MSG_FEATURE_... */
	uint64_t admin_sq;
	uint64_t admin_cq;
	uint64_t reply;
	uint64_t log; /* 0 for none */
	uint32_t admin_entries;
	uint32_t log_bytes;
};

static inline void quern_boot_init(struct quern_boot *boot, const struct quern_boot_params *params)
{
	*boot = (struct quern_boot){
		.magic = QUERN_BOOT_MAGIC,
		.major = QUERN_MESSAGES_MAJOR,
		.minor = QUERN_MESSAGES_MINOR,
		.features = params->features,
		.admin_sq = params->admin_sq,
		.admin_cq = params->admin_cq,
		.reply = params->reply,
		.log = params->log,
		.admin_entries = params->admin_entries,
		.log_bytes = params->log_bytes,
	};
}

static inline bool quern_log_bytes_ok(uint32_t bytes)
{
	uint32_t text = bytes - QUERN_LOG_HEADER_BYTES;

	return bytes >= QUERN_LOG_BYTES_MIN && (text & (text - 1)) == 0;
}

/* The firmware's check of a copied boot record. */
static inline enum quern_boot_error quern_boot_check(const struct quern_boot *boot)
{
	if (boot->magic != QUERN_BOOT_MAGIC)
		return QUERN_BOOT_ERROR_MAGIC;
	if (boot->major != QUERN_MESSAGES_MAJOR)
		return QUERN_BOOT_ERROR_VERSION;
	if (!quern_ring_entries_ok(boot->admin_entries))
		return QUERN_BOOT_ERROR_RING;
	if (!boot->admin_sq || !boot->admin_cq || !boot->reply)
		return QUERN_BOOT_ERROR_RING;
	if ((boot->admin_sq | boot->admin_cq | boot->reply | boot->log) & (QUERN_RECORD_ALIGN - 1))
		return QUERN_BOOT_ERROR_RING;
	if (boot->log && !quern_log_bytes_ok(boot->log_bytes))
		return QUERN_BOOT_ERROR_RING;
	return QUERN_BOOT_ERROR_NONE;
}

enum quern_reply_error {
	QUERN_REPLY_ERROR_NONE,
	QUERN_REPLY_ERROR_MAGIC,
	QUERN_REPLY_ERROR_VERSION,
	QUERN_REPLY_ERROR_FEATURES, /* claims a feature that the host did not offer */
	QUERN_REPLY_ERROR_LIMITS,   /* no contexts, more than the chip has, or rings too small */
};

static inline const char *quern_reply_error_text(enum quern_reply_error error)
{
	switch (error) {
	case QUERN_REPLY_ERROR_NONE:
		return "no error";
	case QUERN_REPLY_ERROR_MAGIC:
		return "the reply has no magic";
	case QUERN_REPLY_ERROR_VERSION:
		return "the firmware speaks another major version of the messages contract";
	case QUERN_REPLY_ERROR_FEATURES:
		return "the firmware claims features that the host did not offer";
	case QUERN_REPLY_ERROR_LIMITS:
		return "the firmware reports impossible limits";
	}
	return "unknown error";
}

/* The host's check of a copied reply; offered: the features in the boot record. */
static inline enum quern_reply_error quern_reply_check(const struct quern_boot_reply *reply, uint64_t offered)
{
	if (reply->magic != QUERN_REPLY_MAGIC)
		return QUERN_REPLY_ERROR_MAGIC;
	if (reply->major != QUERN_MESSAGES_MAJOR)
		return QUERN_REPLY_ERROR_VERSION;
	if (reply->features & ~offered)
		return QUERN_REPLY_ERROR_FEATURES;
	if (reply->num_ctx == 0 || reply->num_ctx > QUERN_NUM_CTX || reply->max_entries < QUERN_RING_MIN_ENTRIES)
		return QUERN_REPLY_ERROR_LIMITS;
	return QUERN_REPLY_ERROR_NONE;
}

enum quern_image_error {
	QUERN_IMAGE_ERROR_NONE,
	QUERN_IMAGE_ERROR_SIZE, /* the file is not header and payload */
	QUERN_IMAGE_ERROR_MAGIC,
	QUERN_IMAGE_ERROR_VERSION, /* messages contract */
	QUERN_IMAGE_ERROR_CHIP,	   /* registers contract */
	QUERN_IMAGE_ERROR_MEMORY,  /* does not fit the control core's memory */
};

static inline const char *quern_image_error_text(enum quern_image_error error)
{
	switch (error) {
	case QUERN_IMAGE_ERROR_NONE:
		return "no error";
	case QUERN_IMAGE_ERROR_SIZE:
		return "its size is not that of its header and payload";
	case QUERN_IMAGE_ERROR_MAGIC:
		return "it has no firmware header";
	case QUERN_IMAGE_ERROR_VERSION:
		return "it speaks another major version of the messages contract";
	case QUERN_IMAGE_ERROR_CHIP:
		return "it was built for another major version of the chip";
	case QUERN_IMAGE_ERROR_MEMORY:
		return "it does not fit the control core's memory";
	}
	return "unknown error";
}

/*
 * Check a firmware file before anything of it is used. header points to the file's first bytes and is not read if there
 * are fewer than a header's. The hash is the caller's business: hash the header with .sha256 zero, then the payload.
 */
static inline enum quern_image_error quern_image_check(const struct quern_fw_image *header, uint64_t file_bytes)
{
	if (file_bytes < sizeof(*header))
		return QUERN_IMAGE_ERROR_SIZE;
	if (header->magic != QUERN_FW_MAGIC || header->header_bytes != sizeof(*header))
		return QUERN_IMAGE_ERROR_MAGIC;
	if (header->major != QUERN_MESSAGES_MAJOR)
		return QUERN_IMAGE_ERROR_VERSION;
	if (header->hw_major != QUERN_REGISTERS_MAJOR)
		return QUERN_IMAGE_ERROR_CHIP;
	if (header->payload_bytes == 0 || header->payload_bytes != file_bytes - sizeof(*header))
		return QUERN_IMAGE_ERROR_SIZE;
	if ((header->payload_bytes | header->load_addr) & 3)
		return QUERN_IMAGE_ERROR_MEMORY;
	if (header->load_addr > QUERN_TCM_BYTES || header->payload_bytes > QUERN_TCM_BYTES - header->load_addr)
		return QUERN_IMAGE_ERROR_MEMORY;
	if (header->memory_bytes < header->payload_bytes || header->memory_bytes > QUERN_TCM_BYTES - header->load_addr)
		return QUERN_IMAGE_ERROR_MEMORY;
	return QUERN_IMAGE_ERROR_NONE;
}

#endif
