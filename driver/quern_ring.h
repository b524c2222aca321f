/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Rings of contexts: jobs out, completions in.
 *
 * Everything here is under quern_device.ring_lock and allocates nothing. A ring holds as many
 * jobs as the scheduler has credits for, so that it never overflows.
 */
#ifndef QUERN_RING_H_DRIVER
#define QUERN_RING_H_DRIVER

#include <linux/types.h>

#include "quern/messages.h"

#define QUERN_RING_ENTRIES 64

struct quern_ctx;
struct quern_device;
struct quern_task;

struct quern_ring_mem {
	struct quern_job sq[QUERN_RING_ENTRIES];
	struct quern_job_done cq[QUERN_RING_ENTRIES];
};

struct quern_ring {
	struct quern_ring_mem *mem;
	dma_addr_t dma;
	u32 tail; /* jobs pushed */
	u32 head; /* completions taken */
	bool open; /* takes jobs */
	struct quern_task *inflight[QUERN_RING_ENTRIES];
};

/* Memory of a ring, cleared. */
int quern_ring_init(struct quern_ctx *ctx);
/* NULL memory is ignored. */
void quern_ring_finish(struct quern_ctx *ctx);

/* Let completions of the context's slot go to its ring. */
void quern_ring_attach(struct quern_ctx *ctx);
void quern_ring_detach(struct quern_ctx *ctx);

/* No more jobs; those in flight go on. */
void quern_ring_close(struct quern_ctx *ctx);

/* Empty, as a firmware that has just started takes it. Nothing may be in flight. */
void quern_ring_restart(struct quern_ctx *ctx);

/* Queue a task and ring its doorbell. -ECANCELED if the context takes no jobs. */
int quern_ring_push(struct quern_ctx *ctx, struct quern_task *task);

/* Take all completions there are, of all contexts. */
void quern_ring_harvest(struct quern_device *qdev);

/*
 * End whatever is in flight with an error; the chip must have been stopped. Returns the number
 * of tasks.
 */
unsigned int quern_ring_cancel(struct quern_ctx *ctx, int error);

#endif
