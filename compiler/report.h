/* SPDX-License-Identifier: Apache-2.0 */
/* What became of each operator of the model: a table for people, JSON for programs. */
#ifndef COMPILER_REPORT_H
#define COMPILER_REPORT_H

#include <stdio.h>
#include "program.h"

/* image is NULL when there is no program because the model was refused. */
void report_text(FILE *f, const struct graph *g, const struct target *target, const struct program_image *image);
void report_json(FILE *f, const struct graph *g, const struct target *target, const struct program_image *image);

#endif
