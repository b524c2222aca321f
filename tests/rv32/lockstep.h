/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs the Verilated core and the instruction-set simulator side by side and
 * compares them after every retired instruction and every trap: pc, next pc,
 * register write, memory write, all CSRs and counters (the cycle counter to the
 * cycle), the sleep output, and that no interrupt is taken late.
 *
 * The surroundings are random by seed: stalls and delays on the data port, bus
 * errors, interrupt lines, and garbage on every input that means nothing.
 */
#ifndef TESTS_RV32_LOCKSTEP_H
#define TESTS_RV32_LOCKSTEP_H

#include <stdbool.h>
#include <stdint.h>

#include "cover.h"
#include "iss.h"
#include "lib/rng.h"
#include "rtl.h"
#include "testmem.h"

struct lockstep_config {
	uint64_t seed;
	uint32_t boot_addr;
	unsigned int refuse_percent; /* of cycles in which a data request is not granted */
	unsigned int max_delay;	     /* cycles a response may take beyond the first */
	unsigned int error_one_in;   /* data responses; 0: never */
	unsigned int irq_one_in;     /* cycles until the lines change; 0: only the device drives them */
	bool spurious;		     /* responses that nothing waits for */
};

enum lockstep_status {
	LOCKSTEP_RUNNING,
	LOCKSTEP_EXITED, /* the program wrote TESTMEM_EXIT */
	LOCKSTEP_ASLEEP, /* in WFI with no interrupt enabled: nothing more will happen */
	LOCKSTEP_FAILED, /* lockstep.message says why */
};

struct lockstep_access {
	bool valid;
	bool write;
	bool error;
	uint32_t addr;
	unsigned int be;
	uint32_t rdata;
	unsigned int delay; /* cycles until the response */
};

#define LOCKSTEP_HISTORY 24

struct lockstep {
	struct lockstep_config config;
	enum lockstep_status status;
	char message[200];

	struct iss iss;
	struct rtl *rtl;
	struct rtl_in in;
	struct rtl_out out;
	struct testmem rtl_mem;
	struct testmem iss_mem;
	struct rng rng;
	struct cover *cover; /* may be NULL */

	struct lockstep_access outstanding; /* granted, no response yet */
	struct lockstep_access done;	    /* responded, not yet seen by the simulator */
	bool fetched;			    /* a fetch was requested in the cycle before */
	uint32_t fetch_addr;
	unsigned int timer; /* cycles until the device's timer line rises; 0: off */
	bool timer_line;
	bool irq_overdue; /* an interrupt was due in each cycle since the last instruction */
	bool intr_expected;
	bool asleep;
	bool patched;	    /* a store reached the code */
	unsigned int quiet; /* cycles without an instruction */

	uint64_t cycles;
	uint64_t sleep_cycles;
	uint64_t retired;

	struct iss_step history[LOCKSTEP_HISTORY];
};

/*
 * Resets the core. Both memories start as @image, which stays the caller's.
 * NULL when out of memory. The struct is large: it is allocated here.
 */
struct lockstep *lockstep_create(const struct lockstep_config *config, const struct testmem *image,
				 struct cover *cover);
void lockstep_destroy(struct lockstep *l);

/* Advances by one clock cycle. */
enum lockstep_status lockstep_cycle(struct lockstep *l);

/* Whether both memories still hold the same; fails the run otherwise. */
enum lockstep_status lockstep_finish(struct lockstep *l);

/* Prints the message and the instructions that led to it. */
void lockstep_explain(const struct lockstep *l, FILE *out);

#endif
