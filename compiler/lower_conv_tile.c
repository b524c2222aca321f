/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a convolution is cut to fit the scratchpad: every reasonable outer tile with every way to hold the weights, by estimated cycles.
 * An operand that is resident needs no tile; with both resident the outer tile is the whole image.
 */
#include "cost.h"
#include "lower_conv.h"

void conv_acc_tile(const struct backend *be, const struct conv_job *j, int32_t th, int32_t tw, int32_t *ny, int32_t *nx)
{
	int32_t entries = (int32_t)be->t.acc_entries, want = (int32_t)be->tuning.conv_pixels, rows;

	(void)j;
	*nx = div_up(tw, div_up(tw, entries));
	rows = max32(1, min32(want, entries) / *nx);
	*ny = div_up(th, div_up(th, rows));
}

/* Whether the elementwise op done with it has an operand in host memory. */
static bool loads_other(const struct conv_job *j)
{
	return j->post && !j->other->resident;
}

/* Bus words of a box when runs are pixels or rows. */
static uint64_t box_words(const struct storage *s, const struct geom *g, uint64_t rows, uint64_t cols,
			  uint64_t channels)
{
	uint64_t pix = s->dense ? channels : s->host_pix;

	if (channels == (uint64_t)g->c)
		return rows * (cols * pix / COST_BUS_WORD + 1);
	return rows * cols * (channels / COST_BUS_WORD + 1);
}

static struct box whole_tile(const struct conv_tiling *t)
{
	return (struct box){0, 1, 0, t->th, 0, t->tw, 0, 1};
}

static uint64_t estimate(const struct backend *be, const struct conv_job *j, const struct conv_tiling *t)
{
	int32_t ny, nx;
	struct box out = whole_tile(t), in = conv_input_box(j, &out);
	uint64_t tiles = (uint64_t)j->go.b * (uint64_t)div_up(j->go.h, t->th) * (uint64_t)div_up(j->go.w, t->tw);
	uint64_t ranges = (uint64_t)div_up(j->blocks, t->tb), blocks = (uint64_t)j->blocks, acc, weights, in_words = 0,
		 out_words = 0, matrix, vector, load, store, most;

	conv_acc_tile(be, j, t->th, t->tw, &ny, &nx);
	acc = (uint64_t)div_up(t->th, ny) * (uint64_t)div_up(t->tw, nx);
	matrix = tiles * acc * blocks * cost_conv((uint64_t)nx * (uint64_t)ny, j->steps, be->n);
	vector = (j->post ? tiles * blocks * (uint64_t)t->th * (uint64_t)t->tw : 0) +
		 tiles * acc * blocks * ((uint64_t)nx * (uint64_t)ny );
	weights = blocks * j->block_bytes / COST_BUS_WORD;
	weights *= t->mode == WEIGHTS_RETAIN ? 1 : t->mode == WEIGHTS_STREAM ? tiles : tiles * acc;
	if (!j->in->resident)
		in_words = box_words(j->in, &j->gi, (uint64_t)(in.y1 - in.y0), (uint64_t)(in.x1 - in.x0),
				     (uint64_t)j->gi.c);
	if (t->split_input)
		in_words *= (uint64_t)t->tb;
	if (!j->final->resident)
		out_words = box_words(j->final, &j->go, (uint64_t)t->th, (uint64_t)t->tw, (uint64_t)j->go.c / ranges);
	load = weights + tiles * ranges * (in_words + (loads_other(j) ? out_words : 0));
	store = tiles * ranges * out_words;
	most = matrix > vector ? matrix : vector;
	most = load > most ? load : most;
	most = store > most ? store : most;
	/* A single buffer serialises what it holds with the work on it. */
	most += t->mode != WEIGHTS_RETAIN && t->weights.slots == 1 ? (weights < matrix ? weights : matrix) : 0;
	most += t->in.slots == 1 ? tiles * in_words : in_words;
	most += t->out.slots == 1 ? tiles * out_words : out_words;
	return most + tiles * be->t.board.bus_latency;
}

