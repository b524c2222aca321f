/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of the API and how they hold each other.
 *
 *   device    counted: the caller, and every object that the caller has of it. Closed once; freed with its last object.
 *   buffer    counted: the caller, a program (image), a context (arena), every job in flight that uses it.
 *   program   counted: the caller, every job in flight.
 *   fence     counted: the caller, its context while the job is in flight.
 *   context   one owner, the caller.
 *
 * What only a job in flight holds is held by its context, and so the device outlives it.
 * Everything here is guarded by device.lock, except what never changes after creation. Fences are waited for without
 * it. A function whose name ends in _locked wants it held.
 */
#ifndef RUNTIME_DEVICE_H
#define RUNTIME_DEVICE_H

#include <pthread.h>

#include "error.h"
#include "list.h"
#include "transport.h"

struct accel_device {
	const struct transport_ops *ops;
	struct transport *transport;
	struct accel_device_info info;
	pthread_mutex_t lock;
	uint32_t refs;
	bool closed;
	struct list contexts;
	struct accel_profile *profile; /* being recorded; NULL if none */
};

/* A buffer in a context's address space. */
struct mapping {
	struct list in_buffer;
	struct list in_context;
	struct accel_buffer *buffer;
	struct accel_context *ctx;
	uint64_t va;
};

struct accel_buffer {
	struct accel_device *dev;
	struct transport_bo *bo;
	void *map;
	uint64_t bytes; /* as asked for */
	uint32_t flags;
	uint32_t refs;
	struct list mappings;
};

struct accel_context {
	struct list link; /* in accel_device.contexts */
	struct accel_device *dev;
	struct transport_ctx *transport;
	struct accel_buffer *arena; /* the largest that a program has needed so far; NULL if none */
	struct list mappings;
	struct list inflight; /* fences, oldest first */
	uint32_t num_inflight;
	uint64_t seqno;		     /* of the last job */
	uint64_t failed_seqno;	     /* of the job that stopped the context; 0 if it works */
	struct accel_result failure; /* of that job */
};

struct accel_fence {
	struct list link; /* in accel_context.inflight */
	struct accel_device *dev;
	struct accel_context *ctx; /* NULL once the job is retired */
	struct transport_job *job;
	struct accel_program *program;			     /* NULL once the job is retired */
	struct accel_buffer *buffers[2 + ACCEL_MAX_TENSORS]; /* image, arena, tensors; NULL where there is none */
	uint64_t seqno;
	uint32_t refs;
};

void device_lock(struct accel_device *dev);
void device_unlock(struct accel_device *dev);
/* For a new object; fails if the device was closed. */
enum accel_status device_get_locked(struct accel_device *dev, struct accel_error *error);
/* Without the lock; may free the device. */
void device_put(struct accel_device *dev);

/* buffer.c: without a reference to the device */
enum accel_status buffer_create_locked(struct accel_device *dev, uint64_t bytes, uint32_t flags,
				       struct accel_buffer **buffer, struct accel_error *error);
void buffer_get_locked(struct accel_buffer *buffer);
/* NULL is ignored. */
void buffer_put_locked(struct accel_buffer *buffer);
/* The buffer's address in the context; mapped at the first call. */
enum accel_status buffer_map_locked(struct accel_buffer *buffer, struct accel_context *ctx, uint64_t *va,
				    struct accel_error *error);
/* Forget mappings of an address space that is gone. */
void buffer_forget_context_locked(struct accel_context *ctx);

/* context.c: take what has ended off the queue. */
void context_retire_locked(struct accel_context *ctx);

/* fence.c: status and text of an outcome. */
enum accel_status fence_outcome(const struct accel_result *result, uint64_t seqno, struct accel_error *error);
void fence_put_locked(struct accel_fence *fence);

#endif
