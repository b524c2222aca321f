/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Depthwise convolution on DWCONV, a block of N channels at a time. A kernel that one pass cannot take is cut into passes that accumulate;
 * with dilation, or strides that the command cannot express, every tap is a pass of its own that walks through the pixels it needs.
 * A window that does not fit the scratchpad is loaded in chunks of kernel rows and columns.
 */
#include <string.h>
#include "cost.h"
#include "lower.h"
#include "lower_conv.h"
#include "plan.h"

#define GROUP_BYTES 4096
/* Largest stride of the command. */
#define MAX_STRIDE 8
#define MAX_ROWS 4096

struct dw_job {
	struct conv_attr a;
	const struct storage *in, *out;
	struct geom gi, go;
	int32_t blocks;
	bool by_tap;	/* every tap is a pass */
	bool uniform;	/* all taps of a channel are equal: one pass worth of weights serves all */
	int32_t pw, ph; /* largest pass */
	int32_t cw, ch; /* chunk of the kernel that is loaded at once */
	int32_t nx, ny; /* accumulator tile */
	int32_t th, tw; /* outer tile, pixels */
	int32_t tb;	/* and blocks */
	int32_t group;	/* blocks per weight load */
	bool retain;
	uint32_t block_bytes;
	uint64_t image_offset;
	struct ring rin, rout, rweights;
	uint64_t cycles;
};

struct dw_run {
	struct backend *be;
	struct dw_job *j;
	struct box out; /* outer tile */
	struct view in, result;
	int32_t loaded; /* retained groups */
};

static struct box input_box(const struct dw_job *j, const struct box *out)
{
	const struct conv_attr *a = &j->a;
	struct box in = *out;

	in.y0 = out->y0 * a->stride_y - a->pad_top;
	in.y1 = (out->y1 - 1) * a->stride_y - a->pad_top + (a->kh - 1) * a->dilation_y + 1;
	in.x0 = out->x0 * a->stride_x - a->pad_left;
	in.x1 = (out->x1 - 1) * a->stride_x - a->pad_left + (a->kw - 1) * a->dilation_x + 1;
	return in;
}

static bool taps_equal(const struct conv_attr *a)
{
	for (int32_t tap = 1; tap < a->kh * a->kw; tap++)
		if (memcmp(a->weights, a->weights + (int64_t)tap * a->out_c, (size_t)a->out_c))
			return false;
	return true;
}

static int32_t passes(const struct dw_job *j)
{
	return div_up(j->a.kw, j->pw) * div_up(j->a.kh, j->ph);
}

static int32_t stored_taps(const struct dw_job *j)
{
	return j->uniform ? j->pw * j->ph : j->a.kw * j->a.kh;
}

static void set_pass(const struct backend *be, struct dw_job *j)
{
	const struct conv_attr *a = &j->a;

	j->by_tap = a->dilation_x > 1 || a->dilation_y > 1 || a->stride_x > MAX_STRIDE || a->stride_y > MAX_STRIDE;
	j->pw = j->by_tap ? 1 : div_up(a->kw, div_up(a->kw, QUERN_DW_MAX_KW));
	j->ph = j->by_tap ? 1 : min32(min32(a->kh, QUERN_DW_MAX_KH), (int32_t)be->n / j->pw);
	j->uniform = taps_equal(a);
	j->block_bytes = (uint32_t)(9 + stored_taps(j)) * be->n;
}

static int32_t stride_of(const struct dw_job *j, int32_t stride)
{
	return j->by_tap ? 1 : stride;
}

/* Cycles of the matrix engine for a block of th x tw outputs cut into tiles of ny x nx. */
static uint64_t tile_cycles(const struct dw_job *j, int32_t th, int32_t tw, int32_t ny, int32_t nx)
{
	uint64_t cols = (uint64_t)(nx - 1) * (uint64_t)stride_of(j, j->a.stride_x) + (uint64_t)j->pw;
	uint64_t rows = (uint64_t)(ny - 1) * (uint64_t)stride_of(j, j->a.stride_y) + (uint64_t)j->ph;
	uint64_t tiles = (uint64_t)div_up(th, ny) * (uint64_t)div_up(tw, nx);

	return tiles * (uint64_t)passes(j) *
	       (cols * rows + (uint64_t)(j->pw * j->ph));
}

