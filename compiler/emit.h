/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of commands as lowering produces it, and the constants that go with it into the image. Fields are checked against the
 * contract's ranges when a command is emitted, so that a wrong tiling is an internal error here and not a fault on the chip.
 */
#ifndef COMPILER_EMIT_H
#define COMPILER_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "quern/commands.h"

struct cmd {
	uint32_t w[QUERN_CMD_WORDS];
	uint8_t unit;			 /* enum quern_unit */
	uint32_t source;		 /* operator of the source model */
	uint32_t busy;			 /* cycles until the engine can start the next */
	uint32_t latency;		 /* further cycles until the results are visible */
	int32_t after[QUERN_UNIT_COUNT]; /* last command of each other engine that must have completed, or -1 */
	uint64_t start, end;		 /* simulated */
};

struct emit {
	struct cmd *cmds;
	uint32_t count, space;
};

struct const_pool {
	uint8_t *bytes;
	size_t size, space;
	bool failed;
};

struct backend;

void emit_finish(struct emit *e);

/* The value as a 16-bit field; an error if it does not fit. */
uint16_t emit_u16(struct backend *be, int64_t value);

void emit_conv(struct backend *be, const struct quern_cmd_conv *c);
void emit_dwconv(struct backend *be, const struct quern_cmd_dwconv *c);
void emit_requant(struct backend *be, const struct quern_cmd_requant *c);
void emit_eltwise(struct backend *be, const struct quern_cmd_eltwise *c);
void emit_pool(struct backend *be, const struct quern_cmd_pool *c);
void emit_map(struct backend *be, const struct quern_cmd_map *c);
void emit_softmax(struct backend *be, const struct quern_cmd_softmax *c);
void emit_load(struct backend *be, const struct quern_cmd_load *c);
void emit_store(struct backend *be, const struct quern_cmd_store *c);
void emit_fill(struct backend *be, const struct quern_cmd_fill *c);

/* Nothing of the scratchpad, accumulators and tokens is relied on across it. */
void emit_yield(struct backend *be);

/* Appends zeroed bytes, aligned to 64; returns their offset in the image. The pointer is valid until the next call; NULL on failure. */
uint8_t *pool_add(struct const_pool *p, size_t bytes, uint64_t *offset);
void pool_finish(struct const_pool *p);

#endif
