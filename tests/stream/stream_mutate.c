/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile changes. Most keep what surrounds them legal, so that the stream gets far before it fails. */
#include <string.h>
#include "quern/sv39.h"
#include "stream_mutate.h"

struct target {
	struct rng *r;
	struct stream *s;
	uint32_t n;
	uint32_t spm_bytes;
};

static uint32_t *any_command(struct target *t)
{
	return t->s->cmd[rng_next(t->r) % t->s->ncmds];
}

void mutate_set_field(uint32_t *w, const struct quern_field_info *f, uint32_t value)
{
	uint32_t mask = f->bits == 32 ? UINT32_MAX : (1u << f->bits) - 1;

	w[f->word] = (w[f->word] & ~(mask << f->lsb)) | (value & mask) << f->lsb;
}

uint32_t mutate_boundary(struct rng *r, const struct quern_field_info *f, uint32_t n, uint32_t spm_bytes)
{
	const uint32_t values[] = {
		(uint32_t)f->min,
		(uint32_t)f->min - 1,
		(uint32_t)f->max,
		(uint32_t)f->max + 1,
		0,
		UINT32_MAX,
		0x80000000u,
		0x7fffffffu,
		spm_bytes,
		spm_bytes - 1,
		spm_bytes - n,
		spm_bytes - n + 1,
		0u - n,
		QUERN_ACC_ENTRIES,
		QUERN_ACC_ENTRIES - 1,
		QUERN_ACC_ENTRIES * QUERN_ACC_BANKS,
		QUERN_ACC_ENTRIES * QUERN_ACC_BANKS - 1,
		n,
		rng_next(r),
	};

	return values[rng_next(r) % (sizeof(values) / sizeof(values[0]))];
}

void mutate_minimal(uint32_t *w, const struct quern_cmd_info *info)
{
	memset(w, 0, QUERN_CMD_BYTES);
	w[0] = info->opcode;
	for (uint32_t i = 0; i < info->num_fields; i++)
		mutate_set_field(w, &info->fields[i], info->fields[i].min > 0 ? (uint32_t)info->fields[i].min : 0);
}

static void flip_bit(struct target *t)
{
	uint32_t bit = rng_next(t->r) % (QUERN_CMD_BYTES * 8);

	any_command(t)[bit / 32] ^= 1u << bit % 32;
}

static void push_field(struct target *t)
{
	uint32_t *w = any_command(t);
	const struct quern_cmd_info *info = quern_cmd_find(w[0] & 0xff);
	const struct quern_field_info *f;

	if (!info || !info->num_fields)
		return;
	f = &info->fields[rng_next(t->r) % info->num_fields];
	mutate_set_field(w, f, mutate_boundary(t->r, f, t->n, t->spm_bytes));
}

/* A random legal value: the command passes dispatch and meets the engine's own checks. */
static void scatter_field(struct target *t)
{
	uint32_t *w = any_command(t);
	const struct quern_cmd_info *info = quern_cmd_find(w[0] & 0xff);
	const struct quern_field_info *f;
	uint64_t range;
	uint32_t value;

	if (!info || !info->num_fields)
		return;
	f = &info->fields[rng_next(t->r) % info->num_fields];
	range = (uint64_t)(f->max - f->min) + 1;
	value = (uint32_t)(f->min + (int64_t)(rng_next(t->r) % range));
	mutate_set_field(w, f, f->align_vector ? value / t->n * t->n : value);
}

/* Sizes and counts of a command all zero, or all largest. */
static void flood_sizes(struct target *t)
{
	uint32_t *w = any_command(t);
	const struct quern_cmd_info *info = quern_cmd_find(w[0] & 0xff);
	bool zero = rng_next(t->r) & 1;

	for (uint32_t i = 0; info && i < info->num_fields; i++)
		if (info->fields[i].min == 1)
			mutate_set_field(w, &info->fields[i], zero ? 0 : (uint32_t)info->fields[i].max);
}

/* Everything but the opcode left unset. */
static void unset(struct target *t)
{
	uint32_t *w = any_command(t);

	w[0] &= 0xff;
	memset(w + 1, 0, QUERN_CMD_BYTES - 4);
}

static void swap_commands(struct target *t)
{
	uint32_t *a = any_command(t);
	uint32_t *b = any_command(t);
	uint32_t copy[QUERN_CMD_WORDS];

	memcpy(copy, a, sizeof(copy));
	memmove(a, b, sizeof(copy));
	memcpy(b, copy, sizeof(copy));
}

static void copy_command(struct target *t)
{
	memmove(any_command(t), any_command(t), QUERN_CMD_BYTES);
}

static void truncate_stream(struct target *t)
{
	t->s->ncmds = 1 + rng_next(t->r) % t->s->ncmds;
}

