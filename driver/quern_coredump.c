// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Crash dump: text, since there is little of it. Only the firmware's own words and registers,
 * nothing of any job's data.
 */
#include <linux/devcoredump.h>
#include <linux/vmalloc.h>

#include <drm/drm_print.h>

#include "quern_ctx.h"
#include "quern_device.h"

static void quern_coredump_work(struct work_struct *work)
{
	struct quern_coredump *dump = container_of(work, struct quern_coredump, work);
	struct quern_device *qdev = container_of(dump, struct quern_device, coredump);
	void *copy = vmalloc(dump->bytes);

	if (copy) {
		memcpy(copy, dump->text, dump->bytes);
		dev_coredumpv(qdev->drm.dev, copy, dump->bytes, GFP_KERNEL); /* frees it */
	}
	mutex_lock(&qdev->admin.lock);
	dump->taken = false;
	mutex_unlock(&qdev->admin.lock);
}

void quern_coredump_init(struct quern_device *qdev)
{
	INIT_WORK(&qdev->coredump.work, quern_coredump_work);
}

void quern_coredump_finish(struct quern_device *qdev)
{
	cancel_work_sync(&qdev->coredump.work);
}

/* How far each was. */
static size_t quern_coredump_contexts(struct quern_device *qdev, char *text, size_t bytes)
{
	size_t at = 0;

	spin_lock(&qdev->ring_lock);
	for (unsigned int i = 0; i < QUERN_NUM_CTX; i++) {
		const struct quern_ctx *ctx = qdev->slots[i].ring;

		if (ctx)
			at += scnprintf(text + at, bytes - at,
					"slot %u: asid %u priority %u state %u tail %u head %u\n",
					i, ctx->asid, ctx->priority, ctx->state, ctx->ring.tail,
					ctx->ring.head);
	}
	spin_unlock(&qdev->ring_lock);
	return at;
}

void quern_coredump_capture(struct quern_device *qdev)
{
	static const struct {
		const char *name;
		u32 offset;
	} registers[] = {
		{ "status", QUERN_REG_STATUS },
		{ "fw_status", QUERN_REG_FW_STATUS },
		{ "fw_error", QUERN_REG_FW_ERROR },
		{ "fw_version", QUERN_REG_FW_VERSION },
		{ "fw_heartbeat", QUERN_REG_FW_HEARTBEAT },
		{ "mepc", QUERN_REG_SCRATCH(0) },
		{ "mtval", QUERN_REG_SCRATCH(1) },
		{ "detail", QUERN_REG_SCRATCH(2) },
		{ "cycle_lo", QUERN_REG_CYCLE_LO },
		{ "cycle_hi", QUERN_REG_CYCLE_HI },
	};
	struct quern_coredump *dump = &qdev->coredump;
	size_t at = 0;

	lockdep_assert_held(&qdev->admin.lock);
	if (dump->taken)
		return;
	for (unsigned int i = 0; i < ARRAY_SIZE(registers); i++)
		at += scnprintf(dump->text + at, sizeof(dump->text) - at, "%s: 0x%08x\n",
				registers[i].name, quern_read(qdev, registers[i].offset));
	at += quern_coredump_contexts(qdev, dump->text + at, sizeof(dump->text) - at);
	at += scnprintf(dump->text + at, sizeof(dump->text) - at, "log:\n");
	at += quern_fw_read_log(qdev, dump->text + at, sizeof(dump->text) - at);
	dump->bytes = at;
	dump->taken = true;
	schedule_work(&dump->work);
}
