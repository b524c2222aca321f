/* SPDX-License-Identifier: Apache-2.0 */
/* Random graphs of everything ir.h allows: short chains with branches, odd sizes, extreme parameters. */
#ifndef TESTS_COMPILER_BACKEND_GEN_H
#define TESTS_COMPILER_BACKEND_GEN_H

#include "ir.h"
#include "lib/rng.h"

/* NULL when out of memory. The graph passes pass_verify(). big: sizes that need tiling. */
struct graph *gen_graph(struct rng *r, bool big);

#endif
