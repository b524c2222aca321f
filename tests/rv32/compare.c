// SPDX-License-Identifier: Apache-2.0
/*
 * Comparison of one cycle of the core with the instruction-set simulator.
 * Interface in compare.h.
 */
#include <stdarg.h>
#include <stddef.h>

#include "compare.h"

void compare_fail(struct lockstep *l, const char *format, ...)
{
	va_list args;

	if (l->status == LOCKSTEP_FAILED)
		return;
	l->status = LOCKSTEP_FAILED;
	va_start(args, format);
	vsnprintf(l->message, sizeof(l->message), format, args);
	va_end(args);
}

static void expect(struct lockstep *l, const char *what, uint32_t core, uint32_t simulator)
{
	if (core != simulator)
		compare_fail(l, "%s: core %08x, simulator %08x", what, core, simulator);
}

static void compare_store(struct lockstep *l, const struct iss_step *s)
{
	unsigned int lane = s->store_addr % 4, i;
	unsigned int be = ((1u << s->store_bytes) - 1) << lane;
	uint32_t core = 0;

	expect(l, "store mask", l->out.mem_wmask, be);
	if (!be)
		return;
	expect(l, "store address", l->out.mem_addr, s->store_addr & ~3u);
	for (i = 0; i < s->store_bytes; i++)
		core |= (l->out.mem_wdata >> 8 * (lane + i) & 0xff) << 8 * i;
	expect(l, "store data", core, s->store_value);
}

static void compare_step(struct lockstep *l, const struct iss_step *s)
{
	expect(l, "pc", l->out.pc, s->pc);
	if (s->op != ISS_FETCH_FAULT)
		expect(l, "instruction", l->out.insn, s->insn);
	expect(l, "trap", l->out.insn_trap, s->trap);
	expect(l, "trap output", l->out.trap, s->trap);
	expect(l, "next pc", l->out.pc_next, s->pc_next);
	expect(l, "register", l->out.rd, s->rd);
	expect(l, "register value", l->out.rd_value, s->rd_value);
	expect(l, "interrupt mark", l->out.intr, l->intr_expected);
	compare_store(l, s);
	if (l->done.valid)
		compare_fail(l, "the core made an access the simulator did not, at %08x", l->done.addr);
}

static void count_step(struct lockstep *l, uint32_t dividend, uint32_t divisor)
{
	const struct iss_step *s = &l->iss.step;

	if (!l->cover)
		return;
	cover_step(l->cover, s, l->iss.csr.mcause, dividend, divisor);
	if (s->op == ISS_WFI && !s->trap && !l->asleep)
		l->cover->events[COVER_WFI_NO_SLEEP]++;
	if (s->op == ISS_FENCE_I && l->patched) {
		l->cover->events[COVER_CODE_PATCHED]++;
		l->patched = false;
	}
}

static void step(struct lockstep *l)
{
	struct iss *s = &l->iss;
	/* Register numbers of a division, should this be one */
	uint32_t dividend = s->x[l->out.insn >> 15 & 31], divisor = s->x[l->out.insn >> 20 & 31];

	iss_step(s);
	l->history[l->retired % LOCKSTEP_HISTORY] = s->step;
	l->retired++;
	compare_step(l, &s->step);
	if (s->step.op == ISS_WFI && !s->step.trap)
		l->asleep = !iss_pending(s);
	count_step(l, dividend, divisor);
	l->intr_expected = false;
}

static void take_interrupt(struct lockstep *l)
{
	if (!iss_interruptible(&l->iss)) {
		compare_fail(l, "interrupt taken although none is due");
		return;
	}
	iss_take_interrupt(&l->iss);
	l->intr_expected = true;
	if (l->cover)
		cover_interrupt(l->cover, &l->iss, l->in.irq);
}

void compare_cycle(struct lockstep *l)
{
	l->irq_overdue = l->irq_overdue && iss_interruptible(&l->iss);
	if (l->out.valid) {
		if (l->irq_overdue)
			compare_fail(l, "instruction executed although an interrupt was due before it");
		step(l);
	} else if (l->out.trap) {
		take_interrupt(l);
	}
	if (l->out.valid || l->out.trap)
		l->irq_overdue = true;
}

void compare_csrs(struct lockstep *l)
{
	const struct iss_csrs *s = &l->iss.csr;
	struct iss_csrs core;

	rtl_read_csrs(l->rtl, &core);
	expect(l, "mstatus", core.mstatus, s->mstatus);
	expect(l, "mie", core.mie, s->mie);
	expect(l, "mtvec", core.mtvec, s->mtvec);
	expect(l, "mscratch", core.mscratch, s->mscratch);
	expect(l, "mepc", core.mepc, s->mepc);
	expect(l, "mcause", core.mcause, s->mcause);
	expect(l, "mtval", core.mtval, s->mtval);
	expect(l, "mcountinhibit", core.mcountinhibit, s->mcountinhibit);
	expect(l, "mcycle", core.mcycle[0], s->mcycle[0]);
	expect(l, "mcycleh", core.mcycle[1], s->mcycle[1]);
	expect(l, "minstret", core.minstret[0], s->minstret[0]);
	expect(l, "minstreth", core.minstret[1], s->minstret[1]);
}

static void print_step(const struct iss_step *s, FILE *out)
{
	fprintf(out, "  %08x  %08x  %-12s", s->pc, s->insn, iss_op_name(s->op));
	if (s->rd)
		fprintf(out, " x%u = %08x", s->rd, s->rd_value);
	if (s->store_bytes)
		fprintf(out, " [%08x] = %08x (%u bytes)", s->store_addr, s->store_value, s->store_bytes);
	if (s->trap)
		fprintf(out, " trap to %08x", s->pc_next);
	fprintf(out, "\n");
}

void lockstep_explain(const struct lockstep *l, FILE *out)
{
	uint64_t first = l->retired > LOCKSTEP_HISTORY ? l->retired - LOCKSTEP_HISTORY : 0, i;

	fprintf(out, "The simulator's last instructions:\n");
	for (i = first; i < l->retired; i++)
		print_step(&l->history[i % LOCKSTEP_HISTORY], out);
	fprintf(out, "cycle %llu, instruction %llu: %s\n", (unsigned long long)l->cycles,
		(unsigned long long)l->retired, l->message);
}
