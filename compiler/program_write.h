/* SPDX-License-Identifier: Apache-2.0 */
/* The program file: docs/program-format.md as ELF32. The same graph and image give the same bytes. */
#ifndef COMPILER_PROGRAM_WRITE_H
#define COMPILER_PROGRAM_WRITE_H

#include "program.h"

/* Writes path; on failure no regular file of that name is left behind. */
enum status program_write(const char *path, const struct graph *g, const struct target *target,
			  const struct program_image *image, struct diag *diag);

#endif
