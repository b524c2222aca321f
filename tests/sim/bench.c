// SPDX-License-Identifier: Apache-2.0
/*
 * Speed of the simulation: host time of a cycle in typical states of the chip. sim-bench firmware.bin [check | trace]
 * check: with assertions. trace: with a waveform file, but in none of its cycles.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "groups.h"
#include "job.h"

#define VA_STREAM 0x10000ull
#define VA_DATA 0x40000ull
#define BUS_STREAM (HOST_BASE + 0x10000)
#define BUS_DATA (HOST_BASE + 0x40000)

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void report(const char *what, uint64_t cycles, double ns)
{
	printf("%-34s %9lu cycles %7.1f ns/cycle %6.2f MHz\n", what, (unsigned long)cycles, ns / (double)cycles,
	       1e3 * (double)cycles / ns);
}

static void run_idle(struct chip *chip)
{
	double start = now();
	uint64_t cycles = quern_sim_run(chip->sim, 1000000, 0);

	report("core in reset", cycles, now() - start);
}

static void run_core(struct chip *chip, enum script_op op, const char *what)
{
	uint64_t cycles;
	double start;

	chip_script(chip, op, 0, 0, 0);
	chip_start(chip);
	start = now();
	cycles = quern_sim_run(chip->sim, 1000000, 0);
	report(what, cycles, now() - start);
	chip_stop(chip);
}

static void run_job(struct job *job, const char *what)
{
	struct chip *chip = job->space->chip;
	uint64_t cycles;
	double start;

	job_op(job, QUERN_OP_END);
	job_script(job);
	chip_start(chip);
	start = now();
	cycles = chip_run(chip, QUERN_SIM_STOP_IRQ);
	report(what, cycles, now() - start);
	chip_stop(chip);
}

static void add_conv(struct job *job, uint32_t n, bool vector)
{
	const struct quern_cmd_conv conv = {.ifm_base = 0,
					    .w_base = 0x20000,
					    .nx = 16,
					    .ny = 16,
					    .ifm_sx = n,
					    .ifm_sy = 16 * n,
					    .k0 = 9,
					    .k1 = 4,
					    .k2 = 1,
					    .k0_stride = n,
					    .k1_stride = 256,
					    .signal = vector ? 1 : 0};
	const struct quern_cmd_requant requant = {.out_base = 0x40000,
						  .param_base = 0x50000,
						  .nx = 16,
						  .ny = 16,
						  .out_sx_v = 1,
						  .out_sy_v = 16,
						  .act_min = -128,
						  .act_max = 127,
						  .wait = 1};

	quern_cmd_conv_pack(job->cmds[job->ncmds++], &conv);
	if (vector)
		quern_cmd_requant_pack(job->cmds[job->ncmds++], &requant);
}

int main(int argc, char **argv)
{
	struct quern_sim_info info;
	struct space space;
	struct chip chip;
	struct job job;
	unsigned int i;

	if (argc < 2)
		return 2;
	chip_firmware = argv[1];
	if (argc > 2 && !strcmp(argv[2], "check"))
		chip_params.flags |= QUERN_SIM_CHECK;
	chip_open(&chip);
	/* A file of its own: the writer of traces removes what has the name, also a device, before it creates the file. */
	if (argc > 2 && !strcmp(argv[2], "trace") && quern_sim_trace(chip.sim, "bench-trace.fst", UINT64_MAX - 1, UINT64_MAX))
		return 1;
	quern_sim_info(chip.sim, &info);
	space_init(&space, &chip, 1);
	space_map(&space, VA_STREAM, BUS_STREAM, 0x2000, true);
	space_map(&space, VA_DATA, BUS_DATA, 0x100000, true);
	for (i = 0; i < 0x100000; i++)
		chip.host[0x40000 + i] = (uint8_t)rng_u64(&chip.rng);

	run_idle(&chip);
	run_core(&chip, SCRIPT_SLEEP, "core asleep");
	run_core(&chip, SCRIPT_SPIN, "core running");
	job_init(&job, &space, VA_STREAM);
	for (i = 0; i < 60; i++)
		job_load(&job, VA_DATA, 0, 0x40000);
	run_job(&job, "load");
	job_init(&job, &space, VA_STREAM);
	job_load(&job, VA_DATA, 0, 0x60000);
	job_op(&job, QUERN_OP_BARRIER);
	for (i = 0; i < 60; i++)
		add_conv(&job, info.array, false);
	run_job(&job, "matrix");
	job_init(&job, &space, VA_STREAM);
	job_load(&job, VA_DATA, 0, 0x60000);
	job_op(&job, QUERN_OP_BARRIER);
	for (i = 0; i < 20; i++) {
		add_conv(&job, info.array, true);
		job_load(&job, VA_DATA, 0x60000, 0x10000);
	}
	run_job(&job, "matrix, vector and load");
	chip_close(&chip);
	return 0;
}
