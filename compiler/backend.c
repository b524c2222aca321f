/* SPDX-License-Identifier: Apache-2.0 */
/* The back end from graph to image: plan, lower, schedule, write. See backend.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "lower.h"
#include "plan.h"
#include "sched.h"
#include "tile.h"
#include "quern/registers.h"

void be_fail(struct backend *be, enum status status, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (be->status != STATUS_OK)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	be->status = diag_fail(be->diag, status, "%s: %s", be->op ? be->op->name : be->g->name, text);
}

static void backend_finish(struct backend *be)
{
	emit_finish(&be->emit);
	pool_finish(&be->pool);
	spm_finish(&be->spm);
	free(be->storages);
	free(be->root);
	free(be->scratch);
	free(be->yields);
	free(be->fused);
}

static enum status backend_init(struct backend *be, const struct graph *g, const struct target *t,
				const struct tuning *tuning, struct diag *diag)
{
	uint32_t ids = g->num_tensor_ids + 1;

	*be = (struct backend){.g = g, .t = *t, .n = t->array, .tuning = *tuning, .diag = diag};
	be->weigh_slow = !memcmp(&t->board, &DEFAULT_BOARD, sizeof(t->board));
	if (!tuning->pace.bus_bytes)
		be->tuning.pace = t->board;
	be->storages = calloc(ids, sizeof(*be->storages));
	be->root = calloc(ids, sizeof(*be->root));
	be->scratch = calloc(ids, sizeof(*be->scratch));
	be->yields = calloc((size_t)g->num_ops + 1, sizeof(*be->yields));
	be->fused = calloc((size_t)g->num_ops + 1, sizeof(*be->fused));
	if (!be->storages || !be->root || !be->scratch || !be->yields || !be->fused ||
	    !spm_init(&be->spm, t->spm_bytes))
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
	return be->status;
}

static void lower_op(struct backend *be, int index)
{
	static void (*const lower[OP_KIND_COUNT])(struct backend * be, const struct op *op) = {
		[OP_CONV] = lower_conv,	      [OP_DWCONV] = lower_dw, [OP_ELTWISE] = lower_eltwise,
		[OP_POOL] = lower_pool,	      [OP_LUT] = lower_lut,   [OP_SOFTMAX] = lower_softmax,
		[OP_RESHAPE] = lower_reshape, [OP_PAD] = lower_pad,   [OP_CONCAT] = lower_concat,
		[OP_RESIZE] = lower_resize,   [OP_SLICE] = lower_slice,
	};

	be->op = be->g->ops[index];
	be->op_index = index;
	lower[be->op->kind](be, be->op);
}

/* Tensors that op index is the first to touch take their place; in-place ones take over that of the operand. */
static void open_storages(struct backend *be, int index)
{
	for (uint32_t i = 0; i < be->g->num_tensor_ids; i++) {
		struct storage *s = &be->storages[i];

		if (!s->used || !s->resident || s->first != index || s->alias >= 0)
			continue;
		if (!spm_take(&be->spm, s->addr, s->bytes))
			be_fail(be, STATUS_INTERNAL, "two tensors share a place in the scratchpad");
		if (s->has_border)
			tile_border(be, s);
	}
}

static void close_storages(struct backend *be, int index)
{
	for (uint32_t i = 0; i < be->g->num_tensor_ids; i++) {
		struct storage *s = &be->storages[i];

		if (s->used && s->resident && s->group_last == index && s->alias < 0)
			spm_put(&be->spm, s->addr, s->bytes);
	}
}

static void lower_all(struct backend *be)
{
	for (int i = 0; i < be->g->num_ops && be->status == STATUS_OK; i++) {
		be->op = be->g->ops[i];
		open_storages(be, i);
		if (i == 0 || !be->fused[i - 1])
			lower_op(be, i);
		close_storages(be, i);
		if (be->yields[i])
			emit_yield(be);
	}
	be->op = NULL;
}

