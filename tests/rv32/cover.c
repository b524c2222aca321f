// SPDX-License-Identifier: Apache-2.0
/*
 * Coverage of the lock-step tests: counting and the table. Interface in cover.h.
 */
#include "cover.h"

static bool is_branch(enum iss_op op)
{
	return (op >= ISS_BEQ && op <= ISS_BGEU) || op == ISS_C_BEQZ || op == ISS_C_BNEZ;
}

static bool is_csr(enum iss_op op)
{
	return op >= ISS_CSRRW && op <= ISS_CSRRCI;
}

/* These never retire: they are exceptions. */
static bool always_traps(enum iss_op op)
{
	return op == ISS_ECALL || op == ISS_EBREAK || op == ISS_C_EBREAK || op == ISS_ILLEGAL || op == ISS_FETCH_FAULT;
}

static void cover_division(struct cover *c, enum iss_op op, uint32_t dividend, uint32_t divisor)
{
	if (op < ISS_DIV || op > ISS_REMU)
		return;
	if (divisor == 0)
		c->events[COVER_DIV_ZERO]++;
	if ((op == ISS_DIV || op == ISS_REM) && dividend == 0x80000000 && divisor == ~0u)
		c->events[COVER_DIV_OVERFLOW]++;
}

static void cover_exception(struct cover *c, const struct iss_step *step, uint32_t cause)
{
	c->trapped[step->op]++;
	c->exceptions[cause & 31]++;
	if (step->op == ISS_ILLEGAL && (step->insn & 3) != 3)
		c->events[COVER_ILLEGAL_SHORT]++;
	if (is_csr(step->op))
		c->events[COVER_ILLEGAL_CSR]++;
	if (step->op == ISS_FETCH_FAULT && (step->insn & 3) == 3)
		c->events[COVER_FETCH_FAULT_HIGH]++;
}

void cover_step(struct cover *c, const struct iss_step *step, uint32_t cause, uint32_t dividend, uint32_t divisor)
{
	if (step->trap) {
		cover_exception(c, step, cause);
		return;
	}
	c->retired[step->op]++;
	c->taken[step->op] += step->taken;
	if ((step->insn & 3) == 3 && step->pc % 4 == 2)
		c->events[COVER_STRADDLE]++;
	cover_division(c, step->op, dividend, divisor);
}

void cover_interrupt(struct cover *c, const struct iss *s, uint32_t lines)
{
	uint32_t pending = lines & s->csr.mie;

	c->interrupts[s->csr.mcause & 31]++;
	c->events[s->csr.mtvec & 1 ? COVER_IRQ_VECTORED : COVER_IRQ_DIRECT]++;
	if (pending & (pending - 1))
		c->events[COVER_IRQ_SEVERAL]++;
}

static unsigned int row(FILE *out, const char *kind, const char *name, uint64_t count)
{
	fprintf(out, "%-12s %-48s %12llu%s\n", kind, name, (unsigned long long)count, count ? "" : "  <- not covered");
	return count == 0;
}

static unsigned int report_op(const struct cover *c, enum iss_op op, FILE *out)
{
	char name[64];
	unsigned int zero;

	if (always_traps(op))
		return row(out, "trapping", iss_op_name(op), c->trapped[op]);
	zero = row(out, "instruction", iss_op_name(op), c->retired[op]);
	if (is_branch(op)) {
		snprintf(name, sizeof(name), "%s, taken", iss_op_name(op));
		zero += row(out, "", name, c->taken[op]);
		snprintf(name, sizeof(name), "%s, not taken", iss_op_name(op));
		zero += row(out, "", name, c->retired[op] - c->taken[op]);
	}
	return zero;
}

static const char *const exception_names[32] = {
	[1] = "1 instruction access fault", [2] = "2 illegal instruction", [3] = "3 breakpoint",
	[4] = "4 load address misaligned",  [5] = "5 load access fault",   [6] = "6 store address misaligned",
	[7] = "7 store access fault",	    [11] = "11 environment call",
};

static const char *const interrupt_names[32] = {
	[3] = "3 machine software",
	[7] = "7 machine timer",
	[11] = "11 machine external",
};

#define COVER_NAME(id, name) name,
static const char *const event_names[] = {COVER_EVENTS(COVER_NAME)};
#undef COVER_NAME

unsigned int cover_report(const struct cover *c, FILE *out)
{
	unsigned int i, zero = 0;

	for (i = 0; i < ISS_OP_COUNT; i++)
		zero += report_op(c, i, out);
	for (i = 0; i < 32; i++)
		if (exception_names[i])
			zero += row(out, "exception", exception_names[i], c->exceptions[i]);
	for (i = 0; i < 32; i++)
		if (interrupt_names[i])
			zero += row(out, "interrupt", interrupt_names[i], c->interrupts[i]);
	for (i = 0; i < COVER_EVENT_COUNT; i++)
		zero += row(out, "event", event_names[i], c->events[i]);
	return zero;
}
