/* SPDX-License-Identifier: Apache-2.0 */
/* Boot, admin commands and jobs on the simulated chip. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "chip_host.h"
#include "quern/handshake.h"

#define ADMIN_ENTRIES 16
#define JOB_ENTRIES 8
#define LOG_BYTES (QUERN_LOG_HEADER_BYTES + 2048)
#define BOOT_CYCLES 2000000
#define ADMIN_CYCLES 2000000
#define SLICE 20000

/* Places in the driver's part of RAM. */
enum place {
	AT_BOOT = 0,
	AT_REPLY = 256,
	AT_ADMIN_SQ = 1024,
	AT_ADMIN_CQ = 2048,
	AT_LOG = 4096,
	AT_RINGS = 16384,
	RING_STRIDE = 8192,
	RING_CQ = 4096,
};

static bool fail(struct chip_host *chip, const char *why)
{
	snprintf(chip->why, sizeof(chip->why), "%s", why);
	return false;
}

static void *place(struct chip_host *chip, uint32_t offset)
{
	return chip->img->ram + offset;
}

static uint32_t reg_read(struct chip_host *chip, uint32_t offset)
{
	uint32_t value;

	return chip->api.read32(chip->sim, offset, &value) ? UINT32_MAX : value;
}

static void reg_write(struct chip_host *chip, uint32_t offset, uint32_t value)
{
	chip->api.write32(chip->sim, offset, value);
}

static bool load_firmware(struct chip_host *chip, const char *path)
{
	static uint8_t data[sizeof(struct quern_fw_image) + QUERN_TCM_BYTES];
	struct quern_fw_image header;
	FILE *file = fopen(path, "rb");
	size_t bytes;

	if (!file)
		return fail(chip, "firmware cannot be opened");
	bytes = fread(data, 1, sizeof(data), file);
	fclose(file);
	memcpy(&header, data, sizeof(header));
	if (bytes < sizeof(header) || header.magic != QUERN_FW_MAGIC || header.payload_bytes > bytes - sizeof(header))
		return fail(chip, "not a firmware image");
	for (uint32_t i = 0; i < header.payload_bytes; i += 4) {
		uint32_t word;

		memcpy(&word, data + sizeof(header) + i, sizeof(word));
		reg_write(chip, QUERN_REG_TCM((header.load_addr + i) / 4), word);
	}
	return true;
}

static void write_boot_record(struct chip_host *chip)
{
	const struct quern_boot_params params = {
		.features = 1ull << QUERN_MSG_FEATURE_PREEMPT | 1ull << QUERN_MSG_FEATURE_COUNTERS,
		.admin_sq = IMAGE_BUS_BASE + AT_ADMIN_SQ,
		.admin_cq = IMAGE_BUS_BASE + AT_ADMIN_CQ,
		.reply = IMAGE_BUS_BASE + AT_REPLY,
		.log = IMAGE_BUS_BASE + AT_LOG,
		.admin_entries = ADMIN_ENTRIES,
		.log_bytes = LOG_BYTES,
	};
	struct quern_boot record;

	memset(place(chip, 0), 0, IMAGE_HOST_BYTES);
	quern_boot_init(&record, &params);
	memcpy(place(chip, AT_BOOT), &record, sizeof(record));
	reg_write(chip, QUERN_REG_HOST_BOOT_LO, (uint32_t)IMAGE_BUS_BASE);
	reg_write(chip, QUERN_REG_HOST_BOOT_HI, (uint32_t)(IMAGE_BUS_BASE >> 32));
}

static bool wait_ready(struct chip_host *chip)
{
	uint64_t end = chip->api.cycles(chip->sim) + BOOT_CYCLES;
	uint32_t state = QUERN_FW_STATE_OFF;

	while (chip->api.cycles(chip->sim) < end && state != QUERN_FW_STATE_READY) {
		chip->api.run(chip->sim, SLICE, QUERN_SIM_STOP_IRQ);
		state = reg_read(chip, QUERN_REG_FW_STATUS);
		if (state == QUERN_FW_STATE_REFUSED || state >= QUERN_FW_STATE_CRASHED)
			break;
	}
	if (state == QUERN_FW_STATE_READY)
		return true;
	snprintf(chip->why, sizeof(chip->why), "firmware does not start: state %s, error 0x%x",
		 quern_fw_state_name(state), reg_read(chip, QUERN_REG_FW_ERROR));
	return false;
}

static bool boot(struct chip_host *chip, const char *firmware)
{
	if (reg_read(chip, QUERN_REG_ID) != QUERN_CHIP_ID)
		return fail(chip, "the chip does not answer with its id");
	if (!load_firmware(chip, firmware))
		return false;
	write_boot_record(chip);
	reg_write(chip, QUERN_REG_IRQ_ENABLE, (1u << QUERN_NUM_VECTORS) - 1);
	reg_write(chip, QUERN_REG_CTRL, QUERN_CTRL_CORE_RUN_MASK);
	return wait_ready(chip);
}

static int read_memory(void *ctx, uint64_t bus_addr, void *data, uint32_t bytes)
{
	const uint8_t *p = image_access(ctx, bus_addr, bytes, false);

	if (!p)
		return -1;
	memcpy(data, p, bytes);
	return 0;
}

static int write_memory(void *ctx, uint64_t bus_addr, const void *data, uint32_t bytes, uint32_t strobe)
{
	uint8_t *p;

	if (!strobe) /* the rest of a burst that was stopped */
		return 0;
	p = image_access(ctx, bus_addr, bytes, true);
	if (!p)
		return -1;
	for (uint32_t i = 0; i < bytes; i++)
		if (strobe >> i & 1)
			p[i] = ((const uint8_t *)data)[i];
	return 0;
}

