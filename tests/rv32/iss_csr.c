// SPDX-License-Identifier: Apache-2.0
/*
 * CSRs of the instruction-set simulator: a table of what exists, where its
 * value is and which bits a write reaches. The address itself says whether a
 * CSR is read-only (bits [11:10] set), as in the privileged specification.
 */
#include <stddef.h>

#include "iss_internal.h"

#define IRQ_BITS (ISS_IRQ_SOFTWARE | ISS_IRQ_TIMER | ISS_IRQ_EXTERNAL)
#define MISA 0x40001104u /* RV32, C, I, M */
#define NO_FIELD SIZE_MAX

struct csr {
	uint16_t first, last;
	size_t field; /* offset in struct iss; NO_FIELD: the value is constant */
	uint32_t writable;
	uint32_t constant;
};

static const struct csr table[] = {
	{0x300, 0x300, offsetof(struct iss, csr.mstatus), ISS_MSTATUS_MIE | ISS_MSTATUS_MPIE, 0},
	{0x301, 0x301, NO_FIELD, 0, MISA},
	{0x304, 0x304, offsetof(struct iss, csr.mie), IRQ_BITS, 0},
	{0x305, 0x305, offsetof(struct iss, csr.mtvec), 0xfffffffd, 0},
	{0x310, 0x310, NO_FIELD, 0, 0}, /* mstatush */
	{0x320, 0x320, offsetof(struct iss, csr.mcountinhibit), ISS_INHIBIT_CYCLE | ISS_INHIBIT_INSTRET, 0},
	{0x323, 0x33f, NO_FIELD, 0, 0}, /* mhpmevent */
	{0x340, 0x340, offsetof(struct iss, csr.mscratch), 0xffffffff, 0},
	{0x341, 0x341, offsetof(struct iss, csr.mepc), 0xfffffffe, 0},
	{0x342, 0x342, offsetof(struct iss, csr.mcause), 0x8000001f, 0},
	{0x343, 0x343, offsetof(struct iss, csr.mtval), 0xffffffff, 0},
	{0x344, 0x344, offsetof(struct iss, mip), 0, 0},
	{0xb00, 0xb00, offsetof(struct iss, csr.mcycle[0]), 0xffffffff, 0},
	{0xb02, 0xb02, offsetof(struct iss, csr.minstret[0]), 0xffffffff, 0},
	{0xb03, 0xb1f, NO_FIELD, 0, 0}, /* mhpmcounter */
	{0xb80, 0xb80, offsetof(struct iss, csr.mcycle[1]), 0xffffffff, 0},
	{0xb82, 0xb82, offsetof(struct iss, csr.minstret[1]), 0xffffffff, 0},
	{0xb83, 0xb9f, NO_FIELD, 0, 0}, /* mhpmcounterh */
	{0xf11, 0xf12, NO_FIELD, 0, 0}, /* mvendorid, marchid */
	{0xf13, 0xf13, NO_FIELD, 0, 1}, /* mimpid */
	{0xf14, 0xf15, NO_FIELD, 0, 0}, /* mhartid, mconfigptr */
};

static const struct csr *find(unsigned int number)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		if (number >= table[i].first && number <= table[i].last)
			return &table[i];
	return NULL;
}

bool iss_csr_read(const struct iss *s, unsigned int number, uint32_t *value)
{
	const struct csr *c = find(number);

	if (!c)
		return false;
	*value = c->constant;
	if (c->field != NO_FIELD)
		*value = *(const uint32_t *)((const char *)s + c->field);
	return true;
}

bool iss_csr_write(struct iss *s, unsigned int number, uint32_t value)
{
	const struct csr *c = find(number);
	uint32_t *field;

	if (number >> 10 == 3)
		return false;
	if (c->field != NO_FIELD) {
		field = (uint32_t *)((char *)s + c->field);
		*field = (*field & ~c->writable) | (value & c->writable);
	}
	s->wrote_mcycle |= number == 0xb00 || number == 0xb80;
	s->wrote_minstret |= number == 0xb02 || number == 0xb82;
	return true;
}
