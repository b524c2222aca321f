// SPDX-License-Identifier: Apache-2.0
/*
 * Lock-step comparison of the core with the instruction-set simulator.
 * Interface in lockstep.h; the comparison itself is in compare.c.
 */
#include <stdlib.h>
#include <string.h>

#include "compare.h"
#include "lockstep.h"

#define RESET_CYCLES 3
#define QUIET_LIMIT 4000   /* cycles; more than any division or stall takes */
#define SLEEP_PATIENCE 300 /* cycles of sleep before an interrupt is forced */

static int bus_fetch(void *ctx, uint32_t addr, uint16_t *half)
{
	struct lockstep *l = ctx;
	uint32_t word;

	if (testmem_fetch(&l->iss_mem, addr & ~3u, &word))
		return -1;
	*half = addr & 2 ? word >> 16 : word;
	return 0;
}

/* The simulator's access must be the one the core has just completed. */
static bool same_access(struct lockstep *l, bool write, uint32_t addr, unsigned int bytes)
{
	struct lockstep_access *a = &l->done;
	unsigned int be = ((1u << bytes) - 1) << addr % 4;

	if (!a->valid || a->write != write || a->addr != (addr & ~3u) || a->be != be) {
		compare_fail(l, "expected a %s of %u bytes at %08x, the core made %s at %08x be %x",
			     write ? "store" : "load", bytes, addr,
			     !a->valid	? "no access, last"
			     : a->write ? "a store"
					: "a load",
			     a->addr, a->be);
		return false;
	}
	a->valid = false;
	return true;
}

static int bus_load(void *ctx, uint32_t addr, unsigned int bytes, uint32_t *value)
{
	struct lockstep *l = ctx;
	uint32_t word;

	if (!same_access(l, false, addr, bytes) || l->done.error)
		return -1;
	if (testmem_load(&l->iss_mem, addr & ~3u, &word))
		return -1;
	word >>= 8 * (addr % 4);
	*value = bytes == 4 ? word : word & ((1u << 8 * bytes) - 1);
	return 0;
}

static int bus_store(void *ctx, uint32_t addr, unsigned int bytes, uint32_t value)
{
	struct lockstep *l = ctx;

	if (!same_access(l, true, addr, bytes) || l->done.error)
		return -1;
	return testmem_store(&l->iss_mem, addr & ~3u, l->done.be, value << 8 * (addr % 4));
}

static void reset(struct lockstep *l)
{
	unsigned int i;

	/* Two cycles out of reset belong to it: one to leave it, the boot cycle. */
	for (i = 0; i < RESET_CYCLES + 2; i++) {
		l->in.rst_n = i >= RESET_CYCLES;
		l->in.data_gnt = rng_next(&l->rng) & 1;
		l->in.irq = rng_next(&l->rng);
		l->in.boot_addr = l->in.rst_n ? l->config.boot_addr : rng_next(&l->rng);
		rtl_settle(l->rtl, &l->in, &l->out);
		if (i > 0 && (l->out.instr_req || l->out.data_req || l->out.valid || l->out.sleep))
			compare_fail(l, "the core is active in reset");
		if (!rtl_clock(l->rtl))
			compare_fail(l, "an assertion in the RTL failed in reset, as printed above");
	}
	l->in.irq = 0;
}

struct lockstep *lockstep_create(const struct lockstep_config *config, const struct testmem *image, struct cover *cover)
{
	struct lockstep *l = calloc(1, sizeof(*l));
	struct iss_bus bus = {.fetch = bus_fetch, .load = bus_load, .store = bus_store, .ctx = l};

	if (!l)
		return NULL;
	l->rtl = rtl_create(config->seed);
	if (!l->rtl) {
		free(l);
		return NULL;
	}
	l->config = *config;
	l->cover = cover;
	l->rtl_mem = *image;
	l->iss_mem = *image;
	l->irq_overdue = true;
	l->rng = (struct rng){config->seed};
	iss_init(&l->iss, &bus, config->boot_addr);
	reset(l);
	return l;
}

void lockstep_destroy(struct lockstep *l)
{
	if (!l)
		return;
	rtl_destroy(l->rtl);
	free(l);
}

static void count_event(struct lockstep *l, enum cover_event event)
{
	if (l->cover)
		l->cover->events[event]++;
}

/* Wakes a core that sleeps for long, through any interrupt it has enabled. */
static void end_long_sleep(struct lockstep *l)
{
	if (!l->asleep || l->quiet < SLEEP_PATIENCE)
		return;
	if (l->iss.csr.mie == 0)
		l->status = LOCKSTEP_ASLEEP;
	l->in.irq |= l->iss.csr.mie;
}

static void drive_irq(struct lockstep *l)
{
	static const uint32_t lines[] = {ISS_IRQ_SOFTWARE, ISS_IRQ_TIMER, ISS_IRQ_EXTERNAL};

	if (l->timer && --l->timer == 0)
		l->timer_line = true;
	if (l->config.irq_one_in == 0) {
		l->in.irq = l->rtl_mem.reg[TESTMEM_IRQ] & (ISS_IRQ_SOFTWARE | ISS_IRQ_EXTERNAL);
		if (l->timer_line)
			l->in.irq |= ISS_IRQ_TIMER;
		return;
	}
	if (rng_one_in(&l->rng, l->config.irq_one_in))
		l->in.irq ^= lines[rng_below(&l->rng, 3)];
	/* Lines fall more often than they rise. */
	if (rng_one_in(&l->rng, l->config.irq_one_in))
		l->in.irq = 0;
	end_long_sleep(l);
}

