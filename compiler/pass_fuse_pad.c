// SPDX-License-Identifier: Apache-2.0
/*
 * PAD with the zero point in front of a convolution becomes part of the convolution's own padding: both put the
 * input's zero point around the image. Not done where a window would lie outside the image altogether, nor where
 * the kernel is larger than the image (MEAN).
 */
#include "passes.h"

static bool fits(const struct op *op, const struct op *pad)
{
	const struct conv_attr *c = &op->conv;
	const struct pad_attr *p = &pad->pad;
	int64_t reach_y = ((int64_t)c->kh - 1) * c->dilation_y + 1;
	int64_t reach_x = ((int64_t)c->kw - 1) * c->dilation_x + 1;

	if (p->value != c->in_zp || c->batch != p->batch || c->in_c != p->channels)
		return false;
	/* FULLY_CONNECTED sees the same tensor as another image. */
	if (c->in_h != p->top + p->in_h + p->bottom || c->in_w != p->left + p->in_w + p->right)
		return false;
	if (c->kh > p->in_h || c->kw > p->in_w)
		return false;
	return (int64_t)c->pad_top + p->top < reach_y && (int64_t)c->pad_bottom + p->bottom < reach_y &&
	       (int64_t)c->pad_left + p->left < reach_x && (int64_t)c->pad_right + p->right < reach_x;
}

static void fuse(struct graph *g, struct op *op, struct op *pad)
{
	struct conv_attr *c = &op->conv;
	const struct pad_attr *p = &pad->pad;

	c->in_h = p->in_h;
	c->in_w = p->in_w;
	c->pad_top += p->top;
	c->pad_bottom += p->bottom;
	c->pad_left += p->left;
	c->pad_right += p->right;
	op->inputs[0] = pad->inputs[0];
	/* Only the last convolution behind the PAD makes it superfluous. */
	if (--pad->output->uses == 0)
		source_fused(g, pad->source, op->source);
}

enum status pass_fuse_pad(struct graph *g, struct diag *diag)
{
	(void)diag;
	for (int i = 0; i < g->num_ops; i++) {
		struct op *op = g->ops[i];
		struct op *pad = op->num_inputs == 1 ? op->inputs[0]->producer : NULL;

		if ((op->kind == OP_CONV || op->kind == OP_DWCONV) && pad && pad->kind == OP_PAD && fits(op, pad))
			fuse(g, op, pad);
	}
	for (int i = 0; i < g->num_ops; i++)
		if (g->ops[i]->kind == OP_PAD && g->ops[i]->output->uses == 0)
			g->ops[i] = NULL;
	graph_compact(g);
	return STATUS_OK;
}
