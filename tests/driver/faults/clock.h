/* SPDX-License-Identifier: Apache-2.0 */
/* Wall-clock time. */
#ifndef TESTS_DRIVER_FAULTS_CLOCK_H
#define TESTS_DRIVER_FAULTS_CLOCK_H

#include <stdint.h>
#include <time.h>

#include "lib/check.h"

static inline uint64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000 + (uint64_t)ts.tv_nsec / 1000000;
}

/* Fails if more than bound milliseconds have passed since start. */
static inline void expect_within(const char *what, uint64_t start, uint64_t bound)
{
	uint64_t took = now_ms() - start;

	if (took > bound)
		fail("%s took %llu ms, more than %llu", what, (unsigned long long)took, (unsigned long long)bound);
}

#endif
