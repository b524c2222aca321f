// SPDX-License-Identifier: Apache-2.0
/* The two functions that GCC calls by itself for struct copies and initialisers. Sizes here are small multiples of 4 on aligned memory, or a few bytes. */
#include <stddef.h>
#include <stdint.h>

__attribute__((externally_visible)) void *memcpy(void *restrict dst, const void *restrict src, size_t bytes);
__attribute__((externally_visible)) void *memset(void *dst, int value, size_t bytes);

void *memcpy(void *restrict dst, const void *restrict src, size_t bytes)
{
	uint8_t *d = dst;
	const uint8_t *s = src;

	if (((uintptr_t)d | (uintptr_t)s) % 4 == 0)
		for (; bytes >= 4; bytes -= 4, d += 4, s += 4)
			*(uint32_t *)d = *(const uint32_t *)s;
	while (bytes--)
		*d++ = *s++;
	return dst;
}

void *memset(void *dst, int value, size_t bytes)
{
	uint32_t word = (uint8_t)value * 0x01010101u;
	uint8_t *d = dst;

	if ((uintptr_t)d % 4 == 0)
		for (; bytes >= 4; bytes -= 4, d += 4)
			*(uint32_t *)d = word;
	while (bytes--)
		*d++ = (uint8_t)value;
	return dst;
}
