/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip's accesses to the host's memory.
 *
 * A mapped range is accessed at once. For a range by messages a request goes to the client, and the chip's bus is told
 * "later" until the answer is there: nothing waits inside an access, because a client that waits for a register of ours
 * answers nothing else before it has got it. For the same reason the chip gets an error response in place of "later" if
 * a register access cannot end otherwise, as when a reset waits for the bus to drain.
 */
#ifndef HW_MODEL_COSIM_BUS_H
#define HW_MODEL_COSIM_BUS_H

#include <stdbool.h>

#include "dma.h"
#include "fault.h"
#include "link.h"
#include "quern_sim.h"

#define COSIM_BEAT_MAX 16u /* bytes of an access, as quern_sim.h says */

enum cosim_request_state {
	COSIM_REQUEST_IDLE,
	COSIM_REQUEST_SENT,
	COSIM_REQUEST_DONE,
	COSIM_REQUEST_DROPPED, /* sent, but nobody wants the answer any more */
};

/* One access by messages. */
struct cosim_request {
	enum cosim_request_state state;
	bool error;
	uint16_t id;
	uint64_t addr; /* of the chip's access */
	uint32_t from; /* bytes from to from + bytes - 1 of it are in the message */
	uint32_t bytes;
	uint8_t data[COSIM_BEAT_MAX]; /* read */
};

struct cosim_bus {
	struct cosim_dma *dma;
	struct cosim_link *link;
	struct cosim_fault *fault;
	struct cosim_request read;
	struct cosim_request write;
	bool urgent;	/* inside a register access */
	uint32_t asked; /* times in a row that an urgent access was told "later" */
	bool stalled;	/* an access was told "later" since this was last cleared */
};

extern const struct quern_sim_memory_ops cosim_bus_ops;

void cosim_bus_init(struct cosim_bus *bus, struct cosim_dma *dma, struct cosim_link *link, struct cosim_fault *fault);

/* Around each call that makes the chip answer a register access. */
void cosim_bus_begin_urgent(struct cosim_bus *bus);
void cosim_bus_end_urgent(struct cosim_bus *bus);

/* Takes the reply that is in the link. False if it answers nothing. */
bool cosim_bus_take_reply(struct cosim_bus *bus);

#endif
