/* SPDX-License-Identifier: Apache-2.0 */
/* How failures are explained: a status and one line of text, in the caller's struct accel_error. */
#ifndef RUNTIME_ERROR_H
#define RUNTIME_ERROR_H

#include "accel/accel.h"

/* Fills *error, which may be NULL, and returns status. A text that does not fit ends in "...". */
__attribute__((format(printf, 3, 4))) enum accel_status error_set(struct accel_error *error, enum accel_status status,
								  const char *format, ...);

/* ACCEL_OK with an empty message. */
enum accel_status error_clear(struct accel_error *error);

/* ACCEL_ERROR_NO_MEMORY with the usual text. */
enum accel_status error_no_memory(struct accel_error *error, const char *what);

#endif
