// SPDX-License-Identifier: Apache-2.0
/* From reset to a firmware that is ready: what a driver's probe does, over the same registers and records. */
#include <errno.h>
#include <limits.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "quern/handshake.h"
#include "rtl.h"

#define BOOT_CYCLES 2000000u /* from core_run to READY; it takes under 100,000 */
#define BOOT_SLICE 10000u
#define SETTLE_CYCLES 1000000u
#define IRQ_ALL ((1u << QUERN_NUM_VECTORS) - 1)
#define OFFERED (1ull << QUERN_MSG_FEATURE_PREEMPT | 1ull << QUERN_MSG_FEATURE_COUNTERS)

/* A register that does not answer reads as all ones, as it would on a bus. */
uint32_t rtl_read(struct rtl *rtl, uint32_t offset)
{
	uint32_t value;

	return rtl->api.read32(rtl->sim, offset, &value) ? UINT32_MAX : value;
}

void rtl_write(struct rtl *rtl, uint32_t offset, uint32_t value)
{
	rtl->api.write32(rtl->sim, offset, value);
}

uint64_t rtl_chip_cycle(const struct rtl *rtl)
{
	return rtl->api.cycles(rtl->sim) - rtl->boot_cycle;
}

static uint32_t field(uint32_t value, uint32_t mask, uint32_t lsb)
{
	return (value & mask) >> lsb;
}

void rtl_log_tail(const struct rtl *rtl, char *text, size_t bytes)
{
	const unsigned char *log = rtl->boot.map + RTL_BOOT_LOG;
	const uint32_t ring = RTL_LOG_BYTES - QUERN_LOG_HEADER_BYTES;
	uint32_t written, first;
	size_t len = 0;

	text[0] = '\0';
	memcpy(&written, log, sizeof(written));
	while (written && log[QUERN_LOG_HEADER_BYTES + (written - 1) % ring] == '\n')
		written--;
	for (first = written; first && written - first < ring && written - first < bytes - 1; first--)
		if (log[QUERN_LOG_HEADER_BYTES + (first - 1) % ring] == '\n')
			break;
	for (; first != written; first++) {
		unsigned char c = log[QUERN_LOG_HEADER_BYTES + first % ring];

		text[len++] = c >= ' ' && c < 127 ? (char)c : '?';
	}
	text[len] = '\0';
}

static enum accel_status read_file(const char *path, unsigned char **data, size_t *bytes, struct accel_error *error)
{
	const size_t limit = sizeof(struct quern_fw_image) + QUERN_TCM_BYTES + 1;
	FILE *file = fopen(path, "rb");
	enum accel_status status = ACCEL_OK;

	if (!file)
		return error_set(error, ACCEL_ERROR_FILE, "firmware %s: %s", path, strerror(errno));
	*data = calloc(1, limit);
	if (!*data)
		status = error_no_memory(error, "the firmware");
	else
		*bytes = fread(*data, 1, limit, file);
	if (!status && ferror(file))
		status = error_set(error, ACCEL_ERROR_FILE, "firmware %s: cannot be read", path);
	fclose(file);
	return status;
}

static bool hash_ok(const struct quern_fw_image *header, const unsigned char *payload)
{
	struct quern_fw_image zeroed = *header;
	struct sha256_ctx sha;
	uint8_t digest[SHA256_DIGEST_SIZE];

	memset(zeroed.sha256, 0, sizeof(zeroed.sha256));
	sha256_init(&sha);
	sha256_update(&sha, sizeof(zeroed), (const uint8_t *)&zeroed);
	sha256_update(&sha, header->payload_bytes, payload);
	sha256_digest(&sha, sizeof(digest), digest);
	return !memcmp(digest, header->sha256, sizeof(digest));
}

/* Write the payload into the core's memory through the window; the core does not run yet. */
static void write_tcm(struct rtl *rtl, const struct quern_fw_image *header, const unsigned char *payload)
{
	for (uint32_t i = 0; i < header->payload_bytes; i += 4) {
		uint32_t word;

		memcpy(&word, payload + i, sizeof(word));
		rtl_write(rtl, QUERN_REG_TCM((header->load_addr + i) / 4), word);
	}
}