static uint64_t slot_bytes(uint64_t bytes)
{
	return (bytes + SPM_GRANULE - 1) / SPM_GRANULE * SPM_GRANULE;
}

/* Takes the tiling if it fits and beats the best so far. */
static void consider(const struct backend *be, const struct conv_job *j, struct conv_tiling t, struct conv_tiling *best)
{
	struct ring *rings[] = {&t.in, &t.out, &t.weights, &t.params, &t.other};
	uint64_t bytes[5];
	int count = 0;

	t.cycles = estimate(be, j, &t);
	if (best->cycles && t.cycles >= best->cycles)
		return;
	for (int i = 0; i < 5; i++)
		if (rings[i]->slots)
			bytes[count++] = rings[i]->bytes * rings[i]->slots;
	if (spm_fits(&be->spm, bytes, count))
		*best = t;
}

static void set_segment(const struct conv_job *j, struct conv_tiling *t, uint32_t max_steps)
{
	uint32_t left = max_steps;

	for (int d = 0; d < 3; d++) {
		t->seg[d] = min32(j->k[d], (int32_t)(left ? left : 1));
		left /= (uint32_t)t->seg[d];
	}
}

static uint32_t segment_steps(const struct conv_tiling *t)
{
	return (uint32_t)t->seg[0] * (uint32_t)t->seg[1] * (uint32_t)t->seg[2];
}

/* All ways to hold the weights beside the given buffers. */
static void consider_weights(const struct backend *be, const struct conv_job *j, struct conv_tiling t,
			     struct conv_tiling *best)
{
	static const uint32_t slots[] = {48, 24, 12, 6, 3, 2, 1};
	uint32_t vector2 = be->n * be->n;

	set_segment(j, &t, j->steps);
	t.group = j->block_bytes < be->tuning.group_bytes ? (int32_t)(be->tuning.group_bytes / j->block_bytes) : 1;
	t.group = min32(t.group, t.tb);
	t.weights.bytes = slot_bytes(j->block_bytes * (uint64_t)t.group);
	t.weights.slots = (uint32_t)div_up(j->blocks, t.group);
	t.mode = WEIGHTS_RETAIN;
	if (t.tb == j->blocks)
		consider(be, j, t, best);
	t.mode = WEIGHTS_STREAM;
	for (size_t i = 0; i < sizeof(slots) / sizeof(slots[0]); i++) {
		t.weights.slots = slots[i];
		consider(be, j, t, best);
	}
	t.mode = WEIGHTS_SPLIT;
	t.group = 1;
	t.params = (struct ring){.bytes = slot_bytes(9ull * be->n), .slots = 2};
	for (uint32_t bytes = 1u << 16; bytes >= vector2 && j->steps > 1; bytes /= 4) {
		set_segment(j, &t, bytes / vector2);
		t.weights.bytes = slot_bytes((uint64_t)segment_steps(&t) * vector2);
		for (t.weights.slots = 4; t.weights.slots >= 1; t.weights.slots /= 2)
			consider(be, j, t, best);
	}
}

/* Channels of tb blocks. */
static int32_t range_channels(const struct backend *be, const struct conv_job *j, int32_t tb)
{
	return min32(tb * (int32_t)be->n, j->go.c);
}

static void consider_tile(const struct backend *be, const struct conv_job *j, int32_t th, int32_t tw, int32_t tb,
			  struct conv_tiling *best)
{
	struct conv_tiling t = {.th = th, .tw = tw, .tb = tb};
	struct box out = whole_tile(&t), in = conv_input_box(j, &out);
	bool single = th == j->go.h && tw == j->go.w && tb == j->blocks && j->go.b == 1;

