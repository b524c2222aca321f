/* SPDX-License-Identifier: Apache-2.0 */
/* Random DMA commands: shapes are drawn until one fits its area. */
#include "gen.h"

#define MAX_BYTES 16384u

struct shape {
	uint32_t len;
	uint32_t n[3];
	int32_t spm[3];
	int32_t host[3];
	uint32_t grain; /* lengths, strides and bases are multiples of it */
};

static uint32_t draw_len(struct rng *r, uint32_t grain)
{
	uint32_t len;

	switch (rng_below(r, 4)) {
	case 0:
		len = rng_range(r, 1, 20);
		break;
	case 1:
		len = rng_range(r, 1, 100);
		break;
	case 2:
		len = rng_range(r, 1, 1000);
		break;
	default:
		len = rng_range(r, 1, 9000);
		break;
	}
	return (len + grain - 1) / grain * grain;
}

/* Next to each other, overlapping, or apart; forwards or backwards. */
static int32_t draw_stride(struct rng *r, const struct shape *s, uint32_t span)
{
	int32_t v;

	switch (rng_below(r, 4)) {
	case 0:
		v = (int32_t)s->len;
		break;
	case 1:
		v = (int32_t)rng_below(r, s->len + 64);
		break;
	default:
		v = (int32_t)rng_below(r, span);
		break;
	}
	v = v / (int32_t)s->grain * (int32_t)s->grain;
	return rng_chance(r, 25) ? -v : v;
}

static void draw_shape(struct rng *r, const struct gen_area *a, struct shape *s)
{
	static const uint32_t grains[] = {1, 1, 4, 16, 32};

	s->grain = grains[rng_below(r, 5)];
	s->len = draw_len(r, s->grain);
	for (int i = 0; i < 3; i++) {
		s->n[i] = rng_chance(r, 50) ? 1 : rng_range(r, 1, 12);
		s->spm[i] = draw_stride(r, s, (a->spm_hi - a->spm_lo) / 8);
		s->host[i] = draw_stride(r, s, (a->host_hi - a->host_lo) / 8);
	}
}

/* Offsets of the first and the last byte from the base. */
static void extent(const struct shape *s, const int32_t *stride, int64_t *lo, int64_t *hi)
{
	*lo = 0;
	*hi = s->len;
	for (int i = 0; i < 3; i++) {
		int64_t reach = (int64_t)(s->n[i] - 1) * stride[i];

		*(reach < 0 ? lo : hi) += reach;
	}
}

/* A base inside lo to hi for the strides, or -1. */
static int64_t place(struct rng *r, const struct shape *s, const int32_t *stride, uint32_t area_lo, uint32_t area_hi)
{
	int64_t lo, hi, slack;

	extent(s, stride, &lo, &hi);
	slack = (int64_t)area_hi - area_lo - (hi - lo);
	if (slack < 0)
		return -1;
	return area_lo - lo + rng_below(r, (uint32_t)(slack / s->grain) + 1) * s->grain;
}

static void pack_copy(uint32_t w[16], const uint64_t *region, uint32_t which, const struct shape *s, uint32_t spm,
		      uint32_t host)
{
	uint64_t offset = HOST_VA + host - region[which];
	struct quern_cmd_load c = {
		.region = (uint8_t)which,
		.offset_hi = (uint8_t)(offset >> 32),
		.offset_lo = (uint32_t)offset,
		.spm_base = spm,
		.len = s->len,
		.n1 = (uint16_t)s->n[0],
		.n2 = (uint16_t)s->n[1],
		.n3 = (uint16_t)s->n[2],
		.host_s1 = s->host[0],
		.host_s2 = s->host[1],
		.host_s3 = s->host[2],
		.spm_s1 = (uint32_t)s->spm[0] & 0xffffff,
		.spm_s2 = (uint32_t)s->spm[1] & 0xffffff,
		.spm_s3 = (uint32_t)s->spm[2] & 0xffffff,
	};

	quern_cmd_load_pack(w, &c);
}

static void pack_fill(uint32_t w[16], struct rng *r, const struct shape *s, uint32_t spm)
{
	struct quern_cmd_fill c = {
		.spm_base = spm,
		.len = s->len,
		.n1 = (uint16_t)s->n[0],
		.n2 = (uint16_t)s->n[1],
		.n3 = (uint16_t)s->n[2],
		.spm_s1 = (uint32_t)s->spm[0] & 0xffffff,
		.spm_s2 = (uint32_t)s->spm[1] & 0xffffff,
		.spm_s3 = (uint32_t)s->spm[2] & 0xffffff,
		.value = (int8_t)rng_u64(r),
	};

	quern_cmd_fill_pack(w, &c);
}

void gen_command(struct rng *r, const struct gen_area *a, enum bench_engine e, uint32_t w[16])
{
	struct shape s;
	int64_t spm, host;

	do {
		draw_shape(r, a, &s);
		spm = place(r, &s, s.spm, a->spm_lo, a->spm_hi);
		host = place(r, &s, s.host, a->host_lo, a->host_hi);
	} while (spm < 0 || host < 0 || s.len * s.n[0] * s.n[1] * s.n[2] > MAX_BYTES);
	if (e == BENCH_LOAD && rng_chance(r, 25))
		pack_fill(w, r, &s, (uint32_t)spm);
	else
		pack_copy(w, a->region, rng_below(r, QUERN_NUM_REGIONS), &s, (uint32_t)spm, (uint32_t)host);
	if (e == BENCH_STORE)
		w[0] = (w[0] & ~0xffu) | QUERN_OP_STORE;
}

uint64_t gen_bytes(const uint32_t w[16])
{
	struct quern_cmd_load c;

	if ((w[0] & 0xff) == QUERN_OP_FILL)
		return 0;
	quern_cmd_load_unpack(&c, w);
	return (uint64_t)c.len * c.n1 * c.n2 * c.n3;
}