static enum accel_status load_firmware(struct rtl *rtl, struct accel_error *error)
{
	struct quern_fw_image header;
	enum quern_image_error bad;
	enum accel_status status;
	unsigned char *data = NULL;
	char path[PATH_MAX];
	size_t bytes = 0;

	status = rtl_find_firmware(path, error);
	if (!status)
		status = read_file(path, &data, &bytes, error);
	if (status) {
		free(data);
		return status;
	}
	memcpy(&header, data, sizeof(header));
	bad = quern_image_check(&header, bytes);
	if (bad)
		status = error_set(error, ACCEL_ERROR_VERSION, "firmware %s: %s: build it again", path,
				   quern_image_error_text(bad));
	else if (!hash_ok(&header, data + sizeof(header)))
		status = error_set(error, ACCEL_ERROR_FILE,
				   "firmware %s: damaged, its hash does not match: "
				   "build it again",
				   path);
	else
		write_tcm(rtl, &header, data + sizeof(header));
	free(data);
	return status;
}

static enum accel_status check_chip(struct rtl *rtl, struct accel_device_info *info, struct accel_error *error)
{
	uint32_t id = rtl_read(rtl, QUERN_REG_ID);
	uint32_t version = rtl_read(rtl, QUERN_REG_HW_VERSION);
	uint32_t config0 = rtl_read(rtl, QUERN_REG_CONFIG0);
	uint32_t config1 = rtl_read(rtl, QUERN_REG_CONFIG1);

	if (id != QUERN_CHIP_ID)
		return error_set(error, ACCEL_ERROR_DEVICE_FAILED,
				 "the chip says id 0x%08x, not 0x%08x: build it again", id, QUERN_CHIP_ID);
	if (field(version, QUERN_HW_VERSION_MAJOR_MASK, QUERN_HW_VERSION_MAJOR_LSB) != QUERN_REGISTERS_MAJOR)
		return error_set(error, ACCEL_ERROR_VERSION,
				 "the chip has version 0x%08x, this library knows major %d: build both from one tree",
				 version, QUERN_REGISTERS_MAJOR);
	rtl->boot_cycle = rtl->api.cycles(rtl->sim) - rtl_read(rtl, QUERN_REG_CYCLE_LO);
	info->array = field(config0, QUERN_CONFIG0_ARRAY_MASK, QUERN_CONFIG0_ARRAY_LSB);
	info->bus_bytes = rtl->config.bus_bytes;
	info->spm_bytes = field(config0, QUERN_CONFIG0_SPM_KIB_MASK, QUERN_CONFIG0_SPM_KIB_LSB) << 10;
	info->acc_entries = field(config1, QUERN_CONFIG1_ACC_ENTRIES_MASK, QUERN_CONFIG1_ACC_ENTRIES_LSB);
	info->hw_version = version;
	info->features = rtl_read(rtl, QUERN_REG_FEATURES);
	rtl_config_name(&rtl->config, info->name, sizeof(info->name));
	return ACCEL_OK;
}

static void write_boot_record(struct rtl *rtl)
{
	const struct quern_boot_params params = {
		.features = OFFERED,
		.admin_sq = busmem_bus(&rtl->boot, RTL_BOOT_ADMIN_SQ),
		.admin_cq = busmem_bus(&rtl->boot, RTL_BOOT_ADMIN_CQ),
		.reply = busmem_bus(&rtl->boot, RTL_BOOT_REPLY),
		.log = busmem_bus(&rtl->boot, RTL_BOOT_LOG),
		.admin_entries = RTL_ADMIN_ENTRIES,
		.log_bytes = RTL_LOG_BYTES,
	};
	uint64_t bus = busmem_bus(&rtl->boot, RTL_BOOT_RECORD);
	struct quern_boot record;

	quern_boot_init(&record, &params);
	memcpy(rtl->boot.map + RTL_BOOT_RECORD, &record, sizeof(record));
	rtl_write(rtl, QUERN_REG_HOST_BOOT_LO, (uint32_t)bus);
	rtl_write(rtl, QUERN_REG_HOST_BOOT_HI, (uint32_t)(bus >> 32));
}