	in.c1 = j->gi.c;
	out.c1 = range_channels(be, j, tb);
	if (!j->in->resident)
		t.in.bytes = tile_bytes(be, &in, j->dense);
	if (!j->out->resident)
		t.out.bytes = tile_bytes(be, &out, false);
	for (uint32_t slots = single ? 1 : 2; slots >= 1; slots--) {
		t.in.slots = j->in->resident ? 0 : slots;
		t.out.slots = j->out->resident ? 0 : slots;
		t.other = (struct ring){.bytes = tile_bytes(be, &out, false), .slots = loads_other(j) ? slots : 0};
		consider_weights(be, j, t, best);
	}
}

/* Windows larger than the scratchpad: input and weights by segments, accumulated. Tiles are small enough for one accumulator tile. */
static void consider_split(const struct backend *be, const struct conv_job *j, int32_t th, int32_t tw, int32_t tb,
			   struct conv_tiling *best)
{
	uint32_t vector2 = be->n * be->n;
	struct conv_tiling t = {.th = th, .tw = tw, .tb = tb, .mode = WEIGHTS_SPLIT, .split_input = true, .group = 1};
	struct box out = whole_tile(&t), in;

	if (j->dense || (uint64_t)th * (uint64_t)tw > be->t.acc_entries)
		return;
	out.c1 = range_channels(be, j, tb);
	t.params = (struct ring){.bytes = slot_bytes(9ull * be->n), .slots = 2};
	for (uint32_t steps = j->steps; steps >= 1; steps /= 2) {
		set_segment(j, &t, steps);
		t.weights = (struct ring){.bytes = slot_bytes((uint64_t)segment_steps(&t) * vector2), .slots = 2};
		in = conv_input_box(j, &out);
		in.y1 -= (j->k[2] - t.seg[2]) * j->a.dilation_y;
		in.x1 -= (j->k[1] - t.seg[1]) * j->a.dilation_x;
		in.c1 = t.seg[0] * (int32_t)be->n;
		t.in = (struct ring){.bytes = tile_bytes(be, &in, false), .slots = j->in->resident ? 0 : 2};
		t.out = (struct ring){.bytes = tile_bytes(be, &out, false), .slots = j->out->resident ? 0 : 1};
		t.other = (struct ring){.bytes = t.out.bytes, .slots = loads_other(j) ? 1 : 0};
		consider(be, j, t, best);
	}
}

/* Sizes worth trying: the whole divided by 1, 2, 3..., then by powers of two. */
static int32_t next_size(int32_t whole, int32_t size)
{
	int32_t parts = div_up(whole, size);

	if (size == 1)
		return 0;
	return min32(size - 1, div_up(whole, parts < 32 ? parts + 1 : 2 * parts));
}

/* One output pixel or a short run of them at a time, with fewer and fewer blocks. */
static void consider_small(const struct backend *be, const struct conv_job *j, struct conv_tiling *best)
{
	for (int32_t tb = j->blocks; !best->cycles && tb; tb /= 2) {
		for (int32_t th = 16; !best->cycles && th; th /= 4)
			consider_split(be, j, min32(j->go.h, th), min32(j->go.w, 16), tb, best);
		for (int32_t tw = 8; !best->cycles && tw; tw /= 2)
			consider_split(be, j, 1, min32(j->go.w, tw), tb, best);
		if (!best->cycles)
			consider_tile(be, j, 1, 1, tb, best);
	}
}

bool conv_choose_tiling(struct backend *be, struct conv_job *j)
{
	struct conv_tiling best = {0};
	bool whole = j->in->resident && j->out->resident;

	for (int32_t tw = j->go.w; tw; tw = whole || j->fold > 1 ? 0 : next_size(j->go.w, tw)) {
		for (int32_t th = j->go.h; th; th = whole ? 0 : next_size(j->go.h, th))
			consider_tile(be, j, th, tw, j->blocks, &best);
		/* Narrow tiles only when full rows do not fit. */
		if (best.cycles && j->go.w - tw > 8)
			break;
	}
	if (!best.cycles && j->fold == 1)
		consider_small(be, j, &best);
	j->t = best;
	return best.cycles != 0;
}
