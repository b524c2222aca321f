/* SPDX-License-Identifier: Apache-2.0 */
/* The accesses of each command, listed from docs/isa.md. */
#include "footprint.h"
#include "quern/commands.h"

#define SPM_MASK ((1u << QUERN_SPM_ADDR_BITS) - 1)
#define HOST_MASK ((1ull << QUERN_HOST_ADDR_BITS) - 1)

struct grid {
	uint32_t base;
	uint32_t nx;
	uint32_t ny;
	uint32_t sx; /* bytes */
	uint32_t sy;
	uint32_t len; /* bytes at each point */
	bool write;
};

static void add(struct footprint *f, enum access_space space, bool write, uint64_t start, uint32_t len)
{
	if (f->count == FOOTPRINT_MAX) {
		f->overflow = true;
		return;
	}
	f->access[f->count++] = (struct access){.space = space, .write = write, .start = start, .len = len};
}

static void add_grid(struct footprint *f, const struct grid *g)
{
	for (uint32_t y = 0; y < g->ny && !f->overflow; y++)
		for (uint32_t x = 0; x < g->nx && !f->overflow; x++)
			add(f, ACCESS_SPM, g->write, (g->base + y * g->sy + x * g->sx) & SPM_MASK, g->len);
}

static void of_conv(struct footprint *f, const uint32_t *w, uint32_t n)
{
	struct quern_cmd_conv c;
	struct grid g;

	quern_cmd_conv_unpack(&c, w);
	g = (struct grid){.nx = c.nx, .ny = c.ny, .sx = c.ifm_sx, .sy = c.ifm_sy, .len = n};
	add(f, ACCESS_ACC, true, c.acc_base, (uint32_t)c.nx * c.ny);
	if (c.accumulate)
		add(f, ACCESS_ACC, false, c.acc_base, (uint32_t)c.nx * c.ny);
	for (uint32_t i2 = 0, step = 0; i2 < c.k2 && !f->overflow; i2++)
		for (uint32_t i1 = 0; i1 < c.k1 && !f->overflow; i1++)
			for (uint32_t i0 = 0; i0 < c.k0 && !f->overflow; i0++, step++) {
				g.base = c.ifm_base + i0 * c.k0_stride + i1 * c.k1_stride + i2 * c.k2_stride;
				add_grid(f, &g);
				add(f, ACCESS_SPM, false, (c.w_base + step * n * n) & SPM_MASK, n * n);
			}
}

static void of_dwconv(struct footprint *f, const uint32_t *w, uint32_t n)
{
	struct quern_cmd_dwconv c;
	uint32_t entries;

	quern_cmd_dwconv_unpack(&c, w);
	if (c.kw > c.in_nx || c.kh > c.in_ny || (uint32_t)c.kw * c.kh > n) {
		f->overflow = true;
		return;
	}
	entries = ((uint32_t)(c.in_nx - c.kw) / c.sx + 1) * ((uint32_t)(c.in_ny - c.kh) / c.sy + 1);
	add(f, ACCESS_ACC, true, c.acc_base, entries);
	if (c.accumulate)
		add(f, ACCESS_ACC, false, c.acc_base, entries);
	add(f, ACCESS_SPM, false, c.w_base, (uint32_t)c.kw * c.kh * n);
	add_grid(f, &(struct grid){c.ifm_base, c.in_nx, c.in_ny, c.px_v * n, c.py_v * n, n, false});
}

static void of_requant(struct footprint *f, const uint32_t *w, uint32_t n)
{
	struct quern_cmd_requant c;

	quern_cmd_requant_unpack(&c, w);
	add(f, ACCESS_ACC, false, c.acc_base, (uint32_t)c.nx * c.ny);
	add(f, ACCESS_SPM, false, c.param_base, 9 * n);
	add_grid(f, &(struct grid){c.out_base, c.nx, c.ny, c.out_sx_v * n, c.out_sy_v * n, n, true});
}

static void of_eltwise(struct footprint *f, const uint32_t *w, uint32_t n)
{
	struct quern_cmd_eltwise c;

	quern_cmd_eltwise_unpack(&c, w);
	add_grid(f, &(struct grid){c.a_base, c.nx, c.ny, c.a_sx_v * n, c.a_sy_v * n, n, false});
	add_grid(f, &(struct grid){c.b_base, c.nx, c.ny, c.b_sx_v * n, c.b_sy_v * n, n, false});
	add_grid(f, &(struct grid){c.out_base, c.nx, c.ny, c.out_sx_v * n, c.out_sy_v * n, n, true});
}

