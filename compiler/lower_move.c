/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ops that only move bytes between tensors in host memory: padding, concatenation, boxes, nearest-neighbour resizing, and reshapes between
 * tensors with homes of their own.
 */
#include "lower.h"
#include "plan.h"
#include "tile.h"

/* The domain of the result, and where the operand's origin lies in it. */
struct move {
	const struct storage *in, *out;
	struct geom gi, go;
	struct box domain; /* of the result */
	int32_t dy, dx, dc;
	int8_t value; /* outside the operand */
	int32_t th, tw, tc;
	struct ring ring;
	const struct resize_attr *resize; /* or NULL; the domain is then the operand's */
};

static bool fits(const struct backend *be, struct move *m, uint32_t slots, uint64_t cap)
{
	struct box tile = {0, 1, 0, m->th, 0, m->tw, 0, m->tc};
	uint64_t bytes;

	if (m->th > INT16_MAX || m->tw > INT16_MAX)
		return false;
	m->ring = (struct ring){.bytes = tile_bytes(be, &tile, true), .slots = slots};
	bytes = m->ring.bytes * slots;
	return m->ring.bytes <= cap && spm_fits(&be->spm, &bytes, 1);
}

static bool choose_within(const struct backend *be, struct move *m, uint32_t slots, uint64_t cap)
{
	const struct box *d = &m->domain;

	for (m->tc = d->c1 - d->c0; m->tc; m->tc /= 2)
		for (m->tw = d->x1 - d->x0; m->tw; m->tw /= 2)
			for (m->th = d->y1 - d->y0; m->th; m->th /= 2)
				if (fits(be, m, slots, cap))
					return true;
	return false;
}

/* One row of a tile, factor_y times, each pixel factor_x times: the loops that repeat stand still in the scratchpad. */
static void store_repeated(struct backend *be, const struct move *m, const struct box *tile, int32_t y,
			   const struct view *v)
{
	const struct resize_attr *r = m->resize;
	uint64_t pix = (uint64_t)m->go.c, row = (uint64_t)tile->b0 * (uint64_t)m->go.h + (uint64_t)y * (uint64_t)r->factor_y;
	uint64_t pixel = row * (uint64_t)m->go.w + (uint64_t)tile->x0 * (uint64_t)r->factor_x;
	uint64_t offset = m->out->offset + pixel * pix + (uint64_t)tile->c0;
	struct quern_cmd_store st = {
		.region = m->out->region,
		.offset_lo = (uint32_t)offset,
		.offset_hi = (uint8_t)(offset >> 32),
		.spm_base = view_at(v, tile->b0, y, tile->x0, tile->c0),
		.len = (uint32_t)(tile->c1 - tile->c0),
		.n1 = emit_u16(be, r->factor_x),
		.n2 = emit_u16(be, tile->x1 - tile->x0),
		.n3 = emit_u16(be, r->factor_y),
		.host_s1 = (int32_t)pix,
		.host_s2 = (int32_t)(pix * (uint64_t)r->factor_x),
		.host_s3 = (int32_t)(pix * (uint64_t)m->go.w),
		.spm_s2 = v->pix,
	};

	emit_store(be, &st);
}

static void move_tile(struct backend *be, struct move *m, const struct box *tile)
{
	struct box from = *tile;
	struct view v;

	from.y0 -= m->dy;
	from.y1 -= m->dy;
	from.x0 -= m->dx;
	from.x1 -= m->dx;
	from.c0 -= m->dc;
	from.c1 -= m->dc;
	v = tile_view(be, &from, true, ring_next(&m->ring));
	tile_load(be, m->in, &m->gi, &from, &v, m->value);
	v.y0 = tile->y0;
	v.x0 = tile->x0;
	v.c0 = tile->c0;
	for (int32_t y = tile->y0; m->resize && y < tile->y1; y++)
		store_repeated(be, m, tile, y, &v);
	if (!m->resize)
		tile_store(be, m->out, &m->go, tile, &v);
}

