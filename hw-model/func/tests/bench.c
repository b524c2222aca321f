/* SPDX-License-Identifier: Apache-2.0 */
/* How fast the model is: GMAC/s of the matrix commands and elements/s of the others, per array size. Not a test. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "func.h"
#include "lib/rng.h"

#define SPM_BYTES (512u << 10)
#define SECONDS 0.2

static void *no_memory(void *ctx, uint64_t bus_addr, uint32_t len, bool write)
{
	(void)ctx, (void)bus_addr, (void)len, (void)write;
	return NULL;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void measure(struct func_machine *m, const char *what, const uint32_t *w, double units, const char *unit)
{
	struct func_fault fault;
	double start = now();
	double rounds = 0;

	while (now() - start < SECONDS) {
		if (!func_exec(m, w, &fault)) {
			printf("  %-8s %s\n", what, quern_fault_name(fault.kind));
			return;
		}
		rounds++;
	}
	printf("  %-8s %7.2f G%s/s\n", what, rounds * units / (now() - start) * 1e-9, unit);
}

static void measure_all(struct func_machine *m, uint32_t n)
{
	struct quern_cmd_conv conv = {.ifm_base = 65536,
				      .nx = 28,
				      .ny = 14,
				      .ifm_sx = n,
				      .ifm_sy = 30 * n,
				      .k0 = 1,
				      .k1 = 3,
				      .k2 = 3,
				      .k1_stride = n,
				      .k2_stride = 30 * n};
	struct quern_cmd_dwconv dw = {
		.in_nx = 30, .in_ny = 16, .px_v = 1, .py_v = 30, .kw = 3, .kh = 3, .sx = 1, .sy = 1};
	struct quern_cmd_requant rq = {
		.out_base = 65536, .nx = 28, .ny = 14, .out_sx_v = 1, .out_sy_v = 28, .act_min = -128, .act_max = 127};
	struct quern_cmd_eltwise el = {.nx = 400,
				       .ny = 1,
				       .b_base = 65536,
				       .out_base = 131072,
				       .a_sx_v = 1,
				       .b_sx_v = 1,
				       .out_sx_v = 1,
				       .a_mult = 1 << 30,
				       .b_mult = 1 << 30,
				       .out_mult = 1 << 30,
				       .out_shift = -18,
				       .act_min = -128,
				       .act_max = 127};
	struct quern_cmd_softmax sm = {.len = 1000, .rows = 1, .in_base = 65536, .out_base = 131072};
	uint32_t w[QUERN_CMD_WORDS];

	if (n == 8) /* nine weights do not fit eight rows */
		dw.kh = 2;
	quern_cmd_conv_pack(w, &conv);
	measure(m, "CONV", w, 28.0 * 14 * 9 * n * n, "MAC");
	quern_cmd_dwconv_pack(w, &dw);
	measure(m, "DWCONV", w, 28.0 * (17 - dw.kh) * dw.kw * dw.kh * n, "MAC");
	quern_cmd_requant_pack(w, &rq);
	measure(m, "REQUANT", w, 28.0 * 14 * n, "element");
	quern_cmd_eltwise_pack(w, &el);
	measure(m, "ELTWISE", w, 400.0 * n, "element");
	quern_cmd_softmax_pack(w, &sm);
	measure(m, "SOFTMAX", w, 1000, "element");
}

int main(void)
{
	const struct func_mem_ops ops = {.map = no_memory};
	struct rng r = {1};

	for (uint32_t n = 8; n <= 32; n *= 2) {
		struct func_machine *m = func_create(&(struct func_config){n, SPM_BYTES}, &ops, NULL);

		if (!m)
			return 1;
		for (uint32_t i = 0; i < SPM_BYTES; i++)
			func_spm(m)[i] = (uint8_t)rng_next(&r);
		printf("%ux%u\n", n, n);
		measure_all(m, n);
		func_destroy(m);
	}
	return 0;
}
