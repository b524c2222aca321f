// SPDX-License-Identifier: Apache-2.0
/*
 * Recording a profile: the chip's trace ring is emptied while it is clocked, often enough that it does not overflow, and
 * its counters are read now and then. Both are register reads by the host, which a job does not notice.
 */
#include "error.h"
#include "profile.h"
#include "rtl.h"

#define STEP_CYCLES 256u  /* between looks at the ring; it takes one event a cycle at most */
#define ACCESS_CYCLES 16u /* more than a register access takes, to which rtl_chip_cycle() is exact */

/* All 64 bits of an event's cycle, from the low word: events are past, and much younger than 2^32 cycles. */
static uint64_t extend(const struct rtl *rtl, uint32_t low)
{
	uint64_t now = rtl_chip_cycle(rtl) + ACCESS_CYCLES;

	return now - (uint32_t)((uint32_t)now - low);
}

static void take_event(struct rtl *rtl, uint32_t index, struct accel_profile_event *event)
{
	uint32_t offset = QUERN_REG_TRACE_DATA(index % QUERN_TRACE_ENTRIES);
	uint32_t word;

	event->cycle = rtl_read(rtl, offset);
	word = rtl_read(rtl, offset + 4);
	event->command = (word & QUERN_TRACE_DATA_INDEX_MASK) >> QUERN_TRACE_DATA_INDEX_LSB;
	event->unit = (word & QUERN_TRACE_DATA_UNIT_MASK) >> QUERN_TRACE_DATA_UNIT_LSB;
	event->end = (word & QUERN_TRACE_DATA_END_MASK) >> QUERN_TRACE_DATA_END_LSB;
}

/* What the ring has overwritten before it was taken is counted as lost. */
static void skip_overwritten(struct rtl *rtl, uint32_t written)
{
	uint32_t behind = written - rtl->trace.head;

	if (behind <= QUERN_TRACE_ENTRIES)
		return;
	rtl->trace.profile->lost_events += behind - QUERN_TRACE_ENTRIES;
	rtl->trace.head = written - QUERN_TRACE_ENTRIES;
}

/* The ring goes on while it is read: an event counts only if it was still there afterwards. */
static void drain(struct rtl *rtl)
{
	struct rtl_trace *trace = &rtl->trace;
	uint32_t written = rtl_read(rtl, QUERN_REG_TRACE_HEAD);
	struct accel_profile_event event;

	while (trace->head != written) {
		uint32_t index;

		skip_overwritten(rtl, written);
		index = trace->head;
		take_event(rtl, index, &event);
		if (written - index > QUERN_TRACE_ENTRIES / 2) {
			written = rtl_read(rtl, QUERN_REG_TRACE_HEAD);
			skip_overwritten(rtl, written);
		}
		if (trace->head != index)
			continue;
		event.cycle = extend(rtl, (uint32_t)event.cycle);
		profile_add_event(trace->profile, &event);
		trace->head++;
	}
}

static void take_sample(struct rtl *rtl)
{
	struct accel_profile_sample sample = {.cycle = rtl_chip_cycle(rtl)};

	for (uint32_t i = 0; i < ACCEL_NUM_COUNTERS; i++) {
		uint64_t low = rtl_read(rtl, QUERN_REG_COUNTER(i)); /* latches the high word */

		sample.counter[i] = (uint64_t)rtl_read(rtl, QUERN_REG_COUNTER(i) + 4) << 32 | low;
	}
	sample.last = rtl_chip_cycle(rtl);
	profile_add_sample(rtl->trace.profile, &sample);
}

void rtl_trace_run(struct rtl *rtl, uint64_t cycles)
{
	struct rtl_trace *trace = &rtl->trace;
	uint64_t end = rtl->api.cycles(rtl->sim) + cycles, now;

	while (!rtl->vectors && (now = rtl->api.cycles(rtl->sim)) < end) {
		rtl->api.run(rtl->sim, end - now < STEP_CYCLES ? end - now : STEP_CYCLES, QUERN_SIM_STOP_IRQ);
		drain(rtl);
		if (now >= trace->next_sample) {
			take_sample(rtl);
			trace->next_sample = now + trace->profile->sample_cycles;
		}
	}
}

static void start(struct rtl *rtl)
{
	rtl->trace.profile = rtl->trace.next_profile;
	rtl_write(rtl, QUERN_REG_TRACE_CTRL, QUERN_TRACE_CTRL_ENABLE_MASK | QUERN_TRACE_CTRL_CLEAR_MASK);
	rtl->trace.head = 0;
	rtl->trace.next_sample = 0;
}

static void stop(struct rtl *rtl)
{
	drain(rtl);
	rtl_write(rtl, QUERN_REG_TRACE_CTRL, 0);
	rtl->trace.profile->lost_events += rtl_read(rtl, QUERN_REG_TRACE_DROPPED);
	take_sample(rtl);
	rtl->trace.profile = NULL;
}

void rtl_trace_serve(struct rtl *rtl)
{
	if (rtl->trace.request == RTL_TRACE_START)
		start(rtl);
	else
		stop(rtl);
	rtl->trace.request = RTL_TRACE_NONE;
	pthread_cond_broadcast(&rtl->local.changed);
}

/* Called with the lock. The worker takes at most one slice until it looks. */
static void ask_worker(struct rtl *rtl, enum rtl_trace_request request)
{
	rtl->trace.request = request;
	pthread_cond_signal(&rtl->local.wake);
	while (rtl->trace.request && !rtl->dead)
		local_wait(&rtl->local, UINT64_MAX);
	rtl->trace.request = RTL_TRACE_NONE;
}

enum accel_status rtl_profile_start(struct transport *t, struct accel_profile *profile, struct accel_error *error)
{
	struct rtl *rtl = (struct rtl *)t;
	enum accel_status status = ACCEL_OK;

	local_lock(&rtl->local);
	rtl->trace.next_profile = profile;
	if (!rtl->dead)
		ask_worker(rtl, RTL_TRACE_START);
	if (rtl->dead) {
		rtl->trace.profile = NULL;
		status =
			error_set(error, ACCEL_ERROR_DEVICE_FAILED, "%s: close the device and open it again", rtl->why);
	}
	local_unlock(&rtl->local);
	return status;
}

void rtl_profile_stop(struct transport *t)
{
	struct rtl *rtl = (struct rtl *)t;

	local_lock(&rtl->local);
	if (!rtl->dead)
		ask_worker(rtl, RTL_TRACE_STOP);
	rtl->trace.profile = NULL;
	local_unlock(&rtl->local);
}
