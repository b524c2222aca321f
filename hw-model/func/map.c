/* SPDX-License-Identifier: Apache-2.0 */
/* MAP: copy, or look up each byte in a table. The table is read before any operand. */
#include <string.h>
#include "machine.h"

#define TABLE_BYTES 256

struct map {
	struct quern_cmd_map c;
	struct func_grid in;
	struct func_grid out;
	uint8_t table[TABLE_BYTES];
};

static enum quern_fault load_table(struct func_machine *m, struct map *v, uint64_t *addr)
{
	for (uint32_t i = 0; i < TABLE_BYTES; i++)
		v->table[i] = (uint8_t)i;
	if (v->c.op == QUERN_MAP_OP_COPY)
		return QUERN_FAULT_NONE;
	for (uint32_t i = 0; i < TABLE_BYTES; i += m->n) {
		const uint8_t *p = spm_vector(m, (v->c.table_base + i) & FUNC_SPM_MASK, addr);

		if (!p)
			return QUERN_FAULT_SPM_BOUNDS;
		memcpy(v->table + i, p, m->n);
	}
	return QUERN_FAULT_NONE;
}

static enum quern_fault row(struct func_machine *m, const struct map *v, uint32_t y, uint64_t *addr)
{
	for (uint32_t x = 0; x < v->c.nx; x++) {
		const uint8_t *in = spm_vector(m, grid_at(&v->in, x, y), addr);
		uint8_t *out = in ? spm_vector(m, grid_at(&v->out, x, y), addr) : NULL;

		if (!out)
			return QUERN_FAULT_SPM_BOUNDS;
		for (uint32_t i = 0; i < m->n; i++)
			out[i] = v->table[in[i]];
	}
	return QUERN_FAULT_NONE;
}

enum quern_fault func_map(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct map v;
	enum quern_fault fault;

	quern_cmd_map_unpack(&v.c, w);
	v.in = (struct func_grid){v.c.in_base, v.c.in_sx_v * m->n, v.c.in_sy_v * m->n};
	v.out = (struct func_grid){v.c.out_base, v.c.out_sx_v * m->n, v.c.out_sy_v * m->n};
	fault = load_table(m, &v, addr);
	for (uint32_t y = 0; y < v.c.ny && fault == QUERN_FAULT_NONE; y++)
		fault = work(m, v.c.nx) ? row(m, &v, y, addr) : QUERN_FAULT_ABORTED;
	return fault;
}
