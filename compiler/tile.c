/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Boxes of tensors between host memory and scratchpad. In the scratchpad a pixel starts at a vector boundary, except in dense buffers,
 * where the few channels of an image follow each other so that a kernel row is one run of bytes.
 */
#include "tile.h"

uint32_t tile_slack(const struct backend *be)
{
	/* CONV reads a vector from any byte of the last pixel, and groups start between vectors. */
	return 2 * be->n;
}

static struct view layout(const struct backend *be, const struct box *box, bool dense)
{
	uint32_t channels = (uint32_t)(box->c1 - box->c0);
	struct view v = {.b0 = box->b0, .y0 = box->y0, .x0 = box->x0, .c0 = box->c0};

	v.pix = dense ? channels : round_up(channels, be->n);
	v.row = v.pix * (uint32_t)(box->x1 - box->x0);
	v.img = v.row * (uint32_t)(box->y1 - box->y0);
	return v;
}

uint64_t tile_bytes(const struct backend *be, const struct box *box, bool dense)
{
	uint64_t channels = (uint64_t)(box->c1 - box->c0);
	uint64_t pix = dense ? channels : (channels + be->n - 1) / be->n * be->n;
	uint64_t pixels = (uint64_t)(box->b1 - box->b0) * (uint64_t)(box->y1 - box->y0) * (uint64_t)(box->x1 - box->x0);

	/* Saturates: pixels and pix are below 2^31 each. */
	if (pix && pixels > (1ull << 40) / pix)
		return 1ull << 40;
	return (pixels * pix + tile_slack(be) + SPM_GRANULE - 1) / SPM_GRANULE * SPM_GRANULE;
}

struct view tile_view(const struct backend *be, const struct box *box, bool dense, uint32_t addr)
{
	struct view v = layout(be, box, dense);

	v.base = addr;
	return v;
}

/* A rectangle of bytes: rows of len bytes. */
static void fill_rows(struct backend *be, uint32_t base, uint64_t len, int32_t rows, uint32_t stride, int8_t value)
{
	struct quern_cmd_fill f = {.spm_base = base, .n1 = 1, .n2 = 1, .n3 = 1, .spm_s1 = stride, .value = value};

	if (len == 0 || rows == 0)
		return;
	if (len == stride) {
		len *= (uint64_t)rows;
		rows = 1;
	}
	f.len = (uint32_t)len;
	f.n1 = emit_u16(be, rows);
	emit_fill(be, &f);
}

/* The part of box b of the view that lies outside columns and rows of the tensor. */
static void fill_outside(struct backend *be, const struct box *box, const struct box *in, const struct view *v,
			 int8_t value)
{
	uint32_t pix = v->pix;
	int32_t rows = in->y1 - in->y0;

	fill_rows(be, view_at(v, box->b0, box->y0, box->x0, box->c0), v->row, in->y0 - box->y0, v->row, value);
	fill_rows(be, view_at(v, box->b0, in->y1, box->x0, box->c0), v->row, box->y1 - in->y1, v->row, value);
	fill_rows(be, view_at(v, box->b0, in->y0, box->x0, box->c0), (uint64_t)(in->x0 - box->x0) * pix, rows, v->row,
		  value);
	fill_rows(be, view_at(v, box->b0, in->y0, in->x1, box->c0), (uint64_t)(box->x1 - in->x1) * pix, rows, v->row,
		  value);
}

static int32_t clip(int32_t v, int32_t low, int32_t high)
{
	return v < low ? low : v > high ? high : v;
}

/* The part of the box inside the tensor; possibly empty. */
static struct box clip_box(const struct box *box, const struct geom *g)
{
	struct box in = *box;

	in.y0 = clip(box->y0, 0, g->h);
	in.y1 = clip(box->y1, in.y0, g->h);
	in.x0 = clip(box->x0, 0, g->w);
	in.x1 = clip(box->x1, in.x0, g->w);
	return in;
}

/* Strides of a host tensor under the shape g, bytes. */
static uint64_t host_pix(const struct storage *s, const struct geom *g)
{
	return s->dense ? (uint64_t)g->c : s->host_pix;
}

