/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pooling. Windows at the border are clipped to the image, so the outputs are cut into regions whose windows have one size; each region
 * is a command per block of N channels (or per pixel, when there are fewer pixels than blocks).
 */
#include "lower.h"
#include "reciprocal.h"
#include "tile.h"

struct pool_job {
	const struct pool_attr *a;
	const struct storage *in, *out;
	struct geom gi, go;
	int32_t th, tw, tc;
	struct ring rin, rout;
	struct view vin, vout;
};

/* Outputs [from, to) along one dimension whose windows are [start, start + size) of the input, moving by the stride. */
struct span {
	int32_t from, to, start, size;
};

static struct span window(int32_t o, int32_t stride, int32_t pad, int32_t k, int32_t in)
{
	int32_t low = max32(o * stride - pad, 0), high = min32(o * stride - pad + k, in);

	return (struct span){o, o + 1, low, high - low};
}

/* Longest run from o on with windows of full size; a clipped window is alone. */
static struct span next_span(int32_t o, int32_t end, int32_t stride, int32_t pad, int32_t k, int32_t in)
{
	struct span s = window(o, stride, pad, k, in);

	while (s.size == k && s.to < end && window(s.to, stride, pad, k, in).size == k)
		s.to++;
	return s;
}

static struct span next_rows(const struct pool_attr *a, int32_t y, int32_t end)
{
	return next_span(y, end, a->stride_y, a->pad_top, a->kh, a->in_h);
}

static struct span next_cols(const struct pool_attr *a, int32_t x, int32_t end)
{
	return next_span(x, end, a->stride_x, a->pad_left, a->kw, a->in_w);
}

/* Pixels that the windows of the box cover. */
static struct box input_box(const struct pool_job *j, const struct box *out)
{
	const struct pool_attr *a = j->a;
	struct span top = window(out->y0, a->stride_y, a->pad_top, a->kh, a->in_h);
	struct span bottom = window(out->y1 - 1, a->stride_y, a->pad_top, a->kh, a->in_h);
	struct span left = window(out->x0, a->stride_x, a->pad_left, a->kw, a->in_w);
	struct span right = window(out->x1 - 1, a->stride_x, a->pad_left, a->kw, a->in_w);
	struct box in = *out;

	in.y0 = top.start;
	in.y1 = bottom.start + bottom.size;
	in.x0 = left.start;
	in.x1 = right.start + right.size;
	return in;
}

static void set_divisor(struct backend *be, struct quern_cmd_pool *c)
{
	uint32_t count = (uint32_t)c->kw * c->kh;

	if (c->op != QUERN_POOL_OP_AVG)
		return;
	c->half = count / 2;
	if (!exact_reciprocal(count, 128ull * count + c->half, &c->mult, &c->shift))
		be_fail(be, STATUS_UNSUPPORTED, "no exact reciprocal of %u window elements", count);
}

static uint16_t step_if(struct backend *be, int32_t count, uint64_t bytes)
{
	return count > 1 ? emit_u16(be, (int64_t)(bytes / be->n)) : 0;
}

/* What one loop of a command steps through. */
struct axis {
	int32_t count;
	uint64_t in, out; /* bytes */
};

static void emit_region(struct backend *be, const struct pool_job *j, int32_t b, const struct span *rows,
			const struct span *cols, int32_t channel, const struct axis *x, const struct axis *y)
{
	const struct pool_attr *a = j->a;
	struct quern_cmd_pool c = {
		.op = (uint8_t)a->op,
		.nx = emit_u16(be, x->count),
		.ny = emit_u16(be, y->count),
		.in_base = view_at(&j->vin, b, rows->start, cols->start, channel),
		.out_base = view_at(&j->vout, b, rows->from, cols->from, channel),
		.in_sx_v = step_if(be, x->count, x->in),
		.in_sy_v = step_if(be, y->count, y->in),
		.out_sx_v = step_if(be, x->count, x->out),
		.out_sy_v = step_if(be, y->count, y->out),
		.kw = (uint16_t)cols->size,
		.kh = (uint16_t)rows->size,
		.kx_v = step_if(be, cols->size, j->vin.pix),
		.ky_v = step_if(be, rows->size, j->vin.row),
		.act_min = a->act_min,
		.act_max = a->act_max,
	};

	set_divisor(be, &c);
	emit_pool(be, &c);
}

/* The command has two loops for rows, columns and blocks: the third is a loop over commands, the shortest. */
static void run_region(struct backend *be, const struct pool_job *j, const struct box *tile, struct span rows,
		       struct span cols)
{
	const struct pool_attr *a = j->a;
	int32_t n = (int32_t)be->n, blocks = div_up(tile->c1 - tile->c0, n), ny = rows.to - rows.from,
		nx = cols.to - cols.from;
	struct axis by_x = {nx, (uint64_t)a->stride_x * j->vin.pix, j->vout.pix};
	struct axis by_y = {ny, (uint64_t)a->stride_y * j->vin.row, j->vout.row};
	struct axis by_block = {blocks, be->n, be->n};