static void drive_instr_port(struct lockstep *l)
{
	l->in.instr_rdata = rng_next(&l->rng);
	l->in.instr_err = rng_next(&l->rng) & 1;
	if (l->fetched)
		l->in.instr_err = testmem_fetch(&l->rtl_mem, l->fetch_addr, &l->in.instr_rdata) != 0;
}

static void drive_data_port(struct lockstep *l)
{
	struct lockstep_access *a = &l->outstanding;

	l->in.data_gnt = !rng_chance(&l->rng, l->config.refuse_percent);
	l->in.data_rvalid = a->valid && a->delay == 0;
	l->in.data_rdata = rng_next(&l->rng);
	l->in.data_err = rng_next(&l->rng) & 1;
	if (l->in.data_rvalid) {
		l->in.data_err = a->error;
		if (!a->write && !a->error)
			l->in.data_rdata = a->rdata;
		l->done = *a;
		a->valid = false;
	} else if (a->valid) {
		a->delay--;
	} else if (l->config.spurious && rng_one_in(&l->rng, 50)) {
		l->in.data_rvalid = true;
		count_event(l, COVER_SPURIOUS_RESPONSE);
	}
}

static void device_written(struct lockstep *l, uint32_t addr)
{
	switch ((addr - TESTMEM_DEVICE) / 4) {
	case TESTMEM_EXIT:
		l->status = LOCKSTEP_EXITED;
		break;
	case TESTMEM_PUTC:
		putchar(l->rtl_mem.reg[TESTMEM_PUTC] & 0xff);
		break;
	case TESTMEM_TIMER:
		l->timer = l->rtl_mem.reg[TESTMEM_TIMER];
		l->timer_line = false;
		break;
	default:
		break;
	}
}

static void accept_store(struct lockstep *l, struct lockstep_access *a)
{
	if (a->error)
		return;
	a->error = testmem_store(&l->rtl_mem, a->addr, a->be, l->out.data_wdata) != 0;
	if (a->error)
		return;
	if (a->addr - TESTMEM_DEVICE < sizeof(l->rtl_mem.reg))
		device_written(l, a->addr);
	if (a->addr - TESTMEM_ALIAS < TESTMEM_BYTES || a->addr - TESTMEM_HIGH < TESTMEM_BYTES)
		l->patched = true;
}

static void accept_request(struct lockstep *l)
{
	struct lockstep_access *a = &l->outstanding;

	if (!l->out.data_req)
		return;
	if (!l->in.data_gnt) {
		count_event(l, COVER_GRANT_WAIT);
		return;
	}
	if (a->valid || l->out.data_addr % 4) {
		compare_fail(l, "data request at %08x %s", l->out.data_addr,
			     a->valid ? "while another is outstanding" : "is not word aligned");
		return;
	}
	a->valid = true;
	a->write = l->out.data_we;
	a->addr = l->out.data_addr;
	a->be = l->out.data_be;
	a->delay = rng_below(&l->rng, l->config.max_delay + 1);
	a->error = l->config.error_one_in && rng_one_in(&l->rng, l->config.error_one_in);
	if (a->delay)
		count_event(l, COVER_RESPONSE_WAIT);
	if (a->write)
		accept_store(l, a);
	else
		a->error |= testmem_load(&l->rtl_mem, a->addr, &a->rdata) != 0;
}

static void accept_fetch(struct lockstep *l)
{
	l->fetched = l->out.instr_req;
	l->fetch_addr = l->out.instr_addr;
	if (l->fetched && l->fetch_addr % 4)
		compare_fail(l, "fetch at %08x is not word aligned", l->fetch_addr);
}

/* Follows the sleep output; l->asleep is what it has to be in this cycle. */
static void check_sleep(struct lockstep *l)
{
	if (l->out.sleep != l->asleep)
		compare_fail(l, "sleep output is %d", l->out.sleep);
	l->sleep_cycles += l->asleep;
	if (l->asleep && iss_pending(&l->iss)) {
		l->asleep = false;
		count_event(l, iss_interruptible(&l->iss) ? COVER_WFI_TRAP : COVER_WFI_MASKED);
	}
}

static void check_quiet(struct lockstep *l)
{
	l->quiet = l->out.valid ? 0 : l->quiet + 1;
	if (l->quiet > QUIET_LIMIT && !l->asleep)
		compare_fail(l, "the core hangs");
}

enum lockstep_status lockstep_cycle(struct lockstep *l)
{
	uint32_t inhibit = l->iss.csr.mcountinhibit;

	drive_irq(l);
	drive_instr_port(l);
	drive_data_port(l);
	rtl_settle(l->rtl, &l->in, &l->out);
	l->iss.mip = l->in.irq;
	check_sleep(l);
	compare_cycle(l);
	accept_fetch(l);
	accept_request(l);
	check_quiet(l);
	iss_tick(&l->iss, inhibit);
	if (!rtl_clock(l->rtl))
		compare_fail(l, "an assertion in the RTL failed, as printed above");
	compare_csrs(l);
	l->cycles++;
	return l->status;
}

enum lockstep_status lockstep_finish(struct lockstep *l)
{
	unsigned int i;

	/* A store whose response is still out has reached the core's memory only. */
	if (l->status == LOCKSTEP_FAILED || l->outstanding.valid)
		return l->status;
	for (i = 0; i < TESTMEM_WORDS; i++) {
		if (l->rtl_mem.ram[i] != l->iss_mem.ram[i]) {
			compare_fail(l, "memory differs at %08x: core %08x, simulator %08x", TESTMEM_BASE + 4 * i,
				     l->rtl_mem.ram[i], l->iss_mem.ram[i]);
			break;
		}
	}
	return l->status;
}
