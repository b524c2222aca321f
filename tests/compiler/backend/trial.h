/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Judges one compiled graph: on the functional model in stream order and with the engines in another order, both against the scalar
 * interpreter byte by byte, and the stream for races.
 */
#ifndef TESTS_COMPILER_BACKEND_TRIAL_H
#define TESTS_COMPILER_BACKEND_TRIAL_H

#include <stdbool.h>
#include <stdint.h>
#include "program.h"

#define TRIAL_TEXT 256

/* False, with text of TRIAL_TEXT bytes, if something differs. seed: of inputs and order. */
bool trial_check(const struct graph *g, const struct target *target, const struct program_image *image, uint64_t seed,
		 char *text);

#endif
