/* SPDX-License-Identifier: Apache-2.0 */
/* Delta debugging of streams. */
#include <stdio.h>
#include <string.h>
#include "quern/cmd_table.h"
#include "shrink.h"
#include "stream_mutate.h"

struct shrinker {
	struct stream *s;
	bool (*fails)(void *ctx);
	void *ctx;
};

/* Keeps the change if the stream still fails; otherwise takes it back. */
static bool keep(struct shrinker *k, const struct stream *before)
{
	if (k->fails(k->ctx))
		return true;
	*k->s = *before;
	return false;
}

static bool is_end(const uint32_t *w)
{
	return (w[0] & 0xff) == QUERN_OP_END;
}

static void cut_end(struct shrinker *k)
{
	for (uint32_t step = STREAM_MAX_CMDS / 2; step; step /= 2) {
		while (k->s->ncmds > step + 1) {
			struct stream before = *k->s;

			k->s->ncmds -= step;
			mutate_minimal(k->s->cmd[k->s->ncmds - 1], quern_cmd_find(QUERN_OP_END));
			if (!keep(k, &before))
				break;
		}
	}
}

static bool drop_commands(struct shrinker *k)
{
	bool changed = false;

	for (uint32_t i = k->s->ncmds; i-- > 0;) {
		struct stream before = *k->s;
		uint32_t *w = k->s->cmd[i];

		if (w[1] || w[2] || is_end(w))
			continue;
		memmove(w, w + QUERN_CMD_WORDS, (k->s->ncmds - i - 1) * QUERN_CMD_BYTES);
		k->s->ncmds--;
		changed |= keep(k, &before);
	}
	return changed;
}

/* A signal and the wait that it meets, taken away together. */
static bool drop_token(struct shrinker *k, uint32_t from, uint32_t bit)
{
	struct stream before = *k->s;

	k->s->cmd[from][2] &= ~bit;
	for (uint32_t i = from + 1; i < k->s->ncmds; i++) {
		if (!(k->s->cmd[i][1] & bit))
			continue;
		k->s->cmd[i][1] &= ~bit;
		break;
	}
	return keep(k, &before);
}

static bool drop_tokens(struct shrinker *k)
{
	bool changed = false;

	for (uint32_t i = 0; i < k->s->ncmds; i++)
		for (uint32_t bit = 1; bit; bit <<= 1)
			if (k->s->cmd[i][2] & bit)
				changed |= drop_token(k, i, bit);
	return changed;
}

static bool lower_field(struct shrinker *k, uint32_t *w, const struct quern_field_info *f)
{
	struct stream before = *k->s;
	int64_t value = quern_field_get(f, w);

	if (f->min != 1 || value <= 1)
		return false;
	mutate_set_field(w, f, 1);
	if (keep(k, &before))
		return true;
	mutate_set_field(w, f, (uint32_t)(value / 2));
	if (keep(k, &before))
		return true;
	mutate_set_field(w, f, (uint32_t)(value - 1));
	return keep(k, &before);
}

static bool lower_fields(struct shrinker *k)
{
	bool changed = false;

	for (uint32_t i = 0; i < k->s->ncmds; i++) {
		uint32_t *w = k->s->cmd[i];
		const struct quern_cmd_info *info = quern_cmd_find(w[0] & 0xff);

		for (uint32_t j = 0; info && j < info->num_fields; j++)
			changed |= lower_field(k, w, &info->fields[j]);
	}
	return changed;
}

void shrink(struct stream *s, bool (*fails)(void *ctx), void *ctx)
{
	struct shrinker k = {s, fails, ctx};
	bool changed = true;

	for (int round = 0; changed && round < 12; round++) {
		cut_end(&k);
		changed = drop_commands(&k);
		changed |= drop_tokens(&k);
		changed |= lower_fields(&k);
	}
}

void stream_print(const struct stream *s)
{
	for (uint32_t i = 0; i < QUERN_NUM_REGIONS; i++)
		printf("%sregion %u 0x%010llx", i % 4 ? "  " : i ? "\n" : "", i, (unsigned long long)s->region[i]);
	printf("\n");
	for (uint32_t i = 0; i < s->ncmds; i++) {
		const uint32_t *w = s->cmd[i];
		const struct quern_cmd_info *info = quern_cmd_find(w[0] & 0xff);

		printf("%3u %-8s wait %08x signal %08x", i, info ? info->name : "?", w[1], w[2]);
		for (uint32_t j = 0; info && j < info->num_fields; j++)
			if (quern_field_get(&info->fields[j], w))
				printf(" %s=%lld", info->fields[j].name,
				       (long long)quern_field_get(&info->fields[j], w));
		printf("\n");
	}
}
