/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Emission of a convolution whose tiling is chosen. Loads are emitted right before the first use; the scheduler moves them ahead as far
 * as the buffers allow.
 */
#include "lower_conv.h"
#include "lower.h"
#include "lower_pixel.h"
#include "plan.h"

/* State while a job is emitted. */
struct conv_run {
	struct backend *be;
	struct conv_job *j;
	struct box out;		/* outer tile */
	int32_t first, end;	/* its blocks */
	struct view in, result; /* of the outer tile */
	struct pixel_job post;	/* of the elementwise op done with it: views of the outer tile */
	int32_t loaded;		/* WEIGHTS_RETAIN: groups in the scratchpad */
};

struct box conv_input_box(const struct conv_job *j, const struct box *out)
{
	const struct conv_attr *a = &j->a;

	return (struct box){
		.b0 = out->b0,
		.b1 = out->b1,
		.y0 = out->y0 * a->stride_y - a->pad_top,
		.y1 = (out->y1 - 1) * a->stride_y - a->pad_top + (a->kh - 1) * a->dilation_y + 1,
		.x0 = out->x0 * a->stride_x - a->pad_left,
		.x1 = (out->x1 - 1) * a->stride_x - a->pad_left + (a->kw - 1) * a->dilation_x + 1,
		.c0 = 0,
		.c1 = j->gi.c,
	};
}

/* Address of the first input vector of output (y, x) at loop indices i. */
static uint32_t input_address(const struct conv_run *r, const struct view *v, const struct box *tile, int32_t block,
			      const int32_t i[3])
{
	const struct conv_job *j = r->j;
	const struct conv_attr *a = &j->a;
	int32_t y = tile->y0 * a->stride_y - a->pad_top, x = tile->x0 * a->stride_x - a->pad_left;
	int32_t lane = i[0] * (int32_t)r->be->n;

	if (j->dense)
		return view_at(v, tile->b0, y + i[1] * j->fold * a->dilation_y, x, 0) + (uint32_t)lane;
	return view_at(v, tile->b0, y + i[2] * a->dilation_y, x + i[1] * a->dilation_x,
		       conv_first_channel(r->be, j, block) + lane);
}

static uint32_t step_if(int32_t count, uint32_t stride)
{
	return count > 1 ? stride : 0;
}

/* One segment of one block for one accumulator tile. from, count: of i0, i1, i2. */
static void conv_command(const struct conv_run *r, const struct view *v, const struct box *tile, int32_t block,
			 const int32_t from[3], const int32_t count[3], uint32_t weights, uint32_t acc)
{
	const struct conv_job *j = r->j;
	const struct conv_attr *a = &j->a;
	int32_t nx = tile->x1 - tile->x0, ny = tile->y1 - tile->y0;
	uint32_t row_step = (uint32_t)(j->dense ? j->fold * a->dilation_y : a->dilation_y) * v->row;
	struct quern_cmd_conv c = {
		.accumulate = from[0] || from[1] || from[2],
		.acc_base = (uint16_t)acc,
		.ifm_base = input_address(r, v, tile, block, from),
		.w_base = weights,
		.nx = (uint16_t)nx,
		.ny = (uint16_t)ny,
		.ifm_sx = step_if(nx, (uint32_t)a->stride_x * v->pix),
		.ifm_sy = step_if(ny, (uint32_t)a->stride_y * v->row),
		.k0 = emit_u16(r->be, count[0]),
		.k1 = emit_u16(r->be, count[1]),
		.k2 = emit_u16(r->be, count[2]),
		.k0_stride = step_if(count[0], r->be->n),
		.k1_stride = step_if(count[1], j->dense ? row_step : (uint32_t)a->dilation_x * v->pix),
		.k2_stride = step_if(count[2], row_step),
	};

	emit_conv(r->be, &c);
}

void lower_requant(struct backend *be, const struct conv_attr *a, const struct view *v, const struct box *tile,
		   int32_t channel, uint32_t params, uint32_t acc)
{
	int32_t nx = tile->x1 - tile->x0, ny = tile->y1 - tile->y0;
	struct quern_cmd_requant q = {
		.acc_base = (uint16_t)acc,
		.out_base = view_at(v, tile->b0, tile->y0, tile->x0, channel),
		.param_base = params,
		.nx = (uint16_t)nx,
		.ny = (uint16_t)ny,
		.out_sx_v = nx > 1 ? emit_u16(be, v->pix / be->n) : 0,
		.out_sy_v = ny > 1 ? emit_u16(be, v->row / be->n) : 0,
		.out_zp = a->out_zp,
		.act_min = a->act_min,
		.act_max = a->act_max,
	};

	emit_requant(be, &q);
}

