/* SPDX-License-Identifier: Apache-2.0 */
/* Creation, destruction and the state of a machine. */
#include <stdlib.h>
#include <string.h>
#include "machine.h"

#define ACC_TOTAL (QUERN_ACC_BANKS * QUERN_ACC_ENTRIES)
#define ALIGN_BYTES 128 /* a vector of 32 accumulators */

static bool config_ok(const struct func_config *c)
{
	return (c->n == 8 || c->n == 16 || c->n == 32) && c->spm_bytes && c->spm_bytes % 1024 == 0 &&
	       c->spm_bytes <= FUNC_SPM_MASK + 1;
}

struct func_machine *func_create(const struct func_config *config, const struct func_mem_ops *ops, void *ctx)
{
	struct func_machine *m;

	if (!config_ok(config))
		return NULL;
	m = calloc(1, sizeof(*m));
	if (!m)
		return NULL;
	m->n = config->n;
	m->spm_bytes = config->spm_bytes;
	m->ops = *ops;
	m->ctx = ctx;
	m->spm = aligned_alloc(ALIGN_BYTES, m->spm_bytes);
	m->acc = aligned_alloc(ALIGN_BYTES, ACC_TOTAL * m->n * sizeof(*m->acc));
	if (!m->spm || !m->acc) {
		func_destroy(m);
		return NULL;
	}
	func_scrub(m);
	return m;
}

void func_destroy(struct func_machine *m)
{
	if (!m)
		return;
	free(m->acc);
	free(m->spm);
	free(m);
}

uint8_t *func_spm(struct func_machine *m)
{
	return m->spm;
}

int32_t *func_acc(struct func_machine *m)
{
	return m->acc;
}

void func_scrub(struct func_machine *m)
{
	memset(m->spm, 0, m->spm_bytes);
	memset(m->acc, 0, ACC_TOTAL * m->n * sizeof(*m->acc));
}

void func_set_space(struct func_machine *m, const struct func_space *space)
{
	m->space = *space;
}

enum quern_fault func_acc_check(uint32_t base, uint32_t entries, uint64_t *addr)
{
	if (base < ACC_TOTAL && base % QUERN_ACC_ENTRIES + entries <= QUERN_ACC_ENTRIES)
		return QUERN_FAULT_NONE;
	*addr = base;
	return QUERN_FAULT_ACC_BOUNDS;
}
