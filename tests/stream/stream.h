/* SPDX-License-Identifier: Apache-2.0 */
/* A command stream of the tests, and what a job needs besides it. */
#ifndef TESTS_STREAM_STREAM_H
#define TESTS_STREAM_STREAM_H

#include <stdint.h>
#include "quern/commands.h"

#define STREAM_MAX_CMDS 256

struct stream {
	uint32_t ncmds;
	uint64_t region[QUERN_NUM_REGIONS];
	uint32_t cmd[STREAM_MAX_CMDS][QUERN_CMD_WORDS];
};

/* A stretch of an address space that commands may use. */
struct host_segment {
	uint64_t va;
	uint32_t bytes;
	int writable;
};

#endif
