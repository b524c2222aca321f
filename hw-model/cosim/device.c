// SPDX-License-Identifier: Apache-2.0
/* The PCI device that a client sees: see device.h. */
#include <string.h>

#include "device.h"

static void on_irq(void *ctx, unsigned int vector)
{
	struct cosim_device *dev = ctx;

	if (!cosim_fault_drops(&dev->fault, vector))
		cosim_irqs_send(&dev->irqs, vector);
}

int cosim_device_init(struct cosim_device *dev, const struct quern_sim_api *api, struct quern_sim *sim, int fd,
		      bool faults)
{
	int ret;

	memset(dev, 0, sizeof(*dev));
	dev->api = api;
	dev->sim = sim;
	ret = cosim_link_init(&dev->link, fd);
	if (ret) {
		cosim_link_finish(&dev->link);
		return ret;
	}
	cosim_dma_init(&dev->dma);
	cosim_fault_init(&dev->fault, faults);
	cosim_bus_init(&dev->bus, &dev->dma, &dev->link, &dev->fault);
	cosim_config_init(&dev->config, faults);
	cosim_irqs_init(&dev->irqs);
	api->set_memory_ops(sim, &cosim_bus_ops, &dev->bus);
	api->set_irq(sim, on_irq, dev);
	return 0;
}

void cosim_device_finish(struct cosim_device *dev)
{
	dev->link.failed = true;
	cosim_device_reset(dev);
	dev->api->set_irq(dev->sim, NULL, NULL);
	dev->api->set_memory_ops(dev->sim, NULL, NULL);
	cosim_irqs_finish(&dev->irqs);
	cosim_dma_finish(&dev->dma);
	cosim_link_finish(&dev->link);
}

void cosim_device_reset(struct cosim_device *dev)
{
	uint32_t ctrl;

	cosim_config_init(&dev->config, dev->fault.offered);
	memset(dev->msix_table, 0, sizeof(dev->msix_table));
	cosim_bus_begin_urgent(&dev->bus);
	dev->api->write32(dev->sim, QUERN_REG_CTRL, QUERN_CTRL_RESET_MASK);
	dev->api->read32(dev->sim, QUERN_REG_CTRL, &ctrl);
	cosim_bus_end_urgent(&dev->bus);
}
