// SPDX-License-Identifier: Apache-2.0
/* String table: see strtab.h. */
#include <stdlib.h>
#include <string.h>
#include "strtab.h"

static bool reserve(struct strtab *t, size_t more)
{
	size_t size = t->size ? t->size : 4096;
	char *bytes;

	while (size - t->used < more)
		size *= 2;
	if (t->failed || size > UINT32_MAX)
		return false;
	if (size == t->size)
		return true;
	bytes = realloc(t->bytes, size);
	if (!bytes)
		return false;
	t->bytes = bytes;
	t->size = size;
	return true;
}

uint32_t strtab_add(struct strtab *t, const char *s)
{
	size_t n = strlen(s) + 1;
	uint32_t at;

	if (!reserve(t, n + 1)) {
		t->failed = true;
		return 0;
	}
	if (!t->used)
		t->bytes[t->used++] = 0;
	if (n == 1)
		return 0;
	at = (uint32_t)t->used;
	memcpy(t->bytes + t->used, s, n);
	t->used += n;
	return at;
}

void strtab_finish(struct strtab *t)
{
	free(t->bytes);
	*t = (struct strtab){0};
}
