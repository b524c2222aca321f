/* SPDX-License-Identifier: Apache-2.0 */
/* LOAD, STORE and FILL: runs of bytes in three nested loops. */
#include <string.h>
#include "machine.h"

#define HOST_MASK ((1ull << QUERN_HOST_ADDR_BITS) - 1)

struct dma {
	uint8_t opcode;
	uint8_t value; /* FILL */
	uint32_t len;
	uint32_t n[3]; /* inner, middle, outer */
	uint32_t spm_base;
	uint32_t spm_step[3];
	uint64_t host_base;
	int64_t host_step[3];
};

static enum quern_fault copy_run(struct func_machine *m, const struct dma *d, uint32_t s, uint64_t v, uint64_t *addr)
{
	bool store = d->opcode == QUERN_OP_STORE;
	uint32_t got;

	for (uint32_t done = 0; done < d->len; done += got) {
		uint8_t *host;
		enum quern_fault fault = func_host_window(m, v + done, d->len - done, store, &host, &got);

		if (fault != QUERN_FAULT_NONE) {
			*addr = v + done;
			return fault;
		}
		if (store)
			memcpy(host, m->spm + s + done, got);
		else
			memcpy(m->spm + s + done, host, got);
	}
	*(store ? &m->wr_bytes : &m->rd_bytes) += d->len;
	return QUERN_FAULT_NONE;
}

static enum quern_fault one_run(struct func_machine *m, const struct dma *d, uint32_t s, uint64_t v, uint64_t *addr)
{
	if (!work(m, 1 + d->len / m->n))
		return QUERN_FAULT_ABORTED;
	if (!spm_holds(m, s, d->len)) {
		*addr = s;
		return QUERN_FAULT_SPM_BOUNDS;
	}
	if (d->opcode != QUERN_OP_FILL)
		return copy_run(m, d, s, v, addr);
	memset(m->spm + s, d->value, d->len);
	return QUERN_FAULT_NONE;
}

static enum quern_fault all_runs(struct func_machine *m, const struct dma *d, uint64_t *addr)
{
	for (uint32_t i3 = 0; i3 < d->n[2]; i3++) {
		for (uint32_t i2 = 0; i2 < d->n[1]; i2++) {
			uint32_t s = d->spm_base + i2 * d->spm_step[1] + i3 * d->spm_step[2];
			uint64_t v = d->host_base + (uint64_t)(i2 * d->host_step[1] + i3 * d->host_step[2]);

			for (uint32_t i1 = 0; i1 < d->n[0]; i1++) {
				enum quern_fault fault = one_run(m, d, s & FUNC_SPM_MASK, v & HOST_MASK, addr);

				if (fault != QUERN_FAULT_NONE)
					return fault;
				s += d->spm_step[0];
				v += (uint64_t)d->host_step[0];
			}
		}
	}
	return QUERN_FAULT_NONE;
}

/* LOAD and STORE share their layout. */
static enum quern_fault host_copy(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct quern_cmd_load c;
	struct dma d;

	quern_cmd_load_unpack(&c, w);
	d = (struct dma){
		.opcode = (uint8_t)(w[0] & 0xff),
		.len = c.len,
		.n = {c.n1, c.n2, c.n3},
		.spm_base = c.spm_base,
		.spm_step = {c.spm_s1, c.spm_s2, c.spm_s3},
		.host_base = m->space.region[c.region] + ((uint64_t)c.offset_hi << 32) + c.offset_lo,
		.host_step = {c.host_s1, c.host_s2, c.host_s3},
	};
	return all_runs(m, &d, addr);
}

enum quern_fault func_load(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	return host_copy(m, w, addr);
}

enum quern_fault func_store(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	return host_copy(m, w, addr);
}

enum quern_fault func_fill(struct func_machine *m, const uint32_t *w, uint64_t *addr)
{
	struct quern_cmd_fill c;
	struct dma d;

	quern_cmd_fill_unpack(&c, w);
	d = (struct dma){
		.opcode = QUERN_OP_FILL,
		.value = (uint8_t)c.value,
		.len = c.len,
		.n = {c.n1, c.n2, c.n3},
		.spm_base = c.spm_base,
		.spm_step = {c.spm_s1, c.spm_s2, c.spm_s3},
	};
	return all_runs(m, &d, addr);
}
