/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random streams that are legal and free of races: every command, fields over their whole legal range, four engines
 * that overlap and meet through tokens. The same seed, array size and scratchpad give the same stream on every host.
 */
#ifndef TESTS_STREAM_STREAM_GEN_H
#define TESTS_STREAM_STREAM_GEN_H

#include "image.h"
#include "stream.h"

struct stream_params {
	uint64_t seed;
	uint32_t n;
	uint32_t spm_bytes;
	uint32_t min_cmds;
	uint32_t max_cmds; /* at most STREAM_MAX_CMDS */
	uint32_t units;	   /* engines that get commands: bits 1 << enum quern_unit; 0 means all */
};

/* Commands for the test space of the image. False if there is no memory. */
bool stream_gen(const struct stream_params *p, const struct image_space *space, struct stream *s);

#endif
