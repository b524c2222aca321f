/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Scratchpad space while ops are lowered. Among the places that fit it picks the one whose last user finished longest ago: the hazard
 * between that user and the new owner is then the least likely to make a prefetch wait.
 */
#ifndef COMPILER_SPM_ALLOC_H
#define COMPILER_SPM_ALLOC_H

#include <stdbool.h>
#include <stdint.h>

#define SPM_NONE UINT32_MAX
/* Addresses and sizes are multiples of it: a multiple of every vector size. */
#define SPM_GRANULE 64
/* Buffers of one op. */
#define SPM_MAX_GET 8
/* Free runs that are considered. */
#define SPM_MAX_RUNS 64

struct spm_alloc {
	uint32_t granules;
	uint32_t clock;
	uint32_t *stamp;  /* per granule: when it was freed last; SPM_NONE while taken */
	uint32_t *age;	  /* per granule: stamp of the last time it was freed, kept while taken */
	uint32_t *window; /* of best_window() */
	uint32_t peak;	  /* granules taken at most */
	uint32_t taken;
};

bool spm_init(struct spm_alloc *s, uint32_t bytes);
void spm_finish(struct spm_alloc *s);
/* Takes buffers of these sizes, at most SPM_MAX_GET; false, and nothing taken, if they do not fit. */
bool spm_get(struct spm_alloc *s, const uint64_t *bytes, uint32_t *addr, int count);
void spm_put(struct spm_alloc *s, uint32_t addr, uint64_t bytes);
/* When the last of the range was freed before it was taken. */
uint32_t spm_age(const struct spm_alloc *s, uint32_t addr, uint64_t bytes);
/* Takes a given range; false if part of it is taken. */
bool spm_take(struct spm_alloc *s, uint32_t addr, uint64_t bytes);
/* Whether spm_get() would succeed. */
bool spm_fits(const struct spm_alloc *s, const uint64_t *bytes, int count);

#endif
