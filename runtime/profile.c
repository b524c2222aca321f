// SPDX-License-Identifier: Apache-2.0
/* Profiles: what a transport records between start and stop, and how callers look at it. */
#include <stdlib.h>

#include "device.h"
#include "profile.h"
#include "quern/registers.h"

#define DEFAULT_SAMPLE_CYCLES 1024u
#define MIN_SAMPLE_CYCLES 256u /* reading the counters takes most of that */
#define FIRST_ENTRIES 1024u

_Static_assert(ACCEL_NUM_COUNTERS == QUERN_COUNTER_VE_IDLE + 1, "every counter has a place in a sample");

/* Room for one more entry of this size. False: there is no memory for it. */
static bool make_room(void **array, size_t size, uint64_t num, uint64_t *max)
{
	uint64_t more = *max ? *max * 2 : FIRST_ENTRIES;
	void *bigger;

	if (num < *max)
		return true;
	bigger = reallocarray(*array, more, size);
	if (!bigger)
		return false;
	*array = bigger;
	*max = more;
	return true;
}

void profile_add_event(struct accel_profile *profile, const struct accel_profile_event *event)
{
	void *array = profile->event;

	if (!make_room(&array, sizeof(*event), profile->num_events, &profile->max_events)) {
		profile->lost_events++;
		return;
	}
	profile->event = array;
	profile->event[profile->num_events++] = *event;
}

void profile_add_sample(struct accel_profile *profile, const struct accel_profile_sample *sample)
{
	void *array = profile->sample;

	if (!make_room(&array, sizeof(*sample), profile->num_samples, &profile->max_samples))
		return;
	profile->sample = array;
	profile->sample[profile->num_samples++] = *sample;
}

static enum accel_status start_locked(struct accel_device *dev, uint32_t sample_cycles, struct accel_error *error)
{
	enum accel_status status;

	if (dev->closed)
		return error_set(error, ACCEL_ERROR_NO_DEVICE, "device %s was closed: open it again", dev->info.name);
	if (!dev->ops->profile_start)
		return error_set(error, ACCEL_ERROR_UNSUPPORTED, "device %s cannot be profiled: use rtl",
				 dev->info.name);
	if (dev->profile)
		return error_set(error, ACCEL_ERROR_BUSY, "device %s records a profile already: stop it first",
				 dev->info.name);
	dev->profile = calloc(1, sizeof(*dev->profile));
	if (!dev->profile)
		return error_no_memory(error, "a profile");
	dev->profile->sample_cycles = sample_cycles ? sample_cycles : DEFAULT_SAMPLE_CYCLES;
	if (dev->profile->sample_cycles < MIN_SAMPLE_CYCLES)
		dev->profile->sample_cycles = MIN_SAMPLE_CYCLES;
	status = dev->ops->profile_start(dev->transport, dev->profile, error);
	if (status) {
		accel_profile_destroy(dev->profile);
		dev->profile = NULL;
		return status;
	}
	return error_clear(error);
}

enum accel_status accel_device_profile_start(struct accel_device *dev, uint32_t sample_cycles,
					     struct accel_error *error)
{
	enum accel_status status;

	if (!dev)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_device_profile_start: dev is NULL");
	device_lock(dev);
	status = start_locked(dev, sample_cycles, error);
	device_unlock(dev);
	return status;
}

static enum accel_status stop_locked(struct accel_device *dev, struct accel_profile **profile,
				     struct accel_error *error)
{
	if (!dev->profile)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "device %s records no profile: start one first",
				 dev->info.name);
	if (!dev->closed)
		dev->ops->profile_stop(dev->transport);
	*profile = dev->profile;
	dev->profile = NULL;
	return error_clear(error);
}

enum accel_status accel_device_profile_stop(struct accel_device *dev, struct accel_profile **profile,
					    struct accel_error *error)
{
	enum accel_status status;

	if (profile)
		*profile = NULL;
	if (!dev || !profile)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "accel_device_profile_stop: dev or profile is NULL");
	device_lock(dev);
	status = stop_locked(dev, profile, error);
	device_unlock(dev);
	return status;
}

void accel_profile_destroy(struct accel_profile *profile)
{
	if (!profile)
		return;
	free(profile->event);
	free(profile->sample);
	free(profile);
}

void accel_profile_info(const struct accel_profile *profile, struct accel_profile_info *info)
{
	*info = (struct accel_profile_info){
		.num_events = profile->num_events,
		.num_samples = profile->num_samples,
		.lost_events = profile->lost_events,
	};
}

const struct accel_profile_event *accel_profile_events(const struct accel_profile *profile)
{
	return profile->event;
}

const struct accel_profile_sample *accel_profile_samples(const struct accel_profile *profile)
{
	return profile->sample;
}

const char *accel_counter_name(uint32_t counter)
{
	return counter < ACCEL_NUM_COUNTERS ? quern_counter_name(counter) : NULL;
}
