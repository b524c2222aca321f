/* SPDX-License-Identifier: Apache-2.0 */
/* ADD, SUB, MUL and table look-ups. */
#include <string.h>
#include "lower.h"
#include "lower_pixel.h"
#include "plan.h"

void eltwise_emit(struct backend *be, const struct pixel_job *j, const struct pixel_grid *g)
{
	const struct eltwise_attr *a = j->attr;
	struct quern_cmd_eltwise c = {
		.op = (uint8_t)a->op,
		.nx = g->nx,
		.ny = g->ny,
		.a_base = g->base[0],
		.b_base = g->base[1],
		.out_base = g->base[2],
		.a_sx_v = g->sx[0],
		.a_sy_v = g->sy[0],
		.b_sx_v = g->sx[1],
		.b_sy_v = g->sy[1],
		.out_sx_v = g->sx[2],
		.out_sy_v = g->sy[2],
		.a_mult = a->a_mult,
		.b_mult = a->b_mult,
		.out_mult = a->out_mult,
		.a_shift = a->a_shift,
		.b_shift = a->b_shift,
		.out_shift = a->out_shift,
		.a_zp = a->a_zp,
		.b_zp = a->b_zp,
		.out_zp = a->out_zp,
		.act_min = a->act_min,
		.act_max = a->act_max,
	};

	emit_eltwise(be, &c);
}

static void emit_lut(struct backend *be, const struct pixel_job *j, const struct pixel_grid *g)
{
	struct quern_cmd_map c = {.op = QUERN_MAP_OP_LUT,
				  .nx = g->nx,
				  .ny = g->ny,
				  .in_base = g->base[0],
				  .out_base = g->base[1],
				  .in_sx_v = g->sx[0],
				  .in_sy_v = g->sy[0],
				  .out_sx_v = g->sx[1],
				  .out_sy_v = g->sy[1],
				  .table_base = j->table};

	emit_map(be, &c);
}

/* With everything dense in host memory pixels do not matter: one run of elements. */
static struct geom elements_or_pixels(const struct backend *be, const struct op *op, const struct pixel_job *j)
{
	for (int i = 0; i < j->count; i++)
		if (j->x[i].broadcast || j->x[i].s->resident || !j->x[i].s->dense)
			return plan_pixel_geom(be, op);
	return (struct geom){1, 1, 1, op->output->elements};
}

void lower_eltwise(struct backend *be, const struct op *op)
{
	const struct eltwise_attr *a = &op->elt;
	struct pixel_job j = {.count = 3, .attr = a, .emit = eltwise_emit};

	j.x[0].s = be_storage(be, op->inputs[0]);
	j.x[0].broadcast = a->a_cover == ELT_CHANNEL;
	j.x[1].s = be_storage(be, op->inputs[1]);
	j.x[1].broadcast = a->b_cover == ELT_CHANNEL;
	j.x[2].s = be_storage(be, op->output);
	j.g = elements_or_pixels(be, op, &j);
	if (j.g.c != a->channels && (j.x[0].broadcast || j.x[1].broadcast))
		j.g = (struct geom){1, 1, a->pixels, a->channels};
	pixel_run(be, &j, 0, 0);
}

void lower_lut(struct backend *be, const struct op *op)
{
	struct pixel_job j = {.count = 2, .emit = emit_lut};
	uint64_t offset;
	uint8_t *table = pool_add(&be->pool, 256, &offset);

	if (!table)
		return;
	memcpy(table, op->lut.table, 256);
	j.x[0].s = be_storage(be, op->inputs[0]);
	j.x[1].s = be_storage(be, op->output);
	j.g = elements_or_pixels(be, op, &j);
	pixel_run(be, &j, offset, 256);
}
