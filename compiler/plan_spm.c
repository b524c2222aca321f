/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which tensors stay in the scratchpad. Greedy: short-lived and small tensors first, each at the lowest address that is free during its
 * life, as long as every op it lives through keeps a contiguous workspace for weights and tiles. An elementwise op works in place if its
 * operand dies there: the two then are placed as one.
 */
#include <stdlib.h>
#include "plan.h"
#include "tile.h"

/* Pixels of a resident tensor: keeps every loop of a command within 16 bits. */
#define MAX_PIXELS UINT16_MAX

/* A tensor that was there so many ops ago is in nobody's way. */
#define ENOUGH_OPS 6

struct placer {
	struct backend *be;
	uint32_t *candidate; /* storages, in the order in which they are tried */
	int count;
	uint32_t workspace; /* bytes */
};

static void set_layout(const struct backend *be, struct storage *s)
{
	struct view *v = &s->view;

	v->pix = pitch_of(be, s->g.c);
	v->row = (uint32_t)(s->g.w + s->gap) * v->pix;
	v->img = (uint32_t)(s->pad_t + s->g.h + s->pad_b) * v->row;
	s->bytes = round_up((uint32_t)s->gap * v->pix + (uint32_t)s->g.b * v->img + tile_slack(be), SPM_GRANULE);
}

static void set_address(struct storage *s, uint32_t addr)
{
	s->addr = addr;
	s->view.base = addr + (uint32_t)s->gap * s->view.pix + (uint32_t)s->pad_t * s->view.row;
}

/* Sizes in 64 bits, before set_layout() computes them in 32. */
static bool small_enough(const struct backend *be, const struct storage *s)
{
	int64_t cols = (int64_t)s->g.w + s->gap, rows = (int64_t)s->g.h + s->pad_t + s->pad_b;
	int64_t pitch = ((int64_t)s->g.c + be->n - 1) / be->n * be->n;

	if (cols > MAX_PIXELS || rows > MAX_PIXELS || s->g.b > MAX_PIXELS || s->g.b * rows * cols > MAX_PIXELS)
		return false;
	if (cols * pitch / be->n > UINT16_MAX)
		return false;
	return pitch * (s->g.b * rows + 1) * cols <= be->t.spm_bytes;
}

/* What a convolution that does the op with it still reads must not be overwritten. */
static bool is_convolved(const struct backend *be, int index, const struct storage *s)
{
	return index > 0 && be->fused[index - 1] && be_storage(be, be->g->ops[index - 1]->inputs[0]) == s;
}

/* An operand that dies at op and has the layout of the output; -1 if there is none. */
static int dying_operand(const struct backend *be, int index)
{
	const struct op *op = be->g->ops[index];
	const struct storage *out = be_storage(be, op->output);

	if (op->kind != OP_ELTWISE && op->kind != OP_LUT)
		return -1;
	for (int k = 0; k < op->num_inputs; k++) {
		const struct storage *in = be_storage(be, op->inputs[k]);

		if (is_convolved(be, index, in))
			continue;
		if (in->host_only || in->fixed || in == out || in->last != index || in->first == index)
			continue;
		if (in->has_border && out->has_border && in->pad_value != out->pad_value)
			continue;
		if (in->g.b == out->g.b && in->g.h == out->g.h && in->g.w == out->g.w && in->g.c == out->g.c)
			return (int)(in - be->storages);
	}
	return -1;
}

static int group_head(const struct backend *be, int s)
{
	while (be->storages[s].alias >= 0)
		s = be->storages[s].alias;
	return s;
}

/* One border for both; the head carries the life of the group in group_last. */
static void merge(struct backend *be, int head, struct storage *out)
{
	struct storage *in = &be->storages[head];

	out->alias = head;
	in->group_last = max32(in->group_last, out->last);
	if (out->has_border)
		in->pad_value = out->pad_value;
	in->has_border = in->has_border || out->has_border;
	in->pad_t = max32(in->pad_t, out->pad_t);
	in->pad_b = max32(in->pad_b, out->pad_b);
	in->gap = max32(in->gap, out->gap);
}

static bool mergeable(const struct storage *in, const struct storage *out)
{
	return !(in->has_border && out->has_border && in->pad_value != out->pad_value);
}

static void find_in_place(struct backend *be)
{
	for (uint32_t i = 0; i < be->g->num_tensor_ids; i++) {
		be->storages[i].alias = -1;
		be->storages[i].group_last = be->storages[i].last;
	}
	for (int i = 0; i < be->g->num_ops; i++) {
		struct storage *out = be_storage(be, be->g->ops[i]->output);
		int in = dying_operand(be, i), head;

		if (in < 0 || out->host_only || out->fixed || out->first < i - (i > 0 && be->fused[i - 1]))
			continue;
		head = group_head(be, in);
		if (mergeable(&be->storages[head], out))
			merge(be, head, out);
	}
}

static bool is_candidate(const struct backend *be, const struct storage *s)
{
	return s->used && !s->host_only && !s->fixed && s->alias < 0 && small_enough(be, s);
}

/* Bytes that an op wants to find free in one piece. */
static uint32_t wants(const struct backend *be, const struct op *op, uint32_t workspace)
{
	uint64_t bytes = op->kind == OP_CONV || op->kind == OP_DWCONV ? op->conv.weight_bytes * 2 : 2048;
	uint64_t host = 0;

	bytes = bytes < workspace ? bytes : workspace;
	if (!be_storage(be, op->output)->resident)
		host += op->output->bytes;
	for (int k = 0; k < op->num_inputs; k++)
		if (!be_storage(be, op->inputs[k])->resident)
			host += op->inputs[k]->bytes;
	/* Tensors that do not stay are tiled. */
	return (uint32_t)(bytes + (host * 2 < 3ull * workspace ? host * 2 : 3ull * workspace));
}