/* Constants first, because commands refer to them; then the stream. */
static void write_image(struct backend *be, struct program_image *out)
{
	const struct emit *e = &be->emit;
	size_t bytes = (size_t)(e->count + 1) * QUERN_CMD_BYTES;
	uint64_t offset;
	uint8_t *stream = pool_add(&be->pool, bytes, &offset);

	if (!stream) {
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
		return;
	}
	for (uint32_t i = 0; i < e->count; i++)
		memcpy(stream + (size_t)i * QUERN_CMD_BYTES, e->cmds[i].w, QUERN_CMD_BYTES);
	memcpy(stream + (size_t)e->count * QUERN_CMD_BYTES, &(uint32_t){QUERN_OP_END}, sizeof(uint32_t));
	out->image = be->pool.bytes;
	out->image_bytes = be->pool.size;
	be->pool.bytes = NULL;
	out->stream_offset = offset;
	out->ncmds = e->count + 1;
}

static void write_features(const struct backend *be, struct program_image *out)
{
	for (uint32_t i = 0; i < be->emit.count; i++) {
		uint8_t opcode = be->emit.cmds[i].w[0] & 0xff;

		if (opcode == QUERN_OP_YIELD)
			out->features |= 1ull << QUERN_FEATURE_YIELD;
		if (opcode == QUERN_OP_SOFTMAX)
			out->features |= 1ull << QUERN_FEATURE_SOFTMAX;
	}
}

static void write_ranges(struct backend *be, struct program_image *out)
{
	const struct emit *e = &be->emit;

	out->ranges = calloc((size_t)e->count + 1, sizeof(*out->ranges));
	if (!out->ranges) {
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
		return;
	}
	for (uint32_t i = 0; i < e->count; i++) {
		struct cmd_range *last = out->num_ranges ? &out->ranges[out->num_ranges - 1] : NULL;

		if (last && last->source == e->cmds[i].source)
			last->count++;
		else
			out->ranges[out->num_ranges++] = (struct cmd_range){i, 1, e->cmds[i].source};
	}
}

/* The slowest way to host memory that a program for the usual board should still do well on. */
static const struct board slow_board = {.bus_bytes = 4, .bus_latency = 200};

static void finish_image(struct backend *be, struct program_image *out)
{
	out->source_cycles = calloc((size_t)be->g->num_sources + 1, sizeof(*out->source_cycles));
	if (!out->source_cycles)
		be_fail(be, STATUS_NO_MEMORY, "out of memory");
	if (be->status == STATUS_OK)
		sched_run(be);
	if (be->status == STATUS_OK)
		out->cycles = sched_predict(be, &be->t.board, out->source_cycles);
	out->score = out->cycles;
	if (be->status == STATUS_OK && be->weigh_slow)
		out->score += sched_predict(be, &slow_board, NULL) / 2;
	if (be->status == STATUS_OK && be->pool.failed)
		be_fail(be, STATUS_NO_MEMORY, "no memory for the constants");
	if (be->status == STATUS_OK && !be->tuning.dry)
		write_image(be, out);
	if (be->status == STATUS_OK)
		write_ranges(be, out);
	write_features(be, out);
	out->arena_bytes = be->arena_bytes;
	out->spm_peak = be->spm.peak * SPM_GRANULE;
	if (be->status != STATUS_OK)
		program_image_finish(out);
}

static enum status compile_once(const struct graph *g, const struct target *t, const struct tuning *tuning,
				struct program_image *out, struct diag *diag)
{
	struct backend be;

	*out = (struct program_image){0};
	if (backend_init(&be, g, t, tuning, diag) == STATUS_OK)
		plan_storages(&be);
	if (be.status == STATUS_OK) {
		plan_fusions(&be);
		plan_yields(&be);
		plan_residency(&be);
	}
	if (be.status == STATUS_OK) {
		plan_arena(&be);
		lower_all(&be);
	}
	if (be.status == STATUS_OK)
		finish_image(&be, out);
	backend_finish(&be);
	return be.status;
}

static enum status check_target(const struct graph *g, const struct target *t, struct diag *diag)
{
	if (t->array != 8 && t->array != 16 && t->array != 32)
		return diag_fail(diag, STATUS_USAGE, "array size %u: must be 8, 16 or 32", t->array);
	if (t->spm_bytes < 16384 || t->spm_bytes > 1u << QUERN_SPM_ADDR_BITS || t->spm_bytes % 1024)
		return diag_fail(diag, STATUS_USAGE, "scratchpad of %u bytes: must be whole KiB, 16 KiB to 16 MiB",
				 t->spm_bytes);
	if (t->acc_entries < 64 || t->acc_entries > QUERN_ACC_ENTRIES)
		return diag_fail(diag, STATUS_USAGE, "%u accumulator entries: must be 64 to %u", t->acc_entries,
				 QUERN_ACC_ENTRIES);
	if (g->num_inputs + g->num_outputs > QUERN_PROGRAM_MAX_TENSORS)
		return diag_fail(diag, STATUS_UNSUPPORTED, "%s: %d inputs and outputs; a job binds at most %d", g->name,
				 g->num_inputs + g->num_outputs, QUERN_PROGRAM_MAX_TENSORS);
	return STATUS_OK;
}

