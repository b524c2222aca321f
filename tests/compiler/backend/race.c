// SPDX-License-Identifier: Apache-2.0
/* Race checker: see race.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "quern/cmd_table.h"
#include "race.h"

#define UNITS QUERN_UNIT_COUNT

/* Who touched an element last: command + 1, 0 is nobody. */
struct cell {
	uint32_t writer;
	uint32_t reader[UNITS];
};

struct race {
	uint32_t n;
	const uint32_t *stream;
	uint32_t now;		  /* command being examined */
	int unit;		  /* its engine */
	uint32_t (*clock)[UNITS]; /* commands + 1 of each engine that are complete when this one starts */
	uint32_t last[UNITS];	  /* command + 1 */
	struct cell *spm, *acc;
	struct cell *host[QUERN_NUM_REGIONS];
	uint64_t spm_cells, host_cells[QUERN_NUM_REGIONS];
	uint32_t *signals[QUERN_NUM_TOKENS]; /* commands, in order */
	uint32_t signalled[QUERN_NUM_TOKENS], waited[QUERN_NUM_TOKENS];
	int8_t producer[QUERN_NUM_TOKENS], consumer[QUERN_NUM_TOKENS];
	const char *what; /* of the race, or NULL */
	uint32_t other;
};

static const uint32_t *command(const struct race *r, uint32_t i)
{
	return r->stream + (size_t)i * QUERN_CMD_WORDS;
}

static int unit_of(const struct race *r, uint32_t i)
{
	return quern_cmd_find(command(r, i)[0] & 0xff)->unit;
}

static void must_follow(struct race *r, uint32_t other, const char *what)
{
	int u;

	if (!other || r->what)
		return;
	u = unit_of(r, other - 1);
	if (u == r->unit || r->clock[r->now][u] >= other)
		return;
	r->what = what;
	r->other = other - 1;
}

static void touch(struct race *r, struct cell *c, bool write, const char *what)
{
	must_follow(r, c->writer, what);
	if (write) {
		for (int u = 0; u < UNITS; u++)
			must_follow(r, c->reader[u], what);
		memset(c->reader, 0, sizeof(c->reader));
		c->writer = r->now + 1;
	} else {
		c->reader[r->unit] = r->now + 1;
	}
}

static void spm(struct race *r, uint64_t addr, uint64_t len, bool write)
{
	for (uint64_t v = addr / r->n; v <= (addr + len - 1) / r->n && v < r->spm_cells; v++)
		touch(r, &r->spm[v], write, "scratchpad");
}

static void acc(struct race *r, uint32_t base, uint32_t count, bool write)
{
	for (uint32_t i = 0; i < count; i++)
		touch(r, &r->acc[base + i], write, "accumulators");
}

static void conv(struct race *r, const uint32_t *w)
{
	struct quern_cmd_conv c;

	quern_cmd_conv_unpack(&c, w);
	for (uint32_t i2 = 0; i2 < c.k2; i2++)
		for (uint32_t i1 = 0; i1 < c.k1; i1++)
			for (uint32_t i0 = 0; i0 < c.k0; i0++)
				for (uint32_t y = 0; y < c.ny; y++)
					for (uint32_t x = 0; x < c.nx; x++)
						spm(r,
						    c.ifm_base + y * c.ifm_sy + x * c.ifm_sx + i0 * c.k0_stride +
							    i1 * c.k1_stride + i2 * c.k2_stride,
						    r->n, false);
	spm(r, c.w_base, (uint64_t)c.k0 * c.k1 * c.k2 * r->n * r->n, false);
	acc(r, c.acc_base, (uint32_t)c.nx * c.ny, true);
}

static void dwconv(struct race *r, const uint32_t *w)
{
	struct quern_cmd_dwconv c;

	quern_cmd_dwconv_unpack(&c, w);
	for (uint32_t y = 0; y < c.in_ny; y++)
		for (uint32_t x = 0; x < c.in_nx; x++)
			spm(r, c.ifm_base + ((uint64_t)y * c.py_v + (uint64_t)x * c.px_v) * r->n, r->n, false);
	spm(r, c.w_base, (uint64_t)c.kw * c.kh * r->n, false);
	acc(r, c.acc_base, (uint32_t)((c.in_nx - c.kw) / c.sx + 1) * (uint32_t)((c.in_ny - c.kh) / c.sy + 1), true);
}

static void grid(struct race *r, bool write, uint32_t base, uint32_t nx, uint32_t ny, uint32_t sx, uint32_t sy)
{
	for (uint32_t y = 0; y < ny; y++)
		for (uint32_t x = 0; x < nx; x++)
			spm(r, base + ((uint64_t)y * sy + (uint64_t)x * sx) * r->n, r->n, write);
}