static void of_pool(struct footprint *f, const uint32_t *w, uint32_t n)
{
	struct quern_cmd_pool c;
	struct grid g;

	quern_cmd_pool_unpack(&c, w);
	g = (struct grid){.nx = c.nx, .ny = c.ny, .sx = c.in_sx_v * n, .sy = c.in_sy_v * n, .len = n};
	for (uint32_t ky = 0; ky < c.kh && !f->overflow; ky++)
		for (uint32_t kx = 0; kx < c.kw && !f->overflow; kx++) {
			g.base = c.in_base + ky * c.ky_v * n + kx * c.kx_v * n;
			add_grid(f, &g);
		}
	add_grid(f, &(struct grid){c.out_base, c.nx, c.ny, c.out_sx_v * n, c.out_sy_v * n, n, true});
}

static void of_map(struct footprint *f, const uint32_t *w, uint32_t n)
{
	struct quern_cmd_map c;

	quern_cmd_map_unpack(&c, w);
	if (c.op == QUERN_MAP_OP_LUT)
		add(f, ACCESS_SPM, false, c.table_base, 256);
	add_grid(f, &(struct grid){c.in_base, c.nx, c.ny, c.in_sx_v * n, c.in_sy_v * n, n, false});
	add_grid(f, &(struct grid){c.out_base, c.nx, c.ny, c.out_sx_v * n, c.out_sy_v * n, n, true});
}

static void of_softmax(struct footprint *f, const uint32_t *w, uint32_t n)
{
	struct quern_cmd_softmax c;
	uint32_t row;

	quern_cmd_softmax_unpack(&c, w);
	row = (c.len + n - 1) / n * n;
	add(f, ACCESS_SPM, false, c.table_base, 1024);
	add_grid(f, &(struct grid){c.in_base, 1, c.rows, 0, c.in_row_v * n, row, false});
	add_grid(f, &(struct grid){c.out_base, 1, c.rows, 0, c.out_row_v * n, row, true});
}

static void of_copy(struct footprint *f, const uint32_t *w, const uint64_t *region)
{
	bool load = (w[0] & 0xff) == QUERN_OP_LOAD;
	struct quern_cmd_load c;
	uint64_t base;

	quern_cmd_load_unpack(&c, w);
	base = region[c.region] + ((uint64_t)c.offset_hi << 32) + c.offset_lo;
	for (uint32_t i3 = 0; i3 < c.n3 && !f->overflow; i3++)
		for (uint32_t i2 = 0; i2 < c.n2 && !f->overflow; i2++)
			for (uint32_t i1 = 0; i1 < c.n1 && !f->overflow; i1++) {
				uint32_t s = c.spm_base + i1 * c.spm_s1 + i2 * c.spm_s2 + i3 * c.spm_s3;
				int64_t step =
					(int64_t)i1 * c.host_s1 + (int64_t)i2 * c.host_s2 + (int64_t)i3 * c.host_s3;

				add(f, ACCESS_SPM, load, s & SPM_MASK, c.len);
				add(f, ACCESS_HOST, !load, (base + (uint64_t)step) & HOST_MASK, c.len);
			}
}

static void of_fill(struct footprint *f, const uint32_t *w)
{
	struct quern_cmd_fill c;

	quern_cmd_fill_unpack(&c, w);
	for (uint32_t i3 = 0; i3 < c.n3 && !f->overflow; i3++)
		for (uint32_t i2 = 0; i2 < c.n2 && !f->overflow; i2++)
			for (uint32_t i1 = 0; i1 < c.n1 && !f->overflow; i1++) {
				uint32_t s = c.spm_base + i1 * c.spm_s1 + i2 * c.spm_s2 + i3 * c.spm_s3;

				add(f, ACCESS_SPM, true, s & SPM_MASK, c.len);
			}
}

void footprint_of(struct footprint *f, const uint32_t *w, uint32_t n, const uint64_t *region)
{
	f->count = 0;
	f->overflow = false;
	switch (w[0] & 0xff) {
	case QUERN_OP_CONV:
		return of_conv(f, w, n);
	case QUERN_OP_DWCONV:
		return of_dwconv(f, w, n);
	case QUERN_OP_REQUANT:
		return of_requant(f, w, n);
	case QUERN_OP_ELTWISE:
		return of_eltwise(f, w, n);
	case QUERN_OP_POOL:
		return of_pool(f, w, n);
	case QUERN_OP_MAP:
		return of_map(f, w, n);
	case QUERN_OP_SOFTMAX:
		return of_softmax(f, w, n);
	case QUERN_OP_LOAD:
	case QUERN_OP_STORE:
		return of_copy(f, w, region);
	case QUERN_OP_FILL:
		return of_fill(f, w);
	}
}
