// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* A device in memory, and a thread that plays chip and firmware. */
#include <kunit/device.h>

#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/kthread.h>
#include <linux/vmalloc.h>

#include <drm/drm_drv.h>
#include <drm/drm_file.h>

#include "quern/ring.h"
#include "quern_test.h"

#define QUERN_TEST_PAYLOAD 64 /* bytes of a firmware that is written and never run */

static const struct drm_driver quern_test_driver = {
	.driver_features = DRIVER_GEM,
	.name = "quern-test",
	.major = 1,
};

/* The reset clears what the driver may look at before the firmware has come up. */
static void quern_test_chip_reset(struct quern_test_chip *chip)
{
	struct quern_device *qdev = chip->qdev;

	chip->booted = false;
	chip->head = 0;
	quern_write(qdev, QUERN_REG_FW_STATUS, QUERN_FW_STATE_OFF);
	quern_write(qdev, QUERN_REG_ADMIN_DOORBELL, 0);
	quern_write(qdev, QUERN_REG_CTRL, 0);
}

static void quern_test_chip_start(struct quern_test_chip *chip)
{
	struct quern_device *qdev = chip->qdev;

	chip->booted = true;
	chip->boot = qdev->fw.mem->boot;
	qdev->fw.mem->reply = chip->reply;
	dma_wmb(); /* the reply before the state */
	quern_write(qdev, QUERN_REG_FW_STATUS, chip->boot_state);
}

static void quern_test_chip_command(struct quern_test_chip *chip)
{
	struct quern_host_mem *mem = chip->qdev->fw.mem;
	u32 slot = quern_ring_slot(chip->head, QUERN_ADMIN_ENTRIES);
	struct quern_admin_done done = { .status = QUERN_STATUS_OK };

	dma_rmb(); /* the doorbell before the command */
	chip->last = mem->admin_sq[slot];
	done.seqno = chip->last.seqno;
	done.value = chip->last.root;
	done.index = quern_ring_stamp(chip->head++);
	if (chip->answer && !chip->answer(chip, &done))
		return;
	memcpy(&mem->admin_cq[slot], &done, offsetof(struct quern_admin_done, index));
	dma_wmb(); /* the answer before its stamp */
	WRITE_ONCE(mem->admin_cq[slot].index, done.index);
	if (!chip->silent)
		quern_admin_irq(chip->qdev);
}

static void quern_test_chip_step(struct quern_test_chip *chip)
{
	struct quern_device *qdev = chip->qdev;
	u32 ctrl = quern_read(qdev, QUERN_REG_CTRL);

	quern_write(qdev, QUERN_REG_CYCLE_LO,
		    quern_read(qdev, QUERN_REG_CYCLE_LO) + chip->cycles_per_step);
	if (ctrl & QUERN_CTRL_RESET_MASK)
		quern_test_chip_reset(chip);
	else if (ctrl & QUERN_CTRL_CORE_RUN_MASK && !chip->booted)
		quern_test_chip_start(chip);
	else if (chip->booted && quern_read(qdev, QUERN_REG_ADMIN_DOORBELL) != chip->head)
		quern_test_chip_command(chip);
}

static int quern_test_chip_run(void *data)
{
	while (!kthread_should_stop()) {
		quern_test_chip_step(data);
		usleep_range(20, 50);
	}
	return 0;
}

static void quern_test_chip_stop(void *thread)
{
	kthread_stop(thread);
}

/* In place of the driver's own reset, which would boot again. */
static void quern_test_chip_reset_work(struct work_struct *work)
{
	struct quern_device *qdev = container_of(work, struct quern_device, reset_work);
	struct quern_test_chip *chip = dev_get_drvdata(qdev->drm.dev);

	atomic_inc(&chip->resets);
}

static void quern_test_destroy_wq(void *wq)
{
	destroy_workqueue(wq);
}

static void quern_test_chip_defaults(struct quern_test_chip *chip)
{
	chip->boot_state = QUERN_FW_STATE_READY;
	chip->cycles_per_step = 1000;
	chip->reply = (struct quern_boot_reply){
		.magic = QUERN_REPLY_MAGIC,
		.major = QUERN_MESSAGES_MAJOR,
		.minor = QUERN_MESSAGES_MINOR,
		.features = BIT_ULL(QUERN_MSG_FEATURE_COUNTERS),
		.fw_version = 0x00010000,
		.num_ctx = QUERN_NUM_CTX,
		.max_entries = QUERN_MSG_MAX_RING,
	};
}

static void quern_test_device_memory(struct kunit *test, struct quern_device *qdev)
{
	struct device *dev = qdev->drm.dev;
	void *regs = devm_kzalloc(dev, QUERN_BAR0_BYTES, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, regs);
	qdev->regs = (void __iomem __force *)regs;
	qdev->fw.mem = dmam_alloc_coherent(dev, sizeof(*qdev->fw.mem), &qdev->fw.mem_dma,
					   GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, qdev->fw.mem);
	qdev->fw.header.payload_bytes = QUERN_TEST_PAYLOAD;
	qdev->fw.payload = devm_kzalloc(dev, QUERN_TEST_PAYLOAD, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, qdev->fw.payload);
}

static struct quern_device *quern_test_device_create(struct kunit *test)
{
	struct device *dev = kunit_device_register(test, "quern");
	struct quern_device *qdev;

	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, dev);
	KUNIT_ASSERT_EQ(test, dma_set_mask_and_coherent(dev, DMA_BIT_MASK(43)), 0);
	qdev = devm_drm_dev_alloc(dev, &quern_test_driver, struct quern_device, drm);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, qdev);
	spin_lock_init(&qdev->ring_lock);
	INIT_LIST_HEAD(&qdev->files);
	KUNIT_ASSERT_EQ(test, quern_admin_init(qdev), 0);
	INIT_WORK(&qdev->reset_work, quern_test_chip_reset_work);
	qdev->reset_wq = alloc_ordered_workqueue("quern-test", 0);
	KUNIT_ASSERT_NOT_NULL(test, qdev->reset_wq);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, quern_test_destroy_wq,
							qdev->reset_wq), 0);
	quern_test_device_memory(test, qdev);
	return qdev;
}

struct quern_test_chip *quern_test_chip_create(struct kunit *test)
{
	struct quern_test_chip *chip = kunit_kzalloc(test, sizeof(*chip), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, chip);
	chip->test = test;
	chip->qdev = quern_test_device_create(test);
	dev_set_drvdata(chip->qdev->drm.dev, chip);
	quern_test_chip_defaults(chip);
	chip->thread = kthread_run(quern_test_chip_run, chip, "quern-test-chip");
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, chip->thread);
	KUNIT_ASSERT_EQ(test, kunit_add_action_or_reset(test, quern_test_chip_stop, chip->thread),
			0);
	return chip;
}

void quern_test_chip_boot(struct quern_test_chip *chip)
{
	struct quern_device *qdev = chip->qdev;
	int ret;

	mutex_lock(&qdev->admin.lock);
	ret = quern_fw_boot(qdev);
	if (!ret)
		quern_admin_start_locked(qdev);
	mutex_unlock(&qdev->admin.lock);
	KUNIT_ASSERT_EQ(chip->test, ret, 0);
}
