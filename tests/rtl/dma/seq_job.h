/* SPDX-License-Identifier: Apache-2.0 */
/* Random jobs for the sequencer bench, and what may come of them. */
#ifndef TESTS_RTL_DMA_SEQ_JOB_H
#define TESTS_RTL_DMA_SEQ_JOB_H

#include "quern/commands.h"
#include "quern/registers.h"
#include "lib/rng.h"

#define JOB_MAX 400u
#define JOB_VA 0x3fff00000ull /* of the window that holds the stream */
#define JOB_HALF 32768u	      /* bytes that a stream's place spans */
#define JOB_WINDOW 65536u     /* bytes: neighbouring jobs lie in different halves */
#define JOB_N 16u	      /* array size */
#define JOB_NONE 0xffffffffu

enum job_accident {
	ACCIDENT_NONE,
	ACCIDENT_OPCODE,
	ACCIDENT_FIELD,
	ACCIDENT_WAIT,	 /* for a token that nobody gives */
	ACCIDENT_SIGNAL, /* beyond TOKEN_MAX */
	ACCIDENT_NO_END,
	ACCIDENT_PAGE,	 /* of the stream not mapped */
	ACCIDENT_BUS,	 /* error in the stream */
	ACCIDENT_ENGINE, /* an engine faults */
	ACCIDENT_ABORT,
	ACCIDENT_ASID,
	ACCIDENTS,
};

struct job {
	uint32_t count; /* commands in the stream */
	uint32_t first;
	uint32_t cmd[JOB_MAX][16];
	uint32_t offset; /* of the stream in the window, bytes */
	uint8_t asid;
	bool preempt;
	enum job_accident accident;
	uint32_t bad_fetch;    /* index of the first command that the bus or the MMU refuses, or JOB_NONE */
	uint32_t engine_fault; /* index of the command that its engine refuses, or JOB_NONE */
	uint32_t abort_after;  /* cycles, or JOB_NONE */
};

/* Where dispatch ends in stream order, and how. */
struct job_stop {
	uint32_t index;
	enum quern_job_state state;
	enum quern_fault fault;
	uint64_t addr;
	uint32_t cmds; /* dispatched, without a faulting one */
	uint32_t yields;
};

/* 0 to 3: load, store, matrix, vector; -1: the sequencer itself. */
int job_engine(const uint32_t cmd[16]);
void job_make(struct job *j, struct rng *r);
/* Moves the stream of a job that was just made to the other half. */
void job_to_upper_half(struct job *j);
/* The end of the job when it starts at j->first. */
struct job_stop job_judge(const struct job *j);
/* A command of the sequencer, or random legal fields of one of an engine, without tokens. */
void job_command(struct rng *r, uint8_t opcode, uint32_t cmd[16]);

#endif
