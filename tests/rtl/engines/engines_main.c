/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tests of the matrix and vector engines. `random` runs seeded batches of legal commands on the chip and on the
 * functional model, some with one command that faults or with a flush in the middle, and compares everything.
 * `faults` tries each rule at its limit. `speed` measures cycles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "faults.h"
#include "gen.h"
#include "lib/arguments.h"
#include "quern/cmd_table.h"
#include "speed.h"

#define MUTATED_MAX 64u /* largest count that a mutated command gets, so that it ends */

struct test {
	struct bench bench;
	struct gen gen;
	struct batch batch;
	uint64_t seed;
	uint32_t number; /* of the batch */
	uint32_t most;	 /* commands in a batch, at most BATCH_MAX */
	uint32_t commands, faults, flushes, fault_kinds[16];
};

static void print_batch(const struct batch *batch)
{
	for (uint32_t i = 0; i < batch->count; i++) {
		const struct bench_cmd *c = &batch->cmd[i];

		printf("%2u: %s after %u, accepted %llu, done %llu:", i, quern_cmd_find(c->w[0] & 0xff)->name, c->after,
		       (unsigned long long)c->accepted, (unsigned long long)c->done);
		for (int j = 0; j < QUERN_CMD_WORDS; j++)
			printf(" %08x", c->w[j]);
		printf("\n");
	}
}

static bool complain(const struct test *t, const char *what)
{
	printf("FAILED: batch %u: %s\nreplay: test-engines-%u --seed %llu --batches %u --only 0x%x --commands %u "
	       "random\n",
	       t->number, what, t->bench.n, (unsigned long long)t->seed, t->number + 1, t->gen.only, t->most);
	print_batch(&t->batch);
	return false;
}

static void set_timing(struct test *t)
{
	static const uint32_t chances[] = {100, 100, 90, 60, 25};
	struct rng *r = &t->gen.rng;
	bool all = rng_chance(r, 30);

	for (int p = 0; p < PORTS; p++)
		t->bench.grant_pct[p] = all ? 100 : chances[rng_below(r, 5)];
	t->bench.offer_pct = rng_chance(r, 60) ? 100 : rng_range(r, 1, 20);
}

static void new_contents(struct test *t)
{
	struct rng *r = &t->gen.rng;

	if (!rng_chance(r, 20))
		return;
	for (uint32_t i = 0; i < ENGINES_SPM_BYTES; i++)
		t->bench.spm[i] = (uint8_t)rng_u64(r);
}

/* Gives one field of the command another legal value. */
static void mutate(struct test *t, uint32_t *w)
{
	const struct quern_cmd_info *info = quern_cmd_find(w[0] & 0xff);
	const struct quern_field_info *f = &info->fields[rng_below(&t->gen.rng, info->num_fields)];
	uint32_t mask = f->bits == 32 ? UINT32_MAX : (1u << f->bits) - 1;
	uint32_t value = (uint32_t)rng_u64(&t->gen.rng) & mask;

	if (f->min == 1)
		value = rng_range(&t->gen.rng, 1, f->max < MUTATED_MAX ? (uint32_t)f->max : MUTATED_MAX);
	if (f->bits == QUERN_SPM_ADDR_BITS && rng_chance(&t->gen.rng, 70))
		value = ENGINES_SPM_BYTES - rng_below(&t->gen.rng, 40 * t->bench.n);
	if (!strcmp(f->name, "acc_base") && rng_chance(&t->gen.rng, 50))
		value = (w[f->word] & mask) + 1;
	else if (f->bits == 16 && f->min == 0 && rng_chance(&t->gen.rng, 70))
		value = rng_below(&t->gen.rng, 1100);
	if (f->align_vector)
		value -= value % t->bench.n;
	w[f->word] = (w[f->word] & ~(mask << f->lsb)) | value << f->lsb;
}

static bool check_fault(struct test *t, const struct batch *batch, const struct outcome *o, uint32_t index,
			const struct func_fault *want)
{
	const struct bench_cmd *c = &batch->cmd[index];
	uint32_t before = 0;

	t->faults++;
	t->fault_kinds[want->kind & 15]++;
	if (!o->fault)
		return complain(t, "fault missing");
	if (o->kind != want->kind || o->index != batch->first_index + index || o->engine != c->engine) {
		printf("fault %s of command %u, functional model %s of command %u\n", quern_fault_name(o->kind),
		       o->index - batch->first_index, quern_fault_name(want->kind), index);
		return complain(t, "wrong fault");
	}
	if (o->kind == QUERN_FAULT_SPM_BOUNDS && o->addr + t->bench.n <= ENGINES_SPM_BYTES)
		return complain(t, "fault address is inside the scratchpad");
	if (o->kind != QUERN_FAULT_SPM_BOUNDS && o->addr != want->addr)
		return complain(t, "wrong fault address");
	for (uint32_t i = 0; i < index; i++)
		before += batch->cmd[i].engine == c->engine;
	if (o->done[c->engine] != before)
		return complain(t, "commands before the fault are not done");
	bench_resync(&t->bench);
	return true;
}

