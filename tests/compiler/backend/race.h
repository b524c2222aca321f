/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Checks a stream against the rule of docs/isa.md: any two commands of different engines that touch the same scratchpad vector, accumulator
 * entry or host byte, one of them writing, are ordered by tokens. Walks through every element that a command touches, loop by loop as
 * the manual writes them, so that it shares no reasoning with the compiler's own hazard pass.
 */
#ifndef TESTS_COMPILER_BACKEND_RACE_H
#define TESTS_COMPILER_BACKEND_RACE_H

#include <stdbool.h>
#include <stdint.h>
#include "program.h"

/* False, with text, if the stream has a race or breaks the rules of tokens. Commands: QUERN_CMD_WORDS words each. */
bool race_free(const struct graph *g, const struct target *t, const struct program_image *image, char text[256]);

#endif
