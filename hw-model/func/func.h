/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The functional model: docs/isa.md in C, without time. The same bytes as the RTL for every race-free stream.
 *
 * A machine is one chip's scratchpad, accumulators and translation cache. func_exec() executes one command;
 * func_run() fetches and executes a stream as a job. One machine serves one thread at a time; there are no globals.
 */
#ifndef HW_MODEL_FUNC_FUNC_H
#define HW_MODEL_FUNC_FUNC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include "quern/commands.h"
#include "quern/registers.h"

#ifdef __cplusplus
#error "C only: the control block is made of C11 atomics"
#endif

struct func_machine;

struct func_config {
	uint32_t n;	    /* array size: 8, 16 or 32 */
	uint32_t spm_bytes; /* multiple of 1024, at most 16 MiB */
};

/* How the machine reaches host memory. */
struct func_mem_ops {
	/*
	 * A pointer to len bytes at a bus address, never across a 4 KiB boundary, good until the next call.
	 * NULL is a bus error.
	 */
	void *(*map)(void *ctx, uint64_t bus_addr, uint32_t len, bool write);
	/* Optional: replaces the Sv39 walk. FAULT_NONE and the bus address, or a PAGE_* fault. */
	enum quern_fault (*translate)(void *ctx, uint64_t vaddr, bool write, uint64_t *bus_addr);
};

/* The address space that commands execute in. */
struct func_space {
	uint32_t asid;			    /* 1 to NUM_ASID - 1: the tag of cached translations */
	uint64_t root;			    /* bus address of the root page table */
	uint64_t region[QUERN_NUM_REGIONS]; /* device virtual bases */
};

struct func_fault {
	enum quern_fault kind;
	enum quern_unit unit;
	uint64_t addr; /* scratchpad, accumulator or device virtual address; 0 where docs/isa.md names none */
};

/* Set by another thread to stop a job: abort soon, preempt at the next YIELD. */
struct func_control {
	atomic_bool abort;
	atomic_bool preempt;
};

struct func_job {
	struct func_space space;
	uint64_t stream; /* device virtual address, 64-byte aligned */
	uint32_t ncmds;
	uint32_t first;			/* index of the first command to execute */
	uint64_t max_ticks;		/* FAULT_ABORTED where more work would follow; 0: no limit */
	const struct func_control *ctl; /* may be NULL */
};

struct func_result {
	enum quern_job_state state; /* DONE, FAULT or PREEMPTED */
	struct func_fault fault;
	uint32_t index;	   /* FAULT: faulting command; PREEMPTED: where to resume; DONE: commands dispatched */
	uint32_t cmds;	   /* commands executed */
	uint64_t rd_bytes; /* host bytes read, commands included, page walks not */
	uint64_t wr_bytes; /* host bytes written */
	uint64_t ticks;	   /* work done, about vectors; max_ticks + 1 if that ended the job */
};

/* NULL if the configuration is not acceptable or memory ran out. The ops are copied; ctx is passed to them. */
struct func_machine *func_create(const struct func_config *config, const struct func_mem_ops *ops, void *ctx);
void func_destroy(struct func_machine *m);

uint8_t *func_spm(struct func_machine *m);
/* int32 [ACC_BANKS * ACC_ENTRIES][n] */
int32_t *func_acc(struct func_machine *m);
/* Zeroes scratchpad and accumulators. */
void func_scrub(struct func_machine *m);

/* The space of the func_exec() calls that follow. Cached translations stay: see func_tlb_invalidate(). */
void func_set_space(struct func_machine *m, const struct func_space *space);
/*
 * Drops cached translations of one ASID. Like hardware, the model keeps using what it has cached until told.
 */
void func_tlb_invalidate(struct func_machine *m, uint32_t asid);
void func_tlb_invalidate_all(struct func_machine *m);

/*
 * Executes one command with every check but tokens, whose masks are ignored. Sequencer commands do nothing.
 * True if it completed; otherwise *fault says why.
 */
bool func_exec(struct func_machine *m, const uint32_t w[QUERN_CMD_WORDS], struct func_fault *fault);

/*
 * Executes a job from job->first to END, YIELD with preemption asked for, or a fault. Scrubs first if the ASID differs
 * from the last job's. Returns false, with nothing executed, if the stream is misaligned or longer than
 * MAX_STREAM_CMDS: the firmware refuses such a job.
 */
bool func_run(struct func_machine *m, const struct func_job *job, struct func_result *result);

#endif
