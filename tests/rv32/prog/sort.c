// SPDX-License-Identifier: Apache-2.0
/* Sorting: quicksort on words against insertion sort on halfwords of the same order. */
#include "test.h"

#define COUNT 400

static int32_t words[COUNT];
static int16_t halves[COUNT];

static void swap(int32_t *a, int32_t *b)
{
	int32_t t = *a;

	*a = *b;
	*b = t;
}

static void quicksort(int32_t *v, int n)
{
	int32_t pivot = v[n / 2];
	int i = 0, j = n - 1;

	if (n < 2)
		return;
	for (;;) {
		while (v[i] < pivot)
			i++;
		while (v[j] > pivot)
			j--;
		if (i >= j)
			break;
		swap(&v[i++], &v[j--]);
	}
	quicksort(v, i);
	quicksort(v + i, n - i);
}

static void insertion_sort(int16_t *v, int n)
{
	int16_t x;
	int i, j;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

int main(void)
{
	uint32_t seed = 2463534242u;
	int i;

	for (i = 0; i < COUNT; i++) {
		halves[i] = test_random(&seed);
		words[i] = halves[i];
	}
	quicksort(words, COUNT);
	insertion_sort(halves, COUNT);
	for (i = 0; i < COUNT; i++)
		CHECK(words[i] == halves[i]);
	for (i = 1; i < COUNT; i++)
		CHECK(words[i - 1] <= words[i]);
	CHECK(words[0] < 0 && words[COUNT - 1] > 0);
	return 0;
}
