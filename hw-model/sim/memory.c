// SPDX-License-Identifier: Apache-2.0
/* The host's bus and memory: see memory.h. */
#include <string.h>

#include "memory.h"

#define BEAT QUERN_MODEL_BUS_BYTES
#define RESP_SLVERR 2

static struct quern_burst *queue_head(struct quern_burst_queue *queue)
{
	return &queue->burst[queue->head % QUERN_MEMORY_DEPTH];
}

static bool queue_empty(const struct quern_burst_queue *queue)
{
	return queue->head == queue->tail;
}

static void queue_push(struct quern_memory *memory, struct quern_burst_queue *queue, struct quern_burst burst)
{
	queue->burst[queue->tail++ % QUERN_MEMORY_DEPTH] = burst;
	memory->outstanding++;
}

static void queue_pop(struct quern_memory *memory, struct quern_burst_queue *queue)
{
	queue->head++;
	memory->outstanding--;
}

/* xorshift64*: the same numbers on every host. */
static uint64_t next_random(struct quern_memory *memory)
{
	uint64_t x = memory->random;

	x ^= x >> 12;
	x ^= x << 25;
	x ^= x >> 27;
	memory->random = x;
	return x * 0x2545f4914f6cdd1dull;
}

static uint64_t draw_latency(struct quern_memory *memory)
{
	if (!memory->jitter)
		return memory->latency;
	return 1 + (next_random(memory) >> 33) % (2 * (uint64_t)memory->latency);
}

static bool in_window(const struct quern_memory *memory, uint64_t addr)
{
	return addr >= memory->bus_addr && addr - memory->bus_addr < memory->bytes;
}

/* 0, QUERN_SIM_LATER, or negative for an error response; the data is then zero. */
static int read_beat(struct quern_memory *memory, uint64_t addr, void *data)
{
	int ret = -1;

	if (in_window(memory, addr)) {
		memcpy(data, memory->base + (addr - memory->bus_addr), BEAT);
		return 0;
	}
	if (memory->ops)
		ret = memory->ops->read(memory->ctx, addr, data, BEAT);
	if (ret)
		memset(data, 0, BEAT);
	return ret;
}

/* 0, QUERN_SIM_LATER, or negative for an error response. */
static int write_beat(struct quern_memory *memory, uint64_t addr, const void *data, uint32_t strobe)
{
	const uint8_t *from = data;
	uint8_t *to;
	unsigned int i;

	if (!in_window(memory, addr)) {
		if (!strobe)
			return 0;
		return memory->ops ? memory->ops->write(memory->ctx, addr, data, BEAT, strobe) : -1;
	}
	to = memory->base + (addr - memory->bus_addr);
	if (strobe == (1u << BEAT) - 1) {
		memcpy(to, from, BEAT);
		return 0;
	}
	for (i = 0; i < BEAT; i++)
		if (strobe >> i & 1)
			to[i] = from[i];
	return 0;
}

static void take_addresses(struct quern_memory *memory, const struct quern_pins *pins, uint64_t now)
{
	struct quern_burst burst;

	if (*pins->arvalid) {
		burst = (struct quern_burst){.addr = *pins->araddr,
					     .due = now + draw_latency(memory),
					     .beats = *pins->arlen + 1u,
					     .id = *pins->arid};
		queue_push(memory, &memory->reads[burst.id], burst);
	}
	if (*pins->awvalid) {
		burst = (struct quern_burst){.addr = *pins->awaddr, .beats = *pins->awlen + 1u, .id = *pins->awid};
		queue_push(memory, &memory->writes, burst);
	}
}

/* The next ID in turn whose oldest burst is due, or -1. */
static int choose_read(struct quern_memory *memory, uint64_t now)
{
	unsigned int i;
	unsigned int id;

	for (i = 1; i <= QUERN_MEMORY_IDS; i++) {
		id = (memory->last + i) % QUERN_MEMORY_IDS;
		if (!queue_empty(&memory->reads[id]) && queue_head(&memory->reads[id])->due <= now)
			return (int)id;
	}
	return -1;
}

static void drive_read(struct quern_memory *memory, const struct quern_pins *pins, uint64_t now)
{
	struct quern_burst *burst;
	int ret;

	*pins->rvalid = 0;
	if (now < memory->read_free)
		return;
	if (memory->turn < 0)
		memory->turn = choose_read(memory, now);
	if (memory->turn < 0)
		return;
	burst = queue_head(&memory->reads[memory->turn]);
	ret = read_beat(memory, burst->addr, pins->rdata);
	if (ret == QUERN_SIM_LATER)
		return;
	*pins->rvalid = 1;
	*pins->rid = burst->id;
	*pins->rlast = burst->beats == 1;
	*pins->rresp = ret ? RESP_SLVERR : 0;
	burst->addr += BEAT;
	memory->read_free = now + memory->beat_cycles;
	if (--burst->beats == 0) {
		memory->last = (unsigned int)memory->turn;
		queue_pop(memory, &memory->reads[memory->turn]);
		memory->turn = -1;
	}
}

static void take_write(struct quern_memory *memory, const struct quern_pins *pins, uint64_t now)
{
	struct quern_burst *burst = queue_head(&memory->writes);
	struct quern_burst response;
	int ret;

	*pins->wready = !queue_empty(&memory->writes) && now >= memory->write_free;
	if (!*pins->wready || !*pins->wvalid)
		return;
	ret = write_beat(memory, burst->addr, pins->wdata, *pins->wstrb);
	if (ret == QUERN_SIM_LATER) {
		*pins->wready = 0;
		return;
	}
	burst->error |= ret != 0;
	burst->addr += BEAT;
	memory->write_free = now + memory->beat_cycles;
	if (--burst->beats)
		return;
	response = *burst;
	response.due = now + draw_latency(memory);
	queue_pop(memory, &memory->writes);
	queue_push(memory, &memory->responses, response);
}

static void drive_response(struct quern_memory *memory, const struct quern_pins *pins, uint64_t now)
{
	struct quern_burst *burst = queue_head(&memory->responses);

	*pins->bvalid = !queue_empty(&memory->responses) && burst->due <= now;
	if (!*pins->bvalid)
		return;
	*pins->bid = burst->id;
	*pins->bresp = burst->error ? RESP_SLVERR : 0;
	queue_pop(memory, &memory->responses);
}

void quern_memory_step(struct quern_memory *memory, const struct quern_pins *pins, uint64_t now)
{
	drive_read(memory, pins, now);
	drive_response(memory, pins, now);
	take_write(memory, pins, now);
	take_addresses(memory, pins, now);
}

void quern_memory_init(struct quern_memory *memory, const struct quern_sim_params *params)
{
	memset(memory, 0, sizeof(*memory));
	memory->latency = params->bus_latency;
	memory->beat_cycles = BEAT / params->bus_bytes_per_cycle;
	memory->jitter = params->flags & QUERN_SIM_JITTER;
	memory->random = params->seed * 2 + 1;
	memory->turn = -1;
}
