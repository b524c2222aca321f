/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a lock-step run has exercised: every instruction, trap cause and the
 * events listed here. A run that claims coverage fails while any count is zero.
 */
#ifndef TESTS_RV32_COVER_H
#define TESTS_RV32_COVER_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "iss.h"

#define COVER_EVENTS(X)                                                                                                \
	X(IRQ_DIRECT, "interrupt through direct mtvec")                                                                \
	X(IRQ_VECTORED, "interrupt through vectored mtvec")                                                            \
	X(IRQ_SEVERAL, "interrupt with others pending")                                                                \
	X(WFI_TRAP, "sleep ended by an interrupt taken")                                                               \
	X(WFI_MASKED, "sleep ended by an interrupt masked in mstatus")                                                 \
	X(WFI_NO_SLEEP, "wfi with an interrupt already pending")                                                       \
	X(FETCH_FAULT_HIGH, "fetch fault on an instruction's second half")                                             \
	X(STRADDLE, "instruction straddling two words")                                                                \
	X(CODE_PATCHED, "code modified, then fence.i")                                                                 \
	X(GRANT_WAIT, "data request not granted at once")                                                              \
	X(RESPONSE_WAIT, "data response later than one cycle")                                                         \
	X(SPURIOUS_RESPONSE, "data response nothing waits for")                                                        \
	X(DIV_ZERO, "division by zero")                                                                                \
	X(DIV_OVERFLOW, "division overflow")                                                                           \
	X(ILLEGAL_SHORT, "illegal 16-bit instruction")                                                                 \
	X(ILLEGAL_CSR, "CSR that does not exist or is read-only")

#define COVER_EVENT(id, name) COVER_##id,
enum cover_event { COVER_EVENTS(COVER_EVENT) COVER_EVENT_COUNT };
#undef COVER_EVENT

struct cover {
	uint64_t retired[ISS_OP_COUNT];
	uint64_t trapped[ISS_OP_COUNT];
	uint64_t taken[ISS_OP_COUNT]; /* conditional branches */
	uint64_t exceptions[32];
	uint64_t interrupts[32];
	uint64_t events[COVER_EVENT_COUNT];
};

/* @divisor is rs2 and @dividend rs1 before the step, for the division events. */
void cover_step(struct cover *c, const struct iss_step *step, uint32_t cause, uint32_t dividend, uint32_t divisor);
void cover_interrupt(struct cover *c, const struct iss *s, uint32_t lines);

/* Prints the table. Returns the number of rows at zero. */
unsigned int cover_report(const struct cover *c, FILE *out);

#endif