static void requant(struct race *r, const uint32_t *w)
{
	struct quern_cmd_requant c;

	quern_cmd_requant_unpack(&c, w);
	acc(r, c.acc_base, (uint32_t)c.nx * c.ny, false);
	spm(r, c.param_base, 9 * r->n, false);
	grid(r, true, c.out_base, c.nx, c.ny, c.out_sx_v, c.out_sy_v);
}

static void eltwise(struct race *r, const uint32_t *w)
{
	struct quern_cmd_eltwise c;

	quern_cmd_eltwise_unpack(&c, w);
	grid(r, false, c.a_base, c.nx, c.ny, c.a_sx_v, c.a_sy_v);
	grid(r, false, c.b_base, c.nx, c.ny, c.b_sx_v, c.b_sy_v);
	grid(r, true, c.out_base, c.nx, c.ny, c.out_sx_v, c.out_sy_v);
}

static void pool(struct race *r, const uint32_t *w)
{
	struct quern_cmd_pool c;

	quern_cmd_pool_unpack(&c, w);
	for (uint32_t ky = 0; ky < c.kh; ky++)
		for (uint32_t kx = 0; kx < c.kw; kx++)
			grid(r, false, c.in_base + (ky * c.ky_v + kx * c.kx_v) * r->n, c.nx, c.ny, c.in_sx_v,
			     c.in_sy_v);
	grid(r, true, c.out_base, c.nx, c.ny, c.out_sx_v, c.out_sy_v);
}

static void map(struct race *r, const uint32_t *w)
{
	struct quern_cmd_map c;

	quern_cmd_map_unpack(&c, w);
	grid(r, false, c.in_base, c.nx, c.ny, c.in_sx_v, c.in_sy_v);
	if (c.op == QUERN_MAP_OP_LUT)
		spm(r, c.table_base, 256, false);
	grid(r, true, c.out_base, c.nx, c.ny, c.out_sx_v, c.out_sy_v);
}

static void softmax(struct race *r, const uint32_t *w)
{
	struct quern_cmd_softmax c;

	quern_cmd_softmax_unpack(&c, w);
	spm(r, c.table_base, 1024, false);
	for (uint32_t i = 0; i < c.rows; i++) {
		spm(r, c.in_base + (uint64_t)i * c.in_row_v * r->n, c.len, false);
		spm(r, c.out_base + (uint64_t)i * c.out_row_v * r->n, c.len, true);
	}
}

static void host(struct race *r, uint8_t region, uint64_t addr, uint64_t len, bool write)
{
	for (uint64_t i = addr; r->host[region] && i < addr + len; i++) {
		if (i >= r->host_cells[region]) {
			r->what = "no end of a region";
			return;
		}
		touch(r, &r->host[region][i], write, "host memory");
	}
}

static void dma(struct race *r, const uint32_t *w)
{
	struct quern_cmd_load c;
	uint8_t opcode = w[0] & 0xff;

	quern_cmd_load_unpack(&c, w);
	for (int32_t k = 0; k < c.n3; k++)
		for (int32_t j = 0; j < c.n2; j++)
			for (int32_t i = 0; i < c.n1; i++) {
				uint64_t v = ((uint64_t)c.offset_hi << 32 | c.offset_lo) +
					     (uint64_t)((int64_t)i * c.host_s1 + (int64_t)j * c.host_s2 +
							(int64_t)k * c.host_s3);

				spm(r,
				    c.spm_base + (uint64_t)i * c.spm_s1 + (uint64_t)j * c.spm_s2 +
					    (uint64_t)k * c.spm_s3,
				    c.len, opcode != QUERN_OP_STORE);
				if (opcode != QUERN_OP_FILL)
					host(r, c.region, v, c.len, opcode == QUERN_OP_STORE);
			}
}

static void examine(struct race *r, const uint32_t *w)
{
	switch (w[0] & 0xff) {
	case QUERN_OP_CONV:
		conv(r, w);
		break;
	case QUERN_OP_DWCONV:
		dwconv(r, w);
		break;
	case QUERN_OP_REQUANT:
		requant(r, w);
		break;
	case QUERN_OP_ELTWISE:
		eltwise(r, w);
		break;
	case QUERN_OP_POOL:
		pool(r, w);
		break;
	case QUERN_OP_MAP:
		map(r, w);
		break;
	case QUERN_OP_SOFTMAX:
		softmax(r, w);
		break;
	default:
		dma(r, w);
	}
}

static void join(uint32_t *to, const uint32_t *from)
{
	for (int u = 0; u < UNITS; u++)
		to[u] = from[u] > to[u] ? from[u] : to[u];
}

/* The k-th wait on a token meets the k-th signal, if one engine signals and one waits. */
static void take_tokens(struct race *r, uint32_t wait)
{
	for (int t = 0; t < QUERN_NUM_TOKENS; t++) {
		uint32_t signaller;

		if (!(wait >> t & 1))
			continue;
		if (r->consumer[t] >= 0 && r->consumer[t] != r->unit)
			r->what = "second engine that waits for a token";
		r->consumer[t] = (int8_t)r->unit;
		if (r->waited[t] == r->signalled[t]) {
			r->what = "signal before a wait";
			return;
		}
		signaller = r->signals[t][r->waited[t]++];
		join(r->clock[r->now], r->clock[signaller]);
		if (r->clock[r->now][unit_of(r, signaller)] <= signaller)
			r->clock[r->now][unit_of(r, signaller)] = signaller + 1;
	}
}

