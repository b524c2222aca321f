/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A case makes its command legal (over = 0) or one step too far (over = 1). The legal one must give the functional
 * model's results; the other must fault with the kind and address stated, and leave the engine usable.
 */
#include "faults.h"
#include <stdio.h>
#include <string.h>

#define END ENGINES_SPM_BYTES

struct fault_case {
	const char *name;
	void (*make)(uint32_t *w, uint32_t n, uint32_t over);
	int engine;
	enum quern_fault kind;
	/* Of the fault: addr + addr_n * N; the array size scales what lies in front of the scratchpad's end. */
	uint32_t addr;
	int32_t addr_n;
};

static struct quern_cmd_conv conv_base(uint32_t n)
{
	return (struct quern_cmd_conv){.w_base = 4096,
				       .nx = 4,
				       .ny = 2,
				       .ifm_sx = n,
				       .ifm_sy = 4 * n,
				       .k0 = 2,
				       .k1 = 1,
				       .k2 = 1,
				       .k0_stride = n};
}

static void conv_size(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_conv c = conv_base(n);

	c.nx = (uint16_t)(over ? 27 : 32); /* 27 * 19 = 513 */
	c.ny = (uint16_t)(over ? 19 : 16);
	quern_cmd_conv_pack(w, &c);
}

static void conv_acc(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_conv c = conv_base(n);

	c.acc_base = (uint16_t)(QUERN_ACC_ENTRIES - 8 + over);
	quern_cmd_conv_pack(w, &c);
}

static void conv_acc_bank(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_conv c = conv_base(n);

	c.acc_base = (uint16_t)(over ? 2 * QUERN_ACC_ENTRIES : QUERN_ACC_ENTRIES);
	quern_cmd_conv_pack(w, &c);
}

static void conv_ifm(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_conv c = conv_base(n);

	c.k0_stride = 0;
	c.ifm_base = END - 8 * n + over; /* the last of 8 pixels is the bad one */
	quern_cmd_conv_pack(w, &c);
}

static void conv_weights(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_conv c = conv_base(n);

	c.w_base = END - 2 * n * n + over * n; /* the last row of the second block */
	quern_cmd_conv_pack(w, &c);
}

static struct quern_cmd_dwconv dwconv_base(void)
{
	return (struct quern_cmd_dwconv){
		.w_base = 4096, .in_nx = 6, .in_ny = 4, .px_v = 1, .py_v = 6, .kw = 2, .kh = 3, .sx = 1, .sy = 1};
}

static void dwconv_width(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_dwconv c = dwconv_base();

	(void)n;
	c.in_nx = (uint16_t)(2 - over);
	quern_cmd_dwconv_pack(w, &c);
}

static void dwconv_height(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_dwconv c = dwconv_base();

	(void)n;
	c.in_ny = (uint16_t)(3 - over);
	quern_cmd_dwconv_pack(w, &c);
}

static void dwconv_outputs(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_dwconv c = dwconv_base();

	(void)n;
	c.px_v = c.py_v = 0;
	c.kw = c.kh = 1;
	c.sx = 7;
	c.sy = 5;
	c.in_nx = 106;			      /* 16 outputs */
	c.in_ny = (uint16_t)(156 + 5 * over); /* 32 or 33 */
	quern_cmd_dwconv_pack(w, &c);
}

static void dwconv_ifm(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_dwconv c = dwconv_base();

	c.ifm_base = END - 24 * n + over * n;
	quern_cmd_dwconv_pack(w, &c);
}

static struct quern_cmd_requant requant_base(void)
{
	return (struct quern_cmd_requant){
		.param_base = 4096, .out_base = 8192, .nx = 4, .ny = 2, .out_sx_v = 1, .out_sy_v = 4, .act_max = 127};
}

static void requant_size(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_requant c = requant_base();

	(void)n;
	c.out_sx_v = c.out_sy_v = 0;
	c.nx = (uint16_t)(over ? 27 : 32);
	c.ny = (uint16_t)(over ? 19 : 16);
	quern_cmd_requant_pack(w, &c);
}

static void requant_acc(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_requant c = requant_base();

	(void)n;
	c.acc_base = (uint16_t)(2 * QUERN_ACC_ENTRIES - 8 + over);
	quern_cmd_requant_pack(w, &c);
}

static void requant_params(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_requant c = requant_base();

	c.param_base = END - 9 * n + over * n;
	quern_cmd_requant_pack(w, &c);
}

static void requant_out(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_requant c = requant_base();

	c.out_base = END - 8 * n + over * n;
	quern_cmd_requant_pack(w, &c);
}

static void eltwise_second(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_eltwise c = {
		.nx = 8, .ny = 1, .a_sx_v = 1, .b_sx_v = 1, .out_sx_v = 1, .out_base = 8192, .act_max = 127};

	c.b_base = END - 8 * n + over * n;
	quern_cmd_eltwise_pack(w, &c);
}

static void pool_window(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_pool c = {.nx = 2,
				   .ny = 1,
				   .in_sx_v = 2,
				   .out_sx_v = 1,
				   .kw = 2,
				   .kh = 2,
				   .kx_v = 1,
				   .ky_v = 4,
				   .out_base = 8192,
				   .act_min = -128,
				   .act_max = 127};

	c.in_base = END - 8 * n + over * n;
	quern_cmd_pool_pack(w, &c);
}

