// SPDX-License-Identifier: Apache-2.0
/* CRC-32 (IEEE 802.3), bit by bit and by table, against the published check value. */
#include "test.h"

#define POLYNOMIAL 0xedb88320u

static uint32_t table[256];

static uint32_t crc_bits(uint32_t crc, uint8_t byte)
{
	int i;

	crc ^= byte;
	for (i = 0; i < 8; i++)
		crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
	return crc;
}

static uint32_t crc_bitwise(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	while (n--)
		crc = crc_bits(crc, *p++);
	return ~crc;
}

static uint32_t crc_table(const uint8_t *p, size_t n)
{
	uint32_t crc = ~0u;

	while (n--)
		crc = table[(crc ^ *p++) & 0xff] ^ crc >> 8;
	return ~crc;
}

int main(void)
{
	static const uint8_t check[] = "123456789";
	static uint8_t data[1000];
	uint32_t seed = 1;
	size_t i;

	for (i = 0; i < 256; i++)
		table[i] = crc_bits(0, i);
	CHECK(crc_bitwise(check, 9) == 0xcbf43926u);
	CHECK(crc_table(check, 9) == 0xcbf43926u);
	for (i = 0; i < sizeof(data); i++)
		data[i] = test_random(&seed) >> 7;
	for (i = 0; i <= sizeof(data); i += 125)
		CHECK(crc_bitwise(data, i) == crc_table(data, i));
	return 0;
}
