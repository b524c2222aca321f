// SPDX-License-Identifier: Apache-2.0
/*
 * The profile as a Perfetto trace: TrackEvent protobuf, which unlike the JSON format lets tracks overlap freely. One track an
 * engine and lane, a slice for each command, counters for how busy the engines and the bus are. One cycle is one unit of
 * the trace's time at the chip's nominal clock.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "profile.h"

/* Field numbers of perfetto's trace.proto, trace_packet.proto, track_descriptor.proto, track_event.proto and debug_annotation.proto. */
enum {
	TRACE_PACKET = 1,
	PACKET_TIMESTAMP = 8,
	PACKET_SEQUENCE_ID = 10,
	PACKET_TRACK_EVENT = 11,
	PACKET_TRACK_DESCRIPTOR = 60,
	DESCRIPTOR_UUID = 1,
	DESCRIPTOR_NAME = 2,
	DESCRIPTOR_PARENT = 5,
	DESCRIPTOR_COUNTER = 8,
	EVENT_ANNOTATION = 4,
	EVENT_TYPE = 9,
	EVENT_TRACK = 11,
	EVENT_NAME = 23,
	EVENT_COUNTER_VALUE = 30,
	ANNOTATION_UINT = 3,
	ANNOTATION_STRING = 6,
	ANNOTATION_NAME = 10,
};

enum { TYPE_BEGIN = 1, TYPE_END = 2, TYPE_COUNTER = 4 };
enum { WIRE_VARINT = 0, WIRE_BYTES = 2 };

#define SEQUENCE 1
#define ROOT_UUID 1
#define ENGINE_UUID 16
#define COUNTER_UUID 256
#define NUM_SERIES (PROFILE_ENGINES + 2) /* engines, read, written */
#define MESSAGE_MAX 1024

/* A message being built; what does not fit is cut at a field, and names are cut long before. */
struct message {
	size_t len;
	unsigned char data[MESSAGE_MAX];
};

static void varint(struct message *m, uint64_t value)
{
	do {
		unsigned char low = value & 0x7f;

		value >>= 7;
		m->data[m->len++] = value ? low | 0x80 : low;
	} while (value);
}

static void number(struct message *m, unsigned int field, uint64_t value)
{
	if (m->len + 20 > sizeof(m->data))
		return;
	varint(m, (uint64_t)field << 3 | WIRE_VARINT);
	varint(m, value);
}

static void bytes(struct message *m, unsigned int field, const void *data, size_t len)
{
	if (m->len + 20 + len > sizeof(m->data))
		return;
	varint(m, (uint64_t)field << 3 | WIRE_BYTES);
	varint(m, len);
	memcpy(m->data + m->len, data, len);
	m->len += len;
}

static void nested(struct message *m, unsigned int field, const struct message *inner)
{
	bytes(m, field, inner->data, inner->len);
}

/* Only ASCII goes in, so that a cut never splits a character. */
static void text(struct message *m, unsigned int field, const char *value)
{
	char clean[200];
	size_t len = 0;

	for (; *value && len < sizeof(clean); value++)
		clean[len++] = *value >= ' ' && *value <= '~' ? *value : '?';
	bytes(m, field, clean, len);
}

static void annotate(struct message *event, const char *name, uint64_t value)
{
	struct message m = {0};

	number(&m, ANNOTATION_UINT, value);
	text(&m, ANNOTATION_NAME, name);
	nested(event, EVENT_ANNOTATION, &m);
}

static void annotate_text(struct message *event, const char *name, const char *value)
{
	struct message m = {0};

	text(&m, ANNOTATION_STRING, value);
	text(&m, ANNOTATION_NAME, name);
	nested(event, EVENT_ANNOTATION, &m);
}

static void write_packet(FILE *f, const struct message *packet)
{
	struct message head = {0};

	varint(&head, TRACE_PACKET << 3 | WIRE_BYTES);
	varint(&head, packet->len);
	fwrite(head.data, 1, head.len, f);
	fwrite(packet->data, 1, packet->len, f);
}

static void write_track(FILE *f, uint64_t uuid, uint64_t parent, const char *name, bool counter)
{
	struct message descriptor = {0}, packet = {0}, none = {0};

	number(&descriptor, DESCRIPTOR_UUID, uuid);
	text(&descriptor, DESCRIPTOR_NAME, name);
	if (parent)
		number(&descriptor, DESCRIPTOR_PARENT, parent);
	if (counter)
		nested(&descriptor, DESCRIPTOR_COUNTER, &none);
	number(&packet, PACKET_SEQUENCE_ID, SEQUENCE);
	nested(&packet, PACKET_TRACK_DESCRIPTOR, &descriptor);
	write_packet(f, &packet);
}

