// SPDX-License-Identifier: Apache-2.0
/*
 * The MMU against a page walker in C: test-mmu [--seed n] [--requests n].
 *
 * Random tables, three clients with streams and strides and jumps, changing address spaces, a bus with random latency.
 * Rights are granted without invalidation; they are taken away, and tables moved, in the cycle of an invalidation, with
 * requests under way: those may see what was or what is, later ones only what is. Then a full-rate stream over scattered
 * pages, which must never wait after its first translation.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arguments.h"
#include "tables.h"

#define QUEUE 64
#define WAIT_LIMIT 20000 /* cycles */

struct line {
	uint64_t addr;
	uint64_t due;
	unsigned int beats;
};

struct client {
	bool waiting;
	uint64_t since;
	uint64_t stride;
	unsigned int left; /* requests until the next jump */
	struct translation expect;
	struct translation before; /* also right, for requests that an invalidation overtook */
};

struct bench {
	struct mmu_model *model;
	struct mmu_in in;
	struct mmu_out out;
	struct tables tables;
	struct client client[MMU_CLIENTS];
	struct line line[QUEUE];
	unsigned int head;
	unsigned int tail;
	unsigned int latency; /* longest */
	bool steady;	      /* always the longest, and nobody makes anybody wait */
	uint64_t cycle;
	uint64_t done;
	uint64_t quick; /* answered in the next cycle */
	uint64_t longest;
	uint64_t touched;
	uint64_t seed;
};

static unsigned int pick(struct bench *b, unsigned int n)
{
	return rng_below(&b->tables.rng, n);
}

static void fail(const struct bench *b, const char *what, unsigned int client)
{
	fprintf(stderr, "cycle %lu, client %u, address %#lx, %s: fault %u, %#lx; expected %u, %#lx\n",
		(unsigned long)b->cycle, client, (unsigned long)b->in.vaddr[client], what, b->out.fault,
		(unsigned long)b->out.paddr, b->client[client].expect.fault,
		(unsigned long)b->client[client].expect.paddr);
	fprintf(stderr, "replay: test-mmu --seed %lu\n", (unsigned long)b->seed);
	exit(EXIT_FAILURE);
}

static bool same(const struct bench *b, const struct translation *t)
{
	return b->out.fault == t->fault && (t->fault || b->out.paddr == t->paddr);
}

static void drive_bus(struct bench *b)
{
	struct line *line = &b->line[b->head % QUEUE];

	b->in.ar_ready = b->steady || pick(b, 4);
	b->in.r_valid = b->head != b->tail && line->due <= b->cycle && (b->steady || pick(b, 3));
	if (!b->in.r_valid)
		return;
	b->in.r_err = !tables_read(&b->tables, line->addr, b->in.r_data);
	b->in.r_last = line->beats == 1;
	line->addr += 16;
	if (--line->beats == 0)
		b->head++;
}

static void take_address(struct bench *b)
{
	struct line *line = &b->line[b->tail % QUEUE];

	if (!b->out.ar_valid || !b->in.ar_ready)
		return;
	if (b->tail - b->head == QUEUE)
		fail(b, "too many reads", 0);
	line->addr = b->out.ar_addr;
	line->beats = b->out.ar_len + 1u;
	line->due = b->cycle + (b->steady ? b->latency : 1 + pick(b, b->latency));
	b->tail++;
}

static void take_answers(struct bench *b)
{
	unsigned int i;
	struct client *c;

	for (i = 0; i < MMU_CLIENTS; i++) {
		c = &b->client[i];
		if (b->out.done[i]) {
			if (!c->waiting)
				fail(b, "answer without a request", i);
			if (!same(b, &c->expect) && !same(b, &c->before))
				fail(b, "wrong answer", i);
			c->waiting = false;
			b->in.valid[i] = false;
			b->done++;
			b->quick += b->cycle - c->since == 1;
			if (b->cycle - c->since > b->longest)
				b->longest = b->cycle - c->since;
		} else if (c->waiting && b->cycle - c->since > WAIT_LIMIT) {
			fail(b, "no answer", i);
		}
	}
}

