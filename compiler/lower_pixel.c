/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pixelwise ops. Where pixels of all operands are contiguous a command walks through whole rows of vectors; otherwise through one block of
 * N channels at a time. Operands in host memory come and go in tiles.
 */
#include "lower_pixel.h"

/* Vectors of one command: small enough for the next op to start on the first rows soon. */
#define GRID_VECTORS 512
#define MAX_ROW_VECTORS 32768

static struct box operand_box(const struct pixel_operand *x, const struct box *tile)
{
	struct box box = *tile;

	if (x->broadcast) {
		box.b0 = box.y0 = box.x0 = 0;
		box.b1 = box.y1 = box.x1 = 1;
	}
	return box;
}

/* Sizes the rings for the tile; whether everything fits within cap bytes per slot set. */
static bool fits(const struct backend *be, struct pixel_job *j, struct ring *table, uint32_t slots, uint64_t cap)
{
	struct box tile = {0, 1, 0, j->th, 0, j->tw, 0, j->tc};
	uint64_t bytes[PIXEL_OPERANDS + 1], total = 0;
	int count = 0;

	if ((int64_t)j->tw * div_up(j->tc, (int32_t)be->n) > MAX_ROW_VECTORS)
		return false;
	for (int i = 0; i < j->count; i++) {
		struct box box = operand_box(&j->x[i], &tile);

		j->x[i].ring =
			(struct ring){.bytes = tile_bytes(be, &box, false), .slots = j->x[i].s->resident ? 0 : slots};
		if (j->x[i].s->resident)
			continue;
		total += j->x[i].ring.bytes;
		bytes[count++] = j->x[i].ring.bytes * slots;
	}
	if (table->slots)
		bytes[count++] = table->bytes;
	return total <= cap && spm_fits(&be->spm, bytes, count);
}

static int32_t fewer_channels(const struct backend *be, const struct pixel_job *j, int32_t c)
{
	int32_t half = (int32_t)round_up((uint32_t)c / 2, be->n);

	return j->whole_pixels || c <= (int32_t)be->n || half >= c ? 0 : half;
}

static bool choose_within(const struct backend *be, struct pixel_job *j, struct ring *table, uint32_t slots,
			  uint64_t cap)
{
	for (j->tc = j->g.c; j->tc; j->tc = fewer_channels(be, j, j->tc))
		for (j->tw = j->g.w; j->tw; j->tw /= 2)
			for (j->th = j->g.h; j->th; j->th = j->th > 64 ? j->th / 2 : j->th - 1)
				if (fits(be, j, table, slots, cap))
					return true;
	return false;
}

/* Full channels and rows first; a fraction of the scratchpad, so that loads, work and stores overlap. */
static bool choose_tile(const struct backend *be, struct pixel_job *j, struct ring *table)
{
	bool resident = true;

	for (int i = 0; i < j->count; i++)
		resident = resident && (j->x[i].s->resident || j->x[i].broadcast);
	if (resident)
		return choose_within(be, j, table, 1, be->t.spm_bytes);
	return choose_within(be, j, table, 3, be->t.spm_bytes / 16) || choose_within(be, j, table, 1, be->t.spm_bytes);
}

static bool rows_contiguous(const struct backend *be, const struct pixel_job *j, const struct box *tile)
{
	uint32_t pix = round_up((uint32_t)(tile->c1 - tile->c0), be->n);

	for (int i = 0; i < j->count; i++)
		if (tile->x1 - tile->x0 > 1 && (j->x[i].broadcast || j->x[i].v.pix != pix))
			return false;
	return true;
}

static void emit_grid(struct backend *be, const struct pixel_job *j, const struct box *box, bool by_row)
{
	int32_t cols = box->x1 - box->x0, blocks = div_up(box->c1 - box->c0, (int32_t)be->n);
	struct pixel_grid grid = {.cols = cols, .blocks = blocks};

	grid.nx = emit_u16(be, by_row ? (int64_t)cols * blocks : cols);
	grid.ny = emit_u16(be, box->y1 - box->y0);
	for (int i = 0; i < j->count; i++) {
		const struct view *v = &j->x[i].v;

		grid.base[i] = view_at(v, box->b0, box->y0, box->x0, box->c0);
		grid.sx[i] = by_row ? 1 : grid.nx > 1 ? emit_u16(be, v->pix / be->n) : 0;
		grid.sy[i] = grid.ny > 1 ? emit_u16(be, v->row / be->n) : 0;
	}
	j->emit(be, j, &grid);
}

