/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the instruction-set simulator share. An execute function
 * finds s->step.pc_next set to the sequential successor.
 */
#ifndef TESTS_RV32_ISS_INTERNAL_H
#define TESTS_RV32_ISS_INTERNAL_H

#include "iss.h"

typedef void (*iss_exec_fn)(struct iss *s, uint32_t insn);

/* NULL if the table belongs to the other file */
iss_exec_fn iss_exec_base(enum iss_op op);
iss_exec_fn iss_exec_compressed(enum iss_op op);

void iss_trap(struct iss *s, uint32_t cause, uint32_t value);
void iss_write_rd(struct iss *s, unsigned int rd, uint32_t value);
void iss_load(struct iss *s, unsigned int rd, uint32_t addr, unsigned int bytes, bool sign_extend);
void iss_store(struct iss *s, uint32_t addr, unsigned int bytes, uint32_t value);
void iss_mret(struct iss *s);

/* False if the CSR does not exist. */
bool iss_csr_read(const struct iss *s, unsigned int number, uint32_t *value);
/* False if the CSR is read-only. It must exist. */
bool iss_csr_write(struct iss *s, unsigned int number, uint32_t value);

/* Bits [high:low] of @insn, moved to bit @to */
static inline uint32_t iss_bits(uint32_t insn, unsigned int high, unsigned int low, unsigned int to)
{
	return (insn >> low & ((2u << (high - low)) - 1)) << to;
}

/* @value with bit @sign as its sign */
static inline uint32_t iss_sext(uint32_t value, unsigned int sign)
{
	uint32_t bit = 1u << sign;

	return (value ^ bit) - bit;
}

#endif
