/* SPDX-License-Identifier: Apache-2.0 */
/* What quern-objdump prints, for a file that program_read.c has checked. */
#ifndef COMPILER_DUMP_H
#define COMPILER_DUMP_H

#include <stdio.h>
#include "program_read.h"

enum { DUMP_INFO = 1, DUMP_TENSORS = 2, DUMP_OPS = 4, DUMP_COMMANDS = 8, DUMP_ALL = 15 };

/* what: some of DUMP_*. Names are printed as printable ASCII only. */
void dump_text(FILE *f, const struct program_file *p, unsigned int what);
/* One object; the header is always part of it. */
void dump_json(FILE *f, const struct program_file *p, unsigned int what);

#endif
