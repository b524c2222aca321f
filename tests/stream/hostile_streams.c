/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hostile streams and page tables: each must end done, faulted or stopped by its limit, change nothing outside the pages
 * that its space can write, ask for nothing outside those it can read, and leave the device fit to run another space's good stream right.
 *
 * Every field of every command at its bounds comes first, one at a time; then seeded mutations of good streams.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "backend.h"
#include "shrink.h"
#include "stream_gen.h"
#include "stream_mutate.h"

#define MUTANTS 64 /* of one base stream */
#define FUNC_VICTIM_EVERY 16
#define FUNC_LIMIT 20000 /* vectors of work */
#define RTL_LIMIT 60000	 /* cycles */
#define VICTIM_LIMIT 2000000
#define BOUNDARY_TRIES 19 /* values of mutate_boundary() */
#define SKIPPED 77

struct bench {
	const struct options *o;
	struct image *img;
	struct backend *device;
	struct backend *reference; /* for the victim's results */
	uint64_t limit;
	uint32_t victim_every;
	struct stream base;
	struct stream mutant;
	struct stream victim;
	uint8_t *expected; /* memory after the victim's stream alone */
	struct image_rights test_rights;
	struct image_rights victim_rights;
	uint64_t outcomes[BACKEND_BROKEN];
	uint64_t faults[QUERN_FAULT_COUNT];
	uint64_t ran;
};

static bool complain(const char *what, const struct backend_result *r, int64_t at)
{
	char text[256];

	backend_describe(r, text, sizeof(text));
	fprintf(stderr, "%s; %s", what, text);
	if (at >= 0)
		fprintf(stderr, "; memory at 0x%llx", (unsigned long long)at);
	fprintf(stderr, "\n");
	return false;
}

/* What the victim's stream makes of its memory when nobody disturbs it. */
static bool run_reference(struct bench *b)
{
	struct backend_result r;

	image_restore(b->img);
	b->reference->ops->attach(b->reference);
	b->reference->ops->run(b->reference, IMAGE_VICTIM, &b->victim, VICTIM_LIMIT, &r);
	memcpy(b->expected, b->img->ram, IMAGE_RAM_BYTES);
	image_touch_all(b->img);
	return r.outcome == BACKEND_DONE || complain("reference", &r, -1);
}

static bool new_base(struct bench *b, uint64_t seed)
{
	const struct options *o = b->o;
	struct stream_params test = {seed, o->n, o->spm_bytes, o->min_cmds, o->max_cmds, o->units};
	struct stream_params victim = {~seed, o->n, o->spm_bytes, 10, 30, o->units};

	image_seed(b->img, seed);
	if (!stream_gen(&test, &b->img->space[IMAGE_TEST], &b->base) ||
	    !stream_gen(&victim, &b->img->space[IMAGE_VICTIM], &b->victim))
		return false;
	image_put_stream(b->img, IMAGE_VICTIM, &b->victim);
	if (!image_rights_of(b->img, IMAGE_TEST, &b->test_rights) ||
	    !image_rights_of(b->img, IMAGE_VICTIM, &b->victim_rights) || !run_reference(b))
		return false;
	image_restore(b->img);
	return b->device->ops->attach(b->device);
}

static bool run_victim(struct bench *b)
{
	struct backend_result r;
	int64_t at;

	b->device->ops->run(b->device, IMAGE_VICTIM, &b->victim, VICTIM_LIMIT, &r);
	if (r.outcome != BACKEND_DONE)
		return complain("the other context's stream failed", &r, -1);
	at = image_first_loss(b->img->ram, b->expected, b->victim_rights.write);
	return at < 0 || complain("the other context's results are wrong", &r, at);
}

