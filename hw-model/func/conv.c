/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CONV. Per reduction step the block of weights is converted once and all pixels of the tile pass over it.
 *
 * Products are summed in single precision: N products of two int8 stay below 2^20 in magnitude and float holds
 * integers up to 2^24 exactly, so the sum of one step is exact, and a float multiply-add is one instruction where the
 * int32 one is three. Steps are added up in int32, where they wrap.
 */
#include <string.h>
#include "machine.h"

#define GROUP 4 /* pixels that share one load of the weights */

struct conv {
	struct quern_cmd_conv c;
	int32_t *acc;					      /* of the first pixel */
	struct func_grid grid;				      /* IFM vectors of the current step */
	_Alignas(128) float weights[FUNC_MAX_N * FUNC_MAX_N]; /* of the current step */
};

typedef void (*group_fn)(const float *weights, const uint8_t *const x[GROUP], int32_t *acc);

/* group_N: adds the products of GROUP pixels' vectors with the block of weights to their accumulators. */
#define DEFINE_GROUP(n)                                                                                                \
	typedef float f32x##n __attribute__((vector_size((n)*4)));                                                     \
	typedef int32_t s32x##n __attribute__((vector_size((n)*4)));                                                   \
	typedef uint32_t u32x##n __attribute__((vector_size((n)*4)));                                                  \
                                                                                                                       \
	static void group_##n(const float *weights, const uint8_t *const x[GROUP], int32_t *acc)                       \
	{                                                                                                              \
		const f32x##n *w = (const f32x##n *)weights;                                                           \
		u32x##n *out = (u32x##n *)acc;                                                                         \
		f32x##n sum[GROUP] = {0};                                                                              \
		float xf[GROUP][n];                                                                                    \
                                                                                                                       \
		for (int p = 0; p < GROUP; p++)                                                                        \
			for (int k = 0; k < (n); k++)                                                                  \
				xf[p][k] = (int8_t)x[p][k];                                                            \
		for (int k = 0; k < (n); k++)                                                                          \
			for (int p = 0; p < GROUP; p++)                                                                \
				sum[p] += xf[p][k] * w[k];                                                             \
		for (int p = 0; p < GROUP; p++)                                                                        \
			out[p] += (u32x##n) __builtin_convertvector(sum[p], s32x##n);                                  \
	}

DEFINE_GROUP(8)
DEFINE_GROUP(16)
DEFINE_GROUP(32)

static group_fn group_for(uint32_t n)
{
	return n == 8 ? group_8 : n == 16 ? group_16 : group_32;
}

/* The last pixels of a tile, fewer than a group: through a copy, padded with vectors of zeros. */
static void partial_group(group_fn group, const struct conv *v, uint32_t n, const uint8_t **x, uint32_t count,
			  int32_t *acc)
{
	static const uint8_t zeros[FUNC_MAX_N];
	_Alignas(128) int32_t copy[GROUP * FUNC_MAX_N] = {0};

	for (uint32_t p = count; p < GROUP; p++)
		x[p] = zeros;
	memcpy(copy, acc, count * n * sizeof(*acc));
	group(v->weights, x, copy);
	memcpy(acc, copy, count * n * sizeof(*acc));
}

static enum quern_fault load_weights(struct func_machine *m, struct conv *v, uint32_t block, uint64_t *addr)
{
	for (uint32_t k = 0; k < m->n; k++) {
		const uint8_t *row = spm_vector(m, (block + k * m->n) & FUNC_SPM_MASK, addr);

		if (!row)
			return QUERN_FAULT_SPM_BOUNDS;
		for (uint32_t o = 0; o < m->n; o++)
			v->weights[k * m->n + o] = (int8_t)row[o];
	}
	return QUERN_FAULT_NONE;
}

static enum quern_fault step_pixels(struct func_machine *m, struct conv *v, uint64_t *addr)
{
	group_fn group = group_for(m->n);
	const uint8_t *x[GROUP];
	int32_t *acc = v->acc;
	uint32_t held = 0;

	for (uint32_t oy = 0; oy < v->c.ny; oy++) {
		for (uint32_t ox = 0; ox < v->c.nx; ox++) {
			x[held] = spm_vector(m, grid_at(&v->grid, ox, oy), addr);
			if (!x[held])
				return QUERN_FAULT_SPM_BOUNDS;
			if (++held < GROUP)
				continue;
			group(v->weights, x, acc);
			acc += GROUP * m->n;
			held = 0;
		}
	}
	if (held)
		partial_group(group, v, m->n, x, held, acc);
	return QUERN_FAULT_NONE;
}

static enum quern_fault step(struct func_machine *m, struct conv *v, uint32_t index, uint64_t *addr)
{
	uint32_t block = (v->c.w_base + index * m->n * m->n) & FUNC_SPM_MASK;
	enum quern_fault fault;

	if (!work(m, m->n + (uint64_t)v->c.nx * v->c.ny))
		return QUERN_FAULT_ABORTED;
	fault = load_weights(m, v, block, addr);
	if (fault != QUERN_FAULT_NONE)
		return fault;
	return step_pixels(m, v, addr);
}

static enum quern_fault all_steps(struct func_machine *m, struct conv *v, uint64_t *addr)
{
	const struct quern_cmd_conv *c = &v->c;
	enum quern_fault fault;
	uint32_t index = 0;

	for (uint32_t i2 = 0; i2 < c->k2; i2++) {
		for (uint32_t i1 = 0; i1 < c->k1; i1++) {
			for (uint32_t i0 = 0; i0 < c->k0; i0++) {
				v->grid.base = c->ifm_base + i0 * c->k0_stride + i1 * c->k1_stride + i2 * c->k2_stride;
				fault = step(m, v, index++, addr);
				if (fault != QUERN_FAULT_NONE)
					return fault;
			}
		}
	}
	return QUERN_FAULT_NONE;
}

enum quern_fault func_conv(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct conv v;
	enum quern_fault fault;
	uint32_t pixels;

	quern_cmd_conv_unpack(&v.c, w);
	pixels = (uint32_t)v.c.nx * v.c.ny;
	if (pixels > QUERN_ACC_ENTRIES)
		return QUERN_FAULT_ILLEGAL_FIELD;
	fault = func_acc_check(v.c.acc_base, pixels, addr);
	if (fault != QUERN_FAULT_NONE)
		return fault;
	v.acc = m->acc + v.c.acc_base * m->n;
	v.grid = (struct func_grid){.sx = v.c.ifm_sx, .sy = v.c.ifm_sy};
	if (!v.c.accumulate)
		memset(v.acc, 0, pixels * m->n * sizeof(*v.acc));
	return all_steps(m, &v, addr);
}
