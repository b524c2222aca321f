/* SPDX-License-Identifier: Apache-2.0 */
/* Each rule of the engines at its limit: a command just legal, and the same one step beyond. */
#ifndef TESTS_RTL_ENGINES_FAULTS_H
#define TESTS_RTL_ENGINES_FAULTS_H

#include "bench.h"

/* Prints what differs; false if anything does. */
bool faults_all(struct bench *b);

#endif
