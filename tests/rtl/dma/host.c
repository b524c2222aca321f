/* SPDX-License-Identifier: Apache-2.0 */
/* Host memory, page table and bus with random timing: see host.h. */
#include "host.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int host_init(struct host *h, uint64_t seed)
{
	memset(h, 0, sizeof(*h));
	h->mem = malloc(HOST_BYTES);
	if (!h->mem)
		return -ENOMEM;
	h->rng = (struct rng){seed};
	for (uint32_t i = 0; i < HOST_BYTES; i++)
		h->mem[i] = (uint8_t)rng_u64(&h->rng);
	host_map_all(h);
	return 0;
}

void host_finish(struct host *h)
{
	free(h->mem);
	h->mem = NULL;
}

void host_map_all(struct host *h)
{
	memset(h->bus_error, 0, sizeof(h->bus_error));
	for (uint32_t i = 0; i < HOST_PAGES; i++)
		h->page[i] = (struct host_page){.phys = i, .valid = true, .read = true, .write = true};
	for (uint32_t i = HOST_PAGES - 1; i > 0; i--) {
		uint32_t j = rng_below(&h->rng, i + 1);
		uint32_t phys = h->page[i].phys;

		h->page[i].phys = h->page[j].phys;
		h->page[j].phys = phys;
	}
}

static const struct host_page *page_of(const struct host *h, uint64_t vaddr)
{
	if (vaddr < HOST_VA || vaddr - HOST_VA >= HOST_BYTES)
		return NULL;
	return &h->page[(vaddr - HOST_VA) / HOST_PAGE_BYTES];
}

enum quern_fault host_translate(const struct host *h, uint64_t vaddr, bool write, uint64_t *paddr)
{
	const struct host_page *p = page_of(h, vaddr);

	if (!p || !p->valid)
		return QUERN_FAULT_PAGE_INVALID;
	if (!write && !p->read)
		return QUERN_FAULT_PAGE_READ;
	if (write && !p->write)
		return QUERN_FAULT_PAGE_WRITE;
	*paddr = HOST_PA + (uint64_t)p->phys * HOST_PAGE_BYTES + vaddr % HOST_PAGE_BYTES;
	return QUERN_FAULT_NONE;
}

int64_t host_offset(const struct host *h, uint64_t paddr)
{
	uint64_t offset = paddr - HOST_PA;

	if (paddr < HOST_PA || offset >= HOST_BYTES)
		return -1;
	return h->bus_error[offset / HOST_PAGE_BYTES] ? -1 : (int64_t)offset;
}

static void fail(struct host *h, const char *why)
{
	if (!h->failed)
		h->failed = why;
}

static struct host_burst *head(struct host_queue *q)
{
	return q->count ? &q->burst[q->head] : NULL;
}

static void pop(struct host_queue *q)
{
	q->head = (q->head + 1) % HOST_QUEUE;
	q->count--;
}

static void push(struct host *h, struct host_queue *q, const struct host_burst *b)
{
	if (q->count == HOST_QUEUE)
		fail(h, "more bursts outstanding than allowed");
	else
		q->burst[(q->head + q->count++) % HOST_QUEUE] = *b;
}

static uint64_t later(struct host *h)
{
	return h->cycle + rng_range(&h->rng, h->timing.latency_min, h->timing.latency_max);
}

static void drive_tr(struct host *h, struct host_tr *tr, bool write, struct dma_engine_in *in)
{
	in->tr_done = tr->busy && h->cycle >= tr->when;
	if (!in->tr_done)
		return;
	in->tr_paddr = 0;
	in->tr_fault = (uint8_t)host_translate(h, tr->vaddr, write, &in->tr_paddr);
	tr->busy = false;
}

static void drive_read(struct host *h, struct dma_in *in)
{
	struct host_burst *b = head(&h->reads);
	int64_t offset;

	in->r_valid = b && h->cycle >= b->when && rng_chance(&h->rng, h->timing.data_pct);
	if (!in->r_valid)
		return;
	offset = host_offset(h, b->addr + (uint64_t)b->moved * DMA_BUS_BYTES);
	in->r_err = offset < 0;
	if (offset >= 0)
		memcpy(in->r_data, h->mem + offset, DMA_BUS_BYTES);
	in->r_last = ++b->moved == b->beats;
	if (in->r_last)
		pop(&h->reads);
}

static void drive_response(struct host *h, struct dma_in *in)
{
	struct host_burst *b = head(&h->responses);

	in->b_valid = b && h->cycle >= b->when;
	if (!in->b_valid)
		return;
	in->b_err = b->error;
	pop(&h->responses);
}

void host_drive(struct host *h, struct dma_in *in)
{
	h->cycle++;
	drive_tr(h, &h->tr[0], false, &in->load);
	drive_tr(h, &h->tr[1], true, &in->store);
	drive_read(h, in);
	drive_response(h, in);
	in->ar_ready = rng_chance(&h->rng, h->timing.request_pct);
	in->aw_ready = rng_chance(&h->rng, h->timing.request_pct);
	in->w_ready = rng_chance(&h->rng, h->timing.data_pct);
}

