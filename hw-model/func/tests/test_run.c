/* SPDX-License-Identifier: Apache-2.0 */
/* Jobs: order of checks, tokens, YIELD, faults of every kind with their addresses, page tables, stopping. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include "func.h"
#include "lib/commands.h"
#include "quern/sv39.h"
#include "lib/rng.h"
#include "space.h"

#define N 16
#define SPM_BYTES 65536u
#define STREAM 0x100000u
#define DATA 0x200000u
#define MAX_CMDS 64

struct bench {
	struct ram ram;
	struct func_machine *m;
	struct func_job job;
	struct func_result result;
	uint32_t *stream;
	uint64_t data; /* bus address of DATA's page */
};

static int setup(void **state)
{
	static struct bench b;

	memset(&b, 0, sizeof(b));
	ram_init(&b.ram);
	b.m = func_create(&(struct func_config){N, SPM_BYTES}, &ram_ops, &b.ram);
	b.stream = (uint32_t *)(b.ram.bytes + ram_map_page(&b.ram, STREAM, PTE_FLAGS_RO));
	b.data = ram_map_page(&b.ram, DATA, PTE_FLAGS_RW);
	b.job = (struct func_job){.space = {.asid = 1, .root = b.ram.root, .region = {DATA}}, .stream = STREAM};
	*state = &b;
	return b.m ? 0 : -1;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	func_destroy(b->m);
	ram_finish(&b->ram);
	return 0;
}

static uint32_t *next(struct bench *b)
{
	assert_true(b->job.ncmds < MAX_CMDS);
	return b->stream + QUERN_CMD_WORDS * b->job.ncmds++;
}

static void add_simple(struct bench *b, uint32_t opcode)
{
	uint32_t *w = next(b);

	memset(w, 0, QUERN_CMD_BYTES);
	w[0] = opcode;
}

static uint32_t *add_fill(struct bench *b, uint32_t base, uint32_t len, int8_t value)
{
	uint32_t *w = next(b);

	pack_fill(w, base, (uint8_t)value, len);
	return w;
}

static uint32_t *add_copy(struct bench *b, enum quern_op opcode, uint32_t spm, uint64_t offset, uint32_t len)
{
	uint32_t *w = next(b);

	pack_copy(w, opcode, 0, offset, spm, len);
	return w;
}

static void run(struct bench *b)
{
	assert_true(func_run(b->m, &b->job, &b->result));
}

static void expect_fault(struct bench *b, enum quern_fault kind, enum quern_unit unit, uint32_t index, uint64_t addr)
{
	run(b);
	assert_string_equal(quern_fault_name(b->result.fault.kind), quern_fault_name(kind));
	assert_int_equal(b->result.state, QUERN_JOB_STATE_FAULT);
	assert_int_equal(b->result.fault.unit, unit);
	assert_int_equal(b->result.index, index);
	assert_int_equal(b->result.fault.addr, addr);
}

static void test_copy_through(void **state)
{
	struct bench *b = *state;

	for (uint32_t i = 0; i < 100; i++)
		b->ram.bytes[b->data + i] = (uint8_t)(i * 3);
	add_copy(b, QUERN_OP_LOAD, 5, 0, 100);
	add_copy(b, QUERN_OP_STORE, 6, 1000, 99);
	add_simple(b, QUERN_OP_END);
	run(b);
	assert_int_equal(b->result.state, QUERN_JOB_STATE_DONE);
	assert_int_equal(b->result.index, 3);
	assert_int_equal(b->result.rd_bytes, 100 + 3 * QUERN_CMD_BYTES);
	assert_int_equal(b->result.wr_bytes, 99);
	assert_memory_equal(b->ram.bytes + b->data + 1000, b->ram.bytes + b->data + 1, 99);
	assert_int_equal(b->ram.bytes[b->data + 1099], 0);
}

