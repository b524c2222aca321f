// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* The PCI function: BAR, DMA mask, vectors; identity of the chip. */
#include <linux/bitfield.h>
#include <linux/dma-mapping.h>
#include <linux/interrupt.h>
#include <linux/property.h>

#include <drm/drm_managed.h>
#include <drm/drm_print.h>

#include "quern/sv39.h"
#include "quern_device.h"
#include "quern_reset.h"
#include "quern_ring.h"

#define QUERN_BAR 0
#define QUERN_COHERENT_BITS 43 /* root tables */

/* Reading the low word latches the high one, for whoever reads first: read until two agree. */
u64 quern_device_cycles(struct quern_device *qdev)
{
	u32 high = quern_read(qdev, QUERN_REG_CYCLE_HI);
	u32 low, before;

	for (int i = 0; i < 3; i++) {
		before = high;
		low = quern_read(qdev, QUERN_REG_CYCLE_LO);
		high = quern_read(qdev, QUERN_REG_CYCLE_HI);
		if (high == before)
			break;
	}
	return (u64)high << 32 | low;
}

bool quern_device_cycles_over(struct quern_device *qdev, u32 *last, u64 *total, u64 bound)
{
	u32 now = quern_read(qdev, QUERN_REG_CYCLE_LO);

	*total += now - *last;
	*last = now;
	return *total > bound;
}

static int quern_device_read_info(struct quern_device *qdev)
{
	u32 id = quern_read(qdev, QUERN_REG_ID);
	u32 config0 = quern_read(qdev, QUERN_REG_CONFIG0);
	u32 config1 = quern_read(qdev, QUERN_REG_CONFIG1);

	if (id != QUERN_CHIP_ID) {
		drm_err(&qdev->drm, "chip id is 0x%08x, not 0x%08x\n", id, QUERN_CHIP_ID);
		return -ENODEV;
	}
	qdev->hw.version = quern_read(qdev, QUERN_REG_HW_VERSION);
	if (FIELD_GET(QUERN_HW_VERSION_MAJOR_MASK, qdev->hw.version) != QUERN_REGISTERS_MAJOR) {
		drm_err(&qdev->drm, "chip has version 0x%08x, this driver knows major %u\n",
			qdev->hw.version, QUERN_REGISTERS_MAJOR);
		return -ENODEV;
	}
	qdev->hw.features = quern_read(qdev, QUERN_REG_FEATURES);
	qdev->hw.array = FIELD_GET(QUERN_CONFIG0_ARRAY_MASK, config0);
	qdev->hw.bus_bytes = FIELD_GET(QUERN_CONFIG0_BUS_BYTES_MASK, config0);
	qdev->hw.spm_bytes = FIELD_GET(QUERN_CONFIG0_SPM_KIB_MASK, config0) * SZ_1K;
	qdev->hw.acc_entries = FIELD_GET(QUERN_CONFIG1_ACC_ENTRIES_MASK, config1);
	return 0;
}

static int quern_device_init_dma(struct quern_device *qdev, struct pci_dev *pdev)
{
	int ret = dma_set_mask(&pdev->dev, DMA_BIT_MASK(QUERN_SV39_BUS_BITS));

	if (!ret)
		ret = dma_set_coherent_mask(&pdev->dev, DMA_BIT_MASK(QUERN_COHERENT_BITS));
	if (ret)
		return ret;
	dma_set_max_seg_size(&pdev->dev, UINT_MAX);
	return 0;
}

int quern_device_init(struct quern_device *qdev, struct pci_dev *pdev)
{
	int ret = pcim_enable_device(pdev);

	if (ret)
		return ret;
	if (pci_resource_len(pdev, QUERN_BAR) < QUERN_BAR0_BYTES) {
		drm_err(&qdev->drm, "BAR %d is missing or too small\n", QUERN_BAR);
		return -ENODEV;
	}
	qdev->regs = pcim_iomap_region(pdev, QUERN_BAR, "quern");
	if (IS_ERR(qdev->regs))
		return PTR_ERR(qdev->regs);
	ret = quern_device_read_info(qdev);
	if (ret)
		return ret;
	/* Whoever had the chip before may have left it running. */
	quern_fw_halt(qdev);
	ret = quern_device_init_dma(qdev, pdev);
	if (ret)
		return ret;
	ret = pci_alloc_irq_vectors(pdev, QUERN_NUM_VECTORS, QUERN_NUM_VECTORS, PCI_IRQ_MSIX);
	if (ret < 0)
		return ret;
	pci_set_master(pdev);
	pci_save_state(pdev); /* what an error on the bus goes back to */
	return 0;
}

/* Acknowledge first: what happens after is a new interrupt. */
static void quern_device_ack(struct quern_device *qdev, unsigned int vector)
{
	quern_write(qdev, QUERN_REG_IRQ_STATUS, BIT(vector));
}

static irqreturn_t quern_device_irq_state(int irq, void *data)
{
	struct quern_device *qdev = data;

	quern_device_ack(qdev, 0);
	quern_admin_irq(qdev);
	return IRQ_HANDLED;
}

static irqreturn_t quern_device_irq_job(int irq, void *data)
{
	struct quern_device *qdev = data;

	quern_device_ack(qdev, 1);
	quern_ring_harvest(qdev);
	return IRQ_HANDLED;
}

/* The log is read by debugfs whenever somebody asks. */
static irqreturn_t quern_device_irq_log(int irq, void *data)
{
	quern_device_ack(data, 2);
	return IRQ_HANDLED;
}

static irqreturn_t quern_device_irq_watchdog(int irq, void *data)
{
	struct quern_device *qdev = data;

	quern_device_ack(qdev, 3);
	quern_reset_schedule(qdev);
	return IRQ_HANDLED;
}

int quern_device_request_irqs(struct quern_device *qdev)
{
	static const irq_handler_t handlers[QUERN_NUM_VECTORS] = {
		quern_device_irq_state, quern_device_irq_job,
		quern_device_irq_log, quern_device_irq_watchdog,
	};
	static const char *const names[QUERN_NUM_VECTORS] = {
		"quern-state", "quern-job", "quern-log", "quern-watchdog",
	};
	struct pci_dev *pdev = to_pci_dev(qdev->drm.dev);
	int ret;

	for (unsigned int i = 0; i < QUERN_NUM_VECTORS; i++) {
		qdev->irq[i] = pci_irq_vector(pdev, i);
		ret = devm_request_threaded_irq(&pdev->dev, qdev->irq[i], NULL, handlers[i],
						IRQF_ONESHOT, names[i], qdev);
		if (ret)
			return ret;
	}
	return 0;
}

void quern_device_synchronize_irqs(struct quern_device *qdev)
{
	for (unsigned int i = 0; i < QUERN_NUM_VECTORS; i++)
		synchronize_irq(qdev->irq[i]);
}
