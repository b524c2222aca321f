/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Race freedom by construction. Remembers who last touched each scratchpad vector, accumulator entry and host byte, and
 * what each engine knows to be complete (a vector clock), and gives a new command the tokens it lacks.
 *
 * A token has one producing and one consuming engine. Engines complete in order, so its n-th signal meets its n-th wait
 * and a wait orders the command after everything that the signalling command had behind it.
 */
#ifndef TESTS_STREAM_HAZARD_H
#define TESTS_STREAM_HAZARD_H

#include <stdbool.h>
#include <stdint.h>
#include "footprint.h"
#include "lib/rng.h"
#include "stream.h"

struct hazard;

struct hazard_config {
	uint32_t n;
	uint32_t spm_bytes;
	const struct host_segment *segment;
	uint32_t num_segments;
};

struct hazard *hazard_create(const struct hazard_config *config, uint64_t seed);
void hazard_destroy(struct hazard *h);

/* Nothing from before can be relied on: start of a stream if `defined` (all zeros then), or YIELD. */
void hazard_reset_state(struct hazard *h, bool defined);

/*
 * Legal, inside the segments, reading only what is defined, and free of overlap between its own accesses other than
 * element-wise in place?
 */
bool hazard_accepts(struct hazard *h, const uint32_t *w, const struct footprint *f);

/* Gives the last command of the stream its tokens, changing earlier ones, and takes note of it. */
void hazard_commit(struct hazard *h, struct stream *s, const struct footprint *f);

/* Does every pair of conflicting accesses of a stream with such tokens have an order? False also if a wait has no signal. */
bool hazard_race_free(const struct hazard_config *config, const struct stream *s);

/* The last command of the stream is a BARRIER or YIELD. */
void hazard_barrier(struct hazard *h, bool yield);

#endif
