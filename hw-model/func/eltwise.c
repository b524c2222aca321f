/* SPDX-License-Identifier: Apache-2.0 */
/* ELTWISE: two int8 operands, rescaled, combined, requantised. */
#include "arith.h"
#include "machine.h"

#define INPUT_LEFT_SHIFT 20 /* headroom that keeps precision through the rescaling of ADD and SUB */

struct eltwise {
	struct quern_cmd_eltwise c;
	struct func_grid a;
	struct func_grid b;
	struct func_grid out;
};

static int32_t combine(const struct quern_cmd_eltwise *c, int32_t a, int32_t b)
{
	int32_t sa;
	int32_t sb;

	if (c->op == QUERN_ELTWISE_OP_MUL)
		return a * b;
	sa = mbqm(a * (1 << INPUT_LEFT_SHIFT), c->a_mult, c->a_shift);
	sb = mbqm(b * (1 << INPUT_LEFT_SHIFT), c->b_mult, c->b_shift);
	return c->op == QUERN_ELTWISE_OP_ADD ? add32(sa, sb) : sub32(sa, sb);
}

static void vector(const struct quern_cmd_eltwise *c, uint32_t n, const uint8_t *a, const uint8_t *b, uint8_t *out)
{
	for (uint32_t i = 0; i < n; i++) {
		int32_t t = combine(c, (int8_t)a[i] - c->a_zp, (int8_t)b[i] - c->b_zp);

		t = add32(mbqm(t, c->out_mult, c->out_shift), c->out_zp);
		out[i] = (uint8_t)clamp_act(t, c->act_min, c->act_max);
	}
}

static enum quern_fault row(struct func_machine *m, const struct eltwise *v, uint32_t y, uint64_t *addr)
{
	for (uint32_t x = 0; x < v->c.nx; x++) {
		const uint8_t *a = spm_vector(m, grid_at(&v->a, x, y), addr);
		const uint8_t *b = a ? spm_vector(m, grid_at(&v->b, x, y), addr) : NULL;
		uint8_t *out = b ? spm_vector(m, grid_at(&v->out, x, y), addr) : NULL;

		if (!out)
			return QUERN_FAULT_SPM_BOUNDS;
		vector(&v->c, m->n, a, b, out);
	}
	return QUERN_FAULT_NONE;
}

enum quern_fault func_eltwise(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct eltwise v;
	enum quern_fault fault = QUERN_FAULT_NONE;

	quern_cmd_eltwise_unpack(&v.c, w);
	v.a = (struct func_grid){v.c.a_base, v.c.a_sx_v * m->n, v.c.a_sy_v * m->n};
	v.b = (struct func_grid){v.c.b_base, v.c.b_sx_v * m->n, v.c.b_sy_v * m->n};
	v.out = (struct func_grid){v.c.out_base, v.c.out_sx_v * m->n, v.c.out_sy_v * m->n};
	for (uint32_t y = 0; y < v.c.ny && fault == QUERN_FAULT_NONE; y++)
		fault = work(m, v.c.nx) ? row(m, &v, y, addr) : QUERN_FAULT_ABORTED;
	return fault;
}