static void test_dispatch_precedence(void **state)
{
	struct bench *b = *state;
	uint32_t *w = add_fill(b, 0, 1, 0);

	w[1] = 1;		     /* a token nobody gives */
	w[6] = 0;		     /* length out of bounds */
	w[0] = 0xee;		     /* unknown */
	add_simple(b, QUERN_OP_END); /* never reached */
	expect_fault(b, QUERN_FAULT_ILLEGAL_OPCODE, QUERN_UNIT_SEQ, 0, 0);
	w[0] = QUERN_OP_FILL;
	expect_fault(b, QUERN_FAULT_ILLEGAL_FIELD, QUERN_UNIT_SEQ, 0, 0);
	w[6] = 1;
	expect_fault(b, QUERN_FAULT_TOKEN, QUERN_UNIT_SEQ, 0, 0);
	w[1] = 0;
	w[15] = 0x100; /* a reserved bit */
	expect_fault(b, QUERN_FAULT_ILLEGAL_FIELD, QUERN_UNIT_SEQ, 0, 0);
}

static void test_token_limits(void **state)
{
	struct bench *b = *state;
	uint32_t *w;

	/* Five pages, contiguous because nothing else takes pages meanwhile. */
	b->stream = (uint32_t *)(b->ram.bytes + ram_map_page(&b->ram, STREAM, PTE_FLAGS_RO));
	for (uint32_t page = 1; page < 5; page++)
		ram_map_page(&b->ram, STREAM + page * 0x1000, PTE_FLAGS_RO);
	for (b->job.ncmds = 0; b->job.ncmds < 256; b->job.ncmds++) {
		struct quern_cmd_fill c = {.signal = 1u << 31, .len = 1, .n1 = 1, .n2 = 1, .n3 = 1};

		quern_cmd_fill_pack(b->stream + QUERN_CMD_WORDS * b->job.ncmds, &c);
	}
	expect_fault(b, QUERN_FAULT_TOKEN, QUERN_UNIT_SEQ, 255, 0);
	w = b->stream + QUERN_CMD_WORDS * 255;
	w[1] = 1u << 31; /* taking one first makes room */
	expect_fault(b, QUERN_FAULT_STREAM_END, QUERN_UNIT_SEQ, 256, 0);
}

static void test_yield_clears_tokens(void **state)
{
	struct bench *b = *state;

	add_fill(b, 0, 1, 0)[2] = 1;
	add_simple(b, QUERN_OP_YIELD);
	add_fill(b, 0, 1, 0)[1] = 1;
	add_simple(b, QUERN_OP_END);
	expect_fault(b, QUERN_FAULT_TOKEN, QUERN_UNIT_SEQ, 2, 0);
}

static void test_preempt_and_resume(void **state)
{
	struct bench *b = *state;
	struct func_control ctl = {.preempt = true};

	b->job.ctl = &ctl;
	add_fill(b, 0, 4, 7);
	add_simple(b, QUERN_OP_YIELD);
	add_copy(b, QUERN_OP_STORE, 0, 0, 4);
	add_simple(b, QUERN_OP_END);
	run(b);
	assert_int_equal(b->result.state, QUERN_JOB_STATE_PREEMPTED);
	assert_int_equal(b->result.index, 2);
	b->job.first = b->result.index;
	ctl.preempt = false;
	run(b);
	assert_int_equal(b->result.state, QUERN_JOB_STATE_DONE);
	assert_int_equal(b->result.index, 4);
	assert_int_equal(b->result.cmds, 2);
}

static void test_scrub_between_spaces(void **state)
{
	struct bench *b = *state;

	add_fill(b, 0, 64, 7);
	add_simple(b, QUERN_OP_END);
	run(b);
	b->job.ncmds = 0;
	add_simple(b, QUERN_OP_END);
	run(b);
	assert_int_equal(func_spm(b->m)[63], 7);
	b->job.space.asid = 2;
	run(b);
	assert_int_equal(func_spm(b->m)[63], 0);
}

