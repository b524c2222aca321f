/* SPDX-License-Identifier: Apache-2.0 */
/* A compiled graph on the functional model: in stream order, and with the engines in a random order that the tokens allow. */
#ifndef TESTS_COMPILER_BACKEND_MACHINE_H
#define TESTS_COMPILER_BACKEND_MACHINE_H

#include <stdbool.h>
#include <stdint.h>
#include "program.h"

/* Runs the image; data as in ref_run(). seed: of the order of the engines, or 0 for stream order. False, with text, on a fault. */
bool machine_run(const struct graph *g, const struct target *t, const struct program_image *image, int8_t **data,
		 uint64_t seed, char text[256]);

#endif