static bool one_batch(struct test *t)
{
	struct bench *b = &t->bench;
	struct rng *r = &t->gen.rng;
	struct func_fault fault = {0};
	struct outcome o;
	struct batch *batch = &t->batch;
	uint32_t i, mutated = BATCH_MAX;

	new_contents(t);
	set_timing(t);
	gen_batch(&t->gen, batch, rng_range(r, 1, t->most), rng_below(r, 3) * 50);
	if (rng_chance(r, 35)) {
		mutated = rng_below(r, batch->count);
		mutate(t, batch->cmd[mutated].w);
	} else if (rng_chance(r, 10)) {
		batch->flush_at = rng_range(r, 1, 3000);
	}
	memcpy(func_spm(b->func), b->spm, ENGINES_SPM_BYTES);
	for (i = 0; i < batch->count; i++)
		if (!func_exec(b->func, batch->cmd[i].w, &fault))
			break;
	if (i == batch->count ? mutated < batch->count : fault.unit == QUERN_UNIT_SEQ) {
		/* Harmless, but its order marks are not right any more; or refused at dispatch. */
		bench_resync(b);
		return true;
	}
	bench_run(b, batch, &o);
	t->commands += o.done[0] + o.done[1];
	if (o.hung)
		return complain(t, "hung");
	if (o.flushed) {
		t->flushes++;
		bench_resync(b);
		return true;
	}
	if (i < batch->count)
		return check_fault(t, batch, &o, i, &fault);
	if (o.fault)
		return complain(t, "fault without reason");
	return bench_compare(b) || complain(t, "results differ");
}

static bool one_seed(struct test *t, uint32_t batches)
{
	bool ok = true;

	t->gen.rng = (struct rng){t->seed};
	t->bench.rng = (struct rng){t->seed + 1000};
	for (uint32_t i = 0; i < ENGINES_SPM_BYTES; i++)
		t->bench.spm[i] = (uint8_t)rng_u64(&t->gen.rng);
	memset(func_acc(t->bench.func), 0, QUERN_ACC_BANKS * QUERN_ACC_ENTRIES * t->bench.n * 4);
	if (!bench_scrub(&t->bench))
		return complain(t, "scrub does not end");
	for (t->number = 0; ok && t->number < batches; t->number++)
		ok = one_batch(t);
	return ok;
}

static int random_test(struct test *t, uint32_t batches)
{
	bool ok = one_seed(t, batches);

	printf("N=%u seed %llu: %u batches, %u commands, %u flushes, %u faults (field %u, scratchpad %u, accumulators "
	       "%u), %llu cycles: %s\n",
	       t->bench.n, (unsigned long long)t->seed, t->number, t->commands, t->flushes, t->faults,
	       t->fault_kinds[QUERN_FAULT_ILLEGAL_FIELD], t->fault_kinds[QUERN_FAULT_SPM_BOUNDS],
	       t->fault_kinds[QUERN_FAULT_ACC_BOUNDS], (unsigned long long)t->bench.cycle, ok ? "ok" : "FAILED");
	return ok ? 0 : 1;
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, batches = 100, only = 0, most = BATCH_MAX;
	const struct number_argument options[] = {
		{"seed", &seed}, {"batches", &batches}, {"only", &only}, {"commands", &most}, {NULL, NULL}};
	int ret = 2, word = arguments_parse(argc, argv, options);
	struct test *t;

	if (word < 0 || !most || most > BATCH_MAX)
		return 2;
	t = calloc(1, sizeof(*t));
	if (!t)
		return 2;
	t->seed = seed;
	t->most = (uint32_t)most;
	t->gen.only = (uint32_t)only;
	if (!bench_init(&t->bench, ENGINES_N))
		goto out;
	t->gen.n = ENGINES_N;
	t->gen.spm = t->bench.spm;
	if (word < argc && !strcmp(argv[word], "speed"))
		ret = speed_all(&t->bench) ? 0 : 1;
	else if (word < argc && !strcmp(argv[word], "faults"))
		ret = faults_all(&t->bench) ? 0 : 1;
	else
		ret = random_test(t, (uint32_t)batches);
	bench_finish(&t->bench);
out:
	free(t);
	return ret;
}