static uint64_t host_offset(const struct storage *s, const struct geom *g, const struct box *box)
{
	uint64_t pixel = ((uint64_t)box->b0 * (uint64_t)g->h + (uint64_t)box->y0) * (uint64_t)g->w + (uint64_t)box->x0;

	return s->offset + pixel * host_pix(s, g) + (uint64_t)box->c0;
}

/* Loops of a copy of one image's box: runs are pixels, rows, or everything, whatever is contiguous on both sides. */
static struct quern_cmd_load copy_loops(struct backend *be, const struct storage *s, const struct geom *g,
					const struct box *box, const struct view *v)
{
	uint64_t pix = host_pix(s, g), row = pix * (uint64_t)g->w, offset = host_offset(s, g, box);
	uint64_t cols = (uint64_t)(box->x1 - box->x0), rows = (uint64_t)(box->y1 - box->y0);
	struct quern_cmd_load l = {.region = s->region,
				   .offset_lo = (uint32_t)offset,
				   .offset_hi = (uint8_t)(offset >> 32),
				   .spm_base = view_at(v, box->b0, box->y0, box->x0, box->c0),
				   .len = (uint32_t)(box->c1 - box->c0),
				   .n1 = 1,
				   .n2 = 1,
				   .n3 = 1};

	if (!s->dense && box->c0 == 0 && box->c1 == g->c)
		l.len = s->host_pix;
	if (pix == v->pix && (l.len == pix || cols == 1)) {
		/* Whole pixels on both sides. */
		l.len = cols == 1 ? l.len : (uint32_t)(cols * pix);
		l.host_s1 = (int32_t)row;
		l.spm_s1 = v->row;
		if (rows > 1 && row == l.len && v->row == l.len)
			l.len *= (uint32_t)rows;
		else
			l.n1 = emit_u16(be, (int64_t)rows);
		return l;
	}
	l.n1 = emit_u16(be, (int64_t)cols);
	l.host_s1 = (int32_t)pix;
	l.spm_s1 = v->pix;
	l.n2 = emit_u16(be, (int64_t)rows);
	l.host_s2 = (int32_t)row;
	l.spm_s2 = v->row;
	if (row == pix * cols && v->row == v->pix * cols && cols * rows <= UINT16_MAX) {
		l.n1 = (uint16_t)(cols * rows);
		l.n2 = 1;
	}
	return l;
}

void tile_load(struct backend *be, const struct storage *s, const struct geom *g, const struct box *box,
	       const struct view *v, int8_t value)
{
	struct box in = clip_box(box, g);
	struct quern_cmd_load l;

	if (in.x0 == in.x1)
		in.y1 = in.y0;
	if (in.y0 == in.y1) {
		in = *box;
		in.y0 = in.y1;
	}
	fill_outside(be, box, &in, v, value);
	if (in.y0 == in.y1)
		return;
	l = copy_loops(be, s, g, &in, v);
	emit_load(be, &l);
}

void tile_store(struct backend *be, const struct storage *s, const struct geom *g, const struct box *box,
		const struct view *v)
{
	struct quern_cmd_load l = copy_loops(be, s, g, box, v);
	struct quern_cmd_store st = {.region = l.region,
				     .offset_hi = l.offset_hi,
				     .offset_lo = l.offset_lo,
				     .spm_base = l.spm_base,
				     .len = l.len,
				     .n1 = l.n1,
				     .n2 = l.n2,
				     .n3 = l.n3,
				     .host_s1 = l.host_s1,
				     .host_s2 = l.host_s2,
				     .host_s3 = l.host_s3,
				     .spm_s1 = l.spm_s1,
				     .spm_s2 = l.spm_s2,
				     .spm_s3 = l.spm_s3};

	emit_store(be, &st);
}

struct view tile_resident(const struct storage *s, const struct geom *g)
{
	struct view v = s->view;

	if (g->h != s->g.h || g->w != s->g.w) {
		/* The plan allows it only without borders. */
		v.row = v.pix * (uint32_t)g->w;
		v.img = v.row * (uint32_t)g->h;
	}
	return v;
}