/* Largest free piece of the scratchpad while op runs. */
static uint32_t largest_gap(const struct placer *p, int op)
{
	const struct backend *be = p->be;
	uint32_t at = 0, best = 0;

	while (at < be->t.spm_bytes) {
		uint32_t next = be->t.spm_bytes, end = be->t.spm_bytes;

		for (int i = 0; i < p->count; i++) {
			const struct storage *s = &be->storages[p->candidate[i]];

			if (!s->resident || s->first > op || s->group_last < op || s->addr + s->bytes <= at)
				continue;
			if (s->addr < next) {
				next = s->addr;
				end = s->addr + s->bytes;
			}
		}
		if (next > at)
			best = next - at > best ? next - at : best;
		at = end;
	}
	return best;
}

static bool overlaps(const struct storage *a, const struct storage *b)
{
	return a->first <= b->group_last && b->first <= a->group_last;
}

static bool meets(const struct storage *o, const struct storage *s, uint32_t addr)
{
	return addr < o->addr + o->bytes && o->addr < addr + s->bytes;
}

/* Lowest address at or above `from` where s does not meet a placed storage that lives at the same time. */
static uint32_t lowest_address(const struct placer *p, const struct storage *s, uint32_t from)
{
	uint32_t addr = from;
	bool moved = true;

	while (moved) {
		moved = false;
		for (int i = 0; i < p->count; i++) {
			const struct storage *o = &p->be->storages[p->candidate[i]];

			if (o == s || !o->resident || !overlaps(o, s) || !meets(o, s, addr))
				continue;
			addr = o->addr + o->bytes;
			moved = true;
		}
	}
	return addr;
}

/* Ops between the life of s at addr and the nearest life before or after it there. */
static int distance(const struct placer *p, const struct storage *s, uint32_t addr)
{
	int best = ENOUGH_OPS;

	for (int i = 0; i < p->count; i++) {
		const struct storage *o = &p->be->storages[p->candidate[i]];

		if (o == s || !o->resident || !meets(o, s, addr))
			continue;
		best = min32(best, o->first > s->group_last ? o->first - s->group_last : s->first - o->group_last);
	}
	return best;
}

/*
 * The border of a tensor is filled by the load engine, which waits for the last reader of what was there, and every load behind it with it.
 * So where there is space a tensor goes where nothing was for some ops.
 */
static uint32_t best_address(const struct placer *p, const struct storage *s)
{
	const struct backend *be = p->be;
	uint32_t best = lowest_address(p, s, 0);
	int most = distance(p, s, best);

	for (int i = 0; be->tuning.spread && most < ENOUGH_OPS && i < p->count; i++) {
		const struct storage *o = &be->storages[p->candidate[i]];
		uint32_t addr;

		if (o == s || !o->resident)
			continue;
		addr = lowest_address(p, s, o->addr + o->bytes);
		if (addr + s->bytes > be->t.spm_bytes || distance(p, s, addr) <= most)
			continue;
		most = distance(p, s, addr);
		best = addr;
	}
	return best;
}

static void set_group(struct backend *be, uint32_t head, bool resident)
{
	for (uint32_t i = 0; i < be->g->num_tensor_ids; i++) {
		struct storage *s = &be->storages[i];

		if (!s->used || (uint32_t)group_head(be, (int)i) != head)
			continue;
		s->resident = resident;
		s->view = be->storages[head].view;
		s->pad_t = be->storages[head].pad_t;
		s->pad_b = be->storages[head].pad_b;
		s->gap = be->storages[head].gap;
	}
}

static void try_place(struct placer *p, uint32_t index)
{
	struct backend *be = p->be;
	struct storage *s = &be->storages[index];
	uint32_t addr;

	set_layout(be, s);
	addr = best_address(p, s);
	if (addr + s->bytes > be->t.spm_bytes)
		return;
	set_address(s, addr);
	set_group(be, index, true);
	for (int op = s->first; op <= s->group_last; op++)
		if (largest_gap(p, op) < wants(be, be->g->ops[op], p->workspace)) {
			set_group(be, index, false);
			return;
		}
}

static uint64_t rank_of(const struct storage *s)
{
	uint64_t bytes = (uint64_t)s->g.b * (uint64_t)s->g.h * (uint64_t)s->g.w * (uint64_t)s->g.c;

	return (uint64_t)(s->group_last - s->first) << 40 | (bytes < 1ull << 40 ? bytes : (1ull << 40) - 1);
}

static void insert_sorted(struct placer *p, uint32_t index)
{
	const struct storage *storages = p->be->storages;
	int i = p->count++;

	for (; i > 0 && rank_of(&storages[p->candidate[i - 1]]) > rank_of(&storages[index]); i--)
		p->candidate[i] = p->candidate[i - 1];
	p->candidate[i] = index;
}

void plan_residency(struct backend *be)
{
	uint32_t ids = be->g->num_tensor_ids;
	struct placer p = {.be = be, .workspace = be->t.spm_bytes / be->tuning.workspace_parts};

	p.candidate = malloc(((size_t)ids + 1) * sizeof(*p.candidate));
	if (!p.candidate) {
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
		return;
	}
	find_in_place(be);
	for (uint32_t i = 0; i < ids; i++)
		if (is_candidate(be, &be->storages[i]))
			insert_sorted(&p, i);
	for (int i = 0; i < p.count && be->tuning.keep_resident; i++)
		try_place(&p, p.candidate[i]);
	free(p.candidate);
}
