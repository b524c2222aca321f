// SPDX-License-Identifier: Apache-2.0
/*
 * Multiplication and division against shift-and-add and shift-and-subtract in
 * software, with the special cases of the M extension.
 */
#include "test.h"

static const uint32_t corners[] = {0,	   1,	    2,		3,	    7,		10,	    0x7fff,    0x8000,
				   0xffff, 0x10000, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe, 0xffffffff};
#define CORNERS (sizeof(corners) / sizeof(corners[0]))

/* Keeps the compiler from computing the result itself. */
#define INSN(name, a, b)                                                                                               \
	({                                                                                                             \
		uint32_t result_;                                                                                      \
		__asm__(#name " %0, %1, %2" : "=r"(result_) : "r"(a), "r"(b));                                         \
		result_;                                                                                               \
	})

static uint32_t soft_divide(uint32_t a, uint32_t b, uint32_t *remainder)
{
	uint32_t quotient = 0, rest = 0, carry;
	int i;

	for (i = 31; i >= 0; i--) {
		carry = rest >> 31;
		rest = rest << 1 | (a >> i & 1);
		quotient <<= 1;
		if (carry || rest >= b) {
			rest -= b;
			quotient |= 1;
		}
	}
	*remainder = rest;
	return quotient;
}

static uint64_t soft_multiply(uint32_t a, uint32_t b)
{
	uint64_t product = 0, addend = a;

	for (; b; b >>= 1, addend <<= 1)
		if (b & 1)
			product += addend;
	return product;
}

static uint32_t magnitude(uint32_t a)
{
	return a >> 31 ? -a : a;
}

static void check_signed(uint32_t a, uint32_t b)
{
	uint32_t remainder, quotient = soft_divide(magnitude(a), magnitude(b), &remainder);

	if (b == 0) {
		CHECK(INSN(div, a, b) == ~0u);
		CHECK(INSN(rem, a, b) == a);
		return;
	}
	CHECK(INSN(div, a, b) == ((a ^ b) >> 31 ? -quotient : quotient));
	CHECK(INSN(rem, a, b) == (a >> 31 ? -remainder : remainder));
}

static void check_products(uint32_t a, uint32_t b)
{
	uint64_t product = soft_multiply(a, b);
	uint32_t high = product >> 32;

	CHECK(INSN(mul, a, b) == (uint32_t)product);
	CHECK(INSN(mulhu, a, b) == high);
	high -= a >> 31 ? b : 0;
	CHECK(INSN(mulhsu, a, b) == high);
	high -= b >> 31 ? a : 0;
	CHECK(INSN(mulh, a, b) == high);
}

static void check_pair(uint32_t a, uint32_t b)
{
	uint32_t remainder, quotient = soft_divide(a, b, &remainder);

	CHECK(INSN(divu, a, b) == quotient);
	CHECK(INSN(remu, a, b) == remainder);
	check_signed(a, b);
	check_products(a, b);
}

int main(void)
{
	uint32_t seed = 88675123, i, j;

	for (i = 0; i < CORNERS; i++)
		for (j = 0; j < CORNERS; j++)
			check_pair(corners[i], corners[j]);
	for (i = 0; i < 30; i++) {
		j = test_random(&seed);
		check_pair(j, test_random(&seed) >> (i & 31));
	}
	CHECK(INSN(divu, 1000000007, 1009) == 991080);
	CHECK(INSN(div, -7, 2) == (uint32_t)-3);
	CHECK(INSN(rem, -7, 2) == (uint32_t)-1);
	return 0;
}