static bool load_chip(struct chip_host *chip, const struct options *o, bool *absent)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/libquern-rtl-%ux%u.so", o->rtl_dir ? o->rtl_dir : ".", o->n, o->n);
	*absent = access(path, R_OK) || !o->firmware || access(o->firmware, R_OK);
	if (*absent)
		return fail(chip, "chip library or firmware image is not built");
	return !quern_sim_load(&chip->api, path, chip->why, sizeof(chip->why));
}

bool chip_host_init(struct chip_host *chip, const struct options *o, struct image *img, bool *absent)
{
	static const struct quern_sim_memory_ops memory = {.read = read_memory, .write = write_memory};
	const struct quern_sim_params params = {
		.api = QUERN_SIM_API,
		.flags = (o->check ? QUERN_SIM_CHECK : 0) | (o->jitter ? QUERN_SIM_JITTER : 0),
		.seed = o->seed,
	};

	memset(chip, 0, sizeof(*chip));
	chip->img = img;
	if (!load_chip(chip, o, absent))
		return false;
	if (chip->api.create(&chip->sim, &params))
		return fail(chip, "no chip");
	chip->api.set_memory_ops(chip->sim, &memory, img);
	return boot(chip, o->firmware);
}

void chip_host_finish(struct chip_host *chip)
{
	if (chip->sim)
		chip->api.destroy(chip->sim);
	quern_sim_unload(&chip->api);
}

/* Clocks the chip until the entry carries its stamp: its last word, so that the rest is there too. */
static bool wait_stamp(struct chip_host *chip, const uint32_t *at, uint32_t index, uint64_t max_cycles)
{
	uint64_t end = chip->api.cycles(chip->sim) + max_cycles;

	for (;;) {
		uint32_t stamp;

		memcpy(&stamp, at, sizeof(stamp));
		if (quern_ring_stamped(stamp, index))
			return true;
		if (reg_read(chip, QUERN_REG_FW_STATUS) != QUERN_FW_STATE_READY)
			return fail(chip, "the firmware crashed");
		if (chip->api.cycles(chip->sim) >= end)
			return fail(chip, "no completion within the bound");
		reg_write(chip, QUERN_REG_IRQ_STATUS, (1u << QUERN_NUM_VECTORS) - 1);
		chip->api.run(chip->sim, SLICE, QUERN_SIM_STOP_IRQ);
	}
}

int chip_host_admin(struct chip_host *chip, const struct quern_admin_cmd *cmd)
{
	uint32_t index = chip->admin_tail++;
	uint32_t slot = quern_ring_slot(index, ADMIN_ENTRIES);
	struct quern_admin_cmd sent = *cmd;
	struct quern_admin_done *done = place(chip, AT_ADMIN_CQ + slot * sizeof(*done));

	sent.seqno = index;
	memcpy(place(chip, AT_ADMIN_SQ + slot * sizeof(sent)), &sent, sizeof(sent));
	reg_write(chip, QUERN_REG_ADMIN_DOORBELL, chip->admin_tail);
	if (!wait_stamp(chip, &done->index, index, ADMIN_CYCLES))
		return -1;
	return (int)done->status;
}

bool chip_host_create_context(struct chip_host *chip, uint32_t slot, uint64_t root, uint32_t priority)
{
	uint32_t rings = AT_RINGS + slot * RING_STRIDE;
	struct quern_admin_cmd cmd = {.op = QUERN_ADMIN_OP_CTX_DESTROY, .ctx = slot};

	if (chip->live[slot] && chip_host_admin(chip, &cmd) != QUERN_STATUS_OK)
		return fail(chip, "context cannot be destroyed");
	chip->live[slot] = false;
	chip->tail[slot] = 0;
	memset(place(chip, rings), 0, RING_STRIDE);
	cmd = (struct quern_admin_cmd){
		.op = QUERN_ADMIN_OP_CTX_CREATE,
		.ctx = slot,
		.asid = slot + 1,
		.root = root,
		.sq = IMAGE_BUS_BASE + rings,
		.cq = IMAGE_BUS_BASE + rings + RING_CQ,
		.entries = JOB_ENTRIES,
		.priority = priority,
	};
	if (chip_host_admin(chip, &cmd) != QUERN_STATUS_OK)
		return fail(chip, "context cannot be created");
	chip->live[slot] = true;
	return true;
}

void chip_host_submit(struct chip_host *chip, uint32_t slot, struct quern_job *job)
{
	uint32_t entry = quern_ring_slot(chip->tail[slot], JOB_ENTRIES);

	job->seqno = ++chip->tail[slot];
	memcpy(place(chip, AT_RINGS + slot * RING_STRIDE + entry * sizeof(*job)), job, sizeof(*job));
	reg_write(chip, QUERN_REG_DOORBELL(slot), chip->tail[slot]);
}

void chip_host_delay(struct chip_host *chip, uint64_t cycles)
{
	chip->api.run(chip->sim, cycles, 0);
}

bool chip_host_wait(struct chip_host *chip, uint32_t slot, uint64_t max_cycles, struct quern_job_done *done)
{
	uint32_t index = chip->tail[slot] - 1;
	uint32_t entry = quern_ring_slot(index, JOB_ENTRIES);
	const struct quern_job_done *at = place(chip, AT_RINGS + slot * RING_STRIDE + RING_CQ + entry * sizeof(*done));

	if (!wait_stamp(chip, &at->index, index, max_cycles))
		return false;
	memcpy(done, at, sizeof(*done));
	return done->seqno == index + 1 || fail(chip, "completion of another job");
}
