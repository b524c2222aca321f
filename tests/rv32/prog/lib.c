// SPDX-License-Identifier: Apache-2.0
/*
 * The library functions GCC may call on its own account.
 */
#include <stddef.h>

void *memcpy(void *to, const void *from, size_t bytes);
void *memset(void *to, int value, size_t bytes);

void *memcpy(void *to, const void *from, size_t bytes)
{
	const char *f = from;
	char *t = to;

	while (bytes--)
		*t++ = *f++;
	return to;
}

void *memset(void *to, int value, size_t bytes)
{
	char *t = to;

	while (bytes--)
		*t++ = value;
	return to;
}
