/* SPDX-License-Identifier: Apache-2.0 */
/* A process that still has everything open when the device goes. */
#ifndef TESTS_DRIVER_FAULTS_GONE_H
#define TESTS_DRIVER_FAULTS_GONE_H

#include <stdint.h>

#include "lib/client.h"

struct gone {
	struct client busy; /* has jobs on the engines and behind */
	struct client idle;
	int ended;	/* sync file of the last job, which outlives the device */
	uint64_t first; /* of its jobs */
	uint64_t last;
};

void gone_prepare(struct gone *gone);
/* The device is gone: jobs have ended with an error, all calls fail, memory can still be touched. */
void gone_check(const struct gone *gone);
/* The jobs end with an error in at most this time. */
void gone_wait(const struct gone *gone, uint64_t ms);
void gone_close(struct gone *gone);

/* Opens, uses and closes the device for ever, whatever it says. */
void gone_hammer(void) __attribute__((noreturn));

#endif
