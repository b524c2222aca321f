/* SPDX-License-Identifier: Apache-2.0 */
/* Where tensors live. Passes in this order: plan_storages(), plan_fusions(), plan_yields(), plan_residency(), plan_arena(). */
#ifndef COMPILER_PLAN_H
#define COMPILER_PLAN_H

#include "backend.h"

/* plan.c: reshapes, shapes, borders, and what must be in host memory. */
void plan_storages(struct backend *be);
/* plan_fuse.c: elementwise ops that are done with the convolution in front of them. */
void plan_fusions(struct backend *be);
const struct tensor *plan_fused_operand(const struct op *conv, const struct op *elt);
/* plan_yield.c: operators after which the job may be preempted. */
void plan_yields(struct backend *be);
/* plan_spm.c: tensors that stay in the scratchpad, and their addresses. */
void plan_residency(struct backend *be);
/* plan_arena.c: host memory of the others. */
void plan_arena(struct backend *be);

/* A reshape that moves nothing. */
bool plan_reshape_is_alias(const struct backend *be, const struct op *op);
/* Attributes of a convolution, with the flattening of an image in front of a fully connected layer undone where the layout asks for it. */
struct conv_attr plan_conv_attr(const struct backend *be, const struct op *op);
/* Shape under which a pixelwise op walks through its output. */
struct geom plan_pixel_geom(const struct backend *be, const struct op *op);

#endif
