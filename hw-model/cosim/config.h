/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PCI configuration space: the header with two 64-bit memory BARs, power management, MSI-X and PCI Express capabilities.
 *
 * With the fault port there is a vendor-specific capability, too. BAR 0 holds the registers. BAR 4 holds the MSI-X table and pending bits, which the client's own PCIe endpoint (QEMU)
 * emulates.
 */
#ifndef HW_MODEL_COSIM_CONFIG_H
#define HW_MODEL_COSIM_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#define COSIM_CONFIG_BYTES 4096u
#define COSIM_MSIX_BAR 4
#define COSIM_MSIX_BAR_BYTES 4096u
#define COSIM_MSIX_TABLE 0u
#define COSIM_MSIX_PBA 2048u
#define COSIM_CONFIG_FAULT_PORT 0xa0u /* if it is there */

struct cosim_config {
	uint8_t bytes[COSIM_CONFIG_BYTES];
	uint8_t writable[COSIM_CONFIG_BYTES]; /* mask of bits */
};

/* As after reset; with the fault port of fault_port.h. */
void cosim_config_init(struct cosim_config *config, bool fault_port);

/* offset + count is at most COSIM_CONFIG_BYTES. */
void cosim_config_read(const struct cosim_config *config, uint64_t offset, void *data, uint32_t count);

enum cosim_config_request {
	COSIM_CONFIG_NOTHING,
	COSIM_CONFIG_RESET, /* a function level reset */
	COSIM_CONFIG_FAULT, /* the command of the fault port was written */
};

/* Returns what the write asks for. */
enum cosim_config_request cosim_config_write(struct cosim_config *config, uint64_t offset, const void *data, uint32_t count);

#endif
