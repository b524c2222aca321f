// SPDX-License-Identifier: Apache-2.0
/*
 * Measures the core's cost in a simulation: CPU time per clock cycle while held
 * in reset, running a program, and asleep in the wfi that crt0.S ends with.
 * Two evaluations of the model's frame are part of each figure.
 */
#include <cstdint>
#include <cstdio>
#include <ctime>

#include "Vrv32_bench.h"
#include "Vrv32_bench___024root.h"
#include "verilated.h"

static double now()
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void cycle(Vrv32_bench *top)
{
	top->clk_i = 0;
	top->eval();
	top->clk_i = 1;
	top->eval();
}

static void measure(Vrv32_bench *top, const char *what)
{
	const uint64_t cycles = 10000000;
	double start = now();

	for (uint64_t i = 0; i < cycles; i++)
		cycle(top);
	printf("%-8s %6.1f ns per cycle\n", what, (now() - start) / cycles);
}

static bool load(Vrv32_bench *top, const char *path)
{
	static uint32_t image[16384];
	FILE *f = fopen(path, "rb");

	if (!f) {
		perror(path);
		return false;
	}
	bool loaded = fread(image, 1, sizeof(image), f) > 0;
	fclose(f);
	for (uint32_t i = 0; i < 16384; i++)
		top->rootp->rv32_bench__DOT__ram[i] = image[i];
	return loaded;
}

static uint64_t run(Vrv32_bench *top)
{
	uint64_t cycles = 0;

	do {
		cycle(top);
		cycles++;
	} while (!top->sleep_o && cycles < 100000000);
	return cycles;
}

static bool measure_run(Vrv32_bench *top)
{
	double start = now();
	uint64_t cycles = run(top);

	printf("%-8s %6.1f ns per cycle, %llu cycles\n", "active", (now() - start) / cycles,
	       static_cast<unsigned long long>(cycles));
	if (!top->sleep_o)
		printf("the program does not end\n");
	return top->sleep_o;
}

int main(int argc, char **argv)
{
	VerilatedContext context;
	Vrv32_bench top(&context);

	if (argc != 2) {
		fprintf(stderr, "usage: %s image\n", argv[0]);
		return 2;
	}
	top.rst_ni = 0;
	cycle(&top);
	if (!load(&top, argv[1]))
		return 2;
	measure(&top, "reset");
	top.rst_ni = 1;
	if (!measure_run(&top))
		return 1;
	measure(&top, "asleep");
	return 0;
}
