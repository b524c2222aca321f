/* SPDX-License-Identifier: Apache-2.0 */
/* Mistakes in a good call. */
#ifndef TESTS_DRIVER_FUZZ_MUTATE_H
#define TESTS_DRIVER_FUZZ_MUTATE_H

#include "fields.h"
#include "lib/rng.h"

/* Change some words of the call or of what it points to, and perhaps its number. Returns the number. */
unsigned long mutate(struct request *r, unsigned long request, struct rng *rng);

/*
 * Whatever it was made of, a call does not keep the chip or this process for long. Nor does it ask the DRM core for more
 * handles than one allocation holds, for which the core warns.
 */
void bound_call(struct request *r, unsigned long request);

#endif