static void test_bad_jobs(void **state)
{
	struct bench *b = *state;

	add_simple(b, QUERN_OP_NOP);
	expect_fault(b, QUERN_FAULT_STREAM_END, QUERN_UNIT_SEQ, 1, 0);
	b->job.first = 9;
	expect_fault(b, QUERN_FAULT_STREAM_END, QUERN_UNIT_SEQ, 9, 0);
	b->job.first = 0;
	b->job.space.asid = 0;
	expect_fault(b, QUERN_FAULT_ASID, QUERN_UNIT_SEQ, 0, 0);
	b->job.space.asid = QUERN_NUM_ASID;
	expect_fault(b, QUERN_FAULT_ASID, QUERN_UNIT_SEQ, 0, 0);
	b->job.space.asid = 1;
	b->job.stream = STREAM + 0x1000;
	expect_fault(b, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_SEQ, 0, STREAM + 0x1000);
	b->job.stream = 1ull << QUERN_VA_BITS;
	expect_fault(b, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_SEQ, 0, 1ull << QUERN_VA_BITS);
	b->job.stream = STREAM + 4;
	assert_false(func_run(b->m, &b->job, &b->result));
	b->job.stream = STREAM;
	b->job.ncmds = QUERN_MAX_STREAM_CMDS + 1;
	assert_false(func_run(b->m, &b->job, &b->result));
}

static void test_copy_bounds(void **state)
{
	struct bench *b = *state;

	add_copy(b, QUERN_OP_LOAD, SPM_BYTES - 10, 0, 11);
	add_simple(b, QUERN_OP_END);
	expect_fault(b, QUERN_FAULT_SPM_BOUNDS, QUERN_UNIT_LOAD, 0, SPM_BYTES - 10);
	b->job.ncmds = 0;
	add_copy(b, QUERN_OP_STORE, SPM_BYTES - 10, 0, 10);
	run(b);
	assert_int_equal(b->result.fault.kind, QUERN_FAULT_STREAM_END);
	b->job.ncmds = 0;
	add_copy(b, QUERN_OP_LOAD, 0, 0xff0, 0x11); /* past the mapped page */
	expect_fault(b, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, 0, DATA + 0x1000);
	b->job.ncmds = 0;
	add_copy(b, QUERN_OP_LOAD, 0, (1ull << QUERN_VA_BITS) - DATA, 1);
	expect_fault(b, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, 0, 1ull << QUERN_VA_BITS);
	b->job.ncmds = 0;
	add_copy(b, QUERN_OP_LOAD, 0, (1ull << 40) - 16, 16); /* wraps to below the region's base: not mapped */
	expect_fault(b, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, 0, DATA - 16);
}

static void expect_pte(struct bench *b, uint64_t pte, enum quern_fault read, enum quern_fault write)
{
	uint64_t *entry = ram_pte(&b->ram, DATA, 0);
	uint64_t saved = *entry;

	*entry = pte;
	for (int i = 0; i < 2; i++) {
		enum quern_fault want = i ? write : read;

		b->job.ncmds = 0;
		add_copy(b, i ? QUERN_OP_STORE : QUERN_OP_LOAD, 0, 0, 1);
		add_simple(b, QUERN_OP_END);
		func_tlb_invalidate(b->m, 1);
		run(b);
		assert_string_equal(quern_fault_name(b->result.fault.kind), quern_fault_name(want));
		if (want != QUERN_FAULT_NONE)
			assert_int_equal(b->result.fault.addr, DATA);
	}
	*entry = saved;
}

static void test_page_entries(void **state)
{
	const enum quern_fault none = QUERN_FAULT_NONE, bad = QUERN_FAULT_PAGE_INVALID;
	struct bench *b = *state;
	uint64_t page = b->data >> 2;

	expect_pte(b, page | PTE_FLAGS_RW, none, none);
	expect_pte(b, page | PTE_FLAGS_RO, none, QUERN_FAULT_PAGE_WRITE);
	expect_pte(b, page | (PTE_FLAGS_RW & ~0x80), none, QUERN_FAULT_PAGE_WRITE); /* D clear */
	expect_pte(b, page | 0x59, QUERN_FAULT_PAGE_READ, QUERN_FAULT_PAGE_WRITE);  /* execute only */
	expect_pte(b, 0, bad, bad);
	expect_pte(b, page | (PTE_FLAGS_RW & ~0x01), bad, bad);	   /* V */
	expect_pte(b, page | (PTE_FLAGS_RW & ~0x02), bad, bad);	   /* W without R */
	expect_pte(b, page | (PTE_FLAGS_RW & ~0x10), bad, bad);	   /* U */
	expect_pte(b, page | (PTE_FLAGS_RW & ~0x40), bad, bad);	   /* A */
	expect_pte(b, page | PTE_POINTER, bad, bad);		   /* a pointer at the last level */
	expect_pte(b, page | PTE_FLAGS_RW | 1ull << 54, bad, bad); /* reserved */
	expect_pte(b, page | PTE_FLAGS_RW | 1ull << 63, bad, bad);
	expect_pte(b, (uint64_t)RAM_BYTES >> 2 | PTE_FLAGS_RW, QUERN_FAULT_BUS, QUERN_FAULT_BUS);
}

