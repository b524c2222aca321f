// SPDX-License-Identifier: Apache-2.0
/* Byte strings: copying at every alignment, overlap, comparison, numbers to text and back. */
#include "test.h"

void *memset(void *to, int value, size_t bytes);

static size_t length(const char *s)
{
	const char *p = s;

	while (*p)
		p++;
	return p - s;
}

static int compare(const char *a, const char *b)
{
	while (*a && *a == *b) {
		a++;
		b++;
	}
	return (uint8_t)*a - (uint8_t)*b;
}

/* Word by word where both pointers allow */
static void copy(uint8_t *to, const uint8_t *from, size_t n)
{
	for (; n >= 4 && (((uintptr_t)to | (uintptr_t)from) & 3) == 0; n -= 4, to += 4, from += 4)
		*(uint32_t *)to = *(const uint32_t *)from;
	for (; n; n--)
		*to++ = *from++;
}

static void move(uint8_t *to, const uint8_t *from, size_t n)
{
	if (to <= from) {
		copy(to, from, n);
		return;
	}
	while (n--)
		to[n] = from[n];
}

static char *to_text(int32_t value, char *end)
{
	uint32_t rest = value < 0 ? -(uint32_t)value : (uint32_t)value;

	*--end = 0;
	do
		*--end = '0' + rest % 10;
	while (rest /= 10);
	if (value < 0)
		*--end = '-';
	return end;
}

static int32_t to_number(const char *s)
{
	uint32_t value = 0;
	int negative = *s == '-';

	for (s += negative; *s; s++)
		value = value * 10 + (*s - '0');
	return negative ? -value : value;
}

static void check_copies(void)
{
	static uint8_t a[64] __attribute__((aligned(4))), b[64] __attribute__((aligned(4)));
	unsigned int from, to, i;

	for (i = 0; i < sizeof(a); i++)
		a[i] = i * 7 + 1;
	for (from = 0; from < 4; from++) {
		for (to = 0; to < 4; to++) {
			memset(b, 0, sizeof(b));
			copy(b + to, a + from, 37);
			for (i = 0; i < sizeof(b); i++)
				CHECK(b[i] == (i >= to && i < to + 37 ? a[i - to + from] : 0));
		}
	}
	move(a + 5, a + 2, 40);
	for (i = 5; i < 45; i++)
		CHECK(a[i] == (uint8_t)((i - 3) * 7 + 1));
}

int main(void)
{
	static const int32_t numbers[] = {0, 1, -1, 9, 10, -10, 2147483647, -2147483647 - 1, 1234567890};
	char text[16];
	size_t i;

	check_copies();
	CHECK(length("") == 0 && length("control core") == 12);
	CHECK(compare("tile", "tile") == 0);
	CHECK(compare("tile", "tilf") < 0 && compare("til", "tile") < 0);
	CHECK(compare("\xff", "a") > 0);
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		CHECK(to_number(to_text(numbers[i], text + sizeof(text))) == numbers[i]);
	CHECK(compare(to_text(-2147483647 - 1, text + sizeof(text)), "-2147483648") == 0);
	return 0;
}