/* Largest accumulator tile for a number of columns. */
static int32_t tile_rows(const struct backend *be, const struct dw_job *j, int32_t th, int32_t nx)
{
	int32_t ny = min32(th, (int32_t)be->t.acc_entries / nx);

	ny = min32(ny, (MAX_ROWS - j->ph) / stride_of(j, j->a.stride_y) + 1);
	return div_up(th, div_up(th, ny));
}

/* Few halo pixels, few commands. */
static uint64_t choose_acc_tile(const struct backend *be, struct dw_job *j)
{
	int32_t widest =
		min32((QUERN_DW_MAX_COLS - j->pw) / stride_of(j, j->a.stride_x) + 1, (int32_t)be->t.acc_entries);
	uint64_t best = 0;

	for (int32_t parts = div_up(j->tw, widest); parts <= j->tw; parts++) {
		int32_t nx = div_up(j->tw, parts), ny = tile_rows(be, j, j->th, nx);
		uint64_t cycles = tile_cycles(j, j->th, j->tw, ny, nx);

		if (best && cycles >= best)
			continue;
		best = cycles;
		j->nx = nx;
		j->ny = ny;
		if (parts > 16)
			break;
	}
	return best;
}

static uint64_t box_words(const struct storage *s, const struct geom *g, const struct box *box)
{
	uint64_t rows = (uint64_t)(box->y1 - box->y0), cols = (uint64_t)(box->x1 - box->x0),
		 c = (uint64_t)(box->c1 - box->c0);

	if (c == (uint64_t)g->c)
		return rows * (cols * (s->dense ? c : s->host_pix) / COST_BUS_WORD + 1);
	return rows * cols * (c / COST_BUS_WORD + 1);
}

static uint64_t estimate(const struct backend *be, struct dw_job *j, const struct box *in, const struct box *out)
{
	uint64_t tiles = (uint64_t)j->go.b * (uint64_t)div_up(j->go.h, j->th) * (uint64_t)div_up(j->go.w, j->tw);
	uint64_t channel_tiles = (uint64_t)div_up(j->blocks, j->tb);
	uint64_t matrix = tiles * (uint64_t)j->blocks * choose_acc_tile(be, j);
	uint64_t load = j->in->resident ? 0 : box_words(j->in, &j->gi, in),
		 store = j->out->resident ? 0 : box_words(j->out, &j->go, out);
	uint64_t weights = (uint64_t)j->block_bytes * (uint64_t)j->blocks / COST_BUS_WORD * (j->retain ? 1 : tiles);
	uint64_t most = tiles * channel_tiles * load + weights, head = load + store;

	most = matrix > most ? matrix : most;
	most = tiles * channel_tiles * store > most ? tiles * channel_tiles * store : most;
	if (j->rin.slots == 1 || j->rout.slots == 1)
		head *= tiles * channel_tiles;
	return most + head + tiles * channel_tiles * be->t.board.bus_latency;
}

static bool chunked(const struct dw_job *j)
{
	return j->cw < j->a.kw || j->ch < j->a.kh;
}

static void consider(const struct backend *be, struct dw_job *j, struct dw_job *best)
{
	struct box out = {0, 1, 0, j->th, 0, j->tw, 0, min32(j->tb * (int32_t)be->n, j->go.c)}, in = input_box(j, &out);
	uint64_t bytes[3];
	int count = 0;

	in.y1 -= (j->a.kh - j->ch) * j->a.dilation_y;
	in.x1 -= (j->a.kw - j->cw) * j->a.dilation_x;
	j->rin.bytes = tile_bytes(be, &in, false);
	j->rout.bytes = tile_bytes(be, &out, false);
	j->cycles = estimate(be, j, &in, &out);
	if (best->cycles && j->cycles >= best->cycles)
		return;
	bytes[count++] = j->rweights.bytes * j->rweights.slots;
	if (j->rin.slots)
		bytes[count++] = j->rin.bytes * j->rin.slots;
	if (j->rout.slots)
		bytes[count++] = j->rout.bytes * j->rout.slots;
	if (spm_fits(&be->spm, bytes, count))
		*best = *j;
}

static void consider_weights(const struct backend *be, struct dw_job *j, struct dw_job *best)
{
	int32_t groups;

	j->group = max32(1, min32(j->tb, (int32_t)(GROUP_BYTES / j->block_bytes)));
	groups = div_up(j->tb, j->group) * div_up(j->blocks, j->tb);
	j->rweights.bytes = ((uint64_t)j->group * j->block_bytes + SPM_GRANULE - 1) / SPM_GRANULE * SPM_GRANULE;
	j->rweights.slots = (uint32_t)groups;
	j->retain = true;
	consider(be, j, best);
	j->retain = false;
	for (j->rweights.slots = 4; j->rweights.slots >= 1; j->rweights.slots /= 2)
		consider(be, j, best);
}

