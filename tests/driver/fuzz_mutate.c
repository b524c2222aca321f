// SPDX-License-Identifier: Apache-2.0
/* Mutations: bits, neighbours, edges, other numbers. */
#include <string.h>
#include <sys/ioctl.h>

#include "fuzz_mutate.h"
#include "lib/check.h"
#include "quern/commands.h"

#define MOST_CYCLES 20000
#define MOST_HANDLES 4096
#define MAX_TIMEOUT 10000000000ull

static uint64_t edge(struct rng *rng)
{
	static const uint64_t edges[] = {
		0,
		1,
		2,
		3,
		4,
		15,
		16,
		17,
		63,
		64,
		65,
		PAGE - 1,
		PAGE,
		PAGE + 1,
		2 * PAGE,
		CLIENT_VA,
		FREE_VA,
		1ull << QUERN_VA_BITS,
		(1ull << QUERN_VA_BITS) - PAGE,
		QUERN_MAX_STREAM_CMDS,
		INT32_MAX,
		0x80000000,
		UINT32_MAX,
		1ull << 32,
		1ull << 47,
		1ull << 63,
		0xffff888000000000,
		UINT64_MAX - PAGE + 1,
		UINT64_MAX - 63,
		UINT64_MAX,
		sizeof(struct drm_quern_job),
		sizeof(struct drm_quern_sync),
	};

	return edges[rng_below(rng, ARRAY_LENGTH(edges))];
}

static uint64_t other_value(uint64_t value, unsigned int bits, struct rng *rng)
{
	switch (rng_below(rng, 6)) {
	case 0:
		return value ^ 1ull << rng_below(rng, bits);
	case 1:
		return value + 1;
	case 2:
		return value - 1;
	case 3:
		return rng_below(rng, 10); /* another handle, operation, flag */
	case 4:
		return rng_u64(rng);
	default:
		return edge(rng);
	}
}

/* A word of 4 or 8 bytes, aligned. */
static void mutate_word(unsigned char *bytes, unsigned int num, struct rng *rng)
{
	unsigned int wide = rng_below(rng, 2) && num >= 8 ? 8 : 4;
	unsigned char *at;
	uint64_t value = 0;

	if (num < 4)
		return;
	at = bytes + rng_below(rng, num / wide) * wide;
	memcpy(&value, at, wide);
	value = other_value(value, 8 * wide, rng);
	memcpy(at, &value, wide);
}

static void mutate_somewhere(struct request *r, unsigned int bytes, struct rng *rng)
{
	switch (rng_below(rng, 4)) {
	case 0:
		mutate_word((unsigned char *)&r->jobs[rng_below(rng, 2)], sizeof(r->jobs[0]), rng);
		break;
	case 1:
		mutate_word((unsigned char *)&r->syncs[rng_below(rng, 2)], sizeof(r->syncs[0]), rng);
		break;
	default:
		mutate_word(r->args.bytes, bytes, rng);
	}
}

unsigned long mutate(struct request *r, unsigned long request, struct rng *rng)
{
	for (uint32_t n = 1 + rng_below(rng, 3); n; n--)
		mutate_somewhere(r, _IOC_SIZE(request), rng);
	switch (rng_below(rng, 24)) {
	case 0:
		return _IOC(_IOC_DIR(request), DRM_IOCTL_BASE, _IOC_NR(request), rng_below(rng, 256));
	case 1:
		return _IOC(rng_below(rng, 4), DRM_IOCTL_BASE, _IOC_NR(request), _IOC_SIZE(request));
	case 2:
		return _IOC(_IOC_DIR(request), DRM_IOCTL_BASE, DRM_COMMAND_BASE + rng_below(rng, 16),
			    _IOC_SIZE(request));
	default:
		return request;
	}
}

static void bound_wait(struct drm_syncobj_wait *args)
{
	args->timeout_nsec = 1;
	args->count_handles %= MOST_HANDLES;
}

static void bound_array(struct drm_syncobj_array *args)
{
	args->count_handles %= MOST_HANDLES;
}

void bound_call(struct request *r, unsigned long request)
{
	for (unsigned int i = 0; i < DRM_QUERN_MAX_SUBMIT_JOBS; i++)
		if (!r->jobs[i].timeout_cycles ||
		    (r->jobs[i].timeout_cycles > MOST_CYCLES && r->jobs[i].timeout_cycles <= MAX_TIMEOUT))
			r->jobs[i].timeout_cycles = MOST_CYCLES;
	if (_IOC_NR(request) == _IOC_NR(DRM_IOCTL_SYNCOBJ_WAIT))
		bound_wait((struct drm_syncobj_wait *)&r->args);
	if (_IOC_NR(request) == _IOC_NR(DRM_IOCTL_SYNCOBJ_RESET))
		bound_array((struct drm_syncobj_array *)&r->args);
}
