/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the back end: from graph (ir.h) to commands (program.h).
 *
 * Three steps. Planning decides where tensors live. Lowering turns one op after the other into commands that are correct when executed
 * strictly in order, without tokens. Scheduling finds the hazards between engines, simulates the engines with the costs of cost.c, puts the
 * commands in the order in which they would start, and inserts the fewest tokens that make it safe. Keeping the last two apart is what makes
 * overlap cheap to get right: no lowering ever thinks about tokens or prefetching, and any buffer may be reused as soon as stream order allows.
 * The steps are fast enough to be done several times with other tunings; the fastest prediction wins.
 *
 *   backend.c              the steps, the search for the best tuning, the image
 *   plan.c                 shapes, borders, which tensors share memory, what must be in host memory
 *   plan_fuse.c            elementwise ops that are done with the convolution in front of them
 *   plan_yield.c           where the job may be preempted
 *   plan_spm.c             tensors that stay in the scratchpad, and their addresses
 *   plan_arena.c           host memory of the others
 *   lower_conv*.c          CONV: emission, choice of tiles, layout of weights
 *   lower_dw.c             DWCONV
 *   lower_pixel.c          ops on pixels one by one; lower_eltwise.c and lower_softmax.c are its users
 *   lower_pool.c           POOL; reciprocal.c has the constants of its averages
 *   lower_move.c           ops that only move bytes
 *   tile.c                 boxes between host memory and scratchpad; rings of buffers; accumulators
 *   spm_alloc.c            scratchpad space while ops are lowered
 *   emit.c                 the list of commands and the pool of constants
 *   sched_access.c         what a command touches
 *   sched_deps.c           hazards
 *   sched_order.c          simulation and order
 *   sched_sync.c           tokens
 *   sched_predict.c        predictions, of the job and by operator
 *   timing*.c              when the chip executes a stream: sequencer, bus, DMA, engines
 *   cost.c                 cycles of a command
 *
 * Errors are sticky: be_fail() records the first, after which emitting and allocating do nothing; the caller checks be->status per op.
 *
 * Rejected: a schedule fixed by each lowering (double buffering with tokens by hand): every op then has its own races, and nothing overlaps
 * from one op to the next.
 */
#ifndef COMPILER_BACKEND_H
#define COMPILER_BACKEND_H

#include "emit.h"
#include "ir.h"
#include "program.h"
#include "spm_alloc.h"

/* Shape as the back end sees every tensor: images x rows x columns x channels. */
struct geom {
	int32_t b, h, w, c;
};

/* A box of a tensor: y and x may reach into the padding; all ends exclusive. */
struct box {
	int32_t b0, b1, y0, y1, x0, x1, c0, c1;
};

/* Where a box of a tensor lies in the scratchpad: bytes; arithmetic wraps like the chip's. */
struct view {
	uint32_t base; /* of (b0, y0, x0, c0) */
	uint32_t pix, row, img;
	int32_t b0, y0, x0, c0;
};

static inline uint32_t view_at(const struct view *v, int32_t b, int32_t y, int32_t x, int32_t c)
{
	return v->base + (uint32_t)(b - v->b0) * v->img + (uint32_t)(y - v->y0) * v->row +
	       (uint32_t)(x - v->x0) * v->pix + (uint32_t)(c - v->c0);
}

/* Memory of one tensor, or of several that are reshapes of each other. */
struct storage {
	struct geom g;
	bool has_geom; /* an op insists on it */
	bool used;
	bool fixed;	/* in a region of the caller or the image */
	bool host_only; /* must have a home in host memory */
	bool dense;	/* host layout must be the user's: no padding between pixels */
	bool resident;	/* lives in the scratchpad from op `first` to op `last` */
	int first, last;
	int group_last; /* of all that take over its memory in place */

	/* host: region, bytes */
	uint8_t region;
	uint64_t offset, host_bytes;
	uint32_t host_pix; /* bytes from a pixel to the next */

	/* scratchpad: rows above and below, columns shared by the right of a row and the left of the next */
	int32_t pad_t, pad_b, gap;
	bool has_border;
	int8_t pad_value;
	int alias; /* storage whose memory it takes over in place, or -1 */
	uint32_t addr, bytes;
	struct view view;
};

/* Choices that have no best value for all networks: backend_compile() tries some and keeps the fastest prediction. */
struct tuning {
	bool dry;	    /* for the prediction alone: weights and image are not written */
	bool keep_resident; /* tensors may stay in the scratchpad */
	bool spill_few; /* tensors of few channels leave the scratchpad, for convolutions that then take fewer steps */
	bool spread;	  /* tensors that stay go where nothing was lately, instead of close together */
	struct board pace; /* commands are put in the order of a simulation with it: how far loads run ahead */
	uint32_t workspace_parts; /* 1 / this of the scratchpad is kept for weights and tiles */
	uint32_t conv_pixels;	  /* wanted size of an accumulator tile */
	uint32_t group_bytes;	  /* wanted size of a load of weights */
};

struct backend {
	const struct graph *g;
	struct target t;
	struct tuning tuning;
	uint32_t n; /* array size */
	bool weigh_slow; /* choose tunings for a slow board, too */
	enum status status;
	struct diag *diag;
	const struct op *op; /* being lowered: for messages, and whom commands are charged to */
	int op_index;
	struct storage *storages; /* by root tensor id */
	uint32_t *root;		  /* tensor id -> storage index */
	bool *scratch;		  /* one per tensor id */
	bool *yields;		  /* per op: a YIELD follows */
	bool *fused;		  /* per op: a convolution that does the elementwise op behind it, too */
	uint64_t arena_bytes;
	struct emit emit;
	struct const_pool pool;
	struct spm_alloc spm;
	uint32_t acc_next[QUERN_ACC_BANKS]; /* first entry of each bank that was used longest ago */
	uint32_t acc_bank;
};

void be_fail(struct backend *be, enum status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static inline uint32_t round_up(uint32_t v, uint32_t to)
{
	return (v + to - 1) / to * to;
}

static inline int32_t div_up(int32_t a, int32_t b)
{
	return (a + b - 1) / b;
}

static inline int32_t min32(int32_t a, int32_t b)
{
	return a < b ? a : b;
}

static inline int32_t max32(int32_t a, int32_t b)
{
	return a > b ? a : b;
}

static inline int32_t blocks_of(const struct backend *be, int32_t channels)
{
	return div_up(channels, (int32_t)be->n);
}

static inline uint32_t pitch_of(const struct backend *be, int32_t channels)
{
	return round_up((uint32_t)channels, be->n);
}

static inline struct storage *be_storage(const struct backend *be, const struct tensor *t)
{
	return &be->storages[be->root[t->id]];
}

#endif