static void consider_tile(const struct backend *be, struct dw_job *j, int32_t th, int32_t tw, int32_t tb,
			  struct dw_job *best)
{
	bool single = th == j->go.h && tw == j->go.w && tb == j->blocks && j->go.b == 1 && !chunked(j);

	j->th = th;
	j->tw = tw;
	j->tb = tb;
	for (uint32_t slots = single ? 1 : 2; slots >= 1; slots--) {
		j->rin.slots = j->in->resident ? 0 : slots;
		j->rout.slots = j->out->resident ? 0 : slots;
		consider_weights(be, j, best);
	}
}

static int32_t next_size(int32_t whole, int32_t size)
{
	int32_t parts = div_up(whole, size);

	return size == 1 ? 0 : min32(size - 1, div_up(whole, parts < 16 ? parts + 1 : 2 * parts));
}

static bool choose_tiling(const struct backend *be, struct dw_job *j)
{
	struct dw_job best = {0};
	bool whole = j->in->resident && j->out->resident;

	j->cw = j->a.kw;
	j->ch = j->a.kh;
	for (int32_t tb = j->blocks; tb; tb = whole ? 0 : tb / 2)
		for (int32_t tw = j->go.w; tw; tw = whole || best.cycles ? 0 : tw / 2)
			for (int32_t th = j->go.h; th; th = whole ? 0 : next_size(j->go.h, th))
				consider_tile(be, j, th, tw, tb, &best);
	/* One block, one small accumulator tile, part of the window at a time. */
	for (j->ch = j->a.kh; !best.cycles && j->ch; j->ch /= 2)
		consider_tile(be, j, 1, min32(j->go.w, 4), 1, &best);
	for (j->ch = 1, j->cw = j->a.kw; !best.cycles && j->cw; j->cw /= 2)
		consider_tile(be, j, 1, 1, 1, &best);
	*j = best;
	return best.cycles;
}

/* Weights of a pass: its taps in row-major order, a vector each. */
static uint8_t *write_pass(const struct backend *be, const struct dw_job *j, int32_t block, const struct box *pass,
			   uint8_t *out)
{
	const struct conv_attr *a = &j->a;
	int32_t c = block * (int32_t)be->n, count = min32((int32_t)be->n, a->out_c - c);

	for (int32_t ky = pass->y0; ky < pass->y1; ky++)
		for (int32_t kx = pass->x0; kx < pass->x1; kx++) {
			memcpy(out, a->weights + ((int64_t)ky * a->kw + kx) * a->out_c + c, (size_t)count);
			out += be->n;
		}
	return out;
}

/* Steps through the passes of a chunk of the kernel in the order of their weights; starts from all zeros. */
static bool next_pass(const struct dw_job *j, const struct box *chunk, struct box *pass)
{
	if (pass->y1 == 0) {
		*pass = *chunk;
		pass->x1 = pass->x0;
	} else if (pass->x1 == chunk->x1) {
		pass->x1 = chunk->x0;
		pass->y0 = pass->y1;
	}
	pass->x0 = pass->x1;
	pass->x1 = min32(pass->x0 + j->pw, chunk->x1);
	pass->y1 = min32(pass->y0 + j->ph, chunk->y1);
	return pass->y0 < chunk->y1;
}

static bool next_chunk(const struct dw_job *j, struct box *chunk)
{
	if (chunk->y1 && chunk->x1 == j->a.kw) {
		chunk->x1 = 0;
		chunk->y0 = chunk->y1;
	}
	chunk->x0 = chunk->x1;
	chunk->x1 = min32(chunk->x0 + j->cw, j->a.kw);
	chunk->y1 = min32(chunk->y0 + j->ch, j->a.kh);
	return chunk->y0 < j->a.kh;
}

static uint8_t *write_block(const struct backend *be, const struct dw_job *j, int32_t block, uint8_t *out)
{
	struct box chunk = {0};

	conv_write_params(be, &j->a, block * (int32_t)be->n, out);
	out += 9 * be->n;
	if (j->uniform) {
		struct box pass = {.y1 = j->ph, .x1 = j->pw};

		return write_pass(be, j, block, &pass, out);
	}
	while (next_chunk(j, &chunk)) {
		struct box pass = {0};

		while (next_pass(j, &chunk, &pass))
			out = write_pass(be, j, block, &pass, out);
	}
	return out;
}