/* The mutant is in memory. */
static bool run_mutant(struct bench *b, const struct image_rights *rights)
{
	struct backend_result r;
	int64_t at;

	image_restore(b->img);
	b->img->guard = rights;
	b->img->stray = -1;
	b->device->ops->run(b->device, IMAGE_TEST, &b->mutant, b->limit, &r);
	b->img->guard = NULL;
	if (r.outcome == BACKEND_BROKEN)
		return complain("the device broke", &r, -1);
	b->outcomes[r.outcome]++;
	b->faults[r.fault < QUERN_FAULT_COUNT ? r.fault : 0]++;
	if (b->img->stray >= 0)
		return complain("memory of others was asked for", &r, b->img->stray);
	at = image_first_trespass(b->img, rights->write);
	if (at >= 0)
		return complain("memory of others was changed", &r, at);
	if ((r.outcome == BACKEND_FAULT) != (r.fault != QUERN_FAULT_NONE && r.outcome != BACKEND_TIMEOUT))
		return complain("outcome and fault contradict each other", &r, -1);
	return b->ran++ % b->victim_every || run_victim(b);
}

static bool mutant_fails(void *ctx)
{
	struct bench *b = ctx;

	image_touch_all(b->img);
	image_put_stream(b->img, IMAGE_TEST, &b->mutant);
	return b->device->ops->attach(b->device) && !run_mutant(b, &b->test_rights);
}

/* Only for mutants whose page tables are good. */
static void shrink_and_print(struct bench *b)
{
	b->victim_every = 1;
	if (mutant_fails(b)) {
		shrink(&b->mutant, mutant_fails, b);
		mutant_fails(b);
	}
	stream_print(&b->mutant);
}

static bool run_with_tables(struct bench *b, struct rng *r)
{
	struct table_mutation m;
	struct image_rights rights;
	bool good = true;

	tables_mutate(r, b->img, &m);
	/* Tables that let the stream write tables promise nothing: no driver makes such. */
	if (image_rights_of(b->img, IMAGE_TEST, &rights))
		good = run_mutant(b, &rights);
	tables_undo(b->img, &m);
	return good;
}

static bool one_mutant(struct bench *b, uint64_t seed)
{
	struct rng r = {seed};

	b->mutant = b->base;
	stream_mutate(&r, &b->mutant, b->o->n, b->o->spm_bytes);
	image_put_stream(b->img, IMAGE_TEST, &b->mutant);
	if (rng_one_in(&r, 6))
		return run_with_tables(b, &r);
	return run_mutant(b, &b->test_rights);
}

/*
 * Every wait passes the check in stream order, but a REQUANT that took the token which the second CONV counts on would
 * block the job for ever. Tokens that several engines wait for are given out in stream order, so it must not.
 */
static void write_token_theft(struct stream *s)
{
	enum { THEFT = 1, ANSWER = 2 };
	const struct quern_cmd_conv busy = {.nx = 16, .ny = 16, .k0 = 8, .k1 = 8, .k2 = 1};
	const struct quern_cmd_conv taker = {
		.wait = THEFT, .signal = ANSWER, .nx = 1, .ny = 1, .k0 = 1, .k1 = 1, .k2 = 1};
	const struct quern_cmd_fill giver = {.signal = THEFT, .len = 1, .n1 = 1, .n2 = 1, .n3 = 1};
	const struct quern_cmd_fill again = {.wait = ANSWER, .signal = THEFT, .len = 1, .n1 = 1, .n2 = 1, .n3 = 1};
	const struct quern_cmd_requant thief = {.wait = THEFT, .nx = 1, .ny = 1};

	s->ncmds = 6;
	quern_cmd_conv_pack(s->cmd[0], &busy);
	quern_cmd_fill_pack(s->cmd[1], &giver);
	quern_cmd_conv_pack(s->cmd[2], &taker);
	quern_cmd_fill_pack(s->cmd[3], &again);
	quern_cmd_requant_pack(s->cmd[4], &thief);
	mutate_minimal(s->cmd[5], quern_cmd_find(QUERN_OP_END));
}

