/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Somebody else: a process with a file, a context and jobs of its own, which has nothing to do with what goes wrong. Every
 * result it gets must be right, every job of it must end well.
 */
#ifndef TESTS_DRIVER_FAULTS_INNOCENT_H
#define TESTS_DRIVER_FAULTS_INNOCENT_H

#include <stdint.h>
#include <sys/types.h>

struct innocent {
	pid_t pid;
	int stop;     /* closing it asks the process to end */
	int progress; /* the process tells how many jobs it has seen end */
};

/* Returns when its first jobs have ended well. */
void innocent_start(struct innocent *innocent);
/* Waits until it has seen some more jobs end, all of which were submitted after this call. */
void innocent_goes_on(struct innocent *innocent);
/* Ends it; wrong results are failures of this process. */
void innocent_finish(struct innocent *innocent);

#endif