static void give_tokens(struct race *r, uint32_t signal)
{
	for (int t = 0; t < QUERN_NUM_TOKENS; t++) {
		if (!(signal >> t & 1))
			continue;
		if (r->producer[t] >= 0 && r->producer[t] != r->unit)
			r->what = "second engine that signals a token";
		r->producer[t] = (int8_t)r->unit;
		r->signals[t][r->signalled[t]++] = r->now;
		if (r->signalled[t] - r->waited[t] > QUERN_TOKEN_MAX)
			r->what = "more signals of a token than it can count";
	}
}

/* Everything before is complete, and what it left behind is dead: host memory stays, without hazards. */
static void yield(struct race *r)
{
	memset(r->spm, 0, r->spm_cells * sizeof(*r->spm));
	memset(r->acc, 0, (size_t)QUERN_ACC_BANKS * QUERN_ACC_ENTRIES * sizeof(*r->acc));
	for (int i = 0; i < QUERN_NUM_REGIONS; i++)
		if (r->host[i])
			memset(r->host[i], 0, r->host_cells[i] * sizeof(struct cell));
	memset(r->last, 0, sizeof(r->last));
	memset(r->signalled, 0, sizeof(r->signalled));
	memset(r->waited, 0, sizeof(r->waited));
	memset(r->producer, -1, sizeof(r->producer));
	memset(r->consumer, -1, sizeof(r->consumer));
}

static bool check_command(struct race *r, char text[256])
{
	const uint32_t *w = command(r, r->now);

	if ((w[0] & 0xff) == QUERN_OP_YIELD) {
		yield(r);
		return true;
	}
	r->unit = unit_of(r, r->now);
	if (r->last[r->unit])
		join(r->clock[r->now], r->clock[r->last[r->unit] - 1]);
	take_tokens(r, w[1]);
	if (!r->what)
		examine(r, w);
	give_tokens(r, w[2]);
	r->last[r->unit] = r->now + 1;
	if (r->what)
		snprintf(text, 256, "race on %s: command %u (%s) and %u (%s)", r->what, r->now,
			 quern_cmd_find(w[0] & 0xff)->name, r->other,
			 quern_cmd_find(command(r, r->other)[0] & 0xff)->name);
	return !r->what;
}

static bool race_init(struct race *r, const struct graph *g, const struct target *t, const struct program_image *image)
{
	bool ok;

	*r = (struct race){.n = t->array, .stream = (const uint32_t *)(image->image + image->stream_offset)};
	r->spm_cells = t->spm_bytes / t->array;
	r->spm = calloc(r->spm_cells, sizeof(*r->spm));
	r->acc = calloc((size_t)QUERN_ACC_BANKS * QUERN_ACC_ENTRIES, sizeof(*r->acc));
	r->clock = calloc(image->ncmds, sizeof(*r->clock));
	ok = r->spm && r->acc && r->clock;
	memset(r->producer, -1, sizeof(r->producer));
	memset(r->consumer, -1, sizeof(r->consumer));
	r->host_cells[QUERN_PROGRAM_REGION_ARENA] = image->arena_bytes + 1;
	for (int i = 0; i < g->num_outputs; i++)
		r->host_cells[QUERN_PROGRAM_REGION_TENSOR + g->num_inputs + i] = g->outputs[i]->bytes;
	for (int i = 0; ok && i < QUERN_NUM_REGIONS; i++)
		if (r->host_cells[i]) {
			r->host[i] = calloc(r->host_cells[i], sizeof(struct cell));
			ok = r->host[i];
		}
	for (int i = 0; ok && i < QUERN_NUM_TOKENS; i++) {
		r->signals[i] = malloc((size_t)image->ncmds * sizeof(uint32_t));
		ok = r->signals[i];
	}
	return ok;
}

static void race_finish(struct race *r)
{
	free(r->spm);
	free(r->acc);
	free(r->clock);
	for (int i = 0; i < QUERN_NUM_REGIONS; i++)
		free(r->host[i]);
	for (int i = 0; i < QUERN_NUM_TOKENS; i++)
		free(r->signals[i]);
}

bool race_free(const struct graph *g, const struct target *t, const struct program_image *image, char text[256])
{
	struct race r;
	bool ok = race_init(&r, g, t, image);

	snprintf(text, 256, "out of memory");
	for (r.now = 0; ok && r.now + 1 < image->ncmds; r.now++)
		ok = check_command(&r, text);
	race_finish(&r);
	return ok;
}
