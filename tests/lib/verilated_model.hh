/* SPDX-License-Identifier: Apache-2.0 */
/* What the shims over Verilated modules share: a model with a context of its own, which a C test creates and destroys. */
#ifndef TESTS_LIB_VERILATED_MODEL_HH
#define TESTS_LIB_VERILATED_MODEL_HH

#include <cstdint>
#include <new>

#include "verilated.h"

/* module is the class that Verilator wrote. A shim derives the struct that its C interface names. */
template <class module> struct verilated_model {
	using module_class = module;

	VerilatedContext context;
	module *top;
};

/* What reset leaves alone starts as these. */
enum verilated_start { START_ZEROS, START_ONES, START_RANDOM };

/* The same seed gives the same start. NULL if memory ran out. */
template <class model> model *verilated_create(verilated_start start, uint64_t seed)
{
	model *m = new (std::nothrow) model;

	if (!m)
		return nullptr;
	m->context.randReset(start);
	m->context.randSeed(static_cast<int>(seed % 0x7fffffff) + 1); /* 0 would be another start each time */
	m->top = new (std::nothrow) typename model::module_class(&m->context);
	if (!m->top) {
		delete m;
		return nullptr;
	}
	return m;
}

template <class model> void verilated_destroy(model *m)
{
	if (!m)
		return;
	m->top->final();
	delete m->top;
	delete m;
}

#endif
