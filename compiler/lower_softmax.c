/* SPDX-License-Identifier: Apache-2.0 */
/* Softmax: pixels are the rows of the command. */
#include "lower.h"
#include "lower_pixel.h"
#include "plan.h"

#define TABLE_ENTRIES 256

static void emit_rows(struct backend *be, const struct pixel_job *j, const struct pixel_grid *g)
{
	for (uint32_t y = 0; y < g->ny; y++) {
		struct quern_cmd_softmax c = {
			.len = (uint16_t)j->g.c,
			.rows = emit_u16(be, g->cols),
			.in_base = g->base[0] + y * g->sy[0] * be->n,
			.out_base = g->base[1] + y * g->sy[1] * be->n,
			.in_row_v = emit_u16(be, g->blocks),
			.out_row_v = emit_u16(be, g->blocks),
			.table_base = j->table,
		};

		emit_softmax(be, &c);
	}
}

void lower_softmax(struct backend *be, const struct op *op)
{
	struct pixel_job j = {.count = 2, .whole_pixels = true, .emit = emit_rows};
	uint64_t offset;
	uint8_t *table;

	if (op->softmax.len > QUERN_SOFTMAX_MAX_LEN) {
		be_fail(be, STATUS_UNSUPPORTED, "softmax over %d elements; the chip takes at most %d", op->softmax.len,
			QUERN_SOFTMAX_MAX_LEN);
		return;
	}
	table = pool_add(&be->pool, 4 * TABLE_ENTRIES, &offset);
	for (int i = 0; table && i < 4 * TABLE_ENTRIES; i++)
		table[i] = (uint8_t)((uint32_t)op->softmax.table[i / 4] >> (8 * (i % 4)));
	j.x[0].s = be_storage(be, op->inputs[0]);
	j.x[1].s = be_storage(be, op->output);
	j.g = plan_pixel_geom(be, op);
	pixel_run(be, &j, offset, 4 * TABLE_ENTRIES);
}