static void one_block(const struct conv_run *r, const struct box *tile, int32_t block, uint32_t blob)
{
	struct conv_job *j = r->j;
	uint32_t entries = (uint32_t)(tile->x1 - tile->x0) * (uint32_t)(tile->y1 - tile->y0);
	uint32_t acc = acc_alloc(r->be, entries);
	const int32_t from[3] = {0};

	conv_command(r, &r->in, tile, block, from, j->k, blob + 9 * r->be->n, acc);
	lower_requant(r->be, &j->a, &r->result, tile, block * (int32_t)r->be->n, blob, acc);
}

/* Steps through the accumulator tiles of the outer tile; starts from a tile of all zeros. */
static bool next_acc_tile(const struct conv_run *r, struct box *tile)
{
	int32_t ny, nx;

	conv_acc_tile(r->be, r->j, r->out.y1 - r->out.y0, r->out.x1 - r->out.x0, &ny, &nx);
	if (tile->y1 == 0 && tile->x1 == 0) {
		*tile = r->out;
		tile->x1 = tile->x0;
	} else if (tile->x1 == r->out.x1) {
		tile->x1 = r->out.x0;
		tile->y0 = tile->y1;
	}
	tile->x0 = tile->x1;
	tile->x1 = min32(tile->x0 + nx, r->out.x1);
	tile->y1 = min32(tile->y0 + ny, r->out.y1);
	return tile->y0 < r->out.y1;
}

/* The elementwise op on a part of the outer tile whose blocks are all there. */
static void run_post(const struct conv_run *r, const struct box *tile)
{
	struct box box = *tile;

	if (!r->j->post)
		return;
	box.c0 = r->out.c0;
	box.c1 = r->out.c1;
	r->be->op = r->j->post;
	pixel_emit(r->be, &r->post, &box);
	r->be->op = r->j->op;
}

/*
 * The group of blocks that begins with first. The last one of a layer comes block by block: the next layer waits for it. Where the result is one
 * pixel for the host, all do: a block takes the matrix engine as long as the bus, and what is late once stays late until the end.
 */
static uint32_t load_group(const struct conv_run *r, int32_t first, uint32_t addr)
{
	const struct conv_job *j = r->j;
	int32_t count = min32(j->t.group, r->end - first);
	bool single = first + count == j->blocks || (j->go.h * j->go.w == 1 && !j->final->resident);
	int32_t step = single ? 1 : count;

	for (int32_t k = 0; k < count; k += step)
		tile_const(r->be, j->image_offset + (uint64_t)(first + k) * j->block_bytes,
			   (uint32_t)((uint64_t)step * j->block_bytes),
			   addr + (uint32_t)((uint64_t)k * j->block_bytes));
	return addr;
}

static void retained_block(struct conv_run *r, const struct box *tile, int32_t block)
{
	struct conv_job *j = r->j;
	int32_t group = block / j->t.group;
	uint32_t at = ring_slot(&j->t.weights, (uint32_t)group);

	if (group == r->loaded)
		load_group(r, j->t.group * r->loaded++, at);
	one_block(r, tile, block, at + (uint32_t)((uint64_t)(block % j->t.group) * j->block_bytes));
}

static void run_retain(struct conv_run *r)
{
	struct box tile = {0};

	while (next_acc_tile(r, &tile)) {
		for (int32_t block = r->first; block < r->end; block++)
			retained_block(r, &tile, block);
		run_post(r, &tile);
	}
}

static void run_stream(struct conv_run *r)
{
	struct conv_job *j = r->j;

	for (int32_t block = r->first; block < r->end; block += j->t.group) {
		uint32_t at = load_group(r, block, ring_next(&j->t.weights));

		for (int32_t k = 0; k < j->t.group && block + k < r->end; k++) {
			struct box tile = {0};

			while (next_acc_tile(r, &tile))
				one_block(r, &tile, block + k, at + (uint32_t)((uint64_t)k * j->block_bytes));
		}
	}
	run_post(r, &r->out);
}

/* Loads the part of the input that a segment reads. */
static struct view load_segment_input(const struct conv_run *r, const struct box *tile, int32_t block,
				      const int32_t from[3], const int32_t count[3])
{
	struct conv_job *j = r->j;
	const struct conv_attr *a = &j->a;
	struct box in = conv_input_box(j, tile);
	struct view v;

	in.y0 += from[2] * a->dilation_y;
	in.y1 -= (j->k[2] - from[2] - count[2]) * a->dilation_y;
	in.x0 += from[1] * a->dilation_x;
	in.x1 -= (j->k[1] - from[1] - count[1]) * a->dilation_x;
	in.c0 = conv_first_channel(r->be, j, block) + from[0] * (int32_t)r->be->n;
	in.c1 = in.c0 + count[0] * (int32_t)r->be->n;
	v = tile_view(r->be, &in, false, ring_next(&j->t.in));
	/* Lanes beyond the last channel meet weights of zero. */
	in.c1 = min32(in.c1, j->gi.c);
	if (in.c0 < in.c1)
		tile_load(r->be, j->in, &j->gi, &in, &v, a->in_zp);
	return v;
}

