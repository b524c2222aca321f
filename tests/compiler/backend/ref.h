/* SPDX-License-Identifier: Apache-2.0 */
/* What a graph computes, in plain scalar C: the judge of the back end. Shares nothing with it but ir.h. */
#ifndef TESTS_COMPILER_BACKEND_REF_H
#define TESTS_COMPILER_BACKEND_REF_H

#include <stdint.h>
#include "ir.h"

/* data[id] is the memory of tensor id, for all tensors of the graph; constants are copied there. Inputs must be filled. */
void ref_run(const struct graph *g, int8_t **data);

#endif
