// SPDX-License-Identifier: Apache-2.0
/*
 * Exact reciprocals. With 2^shift >= count * 2^bits(max) and mult = ceil(2^shift / count) the excess e = mult * count - 2^shift is below count,
 * so e * x < 2^shift for every x <= max, which is the condition for floor(x * mult / 2^shift) = floor(x / count).
 */
#include "reciprocal.h"

bool exact_reciprocal(uint32_t count, uint64_t max, uint32_t *mult, uint8_t *shift)
{
	int bits = 0, log = 0;
	uint64_t m, excess;

	while (max >> bits)
		bits++;
	while (1ull << log < count)
		log++;
	if (bits + log > 62)
		return false;
	m = ((1ull << (bits + log)) + count - 1) / count;
	excess = m * count - (1ull << (bits + log));
	*mult = (uint32_t)m;
	*shift = (uint8_t)(bits + log);
	return m <= UINT32_MAX && excess * max < 1ull << (bits + log);
}