static void write_weights(struct backend *be, struct dw_job *j)
{
	uint8_t *out = pool_add(&be->pool, (size_t)j->block_bytes * (size_t)j->blocks, &j->image_offset);

	for (int32_t block = 0; out && !be->tuning.dry && block < j->blocks; block++)
		out = write_block(be, j, block, out);
}

/* pass: kernel rows and columns; tile: outputs. */
static void dw_command(const struct dw_run *r, const struct view *v, const struct box *tile, const struct box *pass,
		       int32_t channel, uint32_t weights, uint32_t acc)
{
	const struct dw_job *j = r->j;
	const struct conv_attr *a = &j->a;
	int32_t nx = tile->x1 - tile->x0, ny = tile->y1 - tile->y0, kw = pass->x1 - pass->x0, kh = pass->y1 - pass->y0;
	int32_t y = tile->y0 * a->stride_y - a->pad_top + pass->y0 * a->dilation_y;
	int32_t x = tile->x0 * a->stride_x - a->pad_left + pass->x0 * a->dilation_x;
	int32_t sx = stride_of(j, a->stride_x), sy = stride_of(j, a->stride_y);
	uint32_t px = v->pix / r->be->n, py = v->row / r->be->n;
	struct quern_cmd_dwconv c = {.accumulate = pass->x0 || pass->y0,
				     .acc_base = (uint16_t)acc,
				     .ifm_base = view_at(v, tile->b0, y, x, channel),
				     .w_base = weights,
				     .in_nx = (uint16_t)((nx - 1) * sx + kw),
				     .in_ny = (uint16_t)((ny - 1) * sy + kh),
				     .kw = (uint8_t)kw,
				     .kh = (uint8_t)kh,
				     .sx = (uint8_t)sx,
				     .sy = (uint8_t)sy};

	c.px_v = c.in_nx > 1 ? emit_u16(r->be, (int64_t)px * (j->by_tap ? a->stride_x : 1)) : 0;
	c.py_v = c.in_ny > 1 ? emit_u16(r->be, (int64_t)py * (j->by_tap ? a->stride_y : 1)) : 0;
	emit_dwconv(r->be, &c);
}

static struct view load_chunk(const struct dw_run *r, const struct box *tile, const struct box *chunk)
{
	struct dw_job *j = r->j;
	struct box in = input_box(j, tile);
	struct view v;

	in.y0 += chunk->y0 * j->a.dilation_y;
	in.y1 -= (j->a.kh - chunk->y1) * j->a.dilation_y;
	in.x0 += chunk->x0 * j->a.dilation_x;
	in.x1 -= (j->a.kw - chunk->x1) * j->a.dilation_x;
	v = tile_view(r->be, &in, false, ring_next(&j->rin));
	tile_load(r->be, j->in, &j->gi, &in, &v, j->a.in_zp);
	return v;
}

static void one_block(const struct dw_run *r, const struct box *tile, int32_t block, uint32_t blob)
{
	struct dw_job *j = r->j;
	int32_t channel = block * (int32_t)r->be->n;
	uint32_t acc = acc_alloc(r->be, (uint32_t)(tile->x1 - tile->x0) * (uint32_t)(tile->y1 - tile->y0));
	uint32_t weights = blob + 9 * r->be->n;
	struct box chunk = {0};

	while (next_chunk(j, &chunk)) {
		struct view v = r->in;
		struct box pass = {0};

		if (chunked(j) && !j->in->resident)
			v = load_chunk(r, tile, &chunk);
		while (next_pass(j, &chunk, &pass)) {
			dw_command(r, &v, tile, &pass, channel, weights, acc);
			if (!j->uniform)
				weights += (uint32_t)(pass.x1 - pass.x0) * (uint32_t)(pass.y1 - pass.y0) * r->be->n;
		}
	}
	lower_requant(r->be, &j->a, &r->result, tile, channel, blob, acc);
}

static bool next_acc_tile(const struct dw_run *r, struct box *tile)
{
	if (tile->y1 == 0) {
		*tile = r->out;
		tile->x1 = tile->x0;
	} else if (tile->x1 == r->out.x1) {
		tile->x1 = r->out.x0;
		tile->y0 = tile->y1;
	}
	tile->x0 = tile->x1;
	tile->x1 = min32(tile->x0 + r->j->nx, r->out.x1);
	tile->y1 = min32(tile->y0 + r->j->ny, r->out.y1);
	return tile->y0 < r->out.y1;
}

