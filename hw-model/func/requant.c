/* SPDX-License-Identifier: Apache-2.0 */
/* REQUANT: accumulators plus bias, requantised per channel, to int8 vectors. */
#include <string.h>
#include "arith.h"
#include "machine.h"

#define PARAM_VECTORS 9 /* bias and mult of 4 vectors each, shift of 1 */

struct requant {
	struct quern_cmd_requant c;
	struct func_grid out;
	int32_t bias[FUNC_MAX_N];
	int32_t mult[FUNC_MAX_N];
	int64_t truncate[FUNC_MAX_N]; /* all ones: the first rounding is towards zero */
	int32_t shift[FUNC_MAX_N];
};

static enum quern_fault load_params(struct func_machine *m, struct requant *v, uint64_t *addr)
{
	uint8_t raw[PARAM_VECTORS * FUNC_MAX_N];
	const int8_t *shift = (const int8_t *)raw + 8 * m->n;

	for (uint32_t i = 0; i < PARAM_VECTORS; i++) {
		const uint8_t *p = spm_vector(m, (v->c.param_base + i * m->n) & FUNC_SPM_MASK, addr);

		if (!p)
			return QUERN_FAULT_SPM_BOUNDS;
		memcpy(raw + i * m->n, p, m->n);
	}
	memcpy(v->bias, raw, 4 * m->n);
	memcpy(v->mult, raw + 4 * m->n, 4 * m->n);
	for (uint32_t o = 0; o < m->n; o++) {
		v->truncate[o] = v->mult[o] < 0 ? -1 : 0;
		v->mult[o] &= INT32_MAX;
		v->shift[o] = shift[o] < -31 ? -31 : shift[o] > 30 ? 30 : shift[o];
	}
	return QUERN_FAULT_NONE;
}

/* MBQM whose first rounding is to the nearest, or towards zero. */
static int32_t scale(const struct requant *v, uint32_t o, int32_t x)
{
	uint32_t left = v->shift[o] > 0 ? (uint32_t)v->shift[o] : 0;
	uint32_t right = v->shift[o] < 0 ? (uint32_t)-v->shift[o] : 0;
	int64_t p = (int64_t)(int32_t)((uint32_t)x << left) * v->mult[o];
	int64_t nudge = (v->truncate[o] & (p >> 63) & 0x7fffffff) | (~v->truncate[o] & (1ll << 30));

	return rounding_shift_right((int32_t)((p + nudge) >> 31), right);
}

static void entry(const struct requant *v, uint32_t n, const int32_t *acc, uint8_t *out)
{
	for (uint32_t o = 0; o < n; o++) {
		int32_t t = add32(scale(v, o, add32(acc[o], v->bias[o])), v->c.out_zp);

		out[o] = (uint8_t)clamp_act(t, v->c.act_min, v->c.act_max);
	}
}

static enum quern_fault row(struct func_machine *m, const struct requant *v, uint32_t oy, uint64_t *addr)
{
	const int32_t *acc = m->acc + (v->c.acc_base + oy * v->c.nx) * m->n;

	for (uint32_t ox = 0; ox < v->c.nx; ox++, acc += m->n) {
		uint8_t *out = spm_vector(m, grid_at(&v->out, ox, oy), addr);

		if (!out)
			return QUERN_FAULT_SPM_BOUNDS;
		entry(v, m->n, acc, out);
	}
	return QUERN_FAULT_NONE;
}

enum quern_fault func_requant(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct requant v;
	enum quern_fault fault;
	uint32_t entries;

	quern_cmd_requant_unpack(&v.c, w);
	entries = (uint32_t)v.c.nx * v.c.ny;
	if (entries > QUERN_ACC_ENTRIES)
		return QUERN_FAULT_ILLEGAL_FIELD;
	fault = func_acc_check(v.c.acc_base, entries, addr);
	if (fault == QUERN_FAULT_NONE)
		fault = load_params(m, &v, addr);
	v.out = (struct func_grid){v.c.out_base, v.c.out_sx_v * m->n, v.c.out_sy_v * m->n};
	for (uint32_t oy = 0; oy < v.c.ny && fault == QUERN_FAULT_NONE; oy++)
		fault = work(m, v.c.nx) ? row(m, &v, oy, addr) : QUERN_FAULT_ABORTED;
	return fault;
}
