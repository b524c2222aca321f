/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instruction-set simulator for RV32IMC + Zicsr, machine mode: the second
 * opinion the RTL core is compared with, instruction by instruction.
 *
 * It is written from the specification and shares nothing with the RTL: a
 * table of encodings with one function per instruction, compressed ones
 * executed as they stand. It knows nothing of time. The caller ticks the cycle
 * counter, drives the interrupt lines and says when an interrupt is taken.
 */
#ifndef TESTS_RV32_ISS_H
#define TESTS_RV32_ISS_H

#include <stdbool.h>
#include <stdint.h>

#include "iss_ops.h"

#define ISS_OP(id, name, mask, match) ISS_##id,
enum iss_op { ISS_OPS(ISS_OP) ISS_ILLEGAL, ISS_FETCH_FAULT, ISS_OP_COUNT };
#undef ISS_OP

enum iss_cause {
	ISS_CAUSE_FETCH_FAULT = 1,
	ISS_CAUSE_ILLEGAL = 2,
	ISS_CAUSE_BREAKPOINT = 3,
	ISS_CAUSE_LOAD_MISALIGNED = 4,
	ISS_CAUSE_LOAD_FAULT = 5,
	ISS_CAUSE_STORE_MISALIGNED = 6,
	ISS_CAUSE_STORE_FAULT = 7,
	ISS_CAUSE_ECALL = 11,
};

/* Bits of mip and mie, and the interrupt causes they stand for */
#define ISS_IRQ_SOFTWARE (1u << 3)
#define ISS_IRQ_TIMER (1u << 7)
#define ISS_IRQ_EXTERNAL (1u << 11)
#define ISS_CAUSE_IRQ (1u << 31)

#define ISS_MSTATUS_MIE (1u << 3)
#define ISS_MSTATUS_MPIE (1u << 7)
#define ISS_MSTATUS_MPP (3u << 11)

#define ISS_INHIBIT_CYCLE (1u << 0)
#define ISS_INHIBIT_INSTRET (1u << 2)

/* The world outside the hart. Each returns 0, or nonzero for an access fault. */
struct iss_bus {
	int (*fetch)(void *ctx, uint32_t addr, uint16_t *half);
	int (*load)(void *ctx, uint32_t addr, unsigned int bytes, uint32_t *value);
	int (*store)(void *ctx, uint32_t addr, unsigned int bytes, uint32_t value);
	void *ctx;
};

struct iss_csrs {
	uint32_t mstatus;
	uint32_t mie;
	uint32_t mtvec;
	uint32_t mscratch;
	uint32_t mepc;
	uint32_t mcause;
	uint32_t mtval;
	uint32_t mcountinhibit;
	uint32_t mcycle[2]; /* low word first */
	uint32_t minstret[2];
};

/* What one step did */
struct iss_step {
	enum iss_op op;
	uint32_t insn; /* raw; 16 bits zero-extended if compressed */
	uint32_t pc;
	uint32_t pc_next;
	unsigned int rd; /* 0: no register was written */
	uint32_t rd_value;
	unsigned int store_bytes; /* 0: nothing was stored */
	uint32_t store_addr;
	uint32_t store_value;
	bool trap;
	bool taken; /* a conditional branch was taken */
};

struct iss {
	uint32_t x[32];
	uint32_t pc;
	uint32_t mip; /* the interrupt lines, ISS_IRQ_* */
	struct iss_csrs csr;
	struct iss_bus bus;
	struct iss_step step; /* the step in progress */
	unsigned int length;  /* of its instruction, in bytes */
	bool wrote_mcycle;    /* since the last iss_tick() */
	bool wrote_minstret;  /* in this step */
};

void iss_init(struct iss *s, const struct iss_bus *bus, uint32_t boot_addr);

/* Executes one instruction; the result stays readable in s->step. */
void iss_step(struct iss *s);

/* Ends a clock cycle. @inhibit is mcountinhibit as the cycle began. */
void iss_tick(struct iss *s, uint32_t inhibit);

/* Interrupts that are pending and enabled in mie: what wakes WFI. */
uint32_t iss_pending(const struct iss *s);

/* Whether an interrupt would be taken before the next instruction. */
bool iss_interruptible(const struct iss *s);

/* Takes the pending interrupt of highest priority. */
void iss_take_interrupt(struct iss *s);

enum iss_op iss_decode(uint32_t insn);
const char *iss_op_name(enum iss_op op);
uint32_t iss_op_mask(enum iss_op op);
uint32_t iss_op_match(enum iss_op op);

#endif
