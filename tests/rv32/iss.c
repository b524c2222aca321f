// SPDX-License-Identifier: Apache-2.0
/*
 * Instruction-set simulator: decoding, stepping, memory accesses, traps and
 * interrupts. Interface in iss.h, instructions in iss_exec*.c, CSRs in iss_csr.c.
 */
#include <stddef.h>
#include <string.h>

#include "iss_internal.h"

struct encoding {
	const char *name;
	uint32_t mask;
	uint32_t match;
};

#define ISS_ENCODING(id, name, mask, match) {name, mask, match},
static const struct encoding encodings[ISS_OP_COUNT] = {
	ISS_OPS(ISS_ENCODING){"illegal", 0, 0},
	{"fetch fault", 0, 0},
};
#undef ISS_ENCODING

const char *iss_op_name(enum iss_op op)
{
	return encodings[op].name;
}

uint32_t iss_op_mask(enum iss_op op)
{
	return encodings[op].mask;
}

uint32_t iss_op_match(enum iss_op op)
{
	return encodings[op].match;
}

/* Encodings the C extension reserves inside those of an instruction */
static bool reserved(enum iss_op op, uint32_t insn)
{
	switch (op) {
	case ISS_C_ADDI4SPN:
		return (insn & 0x1fe0) == 0; /* nzuimm = 0 */
	case ISS_C_ADDI16SP:
	case ISS_C_LUI:
		return (insn & 0x107c) == 0; /* nzimm = 0 */
	case ISS_C_LWSP:
	case ISS_C_JR:
		return (insn & 0x0f80) == 0; /* x0 */
	default:
		return false;
	}
}

static enum iss_op decode_slow(uint32_t insn)
{
	enum iss_op first = (insn & 3) == 3 ? ISS_LUI : ISS_C_ADDI4SPN;
	enum iss_op op;

	for (op = first; op < ISS_ILLEGAL; op++)
		if ((insn & encodings[op].mask) == encodings[op].match)
			return reserved(op, insn) ? ISS_ILLEGAL : op;
	return ISS_ILLEGAL;
}

enum iss_op iss_decode(uint32_t insn)
{
	/* Direct-mapped: programs loop, and the table is searched in order. */
	static struct {
		uint32_t insn;
		enum iss_op op;
	} cache[4096] = {{1, ISS_LUI}}; /* slot 0 must not claim to hold 0 */
	unsigned int slot = (insn ^ insn >> 12 ^ insn >> 20) % 4096;

	if (cache[slot].insn != insn || insn == 0) {
		cache[slot].insn = insn;
		cache[slot].op = decode_slow(insn);
	}
	return cache[slot].op;
}

void iss_init(struct iss *s, const struct iss_bus *bus, uint32_t boot_addr)
{
	memset(s, 0, sizeof(*s));
	s->bus = *bus;
	s->pc = boot_addr & ~1u;
	s->csr.mstatus = ISS_MSTATUS_MPP;
}

void iss_write_rd(struct iss *s, unsigned int rd, uint32_t value)
{
	if (rd == 0)
		return;
	s->x[rd] = value;
	s->step.rd = rd;
	s->step.rd_value = value;
}

static void enter_handler(struct iss *s, uint32_t cause, uint32_t epc, uint32_t value)
{
	struct iss_csrs *c = &s->csr;

	c->mepc = epc;
	c->mcause = cause;
	c->mtval = value;
	c->mstatus &= ~ISS_MSTATUS_MPIE;
	if (c->mstatus & ISS_MSTATUS_MIE)
		c->mstatus |= ISS_MSTATUS_MPIE;
	c->mstatus &= ~ISS_MSTATUS_MIE;
	s->pc = c->mtvec & ~3u;
	if ((c->mtvec & 1) && (cause & ISS_CAUSE_IRQ))
		s->pc += 4 * (cause & 0x1f);
}

void iss_trap(struct iss *s, uint32_t cause, uint32_t value)
{
	enter_handler(s, cause, s->step.pc, value);
	s->step.pc_next = s->pc;
	s->step.trap = true;
}