/* The time of a compilation goes with that of the job; beyond this nobody wants to wait for it several times. */
#define SEARCH_MAX_CYCLES 100000000

/* The best tuning so far. */
struct search {
	const struct graph *g;
	const struct target *t;
	struct tuning best;
	uint64_t score; /* of the best; UINT64_MAX: nothing has fit yet */
	struct diag *diag;
};

/* Nothing resident: what does not fit beside other tensors may fit alone. */
static const struct tuning last_resort = {
	.keep_resident = false, .workspace_parts = 2, .conv_pixels = 128, .group_bytes = 4096};

/* Compiles for the prediction alone. */
static enum status try_tuning(struct search *s, struct tuning tuning)
{
	struct program_image image;
	enum status status;

	if (s->score != UINT64_MAX && s->score > SEARCH_MAX_CYCLES)
		return STATUS_OK;
	tuning.dry = true;
	status = compile_once(s->g, s->t, &tuning, &image, s->diag);
	if (status == STATUS_OK && image.score < s->score) {
		s->best = tuning;
		s->score = image.score;
	}
	program_image_finish(&image);
	return status == STATUS_TOO_BIG ? STATUS_OK : status;
}

/* One choice after the other, each with the best of the others so far. */
static enum status search(struct search *s)
{
	static const uint32_t pixels[] = {128, 64, 256}, bytes[] = {2048, 8192}, parts[] = {5};
	/* How far loads run ahead helps only where they find room, so these two are tried together. */
	static const struct {
		bool spread;
		struct board pace;
	} ahead[] = {{true, {16, 100}}, {true, {8, 150}}, {true, {4, 200}}, {false, {4, 200}}};
	enum status status = STATUS_OK;
	struct tuning t;

	for (size_t i = 0; i < sizeof(pixels) / sizeof(pixels[0]) && status == STATUS_OK; i++) {
		t = s->best;
		t.conv_pixels = pixels[i];
		status = try_tuning(s, t);
	}
	for (size_t i = 0; i < sizeof(bytes) / sizeof(bytes[0]) && status == STATUS_OK; i++) {
		t = s->best;
		t.group_bytes = bytes[i];
		status = try_tuning(s, t);
	}
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]) && status == STATUS_OK; i++) {
		t = s->best;
		t.workspace_parts = parts[i];
		status = try_tuning(s, t);
	}
	for (size_t i = 0; i < sizeof(ahead) / sizeof(ahead[0]) && status == STATUS_OK; i++) {
		t = s->best;
		t.spread = ahead[i].spread;
		t.pace = ahead[i].pace;
		status = try_tuning(s, t);
	}
	if (status == STATUS_OK) {
		t = s->best;
		t.spill_few = true;
		status = try_tuning(s, t);
	}
	return status;
}

enum status backend_compile(const struct graph *g, const struct target *target, struct program_image *out,
			    struct diag *diag)
{
	enum status status = check_target(g, target, diag);
	struct target t = *target;
	struct search s = {.g = g, .t = &t, .score = UINT64_MAX, .diag = diag};

	*out = (struct program_image){0};
	if (!t.board.bus_bytes)
		t.board = DEFAULT_BOARD;
	s.best = (struct tuning){.keep_resident = true, .workspace_parts = 12, .conv_pixels = 128, .group_bytes = 4096};
	if (status == STATUS_OK)
		status = search(&s);
	s.best.dry = false;
	if (status == STATUS_OK)
		status = compile_once(g, &t, s.score == UINT64_MAX ? &last_resort : &s.best, out, diag);
	if (status != STATUS_OK)
		program_image_finish(out);
	return status;
}

void program_image_finish(struct program_image *image)
{
	free(image->image);
	free(image->ranges);
	free(image->source_cycles);
	*image = (struct program_image){0};
}
