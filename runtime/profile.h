/* SPDX-License-Identifier: Apache-2.0 */
/* A profile while a transport records it: two growing arrays. What does not fit into memory is counted as lost. */
#ifndef RUNTIME_PROFILE_H
#define RUNTIME_PROFILE_H

#include "accel/accel.h"

struct accel_profile {
	struct accel_profile_event *event;
	uint64_t num_events, max_events;
	struct accel_profile_sample *sample;
	uint64_t num_samples, max_samples;
	uint64_t lost_events;
	uint32_t sample_cycles; /* between samples */
};

void profile_add_event(struct accel_profile *profile, const struct accel_profile_event *event);
/* A sample that does not fit into memory leaves a gap between two others. */
void profile_add_sample(struct accel_profile *profile, const struct accel_profile_sample *sample);

#endif
