/* SPDX-License-Identifier: Apache-2.0 */
/* DWCONV. The whole input window is checked first, because the hardware reads all of it, then outputs are computed. */
#include "machine.h"

struct dwconv {
	struct quern_cmd_dwconv c;
	uint32_t onx;
	uint32_t ony;
	struct func_grid grid; /* input pixels */
	int32_t weights[FUNC_MAX_N][FUNC_MAX_N];
};

static enum quern_fault check_geometry(struct func_machine *m, struct dwconv *v, uint64_t *addr)
{
	const struct quern_cmd_dwconv *c = &v->c;

	if ((uint32_t)c->kw * c->kh > m->n || c->kw > c->in_nx || c->kh > c->in_ny)
		return QUERN_FAULT_ILLEGAL_FIELD;
	v->onx = (uint32_t)(c->in_nx - c->kw) / c->sx + 1;
	v->ony = (uint32_t)(c->in_ny - c->kh) / c->sy + 1;
	if (v->onx * v->ony > QUERN_ACC_ENTRIES)
		return QUERN_FAULT_ILLEGAL_FIELD;
	return func_acc_check(c->acc_base, v->onx * v->ony, addr);
}

static enum quern_fault load_weights(struct func_machine *m, struct dwconv *v, uint64_t *addr)
{
	for (uint32_t k = 0; k < (uint32_t)v->c.kw * v->c.kh; k++) {
		const uint8_t *row = spm_vector(m, (v->c.w_base + k * m->n) & FUNC_SPM_MASK, addr);

		if (!row)
			return QUERN_FAULT_SPM_BOUNDS;
		for (uint32_t lane = 0; lane < m->n; lane++)
			v->weights[k][lane] = (int8_t)row[lane];
	}
	return QUERN_FAULT_NONE;
}

static enum quern_fault check_window(struct func_machine *m, const struct dwconv *v, uint64_t *addr)
{
	for (uint32_t y = 0; y < v->c.in_ny; y++) {
		if (!work(m, v->c.in_nx))
			return QUERN_FAULT_ABORTED;
		for (uint32_t x = 0; x < v->c.in_nx; x++)
			if (!spm_vector(m, grid_at(&v->grid, x, y), addr))
				return QUERN_FAULT_SPM_BOUNDS;
	}
	return QUERN_FAULT_NONE;
}

/* Constant n lets the compiler keep the lanes of an accumulator in registers. */
static inline __attribute__((always_inline)) void pixel(const struct func_machine *m, const struct dwconv *v,
							const uint32_t n, uint32_t ox, uint32_t oy, int32_t *acc)
{
	uint32_t sum[FUNC_MAX_N];

	for (uint32_t lane = 0; lane < n; lane++)
		sum[lane] = v->c.accumulate ? (uint32_t)acc[lane] : 0;
	for (uint32_t ky = 0; ky < v->c.kh; ky++) {
		for (uint32_t kx = 0; kx < v->c.kw; kx++) {
			const uint8_t *x = m->spm + grid_at(&v->grid, ox * v->c.sx + kx, oy * v->c.sy + ky);
			const int32_t *weight = v->weights[ky * v->c.kw + kx];

			for (uint32_t lane = 0; lane < n; lane++)
				sum[lane] += (uint32_t)((int8_t)x[lane] * weight[lane]);
		}
	}
	for (uint32_t lane = 0; lane < n; lane++)
		acc[lane] = (int32_t)sum[lane];
}

static void row(const struct func_machine *m, const struct dwconv *v, uint32_t oy)
{
	int32_t *acc = m->acc + (v->c.acc_base + oy * v->onx) * m->n;

	for (uint32_t ox = 0; ox < v->onx; ox++, acc += m->n) {
		if (m->n == 8)
			pixel(m, v, 8, ox, oy, acc);
		else if (m->n == 16)
			pixel(m, v, 16, ox, oy, acc);
		else
			pixel(m, v, 32, ox, oy, acc);
	}
}

enum quern_fault func_dwconv(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct dwconv v;
	enum quern_fault fault;

	quern_cmd_dwconv_unpack(&v.c, w);
	v.grid = (struct func_grid){v.c.ifm_base, v.c.px_v * m->n, v.c.py_v * m->n};
	fault = check_geometry(m, &v, addr);
	if (fault == QUERN_FAULT_NONE)
		fault = load_weights(m, &v, addr);
	if (fault == QUERN_FAULT_NONE)
		fault = check_window(m, &v, addr);
	if (fault != QUERN_FAULT_NONE)
		return fault;
	for (uint32_t oy = 0; oy < v.ony; oy++)
		row(m, &v, oy);
	return QUERN_FAULT_NONE;
}
