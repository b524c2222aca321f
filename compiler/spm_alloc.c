/* SPDX-License-Identifier: Apache-2.0 */
/* Scratchpad allocator: see spm_alloc.h. */
#include <stdlib.h>
#include "spm_alloc.h"

static uint32_t to_granules(uint64_t bytes)
{
	uint64_t n = bytes / SPM_GRANULE + (bytes % SPM_GRANULE != 0);

	return n > UINT32_MAX / 2 ? UINT32_MAX / 2 : (uint32_t)n;
}

bool spm_init(struct spm_alloc *s, uint32_t bytes)
{
	*s = (struct spm_alloc){.granules = bytes / SPM_GRANULE, .clock = 1};
	s->stamp = calloc(s->granules + 1, sizeof(*s->stamp));
	s->age = calloc(s->granules + 1, sizeof(*s->age));
	s->window = calloc(s->granules + 1, sizeof(*s->window));
	return s->stamp && s->age && s->window;
}

void spm_finish(struct spm_alloc *s)
{
	free(s->stamp);
	free(s->age);
	free(s->window);
	*s = (struct spm_alloc){0};
}

/*
 * Start of the window of n granules whose latest stamp is the earliest. s->window is a queue of indices with falling stamps, so its head
 * is the latest of the window that ends at i.
 */
static uint32_t best_window(struct spm_alloc *s, uint32_t n)
{
	uint32_t head = 0, tail = 0, run = 0, best = SPM_NONE, best_stamp = SPM_NONE;

	for (uint32_t i = 0; i < s->granules; i++) {
		if (s->stamp[i] == SPM_NONE) {
			run = head = tail = 0;
			continue;
		}
		run++;
		while (tail > head && s->stamp[s->window[tail - 1]] <= s->stamp[i])
			tail--;
		s->window[tail++] = i;
		if (run < n)
			continue;
		if (s->window[head] + n <= i)
			head++;
		if (s->stamp[s->window[head]] < best_stamp) {
			best_stamp = s->stamp[s->window[head]];
			best = i + 1 - n;
		}
	}
	return best;
}

static void take(struct spm_alloc *s, uint32_t first, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		s->stamp[first + i] = SPM_NONE;
	s->taken += n;
	if (s->taken > s->peak)
		s->peak = s->taken;
}

void spm_put(struct spm_alloc *s, uint32_t addr, uint64_t bytes)
{
	uint32_t n = to_granules(bytes), first = addr / SPM_GRANULE;

	for (uint32_t i = first; i < first + n; i++)
		s->stamp[i] = s->age[i] = s->clock;
	s->taken -= n;
	s->clock++;
}

uint32_t spm_age(const struct spm_alloc *s, uint32_t addr, uint64_t bytes)
{
	uint32_t n = to_granules(bytes), first = addr / SPM_GRANULE, age = 0;

	for (uint32_t i = first; i < first + n; i++)
		age = s->age[i] > age ? s->age[i] : age;
	return age;
}

bool spm_take(struct spm_alloc *s, uint32_t addr, uint64_t bytes)
{
	uint32_t first = addr / SPM_GRANULE, n = to_granules(bytes);

	if (first + n > s->granules)
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (s->stamp[first + i] == SPM_NONE)
			return false;
	take(s, first, n);
	return true;
}

/* A free run: granules. */
struct run {
	uint32_t first, len;
};

static int free_runs(const struct spm_alloc *s, struct run *run, int max)
{
	int count = 0;
	uint32_t len = 0;

	for (uint32_t i = 0; i <= s->granules; i++) {
		if (i < s->granules && s->stamp[i] != SPM_NONE) {
			len++;
			continue;
		}
		if (len && count < max)
			run[count++] = (struct run){i - len, len};
		len = 0;
	}
	return count;
}

static int largest_left(const uint64_t *bytes, const uint32_t *first, int count)
{
	int big = -1;

	for (int i = 0; i < count; i++)
		if (first[i] == SPM_NONE && (big < 0 || bytes[i] > bytes[big]))
			big = i;
	return big;
}

static int tightest_run(const struct run *run, int runs, uint32_t n)
{
	int best = -1;

	for (int i = 0; i < runs; i++)
		if (run[i].len >= n && (best < 0 || run[i].len < run[best].len))
			best = i;
	return best;
}

/* Largest buffer first, each into the tightest run that takes it. */
static bool pack(const struct spm_alloc *s, const uint64_t *bytes, uint32_t *first, int count)
{
	struct run run[SPM_MAX_RUNS];
	int runs = free_runs(s, run, SPM_MAX_RUNS);

	for (int i = 0; i < count; i++)
		first[i] = SPM_NONE;
	for (int k = 0; k < count; k++) {
		int big = largest_left(bytes, first, count);
		uint32_t n = to_granules(bytes[big]);
		int r = tightest_run(run, runs, n);

		if (r < 0)
			return false;
		first[big] = run[r].first;
		run[r].first += n;
		run[r].len -= n;
	}
	return true;
}

bool spm_fits(const struct spm_alloc *s, const uint64_t *bytes, int count)
{
	uint32_t first[SPM_MAX_GET];

	return pack(s, bytes, first, count);
}

/* All in one window if there is one, because that one can be the one used longest ago. */
static bool one_window(struct spm_alloc *s, const uint64_t *bytes, uint32_t *first, int count)
{
	uint64_t total = 0;
	uint32_t at;

	for (int i = 0; i < count; i++)
		total += to_granules(bytes[i]);
	at = total <= s->granules ? best_window(s, (uint32_t)total) : SPM_NONE;
	if (at == SPM_NONE)
		return false;
	for (int i = 0; i < count; i++) {
		first[i] = at;
		at += to_granules(bytes[i]);
	}
	return true;
}

bool spm_get(struct spm_alloc *s, const uint64_t *bytes, uint32_t *addr, int count)
{
	if (!one_window(s, bytes, addr, count) && !pack(s, bytes, addr, count))
		return false;
	for (int i = 0; i < count; i++) {
		take(s, addr[i], to_granules(bytes[i]));
		addr[i] *= SPM_GRANULE;
	}
	return true;
}
