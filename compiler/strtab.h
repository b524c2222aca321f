/* SPDX-License-Identifier: Apache-2.0 */
/* A string table: zero-terminated strings one behind the other, named by offset. Offset 0 is the empty string. */
#ifndef COMPILER_STRTAB_H
#define COMPILER_STRTAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct strtab {
	char *bytes;
	size_t used, size;
	bool failed; /* out of memory or beyond 4 GiB: every later offset is 0 */
};

/* Appends s and gives its offset. */
uint32_t strtab_add(struct strtab *t, const char *s);
void strtab_finish(struct strtab *t);

#endif
