/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fault port: how a guest makes its chip misbehave, to see what its driver makes of it.
 *
 * A vendor-specific capability of the configuration space, only there with quern-cosim --faults. Write A and B, then the
 * command; when that write has been answered, STATUS and VALUE tell the outcome. All registers have 32 bits, little-endian,
 * and are written whole. A chip does not have this.
 */
#ifndef HW_MODEL_COSIM_FAULT_PORT_H
#define HW_MODEL_COSIM_FAULT_PORT_H

/* The capability: id 9, next, its bytes, a byte that tells it from others. */
#define COSIM_FAULT_CAP_BYTES 0x18u
#define COSIM_FAULT_CAP_MARK 0x46u
#define COSIM_FAULT_CAP_MARK_OFFSET 3u

/* Offsets in the capability. */
#define COSIM_FAULT_A 0x04u
#define COSIM_FAULT_B 0x08u
#define COSIM_FAULT_COMMAND 0x0cu
#define COSIM_FAULT_STATUS 0x10u /* read only: 0, or an errno value */
#define COSIM_FAULT_VALUE 0x14u	 /* read only */

enum cosim_fault_command {
	/* The next B interrupts of vector A are lost. */
	COSIM_FAULT_DROP_VECTOR = 1,
	/* VALUE: interrupts lost so far. */
	COSIM_FAULT_DROPPED = 2,
	/* The next A reads and B writes of memory by the chip, 16 bytes each, get an error response. */
	COSIM_FAULT_FAIL_MEMORY = 3,
	/* Write B at offset A of BAR 0, as the driver would: registers, the control core's memory. */
	COSIM_FAULT_POKE = 4,
	/* VALUE: what is at offset A of BAR 0. */
	COSIM_FAULT_PEEK = 5,
	/* A cycles from now the chip is unplugged, for good: all reads are ones, no DMA, no interrupt. */
	COSIM_FAULT_UNPLUG = 6,
	/* A cycles from now the server ends as if it had crashed. */
	COSIM_FAULT_DIE = 7,
	/* VALUE: the low 32 bits of the count of cycles, without letting time pass. */
	COSIM_FAULT_CYCLES = 8,
};

#endif
