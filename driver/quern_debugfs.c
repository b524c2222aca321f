// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* firmware_log: the firmware's words. queues: contexts and how far they are. */
#include <linux/slab.h>

#include <drm/drm_debugfs.h>
#include <drm/drm_drv.h>

#include "quern_ctx.h"
#include "quern_debugfs.h"
#include "quern_device.h"

static int quern_debugfs_log(struct seq_file *m, void *unused)
{
	struct drm_debugfs_entry *entry = m->private;
	struct quern_device *qdev = to_quern_device(entry->dev);
	char *text;
	int idx;

	if (!drm_dev_enter(&qdev->drm, &idx))
		return -ENODEV;
	text = kmalloc(QUERN_LOG_TEXT_BYTES, GFP_KERNEL);
	if (text)
		seq_write(m, text, quern_fw_read_log(qdev, text, QUERN_LOG_TEXT_BYTES));
	kfree(text);
	drm_dev_exit(idx);
	return text ? 0 : -ENOMEM;
}

static int quern_debugfs_queues(struct seq_file *m, void *unused)
{
	struct drm_debugfs_entry *entry = m->private;
	struct quern_device *qdev = to_quern_device(entry->dev);

	seq_printf(m, "resets %u, firmware %s\n", READ_ONCE(qdev->num_resets),
		   READ_ONCE(qdev->admin.up) ? "up" : "down");
	spin_lock(&qdev->ring_lock);
	for (unsigned int i = 0; i < QUERN_NUM_CTX; i++) {
		const struct quern_ctx *ctx = qdev->slots[i].ring;

		if (ctx)
			seq_printf(m, "slot %u asid %u priority %u state %u tail %u head %u pending %u\n",
				   i, ctx->asid, ctx->priority, ctx->state, ctx->ring.tail,
				   ctx->ring.head, ctx->pending);
	}
	spin_unlock(&qdev->ring_lock);
	return 0;
}

static const struct drm_debugfs_info quern_debugfs_files[] = {
	{ "firmware_log", quern_debugfs_log },
	{ "queues", quern_debugfs_queues },
};

void quern_debugfs_init(struct quern_device *qdev)
{
	drm_debugfs_add_files(&qdev->drm, quern_debugfs_files, ARRAY_SIZE(quern_debugfs_files));
}
