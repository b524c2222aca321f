/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The instruction encodings the random generator places on purpose.
 */
#ifndef TESTS_RV32_ENCODE_H
#define TESTS_RV32_ENCODE_H

#include <stdint.h>

static inline uint32_t enc_i(uint32_t match, unsigned int rd, unsigned int rs1, uint32_t imm)
{
	return match | rd << 7 | rs1 << 15 | imm << 20;
}

static inline uint32_t enc_s(uint32_t match, unsigned int rs1, unsigned int rs2, uint32_t imm)
{
	return match | (imm & 0x1f) << 7 | rs1 << 15 | rs2 << 20 | (imm >> 5 & 0x7f) << 25;
}

static inline uint32_t enc_b(uint32_t match, uint32_t offset)
{
	return match | (offset >> 11 & 1) << 7 | (offset >> 1 & 0xf) << 8 | (offset >> 5 & 0x3f) << 25 |
	       (offset >> 12 & 1) << 31;
}

static inline uint32_t enc_j(uint32_t match, uint32_t offset)
{
	return match | (offset >> 12 & 0xff) << 12 | (offset >> 11 & 1) << 20 | (offset >> 1 & 0x3ff) << 21 |
	       (offset >> 20 & 1) << 31;
}

static inline uint32_t enc_cj(uint32_t match, uint32_t offset)
{
	return match | (offset >> 5 & 1) << 2 | (offset >> 1 & 7) << 3 | (offset >> 7 & 1) << 6 |
	       (offset >> 6 & 1) << 7 | (offset >> 10 & 1) << 8 | (offset >> 8 & 3) << 9 | (offset >> 4 & 1) << 11 |
	       (offset >> 11 & 1) << 12;
}

static inline uint32_t enc_cb(uint32_t match, uint32_t offset)
{
	return match | (offset >> 5 & 1) << 2 | (offset >> 1 & 3) << 3 | (offset >> 6 & 3) << 5 |
	       (offset >> 3 & 3) << 10 | (offset >> 8 & 1) << 12;
}

static inline uint32_t enc_lui(unsigned int rd, uint32_t value)
{
	return 0x37 | rd << 7 | (value & 0xfffff000);
}

static inline uint32_t enc_auipc(unsigned int rd, uint32_t value)
{
	return 0x17 | rd << 7 | (value & 0xfffff000);
}

#endif
