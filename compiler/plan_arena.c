/* SPDX-License-Identifier: Apache-2.0 */
/* Host memory for tensors that do not stay in the scratchpad: each at the lowest offset that is free during its life. */
#include "plan.h"

#define ARENA_ALIGN 256
/* Padding pixels to whole vectors makes runs long; not worth it for few channels or when the tensor becomes huge. */
#define MAX_PADDED_BYTES (1ull << 30)

static bool in_arena(const struct storage *s)
{
	return s->used && !s->fixed && !s->resident;
}

static void set_pitch(const struct backend *be, struct storage *s)
{
	uint64_t pixels = (uint64_t)s->g.b * (uint64_t)s->g.h * (uint64_t)s->g.w;
	uint64_t pitch = ((uint64_t)s->g.c + be->n - 1) / be->n * be->n;

	if (s->g.c % (int32_t)be->n == 0 || s->g.c < (int32_t)be->n / 2)
		s->dense = true;
	if (!s->dense && pixels * pitch <= MAX_PADDED_BYTES)
		s->host_pix = (uint32_t)pitch;
	else
		s->host_pix = (uint32_t)s->g.c;
	s->host_bytes = pixels * s->host_pix;
}

static uint64_t lowest_offset(const struct backend *be, const struct storage *s)
{
	uint64_t at = 0;
	bool moved = true;

	while (moved) {
		moved = false;
		for (uint32_t i = 0; i < be->g->num_tensor_ids; i++) {
			const struct storage *o = &be->storages[i];

			if (o == s || !in_arena(o) || !o->host_bytes || o->first > s->last || o->last < s->first)
				continue;
			if (at < o->offset + o->host_bytes && o->offset < at + s->host_bytes) {
				at = (o->offset + o->host_bytes + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
				moved = true;
			}
		}
	}
	return at;
}

void plan_arena(struct backend *be)
{
	be->arena_bytes = 0;
	for (uint32_t i = 0; i < be->g->num_tensor_ids; i++) {
		struct storage *s = &be->storages[i];

		if (s->fixed)
			s->host_pix = (uint32_t)s->g.c;
		if (!in_arena(s))
			continue;
		s->region = QUERN_PROGRAM_REGION_ARENA;
		set_pitch(be, s);
		s->offset = lowest_offset(be, s);
		if (s->offset + s->host_bytes > be->arena_bytes)
			be->arena_bytes = s->offset + s->host_bytes;
	}
}