static enum accel_status boot_failed(struct rtl *rtl, uint32_t state, struct accel_error *error)
{
	uint32_t code = rtl_read(rtl, QUERN_REG_FW_ERROR);
	char log[128];

	rtl_log_tail(rtl, log, sizeof(log));
	if (state == QUERN_FW_STATE_REFUSED)
		return error_set(error, ACCEL_ERROR_VERSION,
				 "the firmware refused the handshake: %s: build firmware and library from one tree",
				 quern_boot_error_name(code));
	return error_set(error, ACCEL_ERROR_DEVICE_FAILED,
			 "the firmware did not start: state %s, error 0x%x, at 0x%x, log '%s'",
			 quern_fw_state_name(state), code, rtl_read(rtl, QUERN_REG_SCRATCH(0)), log);
}

static enum accel_status run_until_ready(struct rtl *rtl, struct accel_error *error)
{
	uint64_t end = rtl->api.cycles(rtl->sim) + BOOT_CYCLES;
	uint32_t state = QUERN_FW_STATE_OFF;

	while (rtl->api.cycles(rtl->sim) < end) {
		rtl->api.run(rtl->sim, BOOT_SLICE, QUERN_SIM_STOP_IRQ);
		state = rtl_read(rtl, QUERN_REG_FW_STATUS);
		if (state == QUERN_FW_STATE_READY)
			return ACCEL_OK;
		if (state == QUERN_FW_STATE_REFUSED || state >= QUERN_FW_STATE_CRASHED)
			break;
	}
	return boot_failed(rtl, state, error);
}

static enum accel_status check_reply(struct rtl *rtl, struct accel_device_info *info, struct accel_error *error)
{
	struct quern_boot_reply reply;
	enum quern_reply_error bad;

	memcpy(&reply, rtl->boot.map + RTL_BOOT_REPLY, sizeof(reply));
	bad = quern_reply_check(&reply, OFFERED);
	if (bad)
		return error_set(error, ACCEL_ERROR_VERSION, "%s: build firmware and library from one tree",
				 quern_reply_error_text(bad));
	if (reply.max_entries < LOCAL_QUEUE)
		return error_set(error, ACCEL_ERROR_VERSION, "the firmware's rings hold %u entries, %u are needed",
				 reply.max_entries, LOCAL_QUEUE);
	rtl->features = reply.features;
	info->fw_version = reply.fw_version;
	info->max_contexts = reply.num_ctx < LOCAL_SLOTS ? reply.num_ctx : LOCAL_SLOTS;
	info->queue_depth = LOCAL_QUEUE;
	info->clock_hz = QUERN_CLOCK_HZ;
	info->has_cycles = 1;
	info->has_counters = reply.features >> QUERN_MSG_FEATURE_COUNTERS & 1;
	return ACCEL_OK;
}

enum accel_status rtl_boot(struct rtl *rtl, struct accel_device_info *info, struct accel_error *error)
{
	enum accel_status status = check_chip(rtl, info, error);

	if (!status)
		status = load_firmware(rtl, error);
	if (status)
		return status;
	if (!busmem_alloc_contiguous(&rtl->local.mem, RTL_BOOT_BYTES, &rtl->boot))
		return error_no_memory(error, "the boot record");
	write_boot_record(rtl);
	rtl_write(rtl, QUERN_REG_IRQ_ENABLE, IRQ_ALL);
	rtl_write(rtl, QUERN_REG_CTRL, QUERN_CTRL_CORE_RUN_MASK);
	status = run_until_ready(rtl, error);
	if (!status)
		status = check_reply(rtl, info, error);
	if (status)
		return status;
	rtl_write(rtl, QUERN_REG_IRQ_STATUS, IRQ_ALL);
	rtl->api.run(rtl->sim, SETTLE_CYCLES, QUERN_SIM_STOP_IDLE);
	rtl->vectors = 0;
	return ACCEL_OK;
}