static void move_run(struct backend *be, struct move *m)
{
	const struct box *d = &m->domain;
	struct ring *rings[] = {&m->ring};

	if (!choose_within(be, m, 3, be->t.spm_bytes / 8) && !choose_within(be, m, 1, be->t.spm_bytes)) {
		be_fail(be, STATUS_TOO_BIG, "no tile of it fits the scratchpad of %u bytes", be->t.spm_bytes);
		return;
	}
	if (!ring_get(be, rings, 1))
		return;
	for (int32_t b = d->b0; b < d->b1; b++)
		for (int32_t y = d->y0; y < d->y1; y += m->th)
			for (int32_t x = d->x0; x < d->x1; x += m->tw)
				for (int32_t c = d->c0; c < d->c1 && be->status == STATUS_OK; c += m->tc) {
					struct box tile = {b, b + 1,
							   y, min32(y + m->th, d->y1),
							   x, min32(x + m->tw, d->x1),
							   c, min32(c + m->tc, d->c1)};

					move_tile(be, m, &tile);
				}
	ring_put(be, rings, 1);
}

void lower_reshape(struct backend *be, const struct op *op)
{
	struct geom flat = {1, 1, 1, op->output->elements};
	struct move m = {.in = be_storage(be, op->inputs[0]),
			 .out = be_storage(be, op->output),
			 .gi = flat,
			 .go = flat,
			 .domain = {0, 1, 0, 1, 0, 1, 0, flat.c}};

	if (!plan_reshape_is_alias(be, op))
		move_run(be, &m);
}

void lower_pad(struct backend *be, const struct op *op)
{
	const struct pad_attr *a = &op->pad;
	struct move m = {.in = be_storage(be, op->inputs[0]),
			 .out = be_storage(be, op->output),
			 .gi = {a->batch, a->in_h, a->in_w, a->channels},
			 .go = {a->batch, a->top + a->in_h + a->bottom, a->left + a->in_w + a->right, a->channels},
			 .dy = a->top,
			 .dx = a->left,
			 .value = a->value};

	m.domain = (struct box){0, m.go.b, 0, m.go.h, 0, m.go.w, 0, m.go.c};
	move_run(be, &m);
}

void lower_concat(struct backend *be, const struct op *op)
{
	const struct concat_attr *a = &op->concat;
	int32_t total = 0;

	for (int i = 0; i < op->num_inputs; i++)
		total += a->run[i];
	for (int i = 0, at = 0; i < op->num_inputs; at += a->run[i++]) {
		struct move m = {.in = be_storage(be, op->inputs[i]),
				 .out = be_storage(be, op->output),
				 .gi = {1, 1, a->outer, a->run[i]},
				 .go = {1, 1, a->outer, total},
				 .domain = {0, 1, 0, 1, 0, a->outer, at, at + a->run[i]},
				 .dc = at};

		move_run(be, &m);
	}
}

void lower_resize(struct backend *be, const struct op *op)
{
	const struct resize_attr *a = &op->resize;
	struct move m = {.in = be_storage(be, op->inputs[0]),
			 .out = be_storage(be, op->output),
			 .gi = {a->batch, a->in_h, a->in_w, a->channels},
			 .go = {a->batch, a->in_h * a->factor_y, a->in_w * a->factor_x, a->channels},
			 .domain = {0, a->batch, 0, a->in_h, 0, a->in_w, 0, a->channels},
			 .resize = a};

	if ((int64_t)m.go.w * m.go.c > INT32_MAX) {
		be_fail(be, STATUS_TOO_BIG, "a row of its output is longer than a stride can be");
		return;
	}
	move_run(be, &m);
}

void lower_slice(struct backend *be, const struct op *op)
{
	const struct slice_attr *a = &op->slice;
	struct move m = {.in = be_storage(be, op->inputs[0]),
			 .out = be_storage(be, op->output),
			 .gi = {a->batch, a->in_h, a->in_w, a->in_c},
			 .go = {a->batch, a->out_h, a->out_w, a->out_c},
			 .domain = {0, a->batch, 0, a->out_h, 0, a->out_w, 0, a->out_c},
			 .dy = -a->y,
			 .dx = -a->x,
			 .dc = -a->c};

	move_run(be, &m);
}
