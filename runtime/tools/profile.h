/* SPDX-License-Identifier: Apache-2.0 */
/*
 * accel-run --profile: what was recorded, brought together with the program's operators.
 *
 * A span is one command in its engine. Spans of one engine end in order but overlap, because commands enter while older
 * ones are still at work: each has a lane, in which spans do not overlap, and the cycles of the engine are taken to be
 * those of its oldest command. The chip counts stalls for each engine, not for
 * each command: what it counts between two samples is split among the commands that were the oldest in the engine, or, for
 * stalls on tokens, that were to enter the empty engine next, in proportion to their time.
 */
#ifndef RUNTIME_TOOLS_PROFILE_H
#define RUNTIME_TOOLS_PROFILE_H

#include <stdio.h>

#include "run.h"

#define PROFILE_ENGINES 4
#define PROFILE_CAUSES 5 /* busy, three stalls, idle */
#define PROFILE_BUSY 0
#define PROFILE_TOKEN 3
#define PROFILE_IDLE 4
#define PROFILE_LANES 16
#define PROFILE_NO_OP UINT32_MAX

struct profile_engine {
	const char *name;		   /* as accel_unit_name() has it */
	const char *cause[PROFILE_CAUSES]; /* names of its counters */
};

extern const struct profile_engine profile_engines[PROFILE_ENGINES];

/* Cycles of the device. */
struct profile_span {
	uint64_t start;
	uint64_t end;
	uint64_t ready; /* when the command before it had left the engine */
	uint64_t from;	/* when it was the oldest in the engine: start or ready */
	uint32_t command;
	uint32_t op; /* of the program; PROFILE_NO_OP: none */
	uint32_t engine;
	uint32_t lane;
};

struct profile_op {
	struct accel_op_info info;
	uint64_t cycles;			       /* by which it moved the end of the program so far */
	uint64_t start;				       /* of its first command; 0 if it has none */
	uint64_t end;				       /* of its last command */
	uint64_t num_commands;			       /* that entered an engine */
	uint64_t engine[PROFILE_ENGINES];	       /* in which its command was the oldest in the engine */
	double cause[PROFILE_ENGINES][PROFILE_CAUSES]; /* split from the samples; no idle */
	double rd_bytes;			       /* likewise */
	double wr_bytes;
};

struct profile {
	const struct run *run;
	const struct accel_result *result;
	struct profile_span *span; /* of all engines, in order of their end */
	uint32_t num_spans;
	struct profile_op *op;
	uint32_t num_ops;
	const struct accel_profile_sample *sample; /* of this job, in order; the last is after its end */
	uint64_t num_samples;
	uint64_t lost_events;
	uint32_t counter[PROFILE_ENGINES][PROFILE_CAUSES]; /* indices of the engines' counters */
	uint32_t rd_counter;
	uint32_t wr_counter;
};

/* 0, or -1 after one line on standard error. The recording must outlive the profile. */
int profile_init(struct profile *p, const struct run *run, const struct accel_result *result,
		 const struct accel_profile *recording);
void profile_finish(struct profile *p);

/* Total of a cause over the job. */
uint64_t profile_total(const struct profile *p, uint32_t engine, uint32_t cause);
/* Cycle at which a counter was read for a sample. */
uint64_t profile_read_at(const struct accel_profile_sample *sample, uint32_t counter);
/* "CONV_2D", or "" for PROFILE_NO_OP. */
const char *profile_op_kind(const struct profile *p, uint32_t op);

/* profile_split.c: fill cause, rd_bytes and wr_bytes of the operators. */
void profile_split(struct profile *p);

/* Writers to a stream in memory. */
void profile_csv(FILE *f, const struct profile *p);
void profile_json(FILE *f, const struct profile *p);
void profile_html(FILE *f, const struct profile *p);
void profile_perfetto(FILE *f, const struct profile *p);

#endif
