/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of the stream tests. */
#ifndef TESTS_STREAM_OPTIONS_H
#define TESTS_STREAM_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct options {
	const char *program;
	uint64_t seed;
	uint64_t count;
	uint32_t seconds; /* stop early after so long; 0: no limit */
	uint32_t n;
	uint32_t spm_bytes;
	uint32_t min_cmds;
	uint32_t max_cmds;
	bool check;	      /* the RTL's assertions */
	bool jitter;	      /* of the bus latency */
	bool shrink;	      /* print a small stream that fails, too */
	uint32_t units;	      /* as in struct stream_params */
	const char *device;   /* "func" or "rtl" */
	const char *rtl_dir;  /* where libquern-rtl-NxN.so are */
	const char *firmware; /* firmware image */
};

/* Fills what the command line names and completes the rest. Prints usage and returns false if it is not understood. */
bool options_parse(struct options *o, int argc, char **argv);

#endif