/* One block, segment by segment. */
static void split_block(const struct conv_run *r, const struct box *tile, int32_t block)
{
	struct conv_job *j = r->j;
	uint32_t vector2 = r->be->n * r->be->n, params = ring_next(&j->t.params);
	uint64_t offset = j->image_offset + (uint64_t)block * j->block_bytes;
	uint32_t acc = acc_alloc(r->be, (uint32_t)(tile->x1 - tile->x0) * (uint32_t)(tile->y1 - tile->y0));
	int32_t from[3], count[3];

	tile_const(r->be, offset, 9 * r->be->n, params);
	offset += 9 * r->be->n;
	for (from[2] = 0; from[2] < j->k[2]; from[2] += j->t.seg[2])
		for (from[1] = 0; from[1] < j->k[1]; from[1] += j->t.seg[1])
			for (from[0] = 0; from[0] < j->k[0]; from[0] += j->t.seg[0]) {
				uint32_t at = ring_next(&j->t.weights), bytes;
				struct view v = r->in;

				for (int d = 0; d < 3; d++)
					count[d] = min32(j->t.seg[d], j->k[d] - from[d]);
				bytes = (uint32_t)count[0] * (uint32_t)count[1] * (uint32_t)count[2] * vector2;
				if (j->t.split_input && !j->in->resident)
					v = load_segment_input(r, tile, block, from, count);
				tile_const(r->be, offset, bytes, at);
				conv_command(r, &v, tile, block, from, count, at, acc);
				offset += bytes;
			}
	lower_requant(r->be, &j->a, &r->result, tile, block * (int32_t)r->be->n, params, acc);
}

static void run_split(struct conv_run *r)
{
	struct box tile = {0};

	while (next_acc_tile(r, &tile)) {
		for (int32_t block = r->first; block < r->end; block++)
			split_block(r, &tile, block);
		run_post(r, &tile);
	}
}

/* Operands of the elementwise op: the convolution's result, which it may overwrite, and the other one. */
static void open_post(struct conv_run *r)
{
	struct conv_job *j = r->j;
	int first = j->post->inputs[0] == j->op->output ? 0 : 1;
	struct view v;

	r->post = (struct pixel_job){.g = j->go, .count = 3, .attr = &j->post->elt, .emit = eltwise_emit};
	if (j->other->resident) {
		v = tile_resident(j->other, &j->go);
	} else {
		v = tile_view(r->be, &r->out, false, ring_next(&j->t.other));
		r->be->op = j->post;
		tile_load(r->be, j->other, &j->go, &r->out, &v, 0);
		r->be->op = j->op;
	}
	r->post.x[first] = (struct pixel_operand){.s = j->out, .v = r->result};
	r->post.x[1 - first] = (struct pixel_operand){.s = j->other, .v = v};
	r->post.x[2] = (struct pixel_operand){.s = j->final, .v = r->result};
	if (j->final->resident)
		r->post.x[2].v = tile_resident(j->final, &j->go);
}

static void run_outer_tile(struct conv_run *r)
{
	struct conv_job *j = r->j;
	struct box in = conv_input_box(j, &r->out);

	if (j->in->resident) {
		r->in = tile_resident(j->in, &j->gi);
	} else if (!j->t.split_input) {
		r->in = tile_view(r->be, &in, j->dense, ring_next(&j->t.in));
		tile_load(r->be, j->in, &j->gi, &in, &r->in, j->a.in_zp);
	}
	r->result = j->out->resident ? tile_resident(j->out, &j->go)
				     : tile_view(r->be, &r->out, false, ring_next(&j->t.out));
	if (j->post)
		open_post(r);
	switch (j->t.mode) {
	case WEIGHTS_RETAIN:
		run_retain(r);
		break;
	case WEIGHTS_STREAM:
		run_stream(r);
		break;
	default:
		run_split(r);
	}
	if (!j->final->resident)
		tile_store(r->be, j->final, &j->go, &r->out, &r->result);
}

