/* SPDX-License-Identifier: Apache-2.0 */
/* One command: the checks of its own fields, then its engine. */
#include "machine.h"
#include "quern/cmd_table.h"

static enum quern_fault execute(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	switch (w[0] & 0xff) {
	case QUERN_OP_CONV:
		return func_conv(m, w, addr);
	case QUERN_OP_DWCONV:
		return func_dwconv(m, w, addr);
	case QUERN_OP_REQUANT:
		return func_requant(m, w, addr);
	case QUERN_OP_ELTWISE:
		return func_eltwise(m, w, addr);
	case QUERN_OP_POOL:
		return func_pool(m, w, addr);
	case QUERN_OP_MAP:
		return func_map(m, w, addr);
	case QUERN_OP_SOFTMAX:
		return func_softmax(m, w, addr);
	case QUERN_OP_LOAD:
		return func_load(m, w, addr);
	case QUERN_OP_STORE:
		return func_store(m, w, addr);
	case QUERN_OP_FILL:
		return func_fill(m, w, addr);
	default:
		return QUERN_FAULT_NONE;
	}
}

bool func_exec(struct func_machine *m, const uint32_t w[QUERN_CMD_WORDS], struct func_fault *fault)
{
	*fault = (struct func_fault){.kind = quern_cmd_check(w, m->n), .unit = QUERN_UNIT_SEQ};
	if (fault->kind != QUERN_FAULT_NONE)
		return false;
	fault->kind = execute(m, w, &fault->addr);
	if (fault->kind == QUERN_FAULT_NONE)
		return true;
	fault->unit = quern_cmd_find(w[0] & 0xff)->unit;
	return false;
}
