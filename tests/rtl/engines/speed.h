/* SPDX-License-Identifier: Apache-2.0 */
/* Cycles of known commands, printed and held against limits. */
#ifndef TESTS_RTL_ENGINES_SPEED_H
#define TESTS_RTL_ENGINES_SPEED_H

#include "bench.h"

/* Prints a line a case; false if one takes more cycles than it may. */
bool speed_all(struct bench *b);

#endif
