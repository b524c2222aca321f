/* SPDX-License-Identifier: Apache-2.0 */
/* Weights in the order in which CONV reads them: per block of N output channels parameters, then N x N blocks [k][o] per step. */
#include <string.h>
#include "lower_conv.h"

static void put32(uint8_t *p, int32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)((uint32_t)v >> (8 * i));
}

void conv_write_params(const struct backend *be, const struct conv_attr *a, int32_t c, uint8_t *out)
{
	for (int32_t i = 0; i < (int32_t)be->n && c + i < a->out_c; i++) {
		put32(out + 4 * i, a->bias[c + i]);
		put32(out + 4 * be->n + 4 * i, a->mult[c + i]);
		out[8 * be->n + i] = (uint8_t)a->shift[c + i];
	}
}

/* Kernel element behind lane k of a step; false if the lane carries none. */
struct lane {
	int32_t ky, kx, c;
};

static bool lane_of(const struct backend *be, const struct conv_job *j, int32_t block, const int32_t i[3], int32_t k,
		    struct lane *l)
{
	int32_t e = i[0] * (int32_t)be->n + k, r, rest;

	if (!j->dense) {
		*l = (struct lane){i[2], i[1], conv_first_channel(be, j, block) + e};
		return e < j->window && l->c < j->a.in_c;
	}
	r = j->fold > 1 ? e / j->dense_row : 0;
	rest = e - r * j->dense_row * (j->fold > 1);
	*l = (struct lane){i[1] * j->fold + r, rest / j->a.in_c, rest % j->a.in_c};
	return r < j->fold && l->ky < j->a.kh && l->kx < j->a.kw;
}

static int8_t weight(const struct conv_job *j, int32_t o, const struct lane *l)
{
	const struct conv_attr *a = &j->a;
	int32_t c = l->c - o / j->out_per_group * j->in_per_group;

	if (c < 0 || c >= j->in_per_group)
		return 0;
	if (j->depthwise)
		return a->weights[((int64_t)l->ky * a->kw + l->kx) * a->out_c + o];
	return a->weights[(((int64_t)o * a->kh + l->ky) * a->kw + l->kx) * j->in_per_group + c];
}

static void write_step(const struct backend *be, const struct conv_job *j, int32_t block, const int32_t i[3],
		       uint8_t *out)
{
	int32_t n = (int32_t)be->n, first = block * n, count = min32(n, j->a.out_c - first);
	struct lane l;

	for (int32_t k = 0; k < n; k++) {
		if (!lane_of(be, j, block, i, k, &l))
			continue;
		for (int32_t o = 0; o < count; o++)
			out[k * n + o] = (uint8_t)weight(j, first + o, &l);
	}
}

static uint8_t *write_segment(const struct backend *be, const struct conv_job *j, int32_t block, const int32_t from[3],
			      uint8_t *out)
{
	int32_t to[3], i[3];

	for (int d = 0; d < 3; d++)
		to[d] = min32(from[d] + j->t.seg[d], j->k[d]);
	for (i[2] = from[2]; i[2] < to[2]; i[2]++)
		for (i[1] = from[1]; i[1] < to[1]; i[1]++)
			for (i[0] = from[0]; i[0] < to[0]; i[0]++) {
				write_step(be, j, block, i, out);
				out += be->n * be->n;
			}
	return out;
}

void conv_write_weights(struct backend *be, struct conv_job *j)
{
	uint8_t *out = pool_add(&be->pool, (size_t)(j->block_bytes * (uint64_t)j->blocks), &j->image_offset);
	int32_t from[3];

	if (!out || be->tuning.dry)
		return;
	for (int32_t block = 0; block < j->blocks; block++) {
		conv_write_params(be, &j->a, block * (int32_t)be->n, out);
		out += 9 * be->n;
		for (from[2] = 0; from[2] < j->k[2]; from[2] += j->t.seg[2])
			for (from[1] = 0; from[1] < j->k[1]; from[1] += j->t.seg[1])
				for (from[0] = 0; from[0] < j->k[0]; from[0] += j->t.seg[0])
					out = write_segment(be, j, block, from, out);
	}
}
