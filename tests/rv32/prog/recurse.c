// SPDX-License-Identifier: Apache-2.0
/* Recursion: deep stacks, mutual calls and calls through pointers. */
#include "test.h"

static __attribute__((noinline)) unsigned int fibonacci(unsigned int n)
{
	return n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2);
}

static __attribute__((noinline)) unsigned int ackermann(unsigned int m, unsigned int n)
{
	if (m == 0)
		return n + 1;
	if (n == 0)
		return ackermann(m - 1, 1);
	return ackermann(m - 1, ackermann(m, n - 1));
}

static unsigned int moves;

static __attribute__((noinline)) void hanoi(unsigned int n, int from, int to)
{
	if (n == 0)
		return;
	hanoi(n - 1, from, 3 - from - to);
	moves++;
	hanoi(n - 1, 3 - from - to, to);
}

static unsigned int is_odd(unsigned int n);

static __attribute__((noinline)) unsigned int is_even(unsigned int n)
{
	return n == 0 ? 1 : is_odd(n - 1);
}

static __attribute__((noinline)) unsigned int is_odd(unsigned int n)
{
	return n == 0 ? 0 : is_even(n - 1);
}

int main(void)
{
	static unsigned int (*const parity[])(unsigned int) = {is_even, is_odd};
	volatile unsigned int which = 1;

	CHECK(fibonacci(14) == 377);
	CHECK(ackermann(2, 6) == 15);
	hanoi(9, 0, 2);
	CHECK(moves == 511);
	CHECK(parity[which](101) == 1);
	CHECK(parity[which - 1](101) == 0);
	return 0;
}