void iss_mret(struct iss *s)
{
	struct iss_csrs *c = &s->csr;

	c->mstatus &= ~ISS_MSTATUS_MIE;
	if (c->mstatus & ISS_MSTATUS_MPIE)
		c->mstatus |= ISS_MSTATUS_MIE;
	c->mstatus |= ISS_MSTATUS_MPIE;
	s->step.pc_next = c->mepc;
}

void iss_load(struct iss *s, unsigned int rd, uint32_t addr, unsigned int bytes, bool sign_extend)
{
	uint32_t value;

	if (addr % bytes) {
		iss_trap(s, ISS_CAUSE_LOAD_MISALIGNED, addr);
		return;
	}
	if (s->bus.load(s->bus.ctx, addr, bytes, &value)) {
		iss_trap(s, ISS_CAUSE_LOAD_FAULT, addr);
		return;
	}
	if (sign_extend)
		value = iss_sext(value, 8 * bytes - 1);
	iss_write_rd(s, rd, value);
}

void iss_store(struct iss *s, uint32_t addr, unsigned int bytes, uint32_t value)
{
	if (addr % bytes) {
		iss_trap(s, ISS_CAUSE_STORE_MISALIGNED, addr);
		return;
	}
	if (bytes < 4)
		value &= (1u << 8 * bytes) - 1;
	if (s->bus.store(s->bus.ctx, addr, bytes, value)) {
		iss_trap(s, ISS_CAUSE_STORE_FAULT, addr);
		return;
	}
	s->step.store_bytes = bytes;
	s->step.store_addr = addr;
	s->step.store_value = value;
}

/* Reads the instruction at pc halfword by halfword; false after an access fault. */
static bool fetch(struct iss *s)
{
	uint16_t low, high;

	s->length = 2;
	if (s->bus.fetch(s->bus.ctx, s->pc, &low)) {
		s->step.op = ISS_FETCH_FAULT;
		iss_trap(s, ISS_CAUSE_FETCH_FAULT, s->pc);
		return false;
	}
	s->step.insn = low;
	if ((low & 3) != 3)
		return true;
	s->length = 4;
	if (s->bus.fetch(s->bus.ctx, s->pc + 2, &high)) {
		s->step.op = ISS_FETCH_FAULT;
		iss_trap(s, ISS_CAUSE_FETCH_FAULT, s->pc + 2);
		return false;
	}
	s->step.insn |= (uint32_t)high << 16;
	return true;
}

static void execute(struct iss *s)
{
	iss_exec_fn exec;

	s->step.op = iss_decode(s->step.insn);
	s->step.pc_next = s->pc + s->length;
	exec = iss_exec_base(s->step.op);
	if (!exec)
		exec = iss_exec_compressed(s->step.op);
	if (exec)
		exec(s, s->step.insn);
	else
		iss_trap(s, ISS_CAUSE_ILLEGAL, s->step.insn);
}

static void count(uint32_t counter[2])
{
	if (++counter[0] == 0)
		counter[1]++;
}

void iss_step(struct iss *s)
{
	bool counted = !(s->csr.mcountinhibit & ISS_INHIBIT_INSTRET);

	memset(&s->step, 0, sizeof(s->step));
	s->step.pc = s->pc;
	s->wrote_minstret = false;
	if (fetch(s))
		execute(s);
	s->pc = s->step.pc_next;
	if (counted && !s->wrote_minstret && !s->step.trap)
		count(s->csr.minstret);
}

void iss_tick(struct iss *s, uint32_t inhibit)
{
	if (!s->wrote_mcycle && !(inhibit & ISS_INHIBIT_CYCLE))
		count(s->csr.mcycle);
	s->wrote_mcycle = false;
}

uint32_t iss_pending(const struct iss *s)
{
	return s->mip & s->csr.mie;
}

bool iss_interruptible(const struct iss *s)
{
	return iss_pending(s) && (s->csr.mstatus & ISS_MSTATUS_MIE);
}

void iss_take_interrupt(struct iss *s)
{
	static const unsigned int by_priority[] = {11, 3, 7};
	uint32_t pending = iss_pending(s);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		if (pending & 1u << by_priority[i]) {
			enter_handler(s, ISS_CAUSE_IRQ | by_priority[i], s->pc, 0);
			return;
		}
	}
}
