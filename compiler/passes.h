/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The passes between import and back end. Each takes a graph that ir.h describes and leaves one; each has its
 * own file pass_<name>.c, whose head says what it does and why that is exact. passes.c runs them in this order:
 *
 *   fold_constants   operators on constants become constants
 *   fuse_pad         PAD in front of a convolution becomes its padding
 *   fuse_lut         a clamp behind an operator becomes its activation range; tables behind tables become one
 *   drop_dead        operators whose result nobody reads go away
 *   verify           the rules of ir.h hold
 */
#ifndef COMPILER_PASSES_H
#define COMPILER_PASSES_H

#include "ir.h"

enum status pass_fold_constants(struct graph *g, struct diag *diag);
enum status pass_fuse_pad(struct graph *g, struct diag *diag);
enum status pass_fuse_lut(struct graph *g, struct diag *diag);
enum status pass_drop_dead(struct graph *g, struct diag *diag);
enum status pass_verify(struct graph *g, struct diag *diag);

/* All passes in order, up to the first failure. */
enum status passes_run(struct graph *g, struct diag *diag);

/* For passes: removes the NULL entries of g->ops and counts uses again. */
void graph_compact(struct graph *g);
/* For passes: source was merged into the op of another source. */
void source_fused(struct graph *g, uint32_t source, uint32_t into);
/* For passes: source has no work at run time. note: why. */
void source_elided(struct graph *g, uint32_t source, const char *note);

#endif
