// SPDX-License-Identifier: Apache-2.0
/* PCI configuration space: see config.h. */
#include <linux/pci_regs.h>
#include <string.h>

#include "config.h"
#include "fault_port.h"
#include "quern/registers.h"

/* Places of the capabilities. */
#define CAP_PM 0x40u
#define CAP_MSIX 0x50u
#define CAP_EXP 0x60u

#define CLASS_ACCELERATOR 0x12u
#define EXP_VERSION 2u
#define LINK_X1_2_5GT 0x11u

static void put(struct cosim_config *config, uint32_t offset, uint32_t bytes, uint32_t value, uint32_t writable)
{
	uint32_t i;

	for (i = 0; i < bytes; i++) {
		config->bytes[offset + i] = (uint8_t)(value >> 8 * i);
		config->writable[offset + i] = (uint8_t)(writable >> 8 * i);
	}
}

static void put_bar(struct cosim_config *config, unsigned int bar, uint32_t bytes)
{
	uint32_t offset = PCI_BASE_ADDRESS_0 + 4 * bar;

	put(config, offset, 4, PCI_BASE_ADDRESS_MEM_TYPE_64, ~(bytes - 1));
	put(config, offset + 4, 4, 0, UINT32_MAX);
}

static void put_header(struct cosim_config *config)
{
	put(config, PCI_VENDOR_ID, 2, QUERN_PCI_VENDOR, 0);
	put(config, PCI_DEVICE_ID, 2, QUERN_PCI_DEVICE, 0);
	put(config, PCI_COMMAND, 2, 0,
	    PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_PARITY | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
	put(config, PCI_STATUS, 2, PCI_STATUS_CAP_LIST, 0);
	put(config, PCI_CLASS_REVISION, 4, CLASS_ACCELERATOR << 24 | QUERN_REGISTERS_MAJOR, 0);
	put(config, PCI_CACHE_LINE_SIZE, 1, 0, UINT8_MAX);
	put_bar(config, 0, QUERN_BAR0_BYTES);
	put_bar(config, COSIM_MSIX_BAR, COSIM_MSIX_BAR_BYTES);
	put(config, PCI_SUBSYSTEM_VENDOR_ID, 2, QUERN_PCI_VENDOR, 0);
	put(config, PCI_SUBSYSTEM_ID, 2, QUERN_PCI_DEVICE, 0);
	put(config, PCI_CAPABILITY_LIST, 1, CAP_PM, 0);
	put(config, PCI_INTERRUPT_LINE, 1, 0, UINT8_MAX);
}

static void put_capability(struct cosim_config *config, uint32_t offset, uint32_t id, uint32_t next)
{
	put(config, offset, 2, id | next << 8, 0);
}

static void put_fault_port(struct cosim_config *config)
{
	const uint32_t at = COSIM_CONFIG_FAULT_PORT;

	put_capability(config, at, PCI_CAP_ID_VNDR, 0);
	put(config, at + PCI_CAP_FLAGS, 1, COSIM_FAULT_CAP_BYTES, 0);
	put(config, at + COSIM_FAULT_CAP_MARK_OFFSET, 1, COSIM_FAULT_CAP_MARK, 0);
	put(config, at + COSIM_FAULT_A, 4, 0, UINT32_MAX);
	put(config, at + COSIM_FAULT_B, 4, 0, UINT32_MAX);
	put(config, at + COSIM_FAULT_COMMAND, 4, 0, UINT32_MAX);
	put(config, CAP_EXP + 1, 1, at, 0);
}

static void put_capabilities(struct cosim_config *config)
{
	put_capability(config, CAP_PM, PCI_CAP_ID_PM, CAP_MSIX);
	put(config, CAP_PM + PCI_PM_PMC, 2, 3, 0);
	put(config, CAP_PM + PCI_PM_CTRL, 2, PCI_PM_CTRL_NO_SOFT_RESET, PCI_PM_CTRL_STATE_MASK);

	put_capability(config, CAP_MSIX, PCI_CAP_ID_MSIX, CAP_EXP);
	put(config, CAP_MSIX + PCI_MSIX_FLAGS, 2, QUERN_NUM_VECTORS - 1,
	    PCI_MSIX_FLAGS_ENABLE | PCI_MSIX_FLAGS_MASKALL);
	put(config, CAP_MSIX + PCI_MSIX_TABLE, 4, COSIM_MSIX_TABLE | COSIM_MSIX_BAR, 0);
	put(config, CAP_MSIX + PCI_MSIX_PBA, 4, COSIM_MSIX_PBA | COSIM_MSIX_BAR, 0);

	put_capability(config, CAP_EXP, PCI_CAP_ID_EXP, 0);
	put(config, CAP_EXP + PCI_EXP_FLAGS, 2, PCI_EXP_TYPE_ENDPOINT << 4 | EXP_VERSION, 0);
	put(config, CAP_EXP + PCI_EXP_DEVCAP, 4, PCI_EXP_DEVCAP_RBER | PCI_EXP_DEVCAP_FLR, 0);
	put(config, CAP_EXP + PCI_EXP_DEVCTL, 2, 0, UINT16_MAX & ~PCI_EXP_DEVCTL_BCR_FLR);
	put(config, CAP_EXP + PCI_EXP_LNKCAP, 4, LINK_X1_2_5GT, 0);
	put(config, CAP_EXP + PCI_EXP_LNKCTL, 2, 0, UINT16_MAX);
	put(config, CAP_EXP + PCI_EXP_LNKSTA, 2, LINK_X1_2_5GT, 0);
}

void cosim_config_init(struct cosim_config *config, bool fault_port)
{
	memset(config, 0, sizeof(*config));
	put_header(config);
	put_capabilities(config);
	if (fault_port)
		put_fault_port(config);
}

void cosim_config_read(const struct cosim_config *config, uint64_t offset, void *data, uint32_t count)
{
	memcpy(data, config->bytes + offset, count);
}

enum cosim_config_request cosim_config_write(struct cosim_config *config, uint64_t offset, const void *data,
					     uint32_t count)
{
	const uint64_t reset_at = CAP_EXP + PCI_EXP_DEVCTL + 1; /* the byte with the bit */
	const uint64_t fault_at = COSIM_CONFIG_FAULT_PORT + COSIM_FAULT_COMMAND;
	enum cosim_config_request request = COSIM_CONFIG_NOTHING;
	const uint8_t *from = data;
	uint32_t i;

	for (i = 0; i < count; i++) {
		uint8_t mask = config->writable[offset + i];

		config->bytes[offset + i] = (uint8_t)((config->bytes[offset + i] & ~mask) | (from[i] & mask));
		if (offset + i == reset_at && from[i] & PCI_EXP_DEVCTL_BCR_FLR >> 8)
			request = COSIM_CONFIG_RESET;
	}
	if (offset == fault_at && count == 4 && config->writable[fault_at])
		request = COSIM_CONFIG_FAULT;
	return request;
}
