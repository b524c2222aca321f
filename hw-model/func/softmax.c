/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SOFTMAX, the integer arithmetic of TFLite's reference: sum of table values, its reciprocal by three Newton steps,
 * then one rounded product per element. Three passes over a row, as it may be longer than any buffer of the hardware.
 */
#include <string.h>
#include "arith.h"
#include "machine.h"

#define SUM_SHIFT 12		  /* fraction bits dropped from each exponential before they are summed */
#define NEWTON_48_17 1515870810	  /* 48/17 in Q2.29 */
#define NEWTON_N32_17 -1010580540 /* -32/17 in Q2.29 */
#define ONE_Q29 (1 << 29)

struct softmax {
	struct quern_cmd_softmax c;
	uint32_t in; /* of the current row */
	uint32_t out;
	int32_t max;
	uint32_t sum;
	uint32_t zeros; /* leading zeros of the sum */
	int32_t reciprocal;
};

/* Works on one vector of a row: `count` elements of it belong to the row. */
typedef enum quern_fault (*pass_fn)(struct func_machine *m, struct softmax *v, const uint8_t *in, uint32_t offset,
				    uint32_t count, uint64_t *addr);

static enum quern_fault pass(struct func_machine *m, struct softmax *v, pass_fn fn, uint64_t *addr)
{
	for (uint32_t i = 0; i < v->c.len; i += m->n) {
		const uint8_t *in = spm_vector(m, (v->in + i) & FUNC_SPM_MASK, addr);
		uint32_t left = v->c.len - i;
		enum quern_fault fault;

		if (!in)
			return QUERN_FAULT_SPM_BOUNDS;
		fault = fn(m, v, in, i, left < m->n ? left : m->n, addr);
		if (fault != QUERN_FAULT_NONE)
			return fault;
	}
	return QUERN_FAULT_NONE;
}

/* e_i = T[max - x]; the table is read by vectors. */
static enum quern_fault exponential(struct func_machine *m, const struct softmax *v, uint8_t x, int32_t *e,
				    uint64_t *addr)
{
	uint32_t offset = 4 * (uint32_t)(v->max - (int8_t)x);
	uint32_t in_vector = offset % m->n;
	const uint8_t *p = spm_vector(m, (v->c.table_base + offset - in_vector) & FUNC_SPM_MASK, addr);

	if (!p)
		return QUERN_FAULT_SPM_BOUNDS;
	memcpy(e, p + in_vector, sizeof(*e));
	return QUERN_FAULT_NONE;
}

static enum quern_fault find_max(struct func_machine *m, struct softmax *v, const uint8_t *in, uint32_t offset,
				 uint32_t count, uint64_t *addr)
{
	(void)m, (void)offset, (void)addr;
	for (uint32_t i = 0; i < count; i++)
		if ((int8_t)in[i] > v->max)
			v->max = (int8_t)in[i];
	return QUERN_FAULT_NONE;
}

static enum quern_fault add_up(struct func_machine *m, struct softmax *v, const uint8_t *in, uint32_t offset,
			       uint32_t count, uint64_t *addr)
{
	(void)offset;
	for (uint32_t i = 0; i < count; i++) {
		int32_t e;
		enum quern_fault fault = exponential(m, v, in[i], &e, addr);

		if (fault != QUERN_FAULT_NONE)
			return fault;
		v->sum += (uint32_t)rounding_shift_right(e, SUM_SHIFT);
	}
	return QUERN_FAULT_NONE;
}

/* 1 / (1 + f) for the sum normalised to 1 + f, in Q0.31. A sum of zero gives zero. */
static void invert_sum(struct softmax *v)
{
	int32_t half;
	int32_t x;

	v->zeros = v->sum ? (uint32_t)__builtin_clz(v->sum) : 32;
	v->reciprocal = 0;
	if (!v->sum)
		return;
	half = (int32_t)(((int64_t)((v->sum << v->zeros) - (1u << 31)) + (1ll << 31)) >> 1);
	x = add32(NEWTON_48_17, srdhm(half, NEWTON_N32_17));
	for (int i = 0; i < 3; i++)
		x = add32(x, sat_shl(srdhm(x, sub32(ONE_Q29, srdhm(half, x))), 2));
	v->reciprocal = sat_shl(x, 1);
}

static enum quern_fault write_out(struct func_machine *m, struct softmax *v, const uint8_t *in, uint32_t offset,
				  uint32_t count, uint64_t *addr)
{
	uint8_t result[FUNC_MAX_N] = {0};
	uint8_t *out;

	for (uint32_t i = 0; i < count; i++) {
		int32_t e;
		enum quern_fault fault = exponential(m, v, in[i], &e, addr);

		if (fault != QUERN_FAULT_NONE)
			return fault;
		e = rdbpot(srdhm(v->reciprocal, e), SUM_SHIFT - v->zeros + 31 - 8);
		result[i] = (uint8_t)clamp_act((int64_t)e - 128, -128, 127);
	}
	out = spm_vector(m, (v->out + offset) & FUNC_SPM_MASK, addr);
	if (!out)
		return QUERN_FAULT_SPM_BOUNDS;
	memcpy(out, result, m->n);
	return QUERN_FAULT_NONE;
}

static enum quern_fault row(struct func_machine *m, struct softmax *v, uint64_t *addr)
{
	enum quern_fault fault;

	v->max = INT8_MIN;
	v->sum = 0;
	fault = pass(m, v, find_max, addr);
	if (fault == QUERN_FAULT_NONE)
		fault = pass(m, v, add_up, addr);
	if (fault != QUERN_FAULT_NONE)
		return fault;
	invert_sum(v);
	return pass(m, v, write_out, addr);
}

enum quern_fault func_softmax(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct softmax v;
	enum quern_fault fault = QUERN_FAULT_NONE;

	quern_cmd_softmax_unpack(&v.c, w);
	for (uint32_t r = 0; r < v.c.rows && fault == QUERN_FAULT_NONE; r++) {
		v.in = v.c.in_base + r * v.c.in_row_v * m->n;
		v.out = v.c.out_base + r * v.c.out_row_v * m->n;
		fault = work(m, 3 * (uint64_t)v.c.len) ? row(m, &v, addr) : QUERN_FAULT_ABORTED;
	}
	return fault;
}
