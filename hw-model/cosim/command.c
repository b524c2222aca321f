// SPDX-License-Identifier: Apache-2.0
/*
 * Commands of a client. Each is checked against the bytes that came before anything is done, and each is answered: with
 * what it asked for, or with an error. None ends the connection.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <string.h>

#include "device.h"

static const char capabilities[] = "{\"capabilities\":{\"max_msg_fds\":8,\"max_data_xfer_size\":1048576}}";

_Static_assert(COSIM_MAX_FDS == 8 && COSIM_MAX_DATA == 1048576, "as the capabilities say");

static void answer(struct cosim_device *dev, int ret)
{
	if (ret)
		cosim_link_reply_error(&dev->link, -ret);
	else
		cosim_link_reply(&dev->link, NULL, 0, NULL, 0);
}

/* Copies the fixed part of the body. False, and answered: it is shorter. */
static bool take_body(struct cosim_device *dev, void *to, size_t bytes)
{
	if (cosim_link_body_bytes(&dev->link) < bytes) {
		answer(dev, -EINVAL);
		return false;
	}
	memcpy(to, dev->link.body, bytes);
	return true;
}

static void do_version(struct cosim_device *dev)
{
	size_t bytes = cosim_link_body_bytes(&dev->link);
	struct cosim_version version;

	if (!take_body(dev, &version, sizeof(version)))
		return;
	if (version.major != COSIM_MAJOR || (bytes > sizeof(version) && dev->link.body[bytes - 1])) {
		answer(dev, -EINVAL);
		return;
	}
	if (version.minor > COSIM_MINOR)
		version.minor = COSIM_MINOR;
	dev->agreed = true;
	cosim_link_reply(&dev->link, &version, sizeof(version), capabilities, sizeof(capabilities));
}

static void do_dma_map(struct cosim_device *dev)
{
	struct cosim_dma_map map;

	if (!take_body(dev, &map, sizeof(map)))
		return;
	if (dev->link.num_fds > 1)
		answer(dev, -EINVAL);
	else
		answer(dev, cosim_dma_map(&dev->dma, &map, dev->link.num_fds ? dev->link.fds[0] : -1));
}

static void do_dma_unmap(struct cosim_device *dev)
{
	struct cosim_dma_unmap unmap;
	int ret = 0;

	if (!take_body(dev, &unmap, sizeof(unmap)))
		return;
	if (unmap.flags == COSIM_DMA_UNMAP_ALL && !unmap.addr && !unmap.size)
		cosim_dma_unmap_all(&dev->dma);
	else
		ret = unmap.flags ? -EINVAL : cosim_dma_unmap(&dev->dma, &unmap);
	if (ret)
		answer(dev, ret);
	else
		cosim_link_reply(&dev->link, &unmap, sizeof(unmap), NULL, 0);
}

/* What the client sends is the start of the kernel's structure, which may grow. */
struct device_info {
	uint32_t argsz;
	uint32_t flags;
	uint32_t num_regions;
	uint32_t num_irqs;
};

static void do_get_info(struct cosim_device *dev)
{
	struct device_info info;

	if (!take_body(dev, &info, sizeof(info)))
		return;
	if (info.argsz < sizeof(info)) {
		answer(dev, -EINVAL);
		return;
	}
	info = (struct device_info){.argsz = sizeof(info),
				    .flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET,
				    .num_regions = VFIO_PCI_NUM_REGIONS,
				    .num_irqs = VFIO_PCI_NUM_IRQS};
	cosim_link_reply(&dev->link, &info, sizeof(info), NULL, 0);
}

static void do_get_irq_info(struct cosim_device *dev)
{
	struct vfio_irq_info info;

	if (!take_body(dev, &info, sizeof(info)))
		return;
	if (info.argsz < sizeof(info) || info.index >= VFIO_PCI_NUM_IRQS) {
		answer(dev, -EINVAL);
		return;
	}
	info = (struct vfio_irq_info){.argsz = sizeof(info), .index = info.index};
	if (info.index == VFIO_PCI_MSIX_IRQ_INDEX) {
		info.flags = VFIO_IRQ_INFO_EVENTFD;
		info.count = QUERN_NUM_VECTORS;
	}
	cosim_link_reply(&dev->link, &info, sizeof(info), NULL, 0);
}

static void do_set_irqs(struct cosim_device *dev)
{
	struct cosim_link *link = &dev->link;

	answer(dev, cosim_irqs_set(&dev->irqs, link->body, cosim_link_body_bytes(link), link->fds, link->num_fds));
}

static void do_reset(struct cosim_device *dev)
{
	cosim_device_reset(dev);
	answer(dev, 0);
}

static void (*const handlers[])(struct cosim_device *dev) = {
	[COSIM_VERSION] = do_version,
	[COSIM_DMA_MAP] = do_dma_map,
	[COSIM_DMA_UNMAP] = do_dma_unmap,
	[COSIM_GET_INFO] = do_get_info,
	[COSIM_GET_REGION_INFO] = cosim_region_info,
	[COSIM_GET_IRQ_INFO] = do_get_irq_info,
	[COSIM_SET_IRQS] = do_set_irqs,
	[COSIM_REGION_READ] = cosim_region_read,
	[COSIM_REGION_WRITE] = cosim_region_write,
	[COSIM_DEVICE_RESET] = do_reset,
};

void cosim_command(struct cosim_device *dev)
{
	const struct cosim_header *header = &dev->link.header;
	uint32_t type = header->flags & COSIM_TYPE_MASK;
	uint16_t command = header->command;

	/* An answer that nobody asked for must not be answered. */
	if (type == COSIM_TYPE_REPLY) {
		cosim_bus_take_reply(&dev->bus);
		return;
	}
	if (type != COSIM_TYPE_COMMAND || dev->link.too_many_fds || (command != COSIM_VERSION && !dev->agreed))
		answer(dev, -EINVAL);
	else if (command >= sizeof(handlers) / sizeof(handlers[0]) || !handlers[command])
		answer(dev, -EOPNOTSUPP);
	else
		handlers[command](dev);
}
