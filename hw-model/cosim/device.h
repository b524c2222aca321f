/* SPDX-License-Identifier: Apache-2.0 */
/* The PCI device that a client sees: a chip, and what stands between it and the socket. */
#ifndef HW_MODEL_COSIM_DEVICE_H
#define HW_MODEL_COSIM_DEVICE_H

#include <stdbool.h>

#include "bus.h"
#include "config.h"
#include "dma.h"
#include "fault.h"
#include "irq.h"
#include "link.h"
#include "load.h"

struct cosim_device {
	const struct quern_sim_api *api;
	struct quern_sim *sim;
	struct cosim_link link;
	struct cosim_dma dma;
	struct cosim_bus bus;
	struct cosim_config config;
	struct cosim_irqs irqs;
	struct cosim_fault fault;
	uint8_t msix_table[QUERN_NUM_VECTORS * 16]; /* kept for clients that do not emulate it */
	bool agreed;				    /* VERSION has been exchanged */
};

/* Takes the connected socket fd over; the chip stays the caller's. faults: with the fault port. */
int cosim_device_init(struct cosim_device *dev, const struct quern_sim_api *api, struct quern_sim *sim, int fd,
		      bool faults);
/* Leaves the chip in reset, with no memory to reach. */
void cosim_device_finish(struct cosim_device *dev);

/* What the chip does at power-on, without losing the count of its cycles; the control core's memory is kept. */
void cosim_device_reset(struct cosim_device *dev);

/* region.c: bodies of messages about regions. Each answers through dev->link. */
void cosim_region_info(struct cosim_device *dev);
void cosim_region_read(struct cosim_device *dev);
void cosim_region_write(struct cosim_device *dev);

/* command.c: answers the message in dev->link, whatever it is. */
void cosim_command(struct cosim_device *dev);

#endif
