// SPDX-License-Identifier: Apache-2.0
//
// Shim over the class that Verilator makes of quern_top: see model.h. Everything else of the simulation is C.
// Built three times for each array size: as it is; with QUERN_TRACE, where waveforms can be written; and with QUERN_DEBUG
// besides, where assertions are checked. QUERN_SCHEDULE: cycles are evaluated by schedule.h, else as Verilator would.

#include "model.h"

#include <new>

#include "Vquern_top.h"
#include "Vquern_top___024root.h"
#include "verilated.h"
#ifdef QUERN_TRACE
#include "verilated_fst_c.h"
#endif

#ifdef QUERN_SCHEDULE
#include "schedule.h"
#endif

namespace {

constexpr int RESET_CYCLES = 4;

struct chip {
	VerilatedContext context;
	Vquern_top top;
#ifdef QUERN_TRACE
	VerilatedFstC trace;
#endif
#ifdef QUERN_SCHEDULE
	uint64_t seen = ~0ull; // pins, as schedule_input() saw them last; never all ones
#endif

	chip() : top(initialise(&context), "quern")
	{
	}

	/* A build with assertions powers up with random registers and memories, the same every time. */
	static VerilatedContext *initialise(VerilatedContext *context)
	{
#ifdef QUERN_DEBUG
		context->randReset(2);
		context->randSeed(1);
#endif
		return context;
	}
};

void connect(struct quern_pins *pins, Vquern_top *top)
{
	pins->rst_n = &top->rst_ni;
	pins->host_valid = &top->host_valid_i;
	pins->host_we = &top->host_we_i;
	pins->host_addr = &top->host_addr_i;
	pins->host_wdata = &top->host_wdata_i;
	pins->host_ready = &top->host_ready_o;
	pins->host_rdata = &top->host_rdata_o;
	pins->irq = &top->irq_o;
	pins->active = &top->active_o;

	pins->arvalid = &top->m_arvalid_o;
	pins->arid = &top->m_arid_o;
	pins->araddr = &top->m_araddr_o;
	pins->arlen = &top->m_arlen_o;
	pins->arready = &top->m_arready_i;

	pins->rvalid = &top->m_rvalid_i;
	pins->rid = &top->m_rid_i;
	pins->rresp = &top->m_rresp_i;
	pins->rlast = &top->m_rlast_i;
	pins->rdata = top->m_rdata_i.data();

	pins->awvalid = &top->m_awvalid_o;
	pins->awid = &top->m_awid_o;
	pins->awaddr = &top->m_awaddr_o;
	pins->awlen = &top->m_awlen_o;
	pins->awready = &top->m_awready_i;

	pins->wvalid = &top->m_wvalid_o;
	pins->wlast = &top->m_wlast_o;
	pins->wstrb = &top->m_wstrb_o;
	pins->wdata = top->m_wdata_o.data();
	pins->wready = &top->m_wready_i;

	pins->bvalid = &top->m_bvalid_i;
	pins->bid = &top->m_bid_i;
	pins->bresp = &top->m_bresp_i;
}

// Inputs are seen in the low phase of the clock, so the latches of the clock gates see them too.
void evaluate(Vquern_top *top)
{
	top->clk_i = 0;
	top->eval();
	top->clk_i = 1;
	top->eval();
}

void tick(void *opaque)
{
	struct chip *chip = static_cast<struct chip *>(opaque);

#ifdef QUERN_SCHEDULE
	// As evaluate(), without finding out what is known: the pin stays low, see schedule.py.
	schedule_input(chip->top.rootp, &chip->seen);
	schedule_rising(chip->top.rootp);
#else
	evaluate(&chip->top);
#endif
}

int create(struct quern_model *model)
{
	struct chip *chip = new (std::nothrow) struct chip;

	if (!chip)
		return -1;
	model->chip = chip;
	connect(&model->pins, &chip->top);
#ifdef QUERN_TRACE
	chip->context.traceEverOn(true);
#endif
	chip->top.clk_i = 0;
	chip->top.eval();
#ifdef QUERN_DEBUG
	// Assertions hold from the reset on, not for what the registers come up with.
	chip->context.assertOn(false);
	for (int i = 0; i < RESET_CYCLES; i++)
		tick(chip);
	chip->context.assertOn(true);
#endif
	return 0;
}

void destroy(struct quern_model *model)
{
	struct chip *chip = static_cast<struct chip *>(model->chip);

	// The run-time library finds what it takes down through the thread's context, which may be another chip's.
	Verilated::threadContextp(&chip->context);
	chip->top.final();
	delete chip;
	Verilated::threadContextp(Verilated::defaultContextp());
}

#ifdef QUERN_TRACE
int trace_open(void *opaque, const char *path)
{
	struct chip *chip = static_cast<struct chip *>(opaque);

	chip->top.trace(&chip->trace, 99);
	chip->trace.open(path);
	return chip->trace.isOpen() ? 0 : -1;
}

/* The clock's edges are two time steps of 500 ps apart, at the nominal clock. */
void tick_traced(void *opaque, uint64_t cycle)
{
	struct chip *chip = static_cast<struct chip *>(opaque);

	evaluate(&chip->top);
	chip->trace.dump(cycle * 1000);
	chip->top.clk_i = 0;
	chip->top.eval();
	chip->trace.dump(cycle * 1000 + 500);
#ifdef QUERN_SCHEDULE
	chip->seen = ~0ull;
#endif
}

void trace_close(void *opaque)
{
	static_cast<struct chip *>(opaque)->trace.close();
}
#endif

const struct quern_model_ops build = {
	QUERN_ARRAY,
	QUERN_SPM_KIB * 1024u,
	create,
	destroy,
	tick,
#ifdef QUERN_TRACE
	tick_traced,
	trace_open,
	trace_close,
#else
	nullptr,
	nullptr,
	nullptr,
#endif
};

} // namespace

#ifdef QUERN_TRACE
__attribute__((visibility("default")))
#endif
const struct quern_model_ops *quern_model_build(void)
{
	return &build;
}