static void map_table(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_map c = {
		.op = QUERN_MAP_OP_LUT, .nx = 3, .ny = 1, .in_sx_v = 1, .out_sx_v = 1, .out_base = 8192};

	c.table_base = END - 256 + over * n;
	quern_cmd_map_pack(w, &c);
}

static void softmax_out(uint32_t *w, uint32_t n, uint32_t over)
{
	struct quern_cmd_softmax c = {.len = (uint16_t)(3 * n - 1), .rows = 1, .table_base = 4096};

	c.out_base = END - 3 * n + over * n;
	quern_cmd_softmax_pack(w, &c);
}

static const struct fault_case cases[] = {
	{"CONV size", conv_size, ENGINE_MATRIX, QUERN_FAULT_ILLEGAL_FIELD, 0, 0},
	{"CONV accumulators", conv_acc, ENGINE_MATRIX, QUERN_FAULT_ACC_BOUNDS, QUERN_ACC_ENTRIES - 7, 0},
	{"CONV bank", conv_acc_bank, ENGINE_MATRIX, QUERN_FAULT_ACC_BOUNDS, 2 * QUERN_ACC_ENTRIES, 0},
	{"CONV input", conv_ifm, ENGINE_MATRIX, QUERN_FAULT_SPM_BOUNDS, END + 1, -1},
	{"CONV weights", conv_weights, ENGINE_MATRIX, QUERN_FAULT_SPM_BOUNDS, END, 0},
	{"DWCONV width", dwconv_width, ENGINE_MATRIX, QUERN_FAULT_ILLEGAL_FIELD, 0, 0},
	{"DWCONV height", dwconv_height, ENGINE_MATRIX, QUERN_FAULT_ILLEGAL_FIELD, 0, 0},
	{"DWCONV outputs", dwconv_outputs, ENGINE_MATRIX, QUERN_FAULT_ILLEGAL_FIELD, 0, 0},
	{"DWCONV input", dwconv_ifm, ENGINE_MATRIX, QUERN_FAULT_SPM_BOUNDS, END, 0},
	{"REQUANT size", requant_size, ENGINE_VECTOR, QUERN_FAULT_ILLEGAL_FIELD, 0, 0},
	{"REQUANT accumulators", requant_acc, ENGINE_VECTOR, QUERN_FAULT_ACC_BOUNDS, 2 * QUERN_ACC_ENTRIES - 7, 0},
	{"REQUANT parameters", requant_params, ENGINE_VECTOR, QUERN_FAULT_SPM_BOUNDS, END, 0},
	{"REQUANT result", requant_out, ENGINE_VECTOR, QUERN_FAULT_SPM_BOUNDS, END, 0},
	{"ELTWISE second operand", eltwise_second, ENGINE_VECTOR, QUERN_FAULT_SPM_BOUNDS, END, 0},
	{"POOL window", pool_window, ENGINE_VECTOR, QUERN_FAULT_SPM_BOUNDS, END, 0},
	{"MAP table", map_table, ENGINE_VECTOR, QUERN_FAULT_SPM_BOUNDS, END, 0},
	{"SOFTMAX result", softmax_out, ENGINE_VECTOR, QUERN_FAULT_SPM_BOUNDS, END, 0},
};

static bool run_one(struct bench *b, const struct fault_case *c, uint32_t over, struct outcome *o)
{
	struct batch batch = {.count = 1, .first_index = 7};
	struct func_fault fault;
	bool good;

	batch.cmd[0].engine = c->engine;
	c->make(batch.cmd[0].w, b->n, over);
	good = func_exec(b->func, batch.cmd[0].w, &fault);
	bench_run(b, &batch, o);
	return !o->hung && good == !over;
}

static bool run_case(struct bench *b, const struct fault_case *c)
{
	uint64_t addr = c->addr + (int64_t)c->addr_n * b->n;
	struct outcome o;

	if (!run_one(b, c, 1, &o) || !o.fault || o.kind != c->kind || o.addr != addr || o.index != 7) {
		printf("%s: fault %d kind %u address 0x%llx, expected %s at 0x%llx\n", c->name, o.fault, o.kind,
		       (unsigned long long)o.addr, quern_fault_name(c->kind), (unsigned long long)addr);
		return false;
	}
	bench_resync(b);
	if (!run_one(b, c, 0, &o) || o.fault || !bench_compare(b)) {
		printf("%s: the legal command fails\n", c->name);
		return false;
	}
	return true;
}

bool faults_all(struct bench *b)
{
	bool ok = true;

	for (uint32_t i = 0; i < ENGINES_SPM_BYTES; i++)
		b->spm[i] = (uint8_t)rng_u64(&b->rng);
	bench_resync(b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ok = run_case(b, &cases[i]) && ok;
	printf("N=%u: %zu rules at their limits: %s\n", b->n, sizeof(cases) / sizeof(cases[0]), ok ? "ok" : "FAILED");
	return ok;
}
