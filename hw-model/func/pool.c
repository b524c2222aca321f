/* SPDX-License-Identifier: Apache-2.0 */
/* POOL: maximum or average over a window. */
#include "arith.h"
#include "machine.h"

struct pool {
	struct quern_cmd_pool c;
	struct func_grid in;
	struct func_grid out;
	uint32_t kx_bytes;
	uint32_t ky_bytes;
};

static void reduce(const struct pool *v, uint32_t n, const uint8_t *in, int32_t *r)
{
	for (uint32_t i = 0; i < n; i++) {
		int32_t x = (int8_t)in[i];

		if (v->c.op == QUERN_POOL_OP_MAX)
			r[i] = x > r[i] ? x : r[i];
		else
			r[i] += x;
	}
}

static int64_t average(const struct quern_cmd_pool *c, int32_t sum)
{
	uint64_t magnitude = (uint64_t)(sum < 0 ? -(int64_t)sum : sum) + c->half;
	int64_t quotient = (int64_t)((magnitude * c->mult) >> c->shift);

	return sum < 0 ? -quotient : sum > 0 ? quotient : 0;
}

static void finish(const struct pool *v, uint32_t n, const int32_t *r, uint8_t *out)
{
	const struct quern_cmd_pool *c = &v->c;

	for (uint32_t i = 0; i < n; i++)
		out[i] = (uint8_t)clamp_act(c->op == QUERN_POOL_OP_MAX ? r[i] : average(c, r[i]), c->act_min,
					    c->act_max);
}

static enum quern_fault window(struct func_machine *m, const struct pool *v, uint32_t base, int32_t *r, uint64_t *addr)
{
	for (uint32_t i = 0; i < m->n; i++)
		r[i] = v->c.op == QUERN_POOL_OP_MAX ? INT8_MIN : 0;
	for (uint32_t ky = 0; ky < v->c.kh; ky++) {
		if (!work(m, v->c.kw))
			return QUERN_FAULT_ABORTED;
		for (uint32_t kx = 0; kx < v->c.kw; kx++) {
			uint32_t a = (base + ky * v->ky_bytes + kx * v->kx_bytes) & FUNC_SPM_MASK;
			const uint8_t *in = spm_vector(m, a, addr);

			if (!in)
				return QUERN_FAULT_SPM_BOUNDS;
			reduce(v, m->n, in, r);
		}
	}
	return QUERN_FAULT_NONE;
}

static enum quern_fault output(struct func_machine *m, const struct pool *v, uint32_t ox, uint32_t oy, uint64_t *addr)
{
	int32_t r[FUNC_MAX_N];
	enum quern_fault fault = window(m, v, grid_at(&v->in, ox, oy), r, addr);
	uint8_t *out;

	if (fault != QUERN_FAULT_NONE)
		return fault;
	out = spm_vector(m, grid_at(&v->out, ox, oy), addr);
	if (!out)
		return QUERN_FAULT_SPM_BOUNDS;
	finish(v, m->n, r, out);
	return QUERN_FAULT_NONE;
}

enum quern_fault func_pool(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct pool v;
	enum quern_fault fault;

	quern_cmd_pool_unpack(&v.c, w);
	v.in = (struct func_grid){v.c.in_base, v.c.in_sx_v * m->n, v.c.in_sy_v * m->n};
	v.out = (struct func_grid){v.c.out_base, v.c.out_sx_v * m->n, v.c.out_sy_v * m->n};
	v.kx_bytes = v.c.kx_v * m->n;
	v.ky_bytes = v.c.ky_v * m->n;
	for (uint32_t oy = 0; oy < v.c.ny; oy++) {
		for (uint32_t ox = 0; ox < v.c.nx; ox++) {
			fault = output(m, &v, ox, oy, addr);
			if (fault != QUERN_FAULT_NONE)
				return fault;
		}
	}
	return QUERN_FAULT_NONE;
}
