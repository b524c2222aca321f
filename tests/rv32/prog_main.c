// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a program for the core (a raw image, loaded at TESTMEM_BASE) in lock-step
 * with the simulator: once on an ideal bus, then with random stalls and delays.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep.h"

#define CYCLE_LIMIT 20000000
#define STALLED_RUNS 3

struct options {
	const char *image;
	uint64_t seed;
	bool ideal; /* only the run on an ideal bus */
};

static bool load_image(const char *path, struct testmem *m)
{
	FILE *f = fopen(path, "rb");
	size_t bytes;

	memset(m, 0, sizeof(*m));
	m->fetch_bytes = TESTMEM_BYTES;
	if (!f) {
		perror(path);
		return false;
	}
	bytes = fread(m->ram, 1, sizeof(m->ram), f);
	fclose(f);
	if (bytes == 0 || bytes == sizeof(m->ram)) {
		fprintf(stderr, "%s: %s\n", path, bytes ? "too large for the memory" : "empty");
		return false;
	}
	return true;
}

static bool check_exit(const struct lockstep *l)
{
	uint32_t status = l->rtl_mem.reg[TESTMEM_EXIT];

	if (l->status == LOCKSTEP_FAILED)
		lockstep_explain(l, stdout);
	else if (l->status != LOCKSTEP_EXITED)
		printf("the program does not end (asleep: %d)\n", l->asleep);
	else if (status >= 10000)
		printf("unexpected trap, mcause %x\n", status - 10000);
	else if (status)
		printf("check failed in line %u of the program\n", status);
	return l->status == LOCKSTEP_EXITED && status == 0;
}

static bool run(const struct lockstep_config *config, const struct testmem *image)
{
	enum lockstep_status status = LOCKSTEP_RUNNING;
	struct lockstep *l = lockstep_create(config, image, NULL);
	bool passed;

	if (!l) {
		fprintf(stderr, "out of memory\n");
		exit(2);
	}
	while (status == LOCKSTEP_RUNNING && l->cycles < CYCLE_LIMIT)
		status = lockstep_cycle(l);
	lockstep_finish(l);
	passed = check_exit(l);
	printf("seed %llu: %llu instructions, %llu cycles (%llu asleep), %.3f cycles per instruction\n",
	       (unsigned long long)config->seed, (unsigned long long)l->retired, (unsigned long long)l->cycles,
	       (unsigned long long)l->sleep_cycles,
	       l->retired ? (double)(l->cycles - l->sleep_cycles) / (double)l->retired : 0.0);
	lockstep_destroy(l);
	return passed;
}

static bool parse(int argc, char **argv, struct options *o)
{
	static const struct option longopts[] = {
		{"seed", required_argument, NULL, 's'},
		{"ideal", no_argument, NULL, 'i'},
		{NULL, 0, NULL, 0},
	};
	int c;

	while ((c = getopt_long(argc, argv, "", longopts, NULL)) != -1) {
		if (c == 's')
			o->seed = strtoull(optarg, NULL, 0);
		else if (c == 'i')
			o->ideal = true;
		else
			return false;
	}
	o->image = argv[optind];
	return optind + 1 == argc;
}

static bool run_stalled(uint64_t seed, const struct testmem *image)
{
	struct lockstep_config config = {
		.boot_addr = TESTMEM_BASE,
		.seed = seed,
		.refuse_percent = 20 * (1 + seed % 3),
		.max_delay = 1 + 3 * (seed % 4),
		.spurious = true,
	};

	return run(&config, image);
}

int main(int argc, char **argv)
{
	struct lockstep_config ideal = {.boot_addr = TESTMEM_BASE};
	struct options o = {.seed = 1};
	static struct testmem image;
	bool passed = true;
	uint64_t i;

	if (!parse(argc, argv, &o)) {
		fprintf(stderr, "usage: %s [--seed N] [--ideal] image\n", argv[0]);
		return 2;
	}
	if (!load_image(o.image, &image))
		return 2;
	ideal.seed = o.seed;
	passed = run(&ideal, &image);
	for (i = 0; i < STALLED_RUNS && !o.ideal && passed; i++)
		passed = run_stalled(o.seed + i, &image);
	if (!passed)
		printf("FAILED: replay with %s --seed %llu%s %s\n", argv[0], (unsigned long long)o.seed,
		       o.ideal ? " --ideal" : "", o.image);
	return !passed;
}
