/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seam between the library and what executes jobs: functional model, RTL in this process, kernel driver.
 *
 * The library above the seam keeps the objects of the API, their lifetimes and checks; a transport only allocates memory
 * that the device reaches, keeps address spaces and queues, and executes. The calls are those of a DRM driver (buffer
 * object, bind and unbind in an address space, submit, wait), so that a transport over ioctl is a thin one.
 *
 * Contract
 *   - Calls on one device that create, destroy, map, unmap, reset or submit are made under the device's lock, one at a
 *     time. job_wait(), job_done() and cycles() come from any thread at any time.
 *   - A transport explains failures in *error; it is never NULL here.
 *   - Nothing waits without a bound. ctx_destroy() and bo_unmap() return when the device can no longer touch the memory,
 *     or the device is marked as failed and does nothing any more.
 *   - A job's record stays valid until job_free(), also past ctx_destroy() and stop().
 */
#ifndef RUNTIME_TRANSPORT_H
#define RUNTIME_TRANSPORT_H

#include "accel/accel.h"
#include "quern/commands.h"

struct transport; /* a device as the transport sees it; each transport has its own */
struct transport_bo;
struct transport_ctx;
struct transport_job;

struct transport_bo_info {
	void *map;	/* the processor's view */
	uint64_t bytes; /* whole pages */
};

/* A job with everything resolved to device virtual addresses. */
struct transport_submit {
	uint64_t seqno;
	uint64_t stream;	 /* 64-byte aligned */
	uint64_t timeout_cycles; /* 0: the device's default */
	uint64_t region[QUERN_NUM_REGIONS];
	uint32_t num_commands;
};

struct transport_ops {
	const char *prefix; /* of device strings: "func", "rtl" */

	/* config: what follows "prefix:" in the device string, or "". Fills info. */
	enum accel_status (*open)(const char *config, struct transport **t, struct accel_device_info *info,
				  struct accel_error *error);
	/* Cancel everything. Afterwards only free functions are called, and job_wait() returns at once. */
	void (*stop)(struct transport *t);
	void (*free)(struct transport *t);

	enum accel_status (*bo_create)(struct transport *t, uint64_t bytes, struct transport_bo **bo,
				       struct transport_bo_info *info, struct accel_error *error);
	void (*bo_free)(struct transport *t, struct transport_bo *bo);

	enum accel_status (*ctx_create)(struct transport *t, uint32_t priority, struct transport_ctx **ctx,
					struct accel_error *error);
	/* Pending jobs end as cancelled; mappings go with the address space. */
	void (*ctx_destroy)(struct transport *t, struct transport_ctx *ctx);
	enum accel_status (*ctx_reset)(struct transport *t, struct transport_ctx *ctx, struct accel_error *error);

	enum accel_status (*bo_map)(struct transport *t, struct transport_ctx *ctx, struct transport_bo *bo,
				    bool writable, uint64_t *va, struct accel_error *error);
	void (*bo_unmap)(struct transport *t, struct transport_ctx *ctx, struct transport_bo *bo, uint64_t va);

	enum accel_status (*submit)(struct transport *t, struct transport_ctx *ctx,
				    const struct transport_submit *submit, struct transport_job **job,
				    struct accel_error *error);
	/* deadline_ns: CLOCK_MONOTONIC, absolute; UINT64_MAX: until the job ends. False: not done by then. */
	bool (*job_wait)(struct transport *t, struct transport_job *job, uint64_t deadline_ns);
	/* Whether it is done; if so and result is not NULL, fills status, fault and counts, and the rest with zero. */
	bool (*job_done)(struct transport *t, struct transport_job *job, struct accel_result *result);
	void (*job_free)(struct transport *t, struct transport_job *job);

	uint64_t (*cycles)(struct transport *t);

	/* Record into *profile until profile_stop(). NULL where the device cannot. */
	enum accel_status (*profile_start)(struct transport *t, struct accel_profile *profile,
					   struct accel_error *error);
	void (*profile_stop)(struct transport *t);
};

extern const struct transport_ops transport_func_ops;
extern const struct transport_ops transport_rtl_ops;
extern const struct transport_ops transport_drm_ops; /* only where the library is built with libdrm */

#endif