void pixel_emit(struct backend *be, const struct pixel_job *j, const struct box *tile)
{
	int32_t n = (int32_t)be->n, blocks = div_up(tile->c1 - tile->c0, n), cols = tile->x1 - tile->x0;
	bool by_row = rows_contiguous(be, j, tile);
	int32_t rows = max32(1, GRID_VECTORS / (by_row ? cols * blocks : cols));
	struct box box = *tile;

	for (box.y0 = tile->y0; box.y0 < tile->y1; box.y0 = box.y1) {
		box.y1 = min32(box.y0 + rows, tile->y1);
		if (by_row) {
			box.c0 = tile->c0;
			box.c1 = tile->c1;
			emit_grid(be, j, &box, true);
			continue;
		}
		for (box.c0 = tile->c0; box.c0 < tile->c1; box.c0 = box.c1) {
			box.c1 = min32(box.c0 + n, tile->c1);
			emit_grid(be, j, &box, false);
		}
	}
}

/* A pixel that serves all: strides of zero, and every coordinate is its own. */
static struct view operand_view(const struct backend *be, const struct pixel_job *j, struct pixel_operand *x,
				const struct box *box, uint32_t addr)
{
	struct geom one = {1, 1, 1, j->g.c};
	struct view v =
		x->s->resident ? tile_resident(x->s, x->broadcast ? &one : &j->g) : tile_view(be, box, false, addr);

	if (x->broadcast)
		v.pix = v.row = v.img = 0;
	return v;
}

static void run_outer(struct backend *be, struct pixel_job *j, const struct box *tile)
{
	struct pixel_operand *result = &j->x[j->count - 1];
	struct geom one = {1, 1, 1, j->g.c};

	for (int i = 0; i < j->count; i++) {
		struct pixel_operand *x = &j->x[i];
		struct box box = operand_box(x, tile);
		uint32_t addr = x->s->resident ? 0 : ring_next(&x->ring);
		struct view v = tile_view(be, &box, false, addr);

		if (!x->s->resident && x != result)
			tile_load(be, x->s, x->broadcast ? &one : &j->g, &box, &v, 0);
		x->v = operand_view(be, j, x, &box, addr);
	}
	pixel_emit(be, j, tile);
	if (!result->s->resident)
		tile_store(be, result->s, &j->g, tile, &result->v);
}

void pixel_run(struct backend *be, struct pixel_job *j, uint64_t table_offset, uint32_t table_bytes)
{
	struct ring table = {.bytes = round_up(table_bytes, SPM_GRANULE), .slots = table_bytes != 0};
	struct ring *rings[PIXEL_OPERANDS + 1] = {&table};
	const struct geom *g = &j->g;

	if (!choose_tile(be, j, &table)) {
		be_fail(be, STATUS_TOO_BIG, "no tile of it fits the scratchpad of %u bytes", be->t.spm_bytes);
		return;
	}
	for (int i = 0; i < j->count; i++)
		rings[i + 1] = &j->x[i].ring;
	if (!ring_get(be, rings, j->count + 1))
		return;
	if (table_bytes)
		tile_const(be, table_offset, table_bytes, table.addr);
	j->table = table.addr;
	for (int32_t b = 0; b < g->b; b++)
		for (int32_t c = 0; c < g->c; c += j->tc)
			for (int32_t y = 0; y < g->h; y += j->th)
				for (int32_t x = 0; x < g->w && be->status == STATUS_OK; x += j->tw) {
					struct box tile = {b, b + 1,
							   y, min32(y + j->th, g->h),
							   x, min32(x + j->tw, g->w),
							   c, min32(c + j->tc, g->c)};

					run_outer(be, j, &tile);
				}
	ring_put(be, rings, j->count + 1);
}