	if (blocks <= nx && blocks <= ny) {
		for (int32_t k = 0; k < blocks; k++)
			emit_region(be, j, tile->b0, &rows, &cols, tile->c0 + k * n, &by_x, &by_y);
		return;
	}
	if (nx <= ny) {
		for (; cols.from < cols.to; cols.from++, cols.start += a->stride_x)
			emit_region(be, j, tile->b0, &rows, &cols, tile->c0, &by_block, &by_y);
		return;
	}
	for (; rows.from < rows.to; rows.from++, rows.start += a->stride_y)
		emit_region(be, j, tile->b0, &rows, &cols, tile->c0, &by_block, &by_x);
}

static void run_tile(struct backend *be, const struct pool_job *j, const struct box *tile)
{
	for (int32_t y = tile->y0; y < tile->y1;) {
		struct span rows = next_rows(j->a, y, tile->y1);

		for (int32_t x = tile->x0; x < tile->x1;) {
			struct span cols = next_cols(j->a, x, tile->x1);

			run_region(be, j, tile, rows, cols);
			x = cols.to;
		}
		y = rows.to;
	}
}

static bool fits(const struct backend *be, struct pool_job *j, uint32_t slots, uint64_t cap)
{
	/* The box in the middle of the image has the largest input. */
	int32_t y = (j->go.h - j->th) / 2, x = (j->go.w - j->tw) / 2;
	struct box out = {0, 1, y, y + j->th, x, x + j->tw, 0, j->tc}, in = input_box(j, &out);
	uint64_t bytes[2], total = 0;
	int count = 0;

	in.y1 = in.y0 + min32(j->gi.h, (j->th - 1) * j->a->stride_y + j->a->kh);
	in.x1 = in.x0 + min32(j->gi.w, (j->tw - 1) * j->a->stride_x + j->a->kw);
	j->rin = (struct ring){.bytes = tile_bytes(be, &in, false), .slots = j->in->resident ? 0 : slots};
	j->rout = (struct ring){.bytes = tile_bytes(be, &out, false), .slots = j->out->resident ? 0 : slots};
	if (j->rin.slots)
		bytes[count++] = j->rin.bytes * slots;
	if (j->rout.slots)
		bytes[count++] = j->rout.bytes * slots;
	for (int i = 0; i < count; i++)
		total += bytes[i];
	return total <= cap * slots && spm_fits(&be->spm, bytes, count);
}

/* Whole pixels where windows overlap much would load rows again and again: channels are cut before rows are. */
static bool choose_within(const struct backend *be, struct pool_job *j, uint32_t slots, uint64_t cap)
{
	int32_t n = (int32_t)be->n;

	for (j->tw = j->go.w; j->tw; j->tw /= 2)
		for (j->th = j->go.h; j->th; j->th /= 2)
			for (j->tc = (int32_t)round_up((uint32_t)j->go.c, be->n); j->tc >= n; j->tc = j->tc / 2 / n * n)
				if (fits(be, j, slots, cap))
					return true;
	return false;
}

static void run_outer(struct backend *be, struct pool_job *j, const struct box *tile)
{
	struct box in = input_box(j, tile);

	if (j->in->resident) {
		j->vin = tile_resident(j->in, &j->gi);
	} else {
		j->vin = tile_view(be, &in, false, ring_next(&j->rin));
		tile_load(be, j->in, &j->gi, &in, &j->vin, 0);
	}
	j->vout = j->out->resident ? tile_resident(j->out, &j->go) : tile_view(be, tile, false, ring_next(&j->rout));
	run_tile(be, j, tile);
	if (!j->out->resident)
		tile_store(be, j->out, &j->go, tile, &j->vout);
}

static void run_job(struct backend *be, struct pool_job *j)
{
	const struct geom *g = &j->go;

	for (int32_t b = 0; b < g->b; b++)
		for (int32_t y = 0; y < g->h; y += j->th)
			for (int32_t x = 0; x < g->w; x += j->tw)
				for (int32_t c = 0; c < g->c && be->status == STATUS_OK; c += j->tc) {
					struct box tile = {b, b + 1,
							   y, min32(y + j->th, g->h),
							   x, min32(x + j->tw, g->w),
							   c, min32(c + j->tc, g->c)};

					run_outer(be, j, &tile);
				}
}

void lower_pool(struct backend *be, const struct op *op)
{
	const struct pool_attr *a = &op->pool;
	struct pool_job j = {.a = a, .in = be_storage(be, op->inputs[0]), .out = be_storage(be, op->output)};
	struct ring *rings[] = {&j.rin, &j.rout};
	bool whole = j.in->resident && j.out->resident;

	if (min32(a->kw, a->in_w) > QUERN_POOL_MAX_K || min32(a->kh, a->in_h) > QUERN_POOL_MAX_K) {
		be_fail(be, STATUS_UNSUPPORTED, "window of %d x %d; the chip takes at most %d a side", a->kh, a->kw,
			QUERN_POOL_MAX_K);
		return;
	}
	j.gi = (struct geom){a->batch, a->in_h, a->in_w, a->channels};
	j.go = (struct geom){a->batch, a->out_h, a->out_w, a->channels};
	if (!(!whole && choose_within(be, &j, 2, be->t.spm_bytes / 8)) && !choose_within(be, &j, 1, be->t.spm_bytes)) {
		be_fail(be, STATUS_TOO_BIG, "its window does not fit the scratchpad of %u bytes", be->t.spm_bytes);
		return;
	}
	if (!ring_get(be, rings, 2))
		return;
	run_job(be, &j);
	ring_put(be, rings, 2);
}
