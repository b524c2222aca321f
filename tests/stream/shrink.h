/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes a failing stream small while it keeps failing: cuts its end, drops commands and tokens, lowers counts. The
 * caller's test has to refuse a stream that is not race-free, see hazard_race_free().
 */
#ifndef TESTS_STREAM_SHRINK_H
#define TESTS_STREAM_SHRINK_H

#include <stdbool.h>
#include "stream.h"

void shrink(struct stream *s, bool (*fails)(void *ctx), void *ctx);

/* Prints commands by name, with their fields that are not zero. */
void stream_print(const struct stream *s);

#endif