static void garbage(struct target *t)
{
	uint32_t *w = any_command(t);
	const struct quern_cmd_info *info = &quern_cmd_infos[rng_next(t->r) % QUERN_NUM_CMD_INFOS];
	bool masked = rng_next(t->r) & 1;

	for (uint32_t i = 0; i < QUERN_CMD_WORDS; i++)
		w[i] = rng_next(t->r) & (masked ? info->mask[i] : UINT32_MAX);
	if (masked)
		w[0] = (w[0] & ~0xffu) | info->opcode;
	if (masked && info->has_tokens && rng_one_in(t->r, 2))
		w[1] = w[2] = 0;
}

static void change_tokens(struct target *t)
{
	any_command(t)[1 + rng_next(t->r) % 2] ^= rng_one_in(t->r, 4) ? rng_next(t->r) : 1u << rng_next(t->r) % 32;
}

/* No order between engines at all: legal, and a race. */
static void drop_tokens(struct target *t)
{
	for (uint32_t i = 0; i < t->s->ncmds; i++) {
		const struct quern_cmd_info *info = quern_cmd_find(t->s->cmd[i][0] & 0xff);

		if (info && info->has_tokens)
			t->s->cmd[i][1] = t->s->cmd[i][2] = 0;
	}
}

static void move_region(struct target *t)
{
	uint64_t *region = &t->s->region[rng_next(t->r) % QUERN_NUM_REGIONS];
	const uint64_t mask = (1ull << QUERN_HOST_ADDR_BITS) - 1;

	*region =
		rng_one_in(t->r, 2) ? ((uint64_t)rng_next(t->r) << 8) & mask : *region ^ (1ull << rng_next(t->r) % 40);
}

void stream_mutate(struct rng *r, struct stream *s, uint32_t n, uint32_t spm_bytes)
{
	static void (*const kinds[])(struct target * t) = {
		flip_bit,      push_field,    push_field,  push_field,	  scatter_field, scatter_field,
		scatter_field, flood_sizes,   unset,	   swap_commands, copy_command,	 truncate_stream,
		garbage,       change_tokens, drop_tokens, move_region,
	};
	struct target t = {r, s, n, spm_bytes};

	for (int changes = rng_in(r, 1, 4); changes; changes--)
		kinds[rng_next(r) % (sizeof(kinds) / sizeof(kinds[0]))](&t);
}

/* An address that the space uses: of a command or of data. */
static uint64_t used_address(struct rng *r, const struct image_space *space)
{
	const struct host_segment *seg = &space->segment[rng_next(r) % space->num_segments];

	if (rng_one_in(r, 6))
		return space->stream_va + rng_next(r) % (STREAM_MAX_CMDS * QUERN_CMD_BYTES);
	return seg->va + rng_next(r) % seg->bytes;
}

static uint64_t hostile_pte(struct rng *r, const struct image *img, uint64_t old)
{
	switch (rng_next(r) % 10) {
	case 0:
		return 0;
	case 6:
		return old & ~(QUERN_PTE_W | (rng_one_in(r, 2) ? QUERN_PTE_D : 0)); /* read-only */
	case 7:
		return (old & ~(QUERN_PTE_R | QUERN_PTE_W)) | QUERN_PTE_X;
	case 1:
		return old ^ 1ull << rng_next(r) % 8; /* permissions and kind */
	case 2:
		return old ^ 1ull << (54 + rng_next(r) % 10); /* reserved */
	case 3:
		return quern_pte_leaf(IMAGE_BUS_BASE + IMAGE_RAM_BYTES +
					      (uint64_t)(rng_next(r) % 64) * IMAGE_PAGE_BYTES,
				      true); /* nothing answers there */
	case 4:
		return quern_pte_table(img->space[IMAGE_TEST].root); /* tables that point back */
	case 5:
		return (uint64_t)rng_next(r) << 32 | rng_next(r);
	default:
		return old ^ 1ull << rng_next(r) % 64;
	}
}

/* Entries are found before any is changed, so that a changed pointer does not lead into other memory. */
void tables_mutate(struct rng *r, struct image *img, struct table_mutation *m)
{
	uint32_t changes = (uint32_t)rng_in(r, 1, MUTATE_MAX_PTES);

	m->count = 0;
	for (uint32_t i = 0; i < changes; i++) {
		uint64_t va = used_address(r, &img->space[IMAGE_TEST]);
		unsigned int level = rng_one_in(r, 4) ? rng_next(r) % QUERN_SV39_LEVELS : 0;
		uint64_t *pte = image_pte(img, IMAGE_TEST, va, level);

		if (pte)
			m->pte[m->count++] = pte;
	}
	for (uint32_t i = 0; i < m->count; i++) {
		m->old[i] = *m->pte[i];
		*m->pte[i] = hostile_pte(r, img, *m->pte[i]);
		image_touch(img, m->pte[i]);
	}
}

void tables_undo(struct image *img, struct table_mutation *m)
{
	while (m->count) {
		m->count--;
		*m->pte[m->count] = m->old[m->count];
		image_touch(img, m->pte[m->count]);
	}
}
