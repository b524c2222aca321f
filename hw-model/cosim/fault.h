/* SPDX-License-Identifier: Apache-2.0 */
/* Faults that a guest asks for through the fault port (fault_port.h). Without --faults nothing here has any effect. */
#ifndef HW_MODEL_COSIM_FAULT_H
#define HW_MODEL_COSIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "quern/registers.h"

struct cosim_device;

struct cosim_fault {
	bool offered;			  /* the port is in the configuration space */
	uint32_t drop[QUERN_NUM_VECTORS]; /* interrupts of the vector still to be lost */
	uint32_t dropped;
	uint32_t fail_reads; /* accesses still to fail */
	uint32_t fail_writes;
	uint64_t unplug_at; /* cycle; UINT64_MAX: never */
	uint64_t die_at;
	bool gone; /* unplugged */
};

void cosim_fault_init(struct cosim_fault *fault, bool offered);

/* Carries out the command that has just been written to the port. */
void cosim_fault_command(struct cosim_device *dev);

/* Whether this interrupt is to be lost; counts it. */
bool cosim_fault_drops(struct cosim_fault *fault, unsigned int vector);
/* Whether this access of the chip is to fail; counts it. */
bool cosim_fault_fails(struct cosim_fault *fault, bool write);

/* Between slices of the clock: what is due happens. */
void cosim_fault_poll(struct cosim_device *dev);

#endif