static int read_entry(void *ctx, uint64_t bus, uint64_t *pte)
{
	const uint8_t *p = ram_ops.map(ctx, bus, sizeof(*pte), false);

	if (!p)
		return -1;
	memcpy(pte, p, sizeof(*pte));
	return 0;
}

static uint64_t random_entry(struct bench *b, struct rng *r)
{
	static const uint64_t kinds[] = {PTE_FLAGS_RW, PTE_FLAGS_RO, PTE_POINTER, 0x59};
	uint64_t page = rng_next(r) % (RAM_BYTES / 8 * 9) >> 12;
	uint64_t pte = (rng_one_in(r, 3) ? page / 512 * 512 : page) << 10 | kinds[rng_next(r) % 4];

	if (rng_one_in(r, 2))
		pte = b->ram.root >> 2 | PTE_POINTER;
	if (rng_one_in(r, 8))
		pte ^= 1ull << rng_next(r) % 64;
	return pte;
}

/* The model's walker and the shared reference agree on any tables. */
static void test_random_tables(void **state)
{
	struct bench *b = *state;
	struct rng r = {1};
	uint64_t *root = (uint64_t *)(b->ram.bytes + b->ram.root);
	const struct func_space space = {.asid = 1, .root = b->ram.root};
	uint32_t good = 0;

	func_set_space(b->m, &space);
	for (uint32_t i = 0; i < 20000; i++) {
		uint64_t va = ((uint64_t)(rng_next(&r) % 8) << 30) |
			      (rng_next(&r) & 0xe07fff); /* few entries of each table */
		bool write = rng_next(&r) & 1;
		struct quern_sv39_result want;
		struct func_fault fault;
		uint32_t w[QUERN_CMD_WORDS];

		root[rng_next(&r) % 8] = random_entry(b, &r);
		pack_copy(w, write ? QUERN_OP_STORE : QUERN_OP_LOAD, 0, va, 0, 1);
		want = quern_sv39_walk(read_entry, &b->ram, b->ram.root, va, write);
		if (want.fault == QUERN_FAULT_NONE && want.bus >= RAM_BYTES)
			want.fault = QUERN_FAULT_BUS;
		if (want.fault == QUERN_FAULT_NONE && write)
			continue; /* would change the tables */
		func_tlb_invalidate_all(b->m);
		func_exec(b->m, w, &fault);
		assert_string_equal(quern_fault_name(fault.kind), quern_fault_name(want.fault));
		if (want.fault == QUERN_FAULT_NONE) {
			assert_int_equal(func_spm(b->m)[0], b->ram.bytes[want.bus]);
			good++;
		}
	}
	assert_true(good > 500);
}

