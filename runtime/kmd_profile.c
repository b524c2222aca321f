// SPDX-License-Identifier: Apache-2.0
/*
 * Recording a profile through the kernel driver: a thread takes the chip's events and counters as often as it can. The
 * chip's ring is small, so that a chip that is faster than the thread loses events, which are counted.
 */
#include <errno.h>
#include <stdlib.h>
#include <time.h>

#include "kmd.h"
#include "profile.h"
#include "quern/registers.h"

#define ROOM QUERN_TRACE_ENTRIES
#define PAUSE_NS 100000 /* when there was nothing to take */

_Static_assert(ACCEL_NUM_COUNTERS == DRM_QUERN_NUM_COUNTERS, "libaccel and kernel must have the same counters");

struct kmd_recorder {
	struct kmd *kmd;
	struct accel_profile *profile; /* the thread's until it has ended */
	pthread_t thread;
	bool stop; /* atomic */
	uint64_t now; /* device cycle of the last look */
	uint64_t next_sample;
	uint64_t dropped;
	uint64_t event[ROOM];
	uint64_t counter[ACCEL_NUM_COUNTERS];
};

/* All 64 bits of an event's cycle, from the low word: events are past, and much younger than 2^32 cycles. */
static uint64_t extend(uint64_t now, uint32_t low)
{
	return now - (uint32_t)((uint32_t)now - low);
}

static void add_event(struct kmd_recorder *r, uint64_t word, uint64_t now)
{
	uint32_t high = (uint32_t)(word >> 32);
	const struct accel_profile_event event = {
		.cycle = extend(now, (uint32_t)word),
		.command = (high & QUERN_TRACE_DATA_INDEX_MASK) >> QUERN_TRACE_DATA_INDEX_LSB,
		.unit = (high & QUERN_TRACE_DATA_UNIT_MASK) >> QUERN_TRACE_DATA_UNIT_LSB,
		.end = (high & QUERN_TRACE_DATA_END_MASK) >> QUERN_TRACE_DATA_END_LSB,
	};

	profile_add_event(r->profile, &event);
}

static void add_sample(struct kmd_recorder *r, const struct drm_quern_profile *read)
{
	struct accel_profile_sample sample = {.cycle = read->start_cycle, .last = read->counters_cycle};

	for (uint32_t i = 0; i < ACCEL_NUM_COUNTERS; i++)
		sample.counter[i] = r->counter[i];
	profile_add_sample(r->profile, &sample);
	r->next_sample = read->start_cycle + r->profile->sample_cycles;
}

/* Take what there is; the number of events, or a negative errno. */
static int take(struct kmd_recorder *r, bool sample)
{
	struct drm_quern_profile read = {
		.op = DRM_QUERN_PROFILE_READ,
		.events = (uintptr_t)r->event,
		.num_events = ROOM,
		.counters = sample ? (uintptr_t)r->counter : 0,
	};
	int err = kmd_call(r->kmd->fd, DRM_IOCTL_QUERN_PROFILE, &read);

	if (err)
		return err;
	for (uint32_t i = 0; i < read.num_events; i++)
		add_event(r, r->event[i], read.end_cycle);
	r->profile->lost_events += read.lost_events;
	r->dropped = read.dropped_cycles;
	r->now = read.end_cycle;
	if (sample)
		add_sample(r, &read);
	return (int)read.num_events;
}

static void *record(void *arg)
{
	const struct timespec pause = {.tv_nsec = PAUSE_NS};
	struct kmd_recorder *r = arg;
	int num = 0;

	while (!__atomic_load_n(&r->stop, __ATOMIC_ACQUIRE) && num >= 0) {
		num = take(r, r->now >= r->next_sample);
		if (!num)
			nanosleep(&pause, NULL);
	}
	/* What came in between, and the counters as they end. */
	while (num > 0)
		num = take(r, false);
	if (!num)
		take(r, true);
	r->profile->lost_events += r->dropped;
	return NULL;
}

static enum accel_status start_failed(int err, struct accel_error *error)
{
	if (err == -EACCES)
		return error_set(error, ACCEL_ERROR_UNSUPPORTED,
				 "a profile shows the work of all users: it needs CAP_PERFMON");
	if (err == -EBUSY)
		return error_set(error, ACCEL_ERROR_BUSY, "another program records a profile of the device");
	return kmd_failed(err, "a profile", error);
}

enum accel_status kmd_profile_start(struct transport *t, struct accel_profile *profile, struct accel_error *error)
{
	struct kmd *kmd = (struct kmd *)t;
	struct drm_quern_profile start = {.op = DRM_QUERN_PROFILE_START};
	struct drm_quern_profile stop = {.op = DRM_QUERN_PROFILE_STOP};
	struct kmd_recorder *r = calloc(1, sizeof(*r));
	int err;

	if (!r)
		return error_no_memory(error, "a profile");
	r->kmd = kmd;
	r->profile = profile;
	err = kmd_call(kmd->fd, DRM_IOCTL_QUERN_PROFILE, &start);
	if (err) {
		free(r);
		return start_failed(err, error);
	}
	if (pthread_create(&r->thread, NULL, record, r)) {
		kmd_call(kmd->fd, DRM_IOCTL_QUERN_PROFILE, &stop);
		free(r);
		return error_no_memory(error, "a profile");
	}
	kmd->recorder = r;
	return ACCEL_OK;
}

void kmd_profile_stop(struct transport *t)
{
	struct kmd *kmd = (struct kmd *)t;
	struct drm_quern_profile stop = {.op = DRM_QUERN_PROFILE_STOP};
	struct kmd_recorder *r = kmd->recorder;

	if (!r)
		return;
	__atomic_store_n(&r->stop, true, __ATOMIC_RELEASE);
	pthread_join(r->thread, NULL);
	kmd_call(kmd->fd, DRM_IOCTL_QUERN_PROFILE, &stop);
	kmd->recorder = NULL;
	free(r);
}
