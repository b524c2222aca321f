/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files in memory. A copy, not a mapping: a file that somebody truncates meanwhile must not kill the tool. */
#ifndef COMPILER_FILE_H
#define COMPILER_FILE_H

#include <stddef.h>
#include <stdint.h>
#include "status.h"

/* Largest input: FlatBuffers and 32-bit ELF end here. */
#define FILE_MAX_BYTES 0x7fffffffu

/* *data is malloc'd, never NULL on success. The message does not repeat the path. */
enum status file_read(const char *path, uint8_t **data, size_t *bytes, struct diag *diag);

#endif