static void test_large_leaves(void **state)
{
	struct bench *b = *state;
	uint64_t va = 0x40000000;

	b->job.space.region[0] = va;
	b->ram.bytes[0x400000 + 0x12345] = 0xab;
	add_copy(b, QUERN_OP_LOAD, 0, 0x12345, 1);
	add_simple(b, QUERN_OP_END);
	*ram_pte(&b->ram, va, 1) = 0x400000 >> 2 | PTE_FLAGS_RW;
	run(b);
	assert_int_equal(b->result.state, QUERN_JOB_STATE_DONE);
	assert_int_equal(func_spm(b->m)[0], 0xab);
	func_tlb_invalidate_all(b->m);
	*ram_pte(&b->ram, va, 1) = 0x401000 >> 2 | PTE_FLAGS_RW;
	expect_fault(b, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, 0, va + 0x12345);
	*ram_pte(&b->ram, va, 1) = (uint64_t)RAM_BYTES >> 2 | PTE_POINTER;
	expect_fault(b, QUERN_FAULT_BUS, QUERN_UNIT_LOAD, 0, va + 0x12345);
	*ram_pte(&b->ram, va, 2) = PTE_FLAGS_RW; /* 1 GiB at bus address 0 */
	b->ram.bytes[0x12345] = 0xcd;
	run(b);
	assert_int_equal(b->result.state, QUERN_JOB_STATE_DONE);
	assert_int_equal(func_spm(b->m)[0], 0xcd);
}

static void test_stale_until_invalidated(void **state)
{
	struct bench *b = *state;

	add_copy(b, QUERN_OP_LOAD, 0, 0, 1);
	add_simple(b, QUERN_OP_END);
	run(b);
	*ram_pte(&b->ram, DATA, 0) = 0;
	run(b);
	assert_int_equal(b->result.state, QUERN_JOB_STATE_DONE);
	func_tlb_invalidate(b->m, 2);
	run(b);
	assert_int_equal(b->result.state, QUERN_JOB_STATE_DONE);
	func_tlb_invalidate(b->m, 1);
	expect_fault(b, QUERN_FAULT_PAGE_INVALID, QUERN_UNIT_LOAD, 0, DATA);
}

static void expect_exec(struct bench *b, const uint32_t *w, enum quern_fault kind, uint64_t addr)
{
	struct func_fault fault;

	assert_int_equal(func_exec(b->m, w, &fault), kind == QUERN_FAULT_NONE);
	assert_string_equal(quern_fault_name(fault.kind), quern_fault_name(kind));
	assert_int_equal(fault.addr, addr);
}

static void test_conv_faults(void **state)
{
	struct bench *b = *state;
	struct quern_cmd_conv c = {.acc_base = 512, .nx = 512, .ny = 1, .k0 = 1, .k1 = 1, .k2 = 1};
	uint32_t w[QUERN_CMD_WORDS];

	quern_cmd_conv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_NONE, 0);
	c.ny = 2;
	quern_cmd_conv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_ILLEGAL_FIELD, 0);
	c.ny = 1;
	c.acc_base = 513;
	quern_cmd_conv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_ACC_BOUNDS, 513);
	c.acc_base = 1024;
	c.nx = 1;
	quern_cmd_conv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_ACC_BOUNDS, 1024);
	c.acc_base = 0;
	c.w_base = SPM_BYTES - N * N + N;
	quern_cmd_conv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_SPM_BOUNDS, SPM_BYTES);
	c.w_base = 0;
	c.ifm_base = SPM_BYTES - N - 2;
	c.ifm_sx = 1;
	c.nx = 4;
	quern_cmd_conv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_SPM_BOUNDS, SPM_BYTES - N + 1);
	c.w_base = 8;
	quern_cmd_conv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_ILLEGAL_FIELD, 0); /* alignment */
}

static void test_dwconv_faults(void **state)
{
	struct bench *b = *state;
	struct quern_cmd_dwconv c = {.in_nx = 3, .in_ny = 3, .px_v = 1, .py_v = 3, .kw = 3, .kh = 3, .sx = 1, .sy = 1};
	uint32_t w[QUERN_CMD_WORDS];

	quern_cmd_dwconv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_NONE, 0);
	c.in_nx = 2;
	quern_cmd_dwconv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_ILLEGAL_FIELD, 0);
	c.in_nx = 5;
	c.kw = 5;
	c.kh = 3;
	quern_cmd_dwconv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_NONE, 0); /* 15 <= 16 */
	c.kw = 1;
	c.kh = 1;
	c.in_nx = 128;
	c.in_ny = 5;
	quern_cmd_dwconv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_ILLEGAL_FIELD, 0); /* 640 outputs */
	c.in_ny = 4;
	c.acc_base = 1;
	quern_cmd_dwconv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_ACC_BOUNDS, 1);
	c.acc_base = 0;
	c.in_nx = 4;
	c.sx = 4;
	c.ifm_base = SPM_BYTES - 3 * N; /* the fourth pixel is in no window but is read */
	c.in_ny = 1;
	quern_cmd_dwconv_pack(w, &c);
	expect_exec(b, w, QUERN_FAULT_SPM_BOUNDS, SPM_BYTES);
}

