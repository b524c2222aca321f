/* SPDX-License-Identifier: Apache-2.0 */
/* Hostile changes to streams and page tables, seeded. */
#ifndef TESTS_STREAM_STREAM_MUTATE_H
#define TESTS_STREAM_STREAM_MUTATE_H

#include "image.h"
#include "quern/cmd_table.h"
#include "lib/rng.h"
#include "stream.h"

/* One to a few changes: bits, fields at and past their bounds, order, length, garbage, regions. */
void stream_mutate(struct rng *r, struct stream *s, uint32_t n, uint32_t spm_bytes);

/* A value at or near a bound of the field, of the scratchpad or of the width. */
uint32_t mutate_boundary(struct rng *r, const struct quern_field_info *f, uint32_t n, uint32_t spm_bytes);

/* Puts a value into a field, cut to its width. */
void mutate_set_field(uint32_t *w, const struct quern_field_info *f, uint32_t value);

/* The command with each field at its lowest legal value. */
void mutate_minimal(uint32_t *w, const struct quern_cmd_info *info);

#define MUTATE_MAX_PTES 4

/* Changed entries of page tables, to be undone. */
struct table_mutation {
	uint32_t count;
	uint64_t *pte[MUTATE_MAX_PTES];
	uint64_t old[MUTATE_MAX_PTES];
};

/* Changes entries of the test space's tables that its stream or data use. */
void tables_mutate(struct rng *r, struct image *img, struct table_mutation *m);
void tables_undo(struct image *img, struct table_mutation *m);

#endif
