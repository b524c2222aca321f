/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Proves the generator: every stream runs without a fault, and in several token-legal orders with the same bytes. Also
 * counts what the streams are made of, so that a generator that lost a kind of command fails.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "func.h"
#include "hazard.h"
#include "image.h"
#include "interleave.h"
#include "options.h"
#include "quern/cmd_table.h"
#include "stream_gen.h"

#define ORDERS 4 /* of each stream */

struct bench {
	struct func_config config;
	struct image *img;
	struct func_machine *m;
	struct stream stream;
	uint8_t *expected;
	uint64_t seen[256]; /* commands by opcode */
	uint64_t waits;
};

static void *map(void *ctx, uint64_t bus_addr, uint32_t len, bool write)
{
	return image_access(ctx, bus_addr, len, write);
}

static void count(struct bench *b)
{
	for (uint32_t i = 0; i < b->stream.ncmds; i++) {
		b->seen[b->stream.cmd[i][0] & 0xff]++;
		b->waits += b->stream.cmd[i][1] != 0;
	}
}

static void prepare(struct bench *b, struct func_job *job)
{
	const struct image_space *space = &b->img->space[IMAGE_TEST];

	*job = (struct func_job){
		.space = {.asid = 1, .root = space->root}, .stream = space->stream_va, .ncmds = b->stream.ncmds};
	memcpy(job->space.region, b->stream.region, sizeof(job->space.region));
	image_put_stream(b->img, IMAGE_TEST, &b->stream);
	image_restore(b->img);
	func_tlb_invalidate_all(b->m);
	func_scrub(b->m);
}

static bool in_order(struct bench *b, const struct func_job *job)
{
	struct func_result r;

	func_run(b->m, job, &r);
	if (r.state == QUERN_JOB_STATE_DONE)
		return true;
	fprintf(stderr, "a legal stream faulted: %s at command %u, address 0x%llx\n", quern_fault_name(r.fault.kind),
		r.index, (unsigned long long)r.fault.addr);
	return false;
}

static bool out_of_order(struct bench *b, const struct func_job *job, uint64_t seed)
{
	struct interleave_result r;
	int64_t at;

	image_restore(b->img);
	func_scrub(b->m);
	func_set_space(b->m, &job->space);
	interleave_run(b->m, &b->config, &b->stream, seed, &r);
	at = image_first_difference(b->img->ram, b->expected);
	if (r.outcome == INTERLEAVE_DONE && at < 0)
		return true;
	if (r.outcome == INTERLEAVE_DEADLOCK)
		fprintf(stderr, "order %llu blocks\n", (unsigned long long)seed);
	else if (r.outcome == INTERLEAVE_FAULT)
		fprintf(stderr, "order %llu faults: %s at command %u\n", (unsigned long long)seed,
			quern_fault_name(r.fault.kind), r.index);
	else
		fprintf(stderr, "order %llu differs at byte 0x%llx of memory\n", (unsigned long long)seed,
			(unsigned long long)at);
	return false;
}

static bool one_stream(struct bench *b, uint64_t seed, const struct options *o)
{
	const struct stream_params p = {seed, b->config.n, b->config.spm_bytes, o->min_cmds, o->max_cmds, o->units};
	const struct image_space *space = &b->img->space[IMAGE_TEST];
	const struct hazard_config config = {b->config.n, b->config.spm_bytes, space->segment, IMAGE_SEGMENTS};
	struct func_job job;

	image_seed(b->img, seed);
	if (!stream_gen(&p, space, &b->stream))
		return false;
	count(b);
	if (!hazard_race_free(&config, &b->stream)) {
		fprintf(stderr, "a race\n");
		return false;
	}
	prepare(b, &job);
	if (!in_order(b, &job))
		return false;
	memcpy(b->expected, b->img->ram, IMAGE_RAM_BYTES);
	for (uint64_t order = 0; order < ORDERS; order++)
		if (!out_of_order(b, &job, seed * ORDERS + order))
			return false;
	return true;
}

/* Every command must turn up, and engines must have something to wait for. */
static bool all_kinds_seen(const struct bench *b)
{
	uint64_t total = 0;

	for (uint32_t i = 0; i < QUERN_NUM_CMD_INFOS; i++) {
		total += b->seen[quern_cmd_infos[i].opcode];
		printf("%s %llu  ", quern_cmd_infos[i].name, (unsigned long long)b->seen[quern_cmd_infos[i].opcode]);
		if (!b->seen[quern_cmd_infos[i].opcode]) {
			fprintf(stderr, "\nno %s was generated\n", quern_cmd_infos[i].name);
			return false;
		}
	}
	printf("\n%llu commands, %llu of them wait for tokens\n", (unsigned long long)total,
	       (unsigned long long)b->waits);
	return b->waits > total / 10;
}

static bool run(struct bench *b, const struct options *o)
{
	for (uint64_t i = 0; i < o->count; i++) {
		if (!one_stream(b, o->seed + i, o)) {
			fprintf(stderr, "replay: %s --array %u --seed %llu --count 1\n", o->program, o->n,
				(unsigned long long)(o->seed + i));
			return false;
		}
	}
	return o->count == 1 || o->units || all_kinds_seen(b);
}

int main(int argc, char **argv)
{
	static const struct func_mem_ops ops = {.map = map};
	static struct bench b;
	struct options o = {.count = 200, .seed = 1, .n = 16, .min_cmds = 20, .max_cmds = 200};
	bool good = false;

	if (!options_parse(&o, argc, argv))
		return 2;
	b.config = (struct func_config){o.n, o.spm_bytes};
	b.img = image_create(o.n);
	b.expected = malloc(IMAGE_RAM_BYTES);
	b.m = b.img ? func_create(&b.config, &ops, b.img) : NULL;
	if (b.m && b.expected)
		good = run(&b, &o);
	func_destroy(b.m);
	free(b.expected);
	image_destroy(b.img);
	return good ? 0 : 1;
}
