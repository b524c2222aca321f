// SPDX-License-Identifier: Apache-2.0
/*
 * Regions: BAR 0 goes to the chip, BAR 4 is the MSI-X table, and the configuration space is here.
 *
 * A write is answered before the chip has taken it, as a posted write on PCIe: a client that waits for the answer serves
 * no DMA message meanwhile, and a write may have to wait for those (see bus.h). Order is kept, because the next message
 * is looked at afterwards.
 */
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <string.h>

#include "device.h"

static uint64_t region_bytes(uint32_t region)
{
	switch (region) {
	case VFIO_PCI_BAR0_REGION_INDEX:
		return QUERN_BAR0_BYTES;
	case VFIO_PCI_BAR4_REGION_INDEX:
		return COSIM_MSIX_BAR_BYTES;
	case VFIO_PCI_CONFIG_REGION_INDEX:
		return COSIM_CONFIG_BYTES;
	default:
		return 0;
	}
}

void cosim_region_info(struct cosim_device *dev)
{
	struct vfio_region_info info;

	if (cosim_link_body_bytes(&dev->link) < sizeof(info)) {
		cosim_link_reply_error(&dev->link, EINVAL);
		return;
	}
	memcpy(&info, dev->link.body, sizeof(info));
	if (info.argsz < sizeof(info) || info.index >= VFIO_PCI_NUM_REGIONS) {
		cosim_link_reply_error(&dev->link, EINVAL);
		return;
	}
	info = (struct vfio_region_info){.argsz = sizeof(info), .index = info.index, .size = region_bytes(info.index)};
	if (info.size)
		info.flags = VFIO_REGION_INFO_FLAG_READ | VFIO_REGION_INFO_FLAG_WRITE;
	cosim_link_reply(&dev->link, &info, sizeof(info), NULL, 0);
}

static int check_access(const struct cosim_region_access *access)
{
	uint64_t bytes = region_bytes(access->region);

	if (!access->count || access->count > COSIM_MAX_DATA)
		return -EINVAL;
	if (access->offset >= bytes || access->count > bytes - access->offset)
		return -EINVAL;
	/* The chip has whole registers only. */
	if (access->region == VFIO_PCI_BAR0_REGION_INDEX && (access->offset | access->count) % 4)
		return -EINVAL;
	return 0;
}

/* The fields of an access whose body has data_bytes of data behind them, or 0 or a negative errno value. */
static int take_access(struct cosim_device *dev, struct cosim_region_access *access, bool with_data)
{
	size_t bytes = cosim_link_body_bytes(&dev->link);
	int ret;

	if (bytes < sizeof(*access))
		return -EINVAL;
	memcpy(access, dev->link.body, sizeof(*access));
	ret = check_access(access);
	if (ret)
		return ret;
	return bytes == sizeof(*access) + (with_data ? access->count : 0) ? 0 : -EINVAL;
}

/* A register that does not answer reads as all ones, as it would on PCIe. */
static void read_registers(struct cosim_device *dev, uint32_t offset, uint8_t *data, uint32_t count)
{
	uint32_t value;
	uint32_t i;

	cosim_bus_begin_urgent(&dev->bus);
	for (i = 0; i < count; i += 4) {
		if (dev->api->read32(dev->sim, offset + i, &value))
			value = UINT32_MAX;
		memcpy(data + i, &value, sizeof(value));
	}
	cosim_bus_end_urgent(&dev->bus);
}

static void write_registers(struct cosim_device *dev, uint32_t offset, const uint8_t *data, uint32_t count)
{
	uint32_t value;
	uint32_t i;

	cosim_bus_begin_urgent(&dev->bus);
	for (i = 0; i < count; i += 4) {
		memcpy(&value, data + i, sizeof(value));
		if (dev->api->write32(dev->sim, offset + i, value))
			fprintf(stderr, "quern-cosim: register 0x%x took no write\n", offset + i);
	}
	cosim_bus_end_urgent(&dev->bus);
}

static void read_msix(const struct cosim_device *dev, uint64_t offset, uint8_t *data, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count; i++)
		data[i] = offset + i < sizeof(dev->msix_table) ? dev->msix_table[offset + i] : 0;
}

static void write_msix(struct cosim_device *dev, uint64_t offset, const uint8_t *data, uint32_t count)
{
	uint32_t i;

	for (i = 0; i < count && offset + i < sizeof(dev->msix_table); i++)
		dev->msix_table[offset + i] = data[i];
}

static void write_config(struct cosim_device *dev, uint64_t offset, const uint8_t *data, uint32_t count)
{
	switch (cosim_config_write(&dev->config, offset, data, count)) {
	case COSIM_CONFIG_NOTHING:
		break;
	case COSIM_CONFIG_RESET:
		cosim_device_reset(dev);
		break;
	case COSIM_CONFIG_FAULT:
		cosim_fault_command(dev);
		break;
	}
}

/* The request's fields are copied, so its buffer takes the answer's data. */
void cosim_region_read(struct cosim_device *dev)
{
	struct cosim_region_access access;
	uint8_t *data = dev->link.body;
	int ret = take_access(dev, &access, false);

	if (ret) {
		cosim_link_reply_error(&dev->link, -ret);
		return;
	}
	if (dev->fault.gone)
		memset(data, UINT8_MAX, access.count);
	else if (access.region == VFIO_PCI_BAR0_REGION_INDEX)
		read_registers(dev, (uint32_t)access.offset, data, access.count);
	else if (access.region == VFIO_PCI_BAR4_REGION_INDEX)
		read_msix(dev, access.offset, data, access.count);
	else
		cosim_config_read(&dev->config, access.offset, data, access.count);
	cosim_link_reply(&dev->link, &access, sizeof(access), data, access.count);
}

void cosim_region_write(struct cosim_device *dev)
{
	struct cosim_region_access access;
	const uint8_t *data = dev->link.body + sizeof(access);
	int ret = take_access(dev, &access, true);

	if (ret) {
		cosim_link_reply_error(&dev->link, -ret);
		return;
	}
	cosim_link_reply(&dev->link, &access, sizeof(access), NULL, 0);
	if (dev->fault.gone)
		return;
	if (access.region == VFIO_PCI_BAR0_REGION_INDEX)
		write_registers(dev, (uint32_t)access.offset, data, access.count);
	else if (access.region == VFIO_PCI_BAR4_REGION_INDEX)
		write_msix(dev, access.offset, data, access.count);
	else
		write_config(dev, access.offset, data, access.count);
}