static void clock_bench(struct bench *b)
{
	drive_bus(b);
	mmu_cycle(b->model, &b->in, &b->out);
	b->in.inval = false;
	if (b->in.touch && b->out.touch_ready) {
		b->in.touch = false;
		b->touched++;
	}
	take_address(b);
	take_answers(b);
	b->cycle++;
}

static void request(struct bench *b, unsigned int i, uint64_t vaddr, bool write)
{
	struct client *c = &b->client[i];

	b->in.valid[i] = true;
	b->in.vaddr[i] = vaddr & ((1ull << QUERN_HOST_ADDR_BITS) - 1);
	b->in.write[i] = write;
	c->waiting = true;
	c->since = b->cycle;
	c->expect = tables_translate(&b->tables, b->in.asid, b->in.vaddr[i], write);
	c->before = c->expect;
}

static void random_request(struct bench *b, unsigned int i)
{
	static const uint64_t strides[] = {64, 256, 4096, 4096, 5000, 32768, 1 << 21, 0};
	struct client *c = &b->client[i];
	uint64_t vaddr = b->in.vaddr[i] + c->stride;

	if (!c->left) {
		c->left = 1 + pick(b, 40);
		c->stride = strides[pick(b, 8)];
		vaddr = tables_vaddr(&b->tables);
	}
	c->left--;
	request(b, i, vaddr, i == 2 || !pick(b, 20));
}

static bool any_waiting(const struct bench *b)
{
	return b->client[0].waiting || b->client[1].waiting || b->client[2].waiting;
}

static void settle(struct bench *b)
{
	while (any_waiting(b))
		clock_bench(b);
}

/* Take away and move; who waits may see either state. */
static void revoke(struct bench *b)
{
	unsigned int i;

	tables_change(&b->tables, false);
	for (i = 0; i < MMU_CLIENTS; i++)
		if (b->client[i].waiting)
			b->client[i].expect = tables_translate(&b->tables, b->in.asid, b->in.vaddr[i], b->in.write[i]);
	b->in.inval = true;
	b->in.inval_all = true;
}

/* Only one space's tables change, and only it is invalidated. */
static void revoke_one(struct bench *b)
{
	uint8_t asid = (uint8_t)pick(b, MMU_ASIDS);
	unsigned int i;

	for (i = 0; i < 40; i++)
		b->tables.pte[asid][pick(b, 256)] = b->tables.pte[pick(b, 16)][pick(b, 256)];
	for (i = 0; i < MMU_CLIENTS; i++)
		if (b->client[i].waiting)
			b->client[i].expect = tables_translate(&b->tables, b->in.asid, b->in.vaddr[i], b->in.write[i]);
	b->in.inval = true;
	b->in.inval_all = false;
	b->in.inval_asid = asid;
}

static void disturb(struct bench *b)
{
	switch (pick(b, 4000)) {
	case 0:
	case 1:
		settle(b);
		b->in.asid = (uint8_t)pick(b, MMU_ASIDS);
		break;
	case 2:
		settle(b);
		tables_change(&b->tables, true);
		break;
	case 3:
		revoke(b);
		break;
	case 4:
		revoke_one(b);
		break;
	case 5:
		b->latency = 1 + pick(b, 120);
		break;
	default:
		break;
	}
}

static void touch(struct bench *b, uint64_t vaddr, uint8_t asid)
{
	b->in.touch = true;
	b->in.touch_line = (uint32_t)(vaddr >> 15 & 0x7fffff);
	b->in.touch_asid = asid;
}

/* Where a client is, beside it, or anywhere; now and then in another space. */
static void random_touch(struct bench *b)
{
	uint64_t vaddr = pick(b, 3) ? b->in.vaddr[pick(b, MMU_CLIENTS)] + ((uint64_t)pick(b, 3) << 15) : tables_vaddr(&b->tables);

	touch(b, vaddr, pick(b, 8) ? b->in.asid : (uint8_t)pick(b, MMU_ASIDS));
}

