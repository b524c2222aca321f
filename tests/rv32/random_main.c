// SPDX-License-Identifier: Apache-2.0
/*
 * Random lock-step test of the core. Each episode is one random program in
 * random surroundings, both given by the episode's seed: first the --seed of
 * the command line, then counting up. A failure prints the command that runs
 * its episode alone.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "cover.h"
#include "gen.h"
#include "lockstep.h"

#define EPISODE_INSNS 4000

struct options {
	uint64_t seed;
	uint64_t insns;
	bool single; /* one episode, without a claim of coverage */
};

struct totals {
	uint64_t insns;
	uint64_t cycles;
	uint64_t sleep_cycles;
	uint64_t episodes;
};

/* From a bus that never waits to one that mostly does, from a quiet machine to constant interrupts */
static void choose_surroundings(struct lockstep_config *c, struct rng *rng)
{
	static const unsigned int refuse[] = {0, 0, 10, 50, 80};
	static const unsigned int delay[] = {0, 0, 1, 5, 20};
	static const unsigned int error[] = {0, 300, 40};
	static const unsigned int irq[] = {5000, 1000, 200, 25};

	c->refuse_percent = refuse[rng_below(rng, 5)];
	c->max_delay = delay[rng_below(rng, 5)];
	c->error_one_in = error[rng_below(rng, 3)];
	c->irq_one_in = irq[rng_below(rng, 4)];
	c->spurious = rng_next(rng) & 1;
}

static enum lockstep_status run_episode(uint64_t seed, struct cover *cover, struct totals *totals)
{
	static struct testmem image;
	struct lockstep_config config = {.seed = seed};
	enum lockstep_status status = LOCKSTEP_RUNNING;
	struct lockstep *l;
	struct rng rng = {seed ^ 0x6765};

	config.boot_addr = gen_program(&image, &rng);
	choose_surroundings(&config, &rng);
	l = lockstep_create(&config, &image, cover);
	if (!l) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	while (status == LOCKSTEP_RUNNING && l->retired < EPISODE_INSNS)
		status = lockstep_cycle(l);
	status = lockstep_finish(l);
	if (status == LOCKSTEP_FAILED)
		lockstep_explain(l, stdout);
	totals->insns += l->retired;
	totals->cycles += l->cycles;
	totals->sleep_cycles += l->sleep_cycles;
	totals->episodes++;
	lockstep_destroy(l);
	return status;
}

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option longopts[] = {
		{"seed", required_argument, NULL, 's'},
		{"insns", required_argument, NULL, 'n'},
		{"single", no_argument, NULL, '1'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		if (c == 's')
			o->seed = strtoull(optarg, NULL, 0);
		else if (c == 'n')
			o->insns = strtoull(optarg, NULL, 0);
		else if (c == '1')
			o->single = true;
		else
			return false;
	}
	return optind == argc;
}

static void print_totals(const struct totals *t)
{
	printf("%llu episodes, %llu instructions, %llu cycles, %llu of them asleep\n", (unsigned long long)t->episodes,
	       (unsigned long long)t->insns, (unsigned long long)t->cycles, (unsigned long long)t->sleep_cycles);
}

int main(int argc, char **argv)
{
	struct options o = {.seed = 1, .insns = 2000000};
	static struct cover cover;
	struct totals totals = {0};
	uint64_t seed;
	unsigned int zero;

	if (!parse(argc, argv, &o)) {
		fprintf(stderr, "usage: %s [--seed N] [--insns N] [--single]\n", argv[0]);
		return 2;
	}
	seed = o.seed;
	do {
		if (run_episode(seed, &cover, &totals) == LOCKSTEP_FAILED) {
			printf("FAILED: replay with %s --seed %llu --single\n", argv[0], (unsigned long long)seed);
			return 1;
		}
		seed++;
	} while (totals.insns < o.insns && !o.single);
	if (o.single) {
		print_totals(&totals);
		return 0;
	}
	zero = cover_report(&cover, stdout);
	print_totals(&totals);
	if (zero)
		printf("FAILED: %u rows not covered; replay with %s --seed %llu --insns %llu\n", zero, argv[0],
		       (unsigned long long)o.seed, (unsigned long long)o.insns);
	return zero != 0;
}