void tile_border(struct backend *be, const struct storage *s)
{
	const struct view *v = &s->view;
	uint32_t side = (uint32_t)s->gap * v->pix;
	uint32_t between = side + (uint32_t)(s->pad_t + s->pad_b) * v->row;
	struct quern_cmd_fill f = {.n1 = 1, .n2 = 1, .n3 = 1, .value = s->pad_value};

	fill_rows(be, view_at(v, 0, -s->pad_t, -s->gap, 0), side + (uint32_t)s->pad_t * v->row, 1, 0, s->pad_value);
	if (side && s->g.h > 1) {
		f.spm_base = view_at(v, 0, 0, s->g.w, 0);
		f.len = side;
		f.n1 = emit_u16(be, s->g.h - 1);
		f.spm_s1 = v->row;
		f.n2 = emit_u16(be, s->g.b);
		f.spm_s2 = v->img;
		emit_fill(be, &f);
	}
	fill_rows(be, view_at(v, 0, s->g.h - 1, s->g.w, 0), between, s->g.b - 1, v->img, s->pad_value);
	fill_rows(be, view_at(v, s->g.b - 1, s->g.h - 1, s->g.w, 0), side + (uint32_t)s->pad_b * v->row, 1, 0,
		  s->pad_value);
}

void tile_const(struct backend *be, uint64_t offset, uint32_t bytes, uint32_t addr)
{
	struct quern_cmd_load l = {.region = QUERN_PROGRAM_REGION_IMAGE,
				   .offset_lo = (uint32_t)offset,
				   .offset_hi = (uint8_t)(offset >> 32),
				   .spm_base = addr,
				   .len = bytes,
				   .n1 = 1,
				   .n2 = 1,
				   .n3 = 1};

	emit_load(be, &l);
}

/* Begin with the slot that has been free for the longest time: its load then waits the least. */
static void start_oldest(const struct backend *be, struct ring *r)
{
	uint32_t best = SPM_NONE;

	for (uint32_t i = 0; i < r->slots; i++) {
		uint32_t age = spm_age(&be->spm, r->addr + (uint32_t)(i * r->bytes), r->bytes);

		if (age >= best)
			continue;
		best = age;
		r->next = i;
	}
}

bool ring_get(struct backend *be, struct ring **rings, int count)
{
	uint64_t bytes[SPM_MAX_GET];
	uint32_t addr[SPM_MAX_GET];
	int used = 0;

	for (int i = 0; i < count; i++)
		if (rings[i]->slots)
			bytes[used++] = rings[i]->bytes * rings[i]->slots;
	if (used && !spm_get(&be->spm, bytes, addr, used)) {
		be_fail(be, STATUS_TOO_BIG, "its smallest tile does not fit the scratchpad of %u bytes",
			be->t.spm_bytes);
		return false;
	}
	used = 0;
	for (int i = 0; i < count; i++)
		if (rings[i]->slots)
			rings[i]->addr = addr[used++];
	for (int i = 0; i < count; i++)
		start_oldest(be, rings[i]);
	return true;
}

uint32_t ring_slot(const struct ring *r, uint32_t k)
{
	return r->addr + (uint32_t)((r->next + k) % r->slots * r->bytes);
}

uint32_t ring_next(struct ring *r)
{
	uint32_t addr = ring_slot(r, 0);

	r->next = (r->next + 1) % r->slots;
	return addr;
}

/* In the order of their last use. */
static void ring_free(struct backend *be, struct ring *r)
{
	for (uint32_t i = 0; i < r->slots; i++)
		spm_put(&be->spm, ring_next(r), r->bytes);
}

void ring_put(struct backend *be, struct ring **rings, int count)
{
	for (int i = 0; i < count; i++)
		ring_free(be, rings[i]);
}

uint32_t acc_alloc(struct backend *be, uint32_t entries)
{
	uint32_t bank = be->acc_bank, base = be->acc_next[bank];

	if (base + entries > be->t.acc_entries)
		base = 0;
	be->acc_next[bank] = base + entries;
	be->acc_bank = (bank + 1) % QUERN_ACC_BANKS;
	return bank * QUERN_ACC_ENTRIES + base;
}