static void run_job(struct backend *be, struct conv_job *j)
{
	struct conv_run r = {.be = be, .j = j};
	const struct geom *g = &j->go;
	int32_t tc = j->t.tb * (int32_t)be->n;

	for (int32_t b = 0; b < g->b; b++)
		for (int32_t y = 0; y < g->h; y += j->t.th)
			for (int32_t x = 0; x < g->w; x += j->t.tw)
				for (int32_t c = 0; c < g->c && be->status == STATUS_OK; c += tc) {
					r.out = (struct box){b, b + 1,
							     y, min32(y + j->t.th, g->h),
							     x, min32(x + j->t.tw, g->w),
							     c, min32(c + tc, g->c)};
					r.first = c / (int32_t)be->n;
					r.end = div_up(r.out.c1, (int32_t)be->n);
					run_outer_tile(&r);
				}
}

static void set_steps(const struct backend *be, struct conv_job *j, bool dense)
{
	const struct conv_attr *a = &j->a;
	int32_t n = (int32_t)be->n;

	j->dense = dense;
	j->fold = 1;
	j->k[0] = div_up(j->window, n);
	j->k[1] = a->kw;
	j->k[2] = a->kh;
	if (dense) {
		struct box whole = {0, 1, 0, 1, 0, a->out_w, 0, 1}, in = conv_input_box(j, &whole);
		int64_t row = (int64_t)(in.x1 - in.x0) * a->in_c;

		if (a->dilation_y == 1 && row + (int64_t)a->kw * a->in_c <= n)
			j->fold = min32(a->kh, (int32_t)(1 + (n - a->kw * a->in_c) / row));
		j->dense_row = row <= n ? (int32_t)row : n;
		j->k[0] = div_up(a->kw * a->in_c, n);
		j->k[1] = div_up(a->kh, j->fold);
		j->k[2] = 1;
	}
	j->steps = (uint32_t)j->k[0] * (uint32_t)j->k[1] * (uint32_t)j->k[2];
	j->block_bytes = 9ull * be->n + (uint64_t)j->steps * be->n * be->n;
}

/* Widest channel window of a block. */
static int32_t widest_window(const struct backend *be, const struct conv_job *j)
{
	int32_t n = (int32_t)be->n, widest = 0;

	for (int32_t block = 0; block < j->blocks; block++) {
		int32_t last = (min32((block + 1) * n, j->a.out_c) - 1) / j->out_per_group;

		widest = max32(widest, (last + 1) * j->in_per_group - conv_first_channel(be, j, block));
	}
	return widest;
}

static bool dense_possible(const struct backend *be, const struct conv_job *j)
{
	const struct conv_attr *a = &j->a;

	return !j->in->resident && j->in_per_group == a->in_c && a->dilation_x == 1 && a->in_c % (int32_t)be->n &&
	       (j->in->dense || j->in->host_pix == (uint32_t)a->in_c) && (int64_t)a->kw * a->in_c < 1 << 24;
}

static void init_job(struct backend *be, struct conv_job *j, const struct op *op)
{
	struct conv_attr *a = &j->a;
	uint32_t pitched;

	*j = (struct conv_job){.op = op, .a = plan_conv_attr(be, op), .depthwise = op->kind == OP_DWCONV};
	j->in = be_storage(be, op->inputs[0]);
	j->out = j->final = be_storage(be, op->output);
	if (be->fused[be->op_index]) {
		j->post = be->g->ops[be->op_index + 1];
		j->other = be_storage(be, plan_fused_operand(op, j->post));
		j->final = be_storage(be, j->post->output);
	}
	j->gi = (struct geom){a->batch, a->in_h, a->in_w, a->in_c};
	j->go = (struct geom){a->batch, a->out_h, a->out_w, a->out_c};
	j->blocks = blocks_of(be, a->out_c);
	j->in_per_group = a->in_c / (j->depthwise ? a->in_c : a->groups);
	j->out_per_group = a->out_c / (j->depthwise ? a->in_c : a->groups);
	j->window = widest_window(be, j);
	set_steps(be, j, false);
	pitched = j->steps;
	if (!dense_possible(be, j))
		return;
	set_steps(be, j, true);
	if (j->steps > pitched)
		set_steps(be, j, false);
}

void lower_conv(struct backend *be, const struct op *op)
{
	struct conv_job j;
	struct ring *rings[] = {&j.t.in, &j.t.out, &j.t.weights, &j.t.params, &j.t.other};

	init_job(be, &j, op);
	if (!conv_choose_tiling(be, &j) && j.dense) {
		set_steps(be, &j, false);
		conv_choose_tiling(be, &j);
	}
	if (!j.t.cycles) {
		be_fail(be, STATUS_TOO_BIG, "no tile of it fits the scratchpad of %u bytes", be->t.spm_bytes);
		return;
	}
	conv_write_weights(be, &j);
	if (!ring_get(be, rings, 5))
		return;
	run_job(be, &j);
	ring_put(be, rings, 5);
}
