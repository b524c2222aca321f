/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Executes a graph on the host, element by element, from the definitions of ir.h and docs/isa.md alone. Slow and
 * plain on purpose: with it the front end is compared with TFLite before any command exists, and the back end
 * has something to be compared with.
 */
#ifndef TESTS_COMPILER_FRONT_GRAPH_EVAL_H
#define TESTS_COMPILER_FRONT_GRAPH_EVAL_H

#include "ir.h"

/*
 * inputs, outputs: one buffer for each of g->inputs and g->outputs, tensor->bytes long. STATUS_NO_MEMORY is the
 * only failure.
 */
enum status graph_eval(const struct graph *g, const uint8_t *const *inputs, uint8_t *const *outputs);

#endif