static bool sweep_field(struct bench *b, struct rng *r, const struct quern_cmd_info *info,
			const struct quern_field_info *f)
{
	for (uint32_t i = 0; i < BOUNDARY_TRIES; i++) {
		b->mutant.ncmds = 2;
		mutate_minimal(b->mutant.cmd[0], info);
		mutate_minimal(b->mutant.cmd[1], quern_cmd_find(QUERN_OP_END));
		mutate_set_field(b->mutant.cmd[0], f, mutate_boundary(r, f, b->o->n, b->o->spm_bytes));
		image_put_stream(b->img, IMAGE_TEST, &b->mutant);
		if (!run_mutant(b, &b->test_rights)) {
			fprintf(stderr, "%s.%s\n", info->name, f->name);
			return false;
		}
	}
	return true;
}

static bool token_theft_prevented(struct bench *b)
{
	uint64_t done = b->outcomes[BACKEND_DONE];

	write_token_theft(&b->mutant);
	image_put_stream(b->img, IMAGE_TEST, &b->mutant);
	if (!run_mutant(b, &b->test_rights))
		return false;
	if (b->outcomes[BACKEND_DONE] == done + 1)
		return true;
	fprintf(stderr, "a token was taken out of order\n");
	return false;
}

static bool sweep(struct bench *b)
{
	struct rng r = {b->o->seed};

	memcpy(b->mutant.region, b->base.region, sizeof(b->mutant.region));
	if (!token_theft_prevented(b))
		return false;
	for (uint32_t i = 0; i < QUERN_NUM_CMD_INFOS; i++)
		for (uint32_t k = 0; k < quern_cmd_infos[i].num_fields; k++)
			if (!sweep_field(b, &r, &quern_cmd_infos[i], &quern_cmd_infos[i].fields[k]))
				return false;
	return true;
}

static bool out_of_time(const struct options *o, time_t start)
{
	return o->seconds && time(NULL) - start >= (time_t)o->seconds;
}

static bool run_all(struct bench *b)
{
	const struct options *o = b->o;
	time_t start = time(NULL);

	for (uint64_t i = 0; i < o->count && !out_of_time(o, start); i++) {
		uint64_t seed = o->seed + i;

		if (i % MUTANTS == 0 && !new_base(b, seed - i % MUTANTS))
			return false;
		if (i == 0 && o->count > 1 && !sweep(b))
			return false;
		if (one_mutant(b, seed))
			continue;
		fprintf(stderr, "replay: %s --device %s --array %u --seed %llu --count %llu\n", o->program, o->device,
			o->n, (unsigned long long)(seed - i % MUTANTS), (unsigned long long)(i % MUTANTS + 1));
		if (o->shrink)
			shrink_and_print(b);
		return false;
	}
	return true;
}

static void report(const struct bench *b)
{
	printf("%llu hostile streams: %llu done, %llu faulted, %llu stopped\n", (unsigned long long)b->ran,
	       (unsigned long long)b->outcomes[BACKEND_DONE], (unsigned long long)b->outcomes[BACKEND_FAULT],
	       (unsigned long long)b->outcomes[BACKEND_TIMEOUT]);
	for (uint32_t i = 1; i < QUERN_FAULT_COUNT; i++)
		if (b->faults[i])
			printf("%s %llu  ", quern_fault_name(i), (unsigned long long)b->faults[i]);
	printf("\n");
}

int main(int argc, char **argv)
{
	static struct bench b;
	struct options o = {.count = 100000, .seed = 1, .n = 16, .min_cmds = 10, .max_cmds = 60, .device = "func"};
	bool absent = false;
	bool good;

	if (!options_parse(&o, argc, argv))
		return 2;
	b.o = &o;
	b.img = image_create(o.n);
	b.expected = malloc(IMAGE_RAM_BYTES);
	if (!b.img || !b.expected)
		return 1;
	b.reference = backend_func_create(&o, b.img);
	b.device = backend_create(&o, b.img, &absent);
	b.limit = strcmp(o.device, "func") ? RTL_LIMIT : FUNC_LIMIT;
	b.victim_every = strcmp(o.device, "func") ? 1 : FUNC_VICTIM_EVERY;
	good = b.reference && b.device && run_all(&b);
	if (b.device)
		report(&b);
	backend_destroy(b.device);
	backend_destroy(b.reference);
	free(b.expected);
	image_destroy(b.img);
	return good ? 0 : absent ? SKIPPED : 1;
}
