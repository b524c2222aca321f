/* SPDX-License-Identifier: Apache-2.0 */
/* Command builder and constant pool: see emit.h. */
#include <stdlib.h>
#include <string.h>
#include "backend.h"
#include "cost.h"
#include "quern/cmd_table.h"

#define POOL_ALIGN 64
/* Offsets in commands have 40 bits, but an image this large is a mistake. */
#define POOL_MAX ((size_t)1 << 32)

void emit_finish(struct emit *e)
{
	free(e->cmds);
	*e = (struct emit){0};
}

static struct cmd *append(struct backend *be)
{
	struct emit *e = &be->emit;

	/* END takes the last place. */
	if (be->status != STATUS_OK)
		return NULL;
	if (e->count >= QUERN_MAX_STREAM_CMDS - 1) {
		be_fail(be, STATUS_TOO_BIG, "needs more than %u commands", QUERN_MAX_STREAM_CMDS);
		return NULL;
	}
	if (e->count == e->space) {
		uint32_t space = e->space ? 2 * e->space : 1024;
		struct cmd *cmds = realloc(e->cmds, (size_t)space * sizeof(*cmds));

		if (!cmds) {
			be_fail(be, STATUS_NO_MEMORY, "out of memory");
			return NULL;
		}
		e->cmds = cmds;
		e->space = space;
	}
	memset(&e->cmds[e->count], 0, sizeof(e->cmds[0]));
	return &e->cmds[e->count++];
}

/* Completes an appended command whose words are packed. */
static void finish(struct backend *be, struct cmd *c)
{
	const struct quern_cmd_info *info = quern_cmd_find(c->w[0] & 0xff);

	if (!info || quern_cmd_check(c->w, be->n) != QUERN_FAULT_NONE) {
		be_fail(be, STATUS_INTERNAL, "emitted an illegal %s command", info ? info->name : "unknown");
		return;
	}
	c->unit = info->unit;
	c->source = be->op->source;
	cost_command(be, c);
}

/* One definition for every command. Counts are checked by emit_u16() before they are narrowed. */
#define DEFINE_EMIT(name)                                                                                              \
	void emit_##name(struct backend *be, const struct quern_cmd_##name *c)                                         \
	{                                                                                                              \
		struct cmd *cmd = append(be);                                                                          \
                                                                                                                       \
		if (!cmd)                                                                                              \
			return;                                                                                        \
		quern_cmd_##name##_pack(cmd->w, c);                                                                    \
		finish(be, cmd);                                                                                       \
	}

DEFINE_EMIT(conv)
DEFINE_EMIT(dwconv)
DEFINE_EMIT(requant)
DEFINE_EMIT(eltwise)
DEFINE_EMIT(pool)
DEFINE_EMIT(map)
DEFINE_EMIT(softmax)
DEFINE_EMIT(load)
DEFINE_EMIT(store)
DEFINE_EMIT(fill)

void emit_yield(struct backend *be)
{
	struct cmd *cmd = append(be);

	if (!cmd)
		return;
	cmd->w[0] = QUERN_OP_YIELD;
	cmd->unit = QUERN_UNIT_SEQ;
	cmd->source = be->op->source;
}

uint16_t emit_u16(struct backend *be, int64_t value)
{
	if (value < 0 || value > UINT16_MAX) {
		be_fail(be, STATUS_TOO_BIG, "a count or stride of %lld does not fit a command", (long long)value);
		return 1;
	}
	return (uint16_t)value;
}

uint8_t *pool_add(struct const_pool *p, size_t bytes, uint64_t *offset)
{
	size_t need = bytes + POOL_ALIGN;

	if (p->failed || bytes > POOL_MAX - POOL_ALIGN - p->size)
		goto fail;
	if (p->size + need > p->space) {
		size_t space = 2 * (p->size + need);
		uint8_t *grown = realloc(p->bytes, space);

		if (!grown)
			goto fail;
		p->bytes = grown;
		p->space = space;
	}
	*offset = p->size;
	bytes = (bytes + POOL_ALIGN - 1) / POOL_ALIGN * POOL_ALIGN;
	memset(p->bytes + p->size, 0, bytes);
	p->size += bytes;
	return p->bytes + *offset;
fail:
	p->failed = true;
	*offset = 0;
	return NULL;
}

void pool_finish(struct const_pool *p)
{
	free(p->bytes);
	*p = (struct const_pool){0};
}