static void run_random(struct bench *b, uint64_t requests)
{
	unsigned int i;

	while (b->done < requests) {
		disturb(b);
		if (!b->in.touch && !pick(b, 50))
			random_touch(b);
		for (i = 0; i < MMU_CLIENTS; i++)
			if (!b->client[i].waiting && pick(b, 4) == 0)
				random_request(b, i);
		clock_bench(b);
	}
	settle(b);
}

/* A touched line is there when it is needed; another one of its 16 MiB waits for the touch and then walks one level. */
static void run_touched(struct bench *b, uint64_t start)
{
	static const struct {
		uint64_t distance, delay, limit;
	} cases[] = {{0, 400, 2}, {0, 50, 280}, {1 << 20, 50, 390}, {1 << 20, 400, 120}};
	unsigned int i, k;

	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		b->in.inval = true;
		clock_bench(b);
		touch(b, start, 1);
		for (k = 0; k < cases[i].delay; k++)
			clock_bench(b);
		b->longest = 0;
		request(b, 0, start + cases[i].distance, false);
		settle(b);
		printf("%lu cycles after a touch, %lu bytes away: %lu cycles\n", (unsigned long)cases[i].delay,
		       (unsigned long)cases[i].distance, (unsigned long)b->longest);
		if (b->longest > cases[i].limit)
			fail(b, "the touch was of no use", 0);
		for (k = 0; k < 400; k++)
			clock_bench(b);
	}
}

/* 256 bytes every 16 cycles, over 4 KiB pages, with the default latency of the bus. */
static void run_stream(struct bench *b)
{
	const uint64_t start = 0x40000000;
	uint64_t va;
	unsigned int i;

	memset(b->tables.pte, 0, sizeof(b->tables.pte));
	b->tables.pte[1][quern_sv39_index(start, 2)] = quern_pte_table(TABLES_BUS + 4096 * 16);
	for (i = 0; i < 32; i++)
		b->tables.pte[16][i] = quern_pte_table(TABLES_BUS + 4096ull * (32 + i));
	for (va = start; va < start + (32u << 21); va += 4096)
		b->tables.pte[32 + quern_sv39_index(va, 1)][quern_sv39_index(va, 0)] =
			quern_pte_leaf(rng_u64(&b->tables.rng) >> 8 & ~0xfffull, true);
	b->in.inval = true;
	b->in.inval_all = true;
	clock_bench(b);
	b->in.asid = 1;
	b->latency = 100;
	b->steady = true;
	run_touched(b, start);
	b->in.inval = true;
	clock_bench(b);
	for (va = start; va < start + (4u << 20); va += 256) {
		if (va == start + 256)
			b->longest = 0;
		request(b, 1, va, false);
		for (i = 0; i < 16 || any_waiting(b); i++)
			clock_bench(b);
	}
	printf("longest answer within a stream: %lu cycles\n", (unsigned long)b->longest);
	if (b->longest > 3)
		fail(b, "a stream had to wait", 1);
}

int main(int argc, char **argv)
{
	static struct bench b;
	uint64_t requests = 300000;
	const struct number_argument options[] = {{"seed", &b.seed}, {"requests", &requests}, {NULL, NULL}};
	int i;

	b.seed = 1;
	if (arguments_parse(argc, argv, options) < 0)
		return 2;
	b.model = mmu_create(b.seed);
	if (!b.model)
		return EXIT_FAILURE;
	tables_init(&b.tables, b.seed);
	memcpy(b.in.root, b.tables.root, sizeof(b.in.root));
	b.latency = 60;
	for (i = 0; i < 4; i++)
		mmu_cycle(b.model, &b.in, &b.out);
	b.in.rst_n = true;
	b.in.asid = 1;
	run_random(&b, requests);
	printf("%lu requests in %lu cycles, %lu %% answered in the next cycle, %lu touches\n", (unsigned long)b.done,
	       (unsigned long)b.cycle, (unsigned long)(100 * b.quick / b.done), (unsigned long)b.touched);
	run_stream(&b);
	mmu_destroy(b.model);
	return EXIT_SUCCESS;
}
