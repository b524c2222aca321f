/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Queues of jobs on the RTL with its assertions: two contexts of different priority, several jobs waiting in each, doorbells
 * at any moment. Among the jobs are such as the firmware refuses, such as fault, and such as yield; between them come TLB
 * flushes, resets and new contexts. What was fetched ahead of a job that then does not run must leave no trace: every queue's
 * last job ends as its kind demands, and good ones move their bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "chip_host.h"
#include "lib/rng.h"

#define BYTES 512u
#define DEPTH 6u

enum kind { KIND_GOOD, KIND_REFUSED, KIND_FAULT, KINDS };

struct test {
	struct chip_host chip;
	struct image *img;
	struct rng rng;
	uint32_t round;
	uint32_t jobs;
	uint32_t ends[KINDS];
};

static uint32_t pick(struct test *t, uint32_t n)
{
	return rng_below(&t->rng, n);
}

/* In and out with a YIELD between; a long one waits in a FILL first. */
static void make_stream(struct test *t, enum image_space_id id, bool wait)
{
	const struct quern_cmd_fill fill = {.len = 1, .n1 = wait ? 3000 : 10, .n2 = 1, .n3 = 1};
	const struct quern_cmd_load load = {.signal = 1, .region = 1, .len = BYTES, .n1 = 1, .n2 = 1, .n3 = 1};
	const struct quern_cmd_store store = {.wait = 1, .region = 2, .len = BYTES, .n1 = 1, .n2 = 1, .n3 = 1};
	struct stream s = {.ncmds = 5};

	quern_cmd_fill_pack(s.cmd[0], &fill);
	s.cmd[1][0] = QUERN_OP_YIELD;
	quern_cmd_load_pack(s.cmd[2], &load);
	quern_cmd_store_pack(s.cmd[3], &store);
	s.cmd[4][0] = QUERN_OP_END;
	image_put_stream(t->img, id, &s);
}

static uint64_t writable(const struct image_space *space)
{
	for (uint32_t i = 0; i < space->num_segments; i++)
		if (space->segment[i].writable && space->segment[i].bytes >= 2 * BYTES)
			return space->segment[i].va;
	return 0;
}

static void submit(struct test *t, enum image_space_id id, enum kind kind)
{
	const struct image_space *space = &t->img->space[id];
	struct quern_job job = {.op = QUERN_JOB_OP_RUN, .ncmds = 5, .stream = space->stream_va, .num_regions = 3};

	job.region[1] = writable(space);
	job.region[2] = job.region[1] + BYTES;
	if (kind == KIND_REFUSED)
		job.region[2] = 1ull << QUERN_HOST_ADDR_BITS;
	if (kind == KIND_FAULT)
		job.stream = (1ull << QUERN_VA_BITS) - QUERN_CMD_BYTES * 64;
	chip_host_submit(&t->chip, id, &job);
	t->jobs++;
}

static bool complain(struct test *t, const char *what)
{
	fprintf(stderr, "round %u: %s %s\n", t->round, what, t->chip.why);
	return false;
}

static bool admin(struct test *t, uint16_t op, uint32_t slot)
{
	const struct quern_admin_cmd cmd = {.op = op, .ctx = slot, .asid = slot + 1};

	return chip_host_admin(&t->chip, &cmd) == QUERN_STATUS_OK || complain(t, "admin command");
}

/* The last job's end. A fault before it in the queue cancels it. */
static bool collect(struct test *t, enum image_space_id id, enum kind last, bool faulted)
{
	static const uint32_t want[KINDS] = {[KIND_REFUSED] = QUERN_STATUS_EINVAL, [KIND_FAULT] = QUERN_STATUS_EFAULT};
	struct quern_job_done done;

	if (!chip_host_wait(&t->chip, id, 3000000, &done))
		return complain(t, "wait:");
	t->ends[last]++;
	if (done.status != (faulted ? QUERN_STATUS_ECANCELED : want[last]))
		return complain(t, quern_status_name(done.status));
	return !(faulted || last == KIND_FAULT) || admin(t, QUERN_ADMIN_OP_CTX_RESET, id);
}

static bool disturb(struct test *t)
{
	switch (pick(t, 8)) {
	case 0:
		return admin(t, QUERN_ADMIN_OP_TLB_FLUSH, pick(t, 2));
	case 1: {
		uint32_t slot = pick(t, 2);

		return chip_host_create_context(&t->chip, slot, t->img->space[slot].root, slot ? 3 : 1) || complain(t, "context:");
	}
	default:
		return true;
	}
}

static bool one_round(struct test *t)
{
	uint32_t count[IMAGE_SPACES] = {1 + pick(t, DEPTH), pick(t, DEPTH)};
	enum kind last[IMAGE_SPACES] = {KIND_GOOD, KIND_GOOD};
	bool faulted[IMAGE_SPACES] = {false, false}, any[IMAGE_SPACES] = {count[0], count[1]};

	for (uint32_t i = 0; i < IMAGE_SPACES; i++)
		make_stream(t, i, pick(t, 2));
	image_restore(t->img);
	while (count[0] + count[1]) {
		uint32_t id = count[0] && (!count[1] || pick(t, 2)) ? 0 : 1;

		faulted[id] = faulted[id] || last[id] == KIND_FAULT;
		last[id] = pick(t, 3) ? KIND_GOOD : (enum kind)(KIND_REFUSED + pick(t, 2));
		submit(t, id, last[id]);
		count[id]--;
		if (pick(t, 2))
			chip_host_delay(&t->chip, pick(t, pick(t, 2) ? 200 : 4000));
	}
	if (!pick(t, 12))
		return disturb(t) && chip_host_create_context(&t->chip, 0, t->img->space[0].root, 1) &&
		       chip_host_create_context(&t->chip, 1, t->img->space[1].root, 3);
	for (uint32_t id = 0; id < IMAGE_SPACES; id++)
		if (any[id] && !collect(t, id, last[id], faulted[id]))
			return false;
	return disturb(t);
}

int main(int argc, char **argv)
{
	struct options o = {.seed = 1, .count = 200, .n = 16, .max_cmds = 2, .device = "rtl"};
	struct test t = {0};
	bool absent = false, good;

	if (!options_parse(&o, argc, argv))
		return 2;
	t.rng = (struct rng){o.seed};
	t.img = image_create(o.n);
	if (!t.img)
		return 1;
	image_seed(t.img, o.seed);
	good = chip_host_init(&t.chip, &o, t.img, &absent);
	if (!good)
		fprintf(stderr, "%s%s\n", absent ? "SKIP: " : "", t.chip.why);
	for (uint32_t i = 0; good && i < IMAGE_SPACES; i++)
		good = chip_host_create_context(&t.chip, i, t.img->space[i].root, i ? 3 : 1);
	for (; good && t.round < o.count; t.round++)
		good = one_round(&t);
	if (good)
		printf("%u rounds, %u jobs; last of a queue: %u good, %u refused, %u faulted\n", t.round, t.jobs, t.ends[KIND_GOOD],
		       t.ends[KIND_REFUSED], t.ends[KIND_FAULT]);
	else if (!absent)
		fprintf(stderr, "replay: queues --seed %llu --count %u%s\n", (unsigned long long)o.seed, t.round + 1, o.check ? " --check" : "");
	chip_host_finish(&t.chip);
	image_destroy(t.img);
	return absent ? 77 : !good;
}
