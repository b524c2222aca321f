// SPDX-License-Identifier: Apache-2.0
/* The chip's accesses to the host's memory: see bus.h. */
#include <string.h>

#include "bus.h"

#define BUS_ERROR -1
/* Longer than any register access takes that is not waiting for the bus. */
#define URGENT_ASKS 4096u

void cosim_bus_init(struct cosim_bus *bus, struct cosim_dma *dma, struct cosim_link *link, struct cosim_fault *fault)
{
	memset(bus, 0, sizeof(*bus));
	bus->dma = dma;
	bus->link = link;
	bus->fault = fault;
}

void cosim_bus_begin_urgent(struct cosim_bus *bus)
{
	bus->urgent = true;
	bus->asked = 0;
}

void cosim_bus_end_urgent(struct cosim_bus *bus)
{
	bus->urgent = false;
}

static int later(struct cosim_bus *bus, struct cosim_request *request)
{
	if (!bus->link->failed && (!bus->urgent || ++bus->asked < URGENT_ASKS)) {
		bus->stalled = true;
		return QUERN_SIM_LATER;
	}
	if (request->state == COSIM_REQUEST_SENT)
		request->state = COSIM_REQUEST_DROPPED;
	return BUS_ERROR;
}

static void send_request(struct cosim_bus *bus, struct cosim_request *request, enum cosim_command command,
			 const uint8_t *data)
{
	const struct cosim_dma_access access = {.addr = request->addr + request->from, .count = request->bytes};

	request->id = cosim_link_send(bus->link, command, &access, sizeof(access), data, data ? request->bytes : 0);
	request->state = COSIM_REQUEST_SENT;
	request->error = false;
}

/* An answer to another access than this, which the chip has given up, is of no use. */
static void drop_other(struct cosim_request *request, uint64_t addr)
{
	if (request->addr == addr)
		return;
	if (request->state == COSIM_REQUEST_SENT)
		request->state = COSIM_REQUEST_DROPPED;
	else if (request->state == COSIM_REQUEST_DONE)
		request->state = COSIM_REQUEST_IDLE;
}

static int read_by_message(struct cosim_bus *bus, uint64_t addr, void *data, uint32_t bytes)
{
	struct cosim_request *request = &bus->read;

	drop_other(request, addr);
	if (request->state == COSIM_REQUEST_IDLE) {
		request->addr = addr;
		request->from = 0;
		request->bytes = bytes;
		send_request(bus, request, COSIM_DMA_READ, NULL);
	}
	if (request->state != COSIM_REQUEST_DONE)
		return later(bus, request);
	request->state = COSIM_REQUEST_IDLE;
	if (request->error || request->bytes != bytes)
		return BUS_ERROR;
	memcpy(data, request->data, bytes);
	return 0;
}

/* The next run of set strobe bits at or after byte from; false if there is none. */
static bool next_run(uint32_t strobe, uint32_t bytes, uint32_t *from, uint32_t *count)
{
	uint32_t end;

	while (*from < bytes && !(strobe >> *from & 1))
		++*from;
	for (end = *from; end < bytes && strobe >> end & 1; end++)
		;
	*count = end - *from;
	return *count != 0;
}

/* A message for each run of bytes that the strobe selects. */
static int write_by_message(struct cosim_bus *bus, uint64_t addr, const uint8_t *data, uint32_t bytes, uint32_t strobe)
{
	struct cosim_request *request = &bus->write;
	uint32_t from = 0;
	uint32_t count;

	drop_other(request, addr);
	if (request->state == COSIM_REQUEST_DONE) {
		request->state = COSIM_REQUEST_IDLE;
		if (request->error)
			return BUS_ERROR;
		from = request->from + request->bytes;
	}
	if (request->state == COSIM_REQUEST_IDLE) {
		if (!next_run(strobe, bytes, &from, &count))
			return 0;
		request->addr = addr;
		request->from = from;
		request->bytes = count;
		send_request(bus, request, COSIM_DMA_WRITE, data + from);
	}
	return later(bus, request);
}

static int bus_read(void *ctx, uint64_t addr, void *data, uint32_t bytes)
{
	struct cosim_bus *bus = ctx;
	const struct cosim_range *range = cosim_dma_find(bus->dma, addr, bytes);

	if (!range || bytes > COSIM_BEAT_MAX || !(range->flags & COSIM_DMA_MAP_READ))
		return BUS_ERROR;
	if (cosim_fault_fails(bus->fault, false))
		return BUS_ERROR;
	if (!range->memory)
		return read_by_message(bus, addr, data, bytes);
	memcpy(data, range->memory + (addr - range->addr), bytes);
	return 0;
}

static int bus_write(void *ctx, uint64_t addr, const void *data, uint32_t bytes, uint32_t strobe)
{
	struct cosim_bus *bus = ctx;
	const struct cosim_range *range = cosim_dma_find(bus->dma, addr, bytes);
	const uint8_t *from = data;
	uint8_t *to;
	uint32_t i;

	if (!range || bytes > COSIM_BEAT_MAX || !(range->flags & COSIM_DMA_MAP_WRITE))
		return BUS_ERROR;
	if (cosim_fault_fails(bus->fault, true))
		return BUS_ERROR;
	if (!range->memory)
		return write_by_message(bus, addr, data, bytes, strobe);
	to = range->memory + (addr - range->addr);
	if (strobe == (1u << bytes) - 1) {
		memcpy(to, from, bytes);
		return 0;
	}
	for (i = 0; i < bytes; i++)
		if (strobe >> i & 1)
			to[i] = from[i];
	return 0;
}

const struct quern_sim_memory_ops cosim_bus_ops = {.read = bus_read, .write = bus_write};

static bool answered(const struct cosim_request *request, const struct cosim_header *header)
{
	return (request->state == COSIM_REQUEST_SENT || request->state == COSIM_REQUEST_DROPPED) &&
	       request->id == header->id;
}

/* Whether the reply carries what was asked for. */
static bool reply_good(const struct cosim_link *link, const struct cosim_request *request, bool read)
{
	struct cosim_dma_access access;
	size_t bytes = cosim_link_body_bytes(link);

	if (link->header.flags & COSIM_ERROR || bytes != sizeof(access) + (read ? request->bytes : 0))
		return false;
	memcpy(&access, link->body, sizeof(access));
	return access.addr == request->addr + request->from && (uint32_t)access.count == request->bytes;
}

static void take_reply(const struct cosim_link *link, struct cosim_request *request, bool read)
{
	request->error = !reply_good(link, request, read);
	if (read && !request->error)
		memcpy(request->data, link->body + sizeof(struct cosim_dma_access), request->bytes);
	request->state = request->state == COSIM_REQUEST_SENT ? COSIM_REQUEST_DONE : COSIM_REQUEST_IDLE;
}

bool cosim_bus_take_reply(struct cosim_bus *bus)
{
	const struct cosim_header *header = &bus->link->header;
	bool read = header->command == COSIM_DMA_READ;
	struct cosim_request *request = read ? &bus->read : &bus->write;

	if ((!read && header->command != COSIM_DMA_WRITE) || !answered(request, header))
		return false;
	take_reply(bus->link, request, read);
	return true;
}
