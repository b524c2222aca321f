/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel driver as a transport: its objects, and one function for each ioctl.
 *
 * The driver has one address space for each open file. A context of the library has one of its own, so that each opens
 * the device again; the first file holds the buffers, contexts get them by PRIME. A job is a point of its context's
 * timeline, a syncobj.
 */
#ifndef RUNTIME_KMD_H
#define RUNTIME_KMD_H

#include <pthread.h>

#include <drm/quern_accel.h>

#include "error.h"
#include "extent.h"
#include "list.h"
#include "transport.h"

struct transport_bo {
	uint32_t handle; /* in kmd.fd */
	void *map;
	uint64_t bytes;
};

struct transport_ctx {
	struct list link; /* in kmd.contexts */
	struct kmd *kmd;
	int fd;
	uint32_t handle;
	uint32_t syncobj;
	struct extents space; /* device virtual addresses; under the device's lock */
	struct list jobs;     /* whose outcome is not known; this and the rest under kmd.lock */
	uint32_t waiters;
	bool stopped; /* the kernel has no context any more */
};

struct transport_job {
	struct list link;
	struct transport_ctx *ctx; /* NULL when it is done */
	uint64_t seqno;		   /* in the kernel's context, and its point */
	uint64_t submit_ns;
	struct accel_result result; /* valid when it is done */
};

struct kmd {
	int fd;
	char path[64];
	struct drm_quern_dev_info info;
	struct list contexts; /* under the device's lock */
	pthread_mutex_t lock; /* jobs of all contexts */
	pthread_cond_t idle;  /* a context has no waiter any more */
	struct kmd_recorder *recorder; /* under the device's lock; NULL: no profile is recorded */
};

/* A new file of the device, checked to be one of this driver; -1 and *error otherwise. */
int kmd_open_file(const char *path, struct accel_error *error);

/* 0, or a negative errno. */
int kmd_call(int fd, unsigned long request, void *args);

/* Fill kmd->info. */
enum accel_status kmd_query_info(struct kmd *kmd, struct accel_error *error);

/* A context with a timeline in a file. */
enum accel_status kmd_ctx_open(struct transport_ctx *ctx, uint32_t priority, struct accel_error *error);

/* What a failed call means to the caller. */
enum accel_status kmd_failed(int err, const char *what, struct accel_error *error);

/* Whether the job's outcome is known to the kernel; if so, fills result. */
bool kmd_job_query(const struct transport_ctx *ctx, uint64_t seqno, struct accel_result *result);

/* transport_ops.profile_start, .profile_stop; the latter does nothing if nothing is recorded. */
enum accel_status kmd_profile_start(struct transport *t, struct accel_profile *profile, struct accel_error *error);
void kmd_profile_stop(struct transport *t);

#endif