static void write_event(FILE *f, const struct profile *p, uint64_t cycle, const struct message *event)
{
	struct message packet = {0};
	uint64_t clock = p->run->device_info.clock_hz ? p->run->device_info.clock_hz : 1000000000;

	cycle = cycle > p->result->t_doorbell ? cycle - p->result->t_doorbell : 0;
	number(&packet, PACKET_TIMESTAMP, (uint64_t)((double)cycle * 1e9 / (double)clock + 0.5));
	number(&packet, PACKET_SEQUENCE_ID, SEQUENCE);
	nested(&packet, PACKET_TRACK_EVENT, event);
	write_packet(f, &packet);
}

static uint64_t lane_uuid(uint32_t engine, uint32_t lane)
{
	return ENGINE_UUID + engine * PROFILE_LANES + lane;
}

/* Only lanes that are used. */
static void write_tracks(FILE *f, const struct profile *p)
{
	static const char *const series[NUM_SERIES] = {"LOAD busy %",	"STORE busy %",	    "MATRIX busy %",
						       "VECTOR busy %", "read bytes/cycle", "written bytes/cycle"};
	bool used[PROFILE_ENGINES][PROFILE_LANES] = {0};
	char name[64];

	for (uint32_t i = 0; i < p->num_spans; i++)
		used[p->span[i].engine][p->span[i].lane] = true;
	write_track(f, ROOT_UUID, 0, p->run->device_info.name, false);
	for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
		for (uint32_t lane = 0; lane < PROFILE_LANES; lane++) {
			snprintf(name, sizeof(name), lane ? "%s (overlap %u)" : "%s", profile_engines[e].name, lane);
			if (used[e][lane])
				write_track(f, lane_uuid(e, lane), ROOT_UUID, name, false);
		}
	for (uint32_t i = 0; i < NUM_SERIES; i++)
		write_track(f, COUNTER_UUID + i, ROOT_UUID, series[i], true);
}

static void write_span(FILE *f, const struct profile *p, const struct profile_span *span)
{
	struct message begin = {0}, end = {0};
	const char *kind = profile_op_kind(p, span->op);

	number(&begin, EVENT_TYPE, TYPE_BEGIN);
	number(&begin, EVENT_TRACK, lane_uuid(span->engine, span->lane));
	text(&begin, EVENT_NAME, *kind ? kind : profile_engines[span->engine].name);
	annotate(&begin, "command", span->command);
	annotate(&begin, "cycles", span->end - span->start);
	if (*kind)
		annotate_text(&begin, "operator", p->op[span->op].info.name);
	number(&end, EVENT_TYPE, TYPE_END);
	number(&end, EVENT_TRACK, lane_uuid(span->engine, span->lane));
	write_event(f, p, span->start, &begin);
	write_event(f, p, span->end, &end);
}

/* Per cent, or bytes a cycle, from one sample to the next; drawn from the first of them on. */
static void write_rate(FILE *f, const struct profile *p, uint64_t sample, uint32_t series, uint32_t counter)
{
	const struct accel_profile_sample *a = sample ? &p->sample[sample - 1] : NULL, *b = &p->sample[sample];
	uint64_t from = a ? a->cycle : p->result->t_start, cycles = b->cycle - from;
	uint64_t delta = b->counter[counter] - (a ? a->counter[counter] : 0);
	struct message event = {0};

	if (!cycles)
		return;
	number(&event, EVENT_TYPE, TYPE_COUNTER);
	number(&event, EVENT_TRACK, COUNTER_UUID + series);
	number(&event, EVENT_COUNTER_VALUE, (series < PROFILE_ENGINES ? 100 * delta : delta) / cycles);
	write_event(f, p, from, &event);
}

void profile_perfetto(FILE *f, const struct profile *p)
{
	write_tracks(f, p);
	for (uint32_t i = 0; i < p->num_spans; i++)
		write_span(f, p, &p->span[i]);
	for (uint64_t i = 0; i < p->num_samples; i++) {
		for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
			write_rate(f, p, i, e, p->counter[e][PROFILE_BUSY]);
		write_rate(f, p, i, PROFILE_ENGINES, p->rd_counter);
		write_rate(f, p, i, PROFILE_ENGINES + 1, p->wr_counter);
	}
}