static void test_vector_faults(void **state)
{
	struct bench *b = *state;
	struct quern_cmd_requant q = {.nx = 1, .ny = 1, .param_base = SPM_BYTES - 8 * N};
	struct quern_cmd_map t = {.op = 1, .nx = 1, .ny = 1, .table_base = SPM_BYTES - 256 + N};
	struct quern_cmd_pool p = {.nx = 1, .ny = 1, .kw = 2, .kh = 1, .kx_v = 4096};
	uint32_t w[QUERN_CMD_WORDS];

	quern_cmd_requant_pack(w, &q);
	expect_exec(b, w, QUERN_FAULT_SPM_BOUNDS, SPM_BYTES);
	q.acc_base = 512;
	q.nx = 512;
	q.ny = 2;
	quern_cmd_requant_pack(w, &q);
	expect_exec(b, w, QUERN_FAULT_ILLEGAL_FIELD, 0);
	quern_cmd_map_pack(w, &t);
	expect_exec(b, w, QUERN_FAULT_SPM_BOUNDS, SPM_BYTES);
	t.table_base -= N;
	quern_cmd_map_pack(w, &t);
	expect_exec(b, w, QUERN_FAULT_NONE, 0);
	quern_cmd_pool_pack(w, &p);
	expect_exec(b, w, QUERN_FAULT_SPM_BOUNDS, SPM_BYTES);
}

/* The longest commands there are must stop soon after they are told to. */
static void test_long_commands_stop(void **state)
{
	struct bench *b = *state;
	struct quern_cmd_pool p = {.nx = 65535, .ny = 65535, .kw = 256, .kh = 256};
	struct quern_cmd_fill f = {.len = 1, .n1 = 65535, .n2 = 65535, .n3 = 65535};
	struct func_control ctl = {.abort = true};

	quern_cmd_pool_pack(next(b), &p);
	b->job.max_ticks = 1000000;
	expect_fault(b, QUERN_FAULT_ABORTED, QUERN_UNIT_VECTOR, 0, 0);
	assert_true(b->result.ticks < 1100000);
	b->job.ncmds = 0;
	quern_cmd_fill_pack(next(b), &f);
	expect_fault(b, QUERN_FAULT_ABORTED, QUERN_UNIT_LOAD, 0, 0);
	b->job.max_ticks = 0;
	b->job.ctl = &ctl;
	expect_fault(b, QUERN_FAULT_ABORTED, QUERN_UNIT_SEQ, 0, 0);
}

static void test_configurations(void **state)
{
	(void)state;
	assert_null(func_create(&(struct func_config){4, 1024}, &ram_ops, NULL));
	assert_null(func_create(&(struct func_config){16, 0}, &ram_ops, NULL));
	assert_null(func_create(&(struct func_config){16, 1000}, &ram_ops, NULL));
	assert_null(func_create(&(struct func_config){16, (16u << 20) + 1024}, &ram_ops, NULL));
	func_destroy(NULL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_copy_through),
		T(test_dispatch_precedence),
		T(test_token_limits),
		T(test_yield_clears_tokens),
		T(test_preempt_and_resume),
		T(test_scrub_between_spaces),
		T(test_bad_jobs),
		T(test_copy_bounds),
		T(test_page_entries),
		T(test_random_tables),
		T(test_large_leaves),
		T(test_stale_until_invalidated),
		T(test_conv_faults),
		T(test_dwconv_faults),
		T(test_vector_faults),
		T(test_long_commands_stop),
		cmocka_unit_test(test_configurations),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
