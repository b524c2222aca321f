/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the transports in this process share: memory, address spaces, ASIDs, and jobs that a worker thread completes.
 *
 * Each context has an address space and an ASID of its own; slot = ASID - 1 is also its context slot in the chip. The
 * worker's side and the caller's side meet under local.lock; local.wake wakes the worker, local.changed everybody else.
 */
#ifndef RUNTIME_LOCAL_H
#define RUNTIME_LOCAL_H

#include <pthread.h>

#include "list.h"
#include "quern/registers.h"
#include "transport.h"
#include "vm.h"

#define LOCAL_SLOTS (QUERN_NUM_ASID - 1) /* ASID 0 is never valid */
#define LOCAL_QUEUE 64			 /* jobs in flight of one context */

struct transport_bo {
	struct busmem_block block;
};

struct transport_job {
	struct list link; /* in transport_ctx.queue until it is done */
	struct transport_submit submit;
	uint64_t submit_ns; /* CLOCK_MONOTONIC */
	uint32_t resume;    /* command at which a preempted job goes on */
	bool pushed;	    /* the chip's ring has it */
	bool done;
	struct accel_result result; /* valid if done */
};

struct transport_ctx {
	struct vm vm;
	uint32_t slot;
	uint32_t priority;
	bool failed;	   /* a job failed: the rest is cancelled until reset */
	bool dying;	   /* being destroyed */
	bool stale;	   /* a job may have left translations in the chip since the last flush */
	struct list queue; /* jobs not done, in order; under local.lock */
};

struct local {
	struct busmem mem;
	struct transport_ctx *ctx[LOCAL_SLOTS];
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_cond_t changed;
};

/* Cleared memory first. False if out of memory. */
bool local_init(struct local *l);
/* After the worker has ended. */
void local_finish(struct local *l);

uint64_t local_now_ns(void);
void local_lock(struct local *l);
void local_unlock(struct local *l);
/* Wait for changed until an absolute time; false if that has passed. Called with the lock. */
bool local_wait(struct local *l, uint64_t deadline_ns);
/* As local_wait(), with a relative bound. */
bool local_wait_for(struct local *l, uint64_t ns);

enum accel_status local_bo_create(struct local *l, uint64_t bytes, struct transport_bo **bo,
				  struct transport_bo_info *info, struct accel_error *error);
void local_bo_free(struct local *l, struct transport_bo *bo);

/* A context with an address space in a free slot, not yet known to the chip. */
enum accel_status local_ctx_create(struct local *l, uint32_t priority, struct transport_ctx **ctx,
				   struct accel_error *error);
void local_ctx_free(struct local *l, struct transport_ctx *ctx);

/* A job at the end of the context's queue. Called with the lock. */
enum accel_status local_job_create(struct transport_ctx *ctx, const struct transport_submit *submit,
				   struct transport_job **job, struct accel_error *error);
/* Take the job off its queue; job->result has been filled in but for the wall time. Called with the lock. */
void local_job_complete(struct local *l, struct transport_job *job);
/* Everything queued ends with this status. Called with the lock. */
void local_cancel(struct local *l, struct transport_ctx *ctx, enum accel_status status);

bool local_job_wait(struct local *l, struct transport_job *job, uint64_t deadline_ns);
bool local_job_done(struct local *l, struct transport_job *job, struct accel_result *result);
void local_job_free(struct transport_job *job);

/* "8x8", "16x16", "32x32" or "" for 16x16. */
enum accel_status local_parse_config(const char *prefix, const char *config, uint32_t *array,
				     struct accel_error *error);

#endif
