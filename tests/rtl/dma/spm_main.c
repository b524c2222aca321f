/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scratchpad: random requests on all ports. Every cycle the grants, the number of refusals and the data of the last
 * cycle's grants must be those of the model here, which is docs/rtl-interfaces.md in C.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lib/arguments.h"
#include "lib/rng.h"
#include "spm_pins.h"

#define BANKS 16u
#define VECTORS (SPM_BYTES / SPM_N)
#define ROWS (VECTORS / BANKS)

struct test {
	struct spm_model *model;
	struct rng rng;
	struct spm_in in;
	struct spm_out out;
	uint8_t mem[SPM_BYTES];
	bool expect[SPM_PORTS]; /* data is due */
	uint8_t due[SPM_PORTS][SPM_N];
	uint32_t scrub_row; /* ROWS: not scrubbing */
	uint32_t request_pct;
	uint64_t cycle, grants, refusals;
	uint64_t seed;
};

static bool is_read(uint32_t port)
{
	return port != SPM_VW && port != SPM_LW;
}

static uint32_t bank_of(uint32_t w)
{
	uint32_t hash = (w >> 1) ^ (w >> 4) ^ (w >> 7) ^ (w >> 10) ^ ((w & 0xffff) >> 13);

	return (hash & 7) << 1 | (w & 1);
}

/* The banks that a port's request needs. */
static uint32_t banks_of(const struct spm_in *in, uint32_t port)
{
	uint32_t a = in->addr[port];

	if (port != SPM_IFM)
		return 1u << bank_of(a);
	return 1u << bank_of(a / SPM_N) | (a % SPM_N ? 1u << bank_of(a / SPM_N + 1) : 0);
}

static uint32_t draw_addr(struct rng *r, uint32_t port)
{
	/* Half of the requests in few banks, for conflicts and for reads of what was just written. */
	uint32_t vectors = rng_chance(r, 50) ? 24 : VECTORS;

	if (port == SPM_IFM)
		return rng_below(r, (vectors - 1) * SPM_N + 1);
	return rng_below(r, vectors);
}

/* A refused request stays, unless the requester changes its mind. */
static void draw_inputs(struct test *t)
{
	struct spm_in *in = &t->in;

	for (uint32_t p = 0; p < SPM_PORTS; p++) {
		if (in->req[p] && !t->out.gnt[p] && rng_chance(&t->rng, 80))
			continue;
		in->req[p] = rng_chance(&t->rng, t->request_pct);
		in->addr[p] = draw_addr(&t->rng, p);
		for (uint32_t i = 0; i < SPM_N; i++)
			in->wdata[p][i] = (uint8_t)rng_u64(&t->rng);
	}
	in->be = rng_chance(&t->rng, 30) ? 0xffffffffu : (uint32_t)rng_u64(&t->rng);
	in->scrub = rng_below(&t->rng, 20000) == 0;
}

static bool complain(const struct test *t, const char *what, uint32_t port)
{
	printf("FAILED at cycle %llu: %s (port %u)\nreplay: test-spm --seed %llu\n", (unsigned long long)t->cycle, what,
	       port, (unsigned long long)t->seed);
	return false;
}

static bool check_grants(struct test *t)
{
	uint32_t busy = t->scrub_row < ROWS ? 0xffff : 0;
	uint32_t refused = 0;

	for (uint32_t p = 0; p < SPM_PORTS; p++) {
		uint32_t want = banks_of(&t->in, p);
		bool gnt = t->in.req[p] && !(want & busy);

		if (t->out.gnt[p] != gnt)
			return complain(t, "wrong grant", p);
		refused += t->in.req[p] && !gnt;
		t->grants += gnt;
		if (t->in.req[p])
			busy |= want;
	}
	t->refusals += refused;
	return t->out.conflicts == refused || complain(t, "refusals miscounted", 0);
}

static bool check_data(struct test *t)
{
	for (uint32_t p = 0; p < SPM_PORTS; p++)
		if (t->expect[p] && memcmp(t->due[p], t->out.rdata[p], SPM_N))
			return complain(t, "wrong data", p);
	return true;
}

/* What the edge does: granted reads see memory before it. */
static void follow(struct test *t)
{
	for (uint32_t p = 0; p < SPM_PORTS; p++) {
		uint32_t a = t->in.addr[p] * (p == SPM_IFM ? 1 : SPM_N);

		t->expect[p] = is_read(p) && t->out.gnt[p];
		if (t->expect[p])
			memcpy(t->due[p], t->mem + a, SPM_N);
	}
	for (uint32_t i = 0; i < SPM_N; i++) {
		if (t->out.gnt[SPM_VW])
			t->mem[t->in.addr[SPM_VW] * SPM_N + i] = t->in.wdata[SPM_VW][i];
		if (t->out.gnt[SPM_LW] && (t->in.be >> i & 1))
			t->mem[t->in.addr[SPM_LW] * SPM_N + i] = t->in.wdata[SPM_LW][i];
	}
}

static bool follow_scrub(struct test *t)
{
	if (t->out.scrub_busy != (t->scrub_row < ROWS))
		return complain(t, "scrub too long or too short", 0);
	if (t->scrub_row < ROWS) {
		t->scrub_row++;
	} else if (t->in.scrub) {
		t->scrub_row = 0;
		memset(t->mem, 0, sizeof(t->mem));
	}
	return true;
}

static bool step(struct test *t)
{
	t->cycle++;
	spm_settle(t->model, &t->in, &t->out);
	if (!check_grants(t) || !check_data(t))
		return false;
	follow(t);
	if (!follow_scrub(t))
		return false;
	spm_clock(t->model);
	return true;
}

static bool run(struct test *t, uint64_t cycles)
{
	static const uint32_t loads[] = {5, 30, 60, 100};

	t->in.scrub = true;
	if (!step(t))
		return false;
	t->in.scrub = false;
	while (t->cycle < cycles) {
		if (t->cycle % 1000 == 0)
			t->request_pct = loads[rng_below(&t->rng, 4)];
		draw_inputs(t);
		if (!step(t))
			return false;
	}
	return true;
}

static void reset(struct test *t)
{
	t->scrub_row = ROWS;
	for (int i = 0; i < 3; i++) {
		spm_settle(t->model, &t->in, &t->out);
		spm_clock(t->model);
	}
	t->in.rst_n = true;
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, cycles = 300000;
	const struct number_argument options[] = {{"seed", &seed}, {"cycles", &cycles}, {NULL, NULL}};
	struct test *t;
	bool ok = false;

	if (arguments_parse(argc, argv, options) < 0)
		return 2;
	t = calloc(1, sizeof(*t));
	if (!t)
		return 2;
	t->seed = seed;
	t->rng = (struct rng){t->seed};
	t->model = spm_create(t->seed);
	if (t->model) {
		reset(t);
		ok = run(t, cycles);
	}
	if (ok)
		printf("N=%u: %llu cycles, %llu grants, %llu refusals: ok\n", SPM_N, (unsigned long long)t->cycle,
		       (unsigned long long)t->grants, (unsigned long long)t->refusals);
	spm_destroy(t->model);
	free(t);
	return ok ? 0 : 1;
}