static void check_burst(struct host *h, uint64_t addr, uint8_t len)
{
	if (addr % DMA_BUS_BYTES)
		fail(h, "burst not aligned to the bus");
	if (len > 15)
		fail(h, "burst longer than 16 beats");
	if (addr % HOST_PAGE_BYTES + (len + 1u) * DMA_BUS_BYTES > HOST_PAGE_BYTES)
		fail(h, "burst crosses 4 KiB");
}

/* A request that was not taken in the last cycle must stand unchanged; a new one must not come during a flush. */
static void check_held(struct host *h, const struct dma_in *in, const struct dma_out *out)
{
	const struct dma_in *pi = &h->last_in;
	const struct dma_out *po = &h->last_out;
	bool ar_held = po->ar_valid && !pi->ar_ready;
	bool aw_held = po->aw_valid && !pi->aw_ready;
	bool tr_held[2] = {po->load.tr_valid && !pi->load.tr_done, po->store.tr_valid && !pi->store.tr_done};

	if (ar_held && (!out->ar_valid || out->ar_addr != po->ar_addr || out->ar_len != po->ar_len))
		fail(h, "read address not held");
	if (aw_held && (!out->aw_valid || out->aw_addr != po->aw_addr || out->aw_len != po->aw_len))
		fail(h, "write address not held");
	if (tr_held[0] && (!out->load.tr_valid || out->load.tr_vaddr != po->load.tr_vaddr))
		fail(h, "load translation not held");
	if (tr_held[1] && (!out->store.tr_valid || out->store.tr_vaddr != po->store.tr_vaddr))
		fail(h, "store translation not held");
	if (pi->load.flush && in->load.flush && ((out->ar_valid && !ar_held) || (out->load.tr_valid && !tr_held[0])))
		fail(h, "load asks for something new during a flush");
	if (pi->store.flush && in->store.flush && ((out->aw_valid && !aw_held) || (out->store.tr_valid && !tr_held[1])))
		fail(h, "store asks for something new during a flush");
	if (in->store.flush && out->w_valid && out->w_strb)
		fail(h, "store writes bytes during a flush");
}

static void observe_tr(struct host *h, struct host_tr *tr, const struct dma_engine_in *in,
		       const struct dma_engine_out *out)
{
	if (!out->tr_valid || in->tr_done || tr->busy)
		return;
	tr->busy = true;
	tr->vaddr = out->tr_vaddr;
	tr->when = h->cycle + 1;
	if (rng_chance(&h->rng, h->timing.miss_pct))
		tr->when += rng_below(&h->rng, h->timing.miss_cycles + 1);
}

static void observe_read(struct host *h, const struct dma_in *in, const struct dma_out *out)
{
	struct host_burst b = {.addr = out->ar_addr, .beats = out->ar_len + 1u};

	if (!out->ar_valid || !in->ar_ready)
		return;
	check_burst(h, out->ar_addr, out->ar_len);
	b.when = later(h);
	push(h, &h->reads, &b);
}

static void write_beat(struct host *h, struct host_burst *b, const struct dma_out *out)
{
	int64_t offset = host_offset(h, b->addr + (uint64_t)b->moved * DMA_BUS_BYTES);

	b->moved++;
	if (out->w_last != (b->moved == b->beats))
		fail(h, "last write beat not where the address said");
	if (offset < 0) {
		b->error = true;
		return;
	}
	for (uint32_t i = 0; i < DMA_BUS_BYTES; i++)
		if (out->w_strb >> i & 1)
			h->mem[offset + i] = out->w_data[i];
}

static void observe_write(struct host *h, const struct dma_in *in, const struct dma_out *out)
{
	struct host_burst *b = head(&h->writes);
	struct host_burst fresh = {.addr = out->aw_addr, .beats = out->aw_len + 1u};

	if (out->w_valid && !b)
		fail(h, "write data without an address");
	if (out->w_valid && in->w_ready && b) {
		write_beat(h, b, out);
		if (b->moved == b->beats) {
			b->when = later(h);
			push(h, &h->responses, b);
			pop(&h->writes);
		}
	}
	if (out->aw_valid && in->aw_ready) {
		check_burst(h, out->aw_addr, out->aw_len);
		push(h, &h->writes, &fresh);
	}
}

void host_observe(struct host *h, const struct dma_in *in, const struct dma_out *out)
{
	if (!in->rst_n)
		return;
	check_held(h, in, out);
	observe_tr(h, &h->tr[0], &in->load, &out->load);
	observe_tr(h, &h->tr[1], &in->store, &out->store);
	observe_read(h, in, out);
	observe_write(h, in, out);
	if (h->reads.count > 32 || h->writes.count + h->responses.count > 32)
		fail(h, "more than 32 bursts outstanding");
	h->last_in = *in;
	h->last_out = *out;
}

bool host_quiet(const struct host *h)
{
	return !h->reads.count && !h->writes.count && !h->responses.count && !h->tr[0].busy && !h->tr[1].busy;
}
