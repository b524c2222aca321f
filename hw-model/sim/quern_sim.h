/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chip, cycle by cycle, as a C library.
 *
 * libquern-rtl-<N>x<N>.so is quern_top translated by Verilator together with a model of the host's bus and memory. A
 * caller creates a chip, gives it memory to reach, talks to its registers as a driver would (BAR0 offsets of
 * include/quern/registers.h) and clocks it. Nothing runs on its own: time passes only inside quern_sim_read32(),
 * quern_sim_write32(), quern_sim_counters() and quern_sim_run(), so the same calls give the same cycles on every host.
 *
 * Rules
 *   - A chip is used by one thread at a time. Chips are independent of each other; there is no global state.
 *   - Callbacks run inside the functions that let time pass. They must not call back into the same chip,
 *     but for quern_sim_cycles().
 *   - Functions that return int give 0 or a negative errno value.
 *   - Memory given to a chip must outlive it, or be withdrawn first.
 */
#ifndef QUERN_SIM_H
#define QUERN_SIM_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

/* Bumped when a caller compiled against an older header could go wrong; the library refuses others with -EPROTO. */
#define QUERN_SIM_API 1

/* Assertions of the RTL are checked; a failure prints its name and aborts. A tenth of the speed. */
#define QUERN_SIM_CHECK (1u << 0)
/* Bus latency varies from transfer to transfer, from 1 to 2 * bus_latency cycles, drawn from seed. */
#define QUERN_SIM_JITTER (1u << 1)

struct quern_sim;

/* Zero in a field, api excepted, means its default. */
struct quern_sim_params {
	uint32_t api;	      /* QUERN_SIM_API */
	uint32_t flags;	      /* QUERN_SIM_CHECK, QUERN_SIM_JITTER */
	uint32_t bus_latency; /* cycles from a read's address to its first data, and from last data to response; 100 */
	uint32_t bus_bytes_per_cycle; /* of the read and of the write data channel each; 1, 2, 4, 8 or 16; 16 */
	uint64_t seed;		      /* of everything random */
};

struct quern_sim_info {
	uint32_t array;	     /* N: rows and columns of the matrix engine */
	uint32_t spm_bytes;  /* scratchpad */
	uint32_t bus_bytes;  /* width of the bus */
	uint32_t hw_version; /* HW_VERSION: registers contract, major 31:16, minor 15:0 */
};

/*
 * Memory by function. Addresses are multiples of bytes, bytes is 16 or less. write() changes byte i only if bit i of
 * strobe is set. Return 0, or -1 for an error response on the bus, or QUERN_SIM_LATER: the bus then makes the chip wait
 * and asks for the same beat again in the next cycle.
 */
#define QUERN_SIM_LATER 1
struct quern_sim_memory_ops {
	int (*read)(void *ctx, uint64_t bus_addr, void *data, uint32_t bytes);
	int (*write)(void *ctx, uint64_t bus_addr, const void *data, uint32_t bytes, uint32_t strobe);
};

/* When quern_sim_run() stops before max_cycles. */
#define QUERN_SIM_STOP_IRQ (1u << 0)  /* a vector was sent to the host */
#define QUERN_SIM_STOP_IDLE (1u << 1) /* quern_sim_busy() became false */

/* A chip just out of reset. NULL params means defaults; on error *sim is NULL. */
int quern_sim_create(struct quern_sim **sim, const struct quern_sim_params *params);

/* Also ends a trace. NULL is ignored. */
void quern_sim_destroy(struct quern_sim *sim);

void quern_sim_info(const struct quern_sim *sim, struct quern_sim_info *info);

/*
 * What the chip reaches on the bus. The flat window answers first, then the functions, then an error response. The
 * window's bus_addr and bytes are multiples of 16. Call with bytes = 0, or ops = NULL, to withdraw.
 */
int quern_sim_set_memory(struct quern_sim *sim, void *base, uint64_t bus_addr, uint64_t bytes);
int quern_sim_set_memory_ops(struct quern_sim *sim, const struct quern_sim_memory_ops *ops, void *ctx);

/* Called in the cycle in which a vector is sent to the host. */
int quern_sim_set_irq(struct quern_sim *sim, void (*irq)(void *ctx, unsigned int vector), void *ctx);

/* Register access through BAR0; offset is a multiple of 4. -EINVAL: offset; -ETIMEDOUT: the chip did not answer. */
int quern_sim_read32(struct quern_sim *sim, uint32_t offset, uint32_t *value);
int quern_sim_write32(struct quern_sim *sim, uint32_t offset, uint32_t value);

/* Lets at most max_cycles pass; stop is a mask of QUERN_SIM_STOP_*. Returns the cycles that passed. */
uint64_t quern_sim_run(struct quern_sim *sim, uint64_t max_cycles, unsigned int stop);

/*
 * False if the chip only waits for the host: core in reset or asleep with no interrupt pending, no job, nothing on the
 * bus. A timer or watchdog that the core has armed does not count as work.
 */
bool quern_sim_busy(const struct quern_sim *sim);

/* Cycles since quern_sim_create(). */
uint64_t quern_sim_cycles(const struct quern_sim *sim);

/* The performance counters (enum quern_counter) of the current or last job, read through the registers. */
int quern_sim_counters(struct quern_sim *sim, uint64_t counters[32]);

/*
 * Write the waveforms of cycles from_cycle to to_cycle - 1 to an FST file; the others run at nearly full speed. Tracing
 * needs another build of the chip, loaded from beside this library, so call this before any time has passed (-EBUSY
 * otherwise; -ENOENT: no such build or file cannot be created; -EINVAL: the path is there and no plain file).
 */
int quern_sim_trace(struct quern_sim *sim, const char *path, uint64_t from_cycle, uint64_t to_cycle);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* QUERN_SIM_H */
