/* SPDX-License-Identifier: Apache-2.0 */
/* The firmware's one header: state and the functions that its files call in each other. No heap; everything is in struct fw. */
#ifndef QUERN_FW_FW_H
#define QUERN_FW_FW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "quern/commands.h"
#include "quern/messages.h"
#include "quern/registers.h"

/* There is no libc: the two errors that functions here return, negated. Values as in Linux. */
#define FW_EIO 5
#define FW_EINVAL 22

#define FW_VERSION_WORD 0x00010000u /* 1.0 */
#define FW_FEATURES (1ull << QUERN_MSG_FEATURE_PREEMPT | 1ull << QUERN_MSG_FEATURE_COUNTERS)
#define FW_WATCHDOG_CYCLES 20000000u /* longest time awake without a turn of the main loop */
#define FW_ABORT_CYCLES 1000000u /* longest time from abort to job end before the chip counts as broken */
#define FW_NUM_PRIORITIES 4
#define FW_NO_CTX QUERN_NUM_CTX

#define FW_VECTOR_ADMIN 0x1u
#define FW_VECTOR_JOB 0x2u
#define FW_VECTOR_LOG 0x4u

/* FW_ERROR values of fw_panic(), beside the mcause values of traps. */
enum fw_panic_code {
	FW_PANIC_ABORT = 0x101, /* a job did not stop after abort */
	FW_PANIC_TLB = 0x102, /* TLB invalidation did not finish */
	FW_PANIC_HOST = 0x103, /* host memory cannot be written */
};

struct fw_ctx {
	bool live;
	bool error; /* a job faulted: cancel until CTX_RESET */
	uint8_t asid;
	uint8_t priority;
	uint32_t entries; /* of both rings */
	uint64_t sq; /* bus addresses */
	uint64_t cq;
	uint32_t tail; /* submissions that the doorbell announced */
	uint32_t head; /* submissions completed; free-running, so also the completion index */
	uint32_t resume; /* progress word of the job at head: index of the command to resume it at if it was preempted */
	uint32_t db_time; /* low word of the cycle counter at the last doorbell */
};

/* A job read from a ring and checked. The chip writes both records by itself: rec at a doorbell, the report in done at the job's end. */
struct fw_job {
	struct quern_job rec __attribute__((aligned(64))); /* as DB_FETCH wants it */
	struct quern_job_done done;
	uint32_t ctx; /* FW_NO_CTX: empty */
	uint32_t slot; /* value of the context's head it belongs to */
	uint32_t status; /* enum quern_status: OK if it may run */
	uint32_t resume; /* command to go on at, 0 if it was not preempted */
};

/* See DB_FETCH. */
struct fw_db_entry {
	uint64_t job; /* bus address of the context's next record, 0 for none */
	uint32_t page; /* of the stream of its last job: the next one's tables are likely the same */
	uint32_t asid;
} __attribute__((aligned(16)));

struct fw {
	struct quern_boot boot;
	uint64_t features; /* negotiated */
	uint32_t admin_head;
	uint32_t admin_tail;
	uint32_t log_count; /* bytes ever written */
	uint32_t turn; /* context that ran last, for round robin */
	struct fw_ctx ctx[QUERN_NUM_CTX];
	uint64_t used[QUERN_NUM_CTX]; /* cycles that a context's oldest job ran before it was preempted; counts if it is to be resumed */
	uint32_t asid_users[QUERN_NUM_ASID]; /* live contexts */
	uint32_t asid_root[QUERN_NUM_ASID]; /* page numbers */
	struct fw_job jobs[2];
	struct fw_job *active; /* on the sequencer */
	struct fw_job *staged; /* next, read ahead while active runs; these two change places */
	struct fw_db_entry entry[QUERN_NUM_CTX]; /* what a doorbell reads while nothing runs */
	bool armed; /* a doorbell may use the core DMA: hot_wake() comes before any other use */
	bool quick; /* the report needs no change: job completions have counters */
	bool chain; /* asleep while a job runs: the staged one starts when it is done */
	bool last; /* asleep while a job runs: there is nothing behind it */
	uint32_t ready[FW_NUM_PRIORITIES]; /* contexts that have a job behind the active one, a bit each */
	uint32_t regions_set; /* region registers that are not zero end here */
	uint64_t t_doorbell; /* of the active job */
	uint64_t t_start;
	uint64_t deadline; /* cycle count at which the active job is aborted */
	bool timed_out;
	bool preempting;
};

/* string.c; the host has its own */
void *memset(void *dst, int value, size_t bytes);

/* boot.c: 0, or a negative errno with FW_STATUS and FW_ERROR set. */
int boot_handshake(struct fw *fw);

/* admin.c */
void admin_poll(struct fw *fw);

/* ctx.c */
enum quern_status ctx_create(struct fw *fw, const struct quern_admin_cmd *cmd);
enum quern_status ctx_destroy(struct fw *fw, uint32_t slot);
enum quern_status ctx_reset(struct fw *fw, uint32_t slot);
void ctx_doorbell(struct fw *fw, uint32_t slot, uint32_t tail);
bool ctx_ring_ok(uint64_t addr, uint32_t entries, uint32_t entry_bytes);
enum quern_status tlb_flush(uint32_t asid);

/* job.c; job_poll() only while a job runs */
void job_stage(struct fw *fw, uint32_t slot);
void job_unstage(struct fw *fw);
void job_start(struct fw *fw);
void job_poll(struct fw *fw);
void job_cancel(struct fw *fw, uint32_t slot);
void job_abort_wait(struct fw *fw);
void job_complete(struct fw *fw, uint32_t slot, const struct quern_job *rec, uint32_t status);
void job_next_entry(struct fw *fw, uint32_t slot);

/* hot.c: the two short ways, from a doorbell to a job's start and from its end to the interrupt. */
void hot_sleep(struct fw *fw);
void hot_arm(struct fw *fw);
bool hot_finish(struct fw *fw);
/* True if nothing is left to do. */
bool hot_wake(struct fw *fw);

/* sched.c; sched_update() after every change of a context's head, tail or place on the sequencer */
void sched_update(struct fw *fw, uint32_t slot);
uint32_t sched_pick(const struct fw *fw);
bool sched_staged_runs(const struct fw *fw);
bool sched_run(struct fw *fw);

/* log.c: one line to the log ring; value is printed in hexadecimal. */
void log_line(struct fw *fw, const char *text, uint32_t value);

/* dma.c: core DMA between the TCM and host memory; addr and bytes are multiples of 4; any length. 0 or -FW_EIO. */
int dma_read(uint64_t addr, void *tcm, uint32_t bytes);
int dma_write(uint64_t addr, const void *tcm, uint32_t bytes);

/* The parts of a transfer that is a legal one of the core DMA, for those who have something to do meanwhile. */
void dma_prepare(uint64_t addr, const void *tcm);
void dma_send(uint32_t bytes, uint32_t vectors);
int dma_wait(void);

/* main.c: stop with FW_STATUS CRASHED. */
_Noreturn void fw_panic(uint32_t code, uint32_t detail);
void fw_init(struct fw *fw);
void fw_loop_once(struct fw *fw);

static inline bool fw_power_of_two(uint32_t v)
{
	return v && !(v & (v - 1));
}

#endif
