// SPDX-License-Identifier: Apache-2.0
/*
 * The whole profile as one JSON object, for programs and for the page. All cycles count from the doorbell; spans and
 * samples are arrays of numbers, for there can be many.
 */
#include <inttypes.h>

#include "profile.h"

#define SCHEMA 1

static uint64_t since(const struct profile *p, uint64_t cycle)
{
	return cycle > p->result->t_doorbell ? cycle - p->result->t_doorbell : 0;
}

static void head(FILE *f, const struct profile *p)
{
	const struct accel_program_info *program = &p->run->program_info;
	const struct accel_device_info *device = &p->run->device_info;
	const struct accel_result *r = p->result;

	fprintf(f, "{\"schema\": %d, \"tool\": \"accel-run --profile\", \"device\": ", SCHEMA);
	run_json_string(f, device->name);
	fputs(", \"program\": ", f);
	run_json_string(f, p->run->opt.program);
	fprintf(f,
		", \"array\": %u, \"bus_bytes\": %u, \"clock_hz\": %" PRIu64 ", \"macs\": %" PRIu64
		", \"predicted_cycles\": %" PRIu64 ",\n",
		device->array, device->bus_bytes, device->clock_hz, program->macs, program->predicted_cycles);
	fprintf(f,
		" \"cycles\": %" PRIu64 ", \"start\": %" PRIu64 ", \"end\": %" PRIu64 ", \"job_cycles\": %" PRIu64
		", \"read_bytes\": %" PRIu64 ", \"written_bytes\": %" PRIu64 ", \"lost_events\": %" PRIu64 ",\n",
		since(p, r->t_complete), since(p, r->t_start), since(p, r->t_end), r->job_cycles, r->rd_bytes,
		r->wr_bytes, p->lost_events);
}

static void counters(FILE *f, const struct profile *p)
{
	fputs(" \"counters\": {", f);
	for (uint32_t i = 0; p->num_samples && i < ACCEL_NUM_COUNTERS; i++)
		fprintf(f, "%s\"%s\": %" PRIu64, i ? ", " : "", accel_counter_name(i),
			p->sample[p->num_samples - 1].counter[i]);
	fputs("},\n \"engines\": [", f);
	for (uint32_t e = 0; e < PROFILE_ENGINES; e++) {
		fprintf(f, "%s\n  {\"name\": \"%s\", \"causes\": [", e ? "," : "", profile_engines[e].name);
		for (uint32_t c = 0; c < PROFILE_CAUSES; c++)
			fprintf(f, "%s\"%s\"", c ? ", " : "", profile_engines[e].cause[c]);
		fputs("], \"cycles\": [", f);
		for (uint32_t c = 0; c < PROFILE_CAUSES; c++)
			fprintf(f, "%s%" PRIu64, c ? ", " : "", profile_total(p, e, c));
		fputs("]}", f);
	}
	fputs("],\n", f);
}

static void operator_json(FILE *f, const struct profile *p, const struct profile_op *op)
{
	fputs("  {\"name\": ", f);
	run_json_string(f, op->info.name);
	fputs(", \"kind\": ", f);
	run_json_string(f, op->info.kind);
	fprintf(f,
		", \"macs\": %" PRIu64 ", \"predicted_cycles\": %" PRIu64 ", \"cycles\": %" PRIu64
		", \"start\": %" PRIu64 ", \"end\": %" PRIu64 ", \"commands\": %" PRIu64
		", \"read_bytes\": %.0f, \"written_bytes\": %.0f, \"engine_cycles\": [",
		op->info.macs, op->info.predicted_cycles, op->cycles, since(p, op->start), since(p, op->end),
		op->num_commands, op->rd_bytes, op->wr_bytes);
	for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
		fprintf(f, "%s%" PRIu64, e ? ", " : "", op->engine[e]);
	fputs("], \"causes\": [", f);
	for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
		fprintf(f, "%s[%.0f, %.0f, %.0f, %.0f]", e ? ", " : "", op->cause[e][0], op->cause[e][1],
			op->cause[e][2], op->cause[e][3]);
	fputs("]}", f);
}

/* [engine, lane, command, operator or -1, start, end, cycle from which it was the oldest in its engine] */
static void spans(FILE *f, const struct profile *p)
{
	fputs(" \"spans\": [", f);
	for (uint32_t i = 0; i < p->num_spans; i++) {
		const struct profile_span *s = &p->span[i];

		fprintf(f, "%s\n[%u,%u,%u,%" PRId64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "]", i ? "," : "", s->engine,
			s->lane, s->command, s->op < p->num_ops ? (int64_t)s->op : -1, since(p, s->start),
			since(p, s->end), since(p, s->from));
	}
	fputs("],\n", f);
}

/* [cycle, then the causes of each engine but idle, bytes read, bytes written], counted from the job's start */
static void samples(FILE *f, const struct profile *p)
{
	fputs(" \"samples\": [", f);
	for (uint64_t i = 0; i < p->num_samples; i++) {
		const struct accel_profile_sample *s = &p->sample[i];

		fprintf(f, "%s\n[%" PRIu64, i ? "," : "", since(p, s->cycle));
		for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
			for (uint32_t c = 0; c < PROFILE_IDLE; c++)
				fprintf(f, ",%" PRIu64, s->counter[p->counter[e][c]]);
		fprintf(f, ",%" PRIu64 ",%" PRIu64 "]", s->counter[p->rd_counter], s->counter[p->wr_counter]);
	}
	fputs("]}\n", f);
}

void profile_json(FILE *f, const struct profile *p)
{
	head(f, p);
	counters(f, p);
	fputs(" \"operators\": [", f);
	for (uint32_t i = 0; i < p->num_ops; i++) {
		fputs(i ? ",\n" : "\n", f);
		operator_json(f, p, &p->op[i]);
	}
	fputs("],\n", f);
	spans(f, p);
	samples(f, p);
}