/* Groups do not cross the channel tiles: blocks [first, last) of the outer tile. */
static uint32_t load_group(const struct dw_run *r, int32_t block, int32_t last, uint32_t addr)
{
	const struct dw_job *j = r->j;
	int32_t count = min32(j->group, last - block);

	tile_const(r->be, j->image_offset + (uint64_t)block * j->block_bytes, (uint32_t)count * j->block_bytes, addr);
	return addr;
}

static void run_retain(struct dw_run *r, int32_t first, int32_t last)
{
	struct dw_job *j = r->j;
	struct box tile = {0};
	int32_t before = first / j->tb * div_up(j->tb, j->group);

	while (next_acc_tile(r, &tile))
		for (int32_t block = first; block < last; block++) {
			int32_t group = before + (block - first) / j->group;
			uint32_t at = ring_slot(&j->rweights, (uint32_t)group);

			if (group == r->loaded) {
				load_group(r, block, last, at);
				r->loaded++;
			}
			one_block(r, &tile, block, at + (uint32_t)((block - first) % j->group) * j->block_bytes);
		}
}

static void run_stream(struct dw_run *r, int32_t first, int32_t last)
{
	struct dw_job *j = r->j;

	for (int32_t block = first; block < last; block += j->group) {
		uint32_t at = load_group(r, block, last, ring_next(&j->rweights));

		for (int32_t k = 0; k < j->group && block + k < last; k++) {
			struct box tile = {0};

			while (next_acc_tile(r, &tile))
				one_block(r, &tile, block + k, at + (uint32_t)k * j->block_bytes);
		}
	}
}

static void run_outer_tile(struct dw_run *r)
{
	struct dw_job *j = r->j;
	struct box in = input_box(j, &r->out);
	int32_t first = r->out.c0 / (int32_t)r->be->n, last = div_up(r->out.c1, (int32_t)r->be->n);

	if (j->in->resident) {
		r->in = tile_resident(j->in, &j->gi);
	} else if (!chunked(j)) {
		r->in = tile_view(r->be, &in, false, ring_next(&j->rin));
		tile_load(r->be, j->in, &j->gi, &in, &r->in, j->a.in_zp);
	}
	r->result = j->out->resident ? tile_resident(j->out, &j->go)
				     : tile_view(r->be, &r->out, false, ring_next(&j->rout));
	if (j->retain)
		run_retain(r, first, last);
	else
		run_stream(r, first, last);
	if (!j->out->resident)
		tile_store(r->be, j->out, &j->go, &r->out, &r->result);
}

/* Channel tiles outermost: their weights are loaded once even when they pass through a ring. */
static void run_job(struct backend *be, struct dw_job *j)
{
	struct dw_run r = {.be = be, .j = j};
	const struct geom *g = &j->go;
	int32_t tc = j->tb * (int32_t)be->n;

	for (int32_t c = 0; c < g->c; c += tc)
		for (int32_t b = 0; b < g->b; b++)
			for (int32_t y = 0; y < g->h; y += j->th)
				for (int32_t x = 0; x < g->w && be->status == STATUS_OK; x += j->tw) {
					r.out = (struct box){b, b + 1,
							     y, min32(y + j->th, g->h),
							     x, min32(x + j->tw, g->w),
							     c, min32(c + tc, g->c)};
					run_outer_tile(&r);
				}
}

void lower_dw(struct backend *be, const struct op *op)
{
	struct dw_job j = {.a = op->conv, .in = be_storage(be, op->inputs[0]), .out = be_storage(be, op->output)};
	struct ring *rings[] = {&j.rin, &j.rout, &j.rweights};

	if (op->conv.depth_mult > 1) {
		lower_conv(be, op);
		return;
	}
	j.gi = (struct geom){j.a.batch, j.a.in_h, j.a.in_w, j.a.in_c};
	j.go = (struct geom){j.a.batch, j.a.out_h, j.a.out_w, j.a.out_c};
	j.blocks = blocks_of(be, j.a.out_c);
	set_pass(be, &j);
	if (!choose_tiling(be, &j)) {
		be_fail(be, STATUS_TOO_BIG, "no tile of it fits the scratchpad of %u bytes", be->t.spm_bytes);
		return;
	}
	write_weights(be, &j);
	if (!ring_get(be, rings, 3))
		return;
	run_job(be, &j);
	ring_put(be, rings, 3);
}
