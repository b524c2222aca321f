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
#define QUERN_RING_DEATHS 3 /* of the firmware that a job outlives when nobody else is to blame */

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

/*
 * After the death of the firmware, with the chip halted: what becomes of the jobs in flight.
 * progress is that of the oldest. If it had begun it is lost with -EIO, since it may have
 * written what it reads; what is behind it is canceled. blame: nobody had begun; a job that is
 * the oldest at too many such deaths is lost as well. Otherwise all stay in flight.
 */
void quern_ring_judge(struct quern_ctx *ctx, u32 progress, bool blame);

/* As a firmware that has just started takes it: from index 0, with the jobs in flight. */
void quern_ring_restart(struct quern_ctx *ctx);
/* Tell the firmware of the jobs in flight, once it knows the context. */
void quern_ring_resume(struct quern_ctx *ctx);

bool quern_ring_busy(struct quern_ctx *ctx);

/* Queue a task and ring its doorbell. -ECANCELED if the context takes no jobs. */
int quern_ring_push(struct quern_ctx *ctx, struct quern_task *task);

/* Take all completions there are, of all contexts. */
void quern_ring_harvest(struct quern_device *qdev);

/* End whatever is in flight with an error; the chip must have been stopped. */
void quern_ring_cancel(struct quern_ctx *ctx, int error);

#endif
