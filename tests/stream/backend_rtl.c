/* SPDX-License-Identifier: Apache-2.0 */
/* The back end over the RTL: one chip with the real firmware, a context for each space. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backend.h"
#include "chip_host.h"

#define SLACK_CYCLES 1000000 /* for firmware and abort, beyond a job's own limit */

struct rtl_backend {
	struct backend base;
	struct chip_host chip;
};

static const uint32_t priorities[IMAGE_SPACES] = {[IMAGE_TEST] = 1, [IMAGE_VICTIM] = 3};

static bool attach(struct backend *b)
{
	struct rtl_backend *rtl = (struct rtl_backend *)b;

	for (uint32_t i = 0; i < IMAGE_SPACES; i++) {
		if (chip_host_create_context(&rtl->chip, i, b->img->space[i].root, priorities[i]))
			continue;
		fprintf(stderr, "%s\n", rtl->chip.why);
		return false;
	}
	return true;
}

static bool flush(struct rtl_backend *rtl, enum image_space_id space)
{
	const struct quern_admin_cmd cmd = {.op = QUERN_ADMIN_OP_TLB_FLUSH, .asid = space + 1};

	return chip_host_admin(&rtl->chip, &cmd) == QUERN_STATUS_OK;
}

static void submit(struct rtl_backend *rtl, enum image_space_id space, const struct stream *s, uint64_t limit)
{
	struct quern_job job = {
		.op = QUERN_JOB_OP_RUN,
		.ncmds = s->ncmds,
		.stream = rtl->base.img->space[space].stream_va,
		.timeout = limit,
	};

	memcpy(job.region, s->region, sizeof(job.region));
	chip_host_submit(&rtl->chip, space, &job);
}

static enum backend_outcome outcome_of(uint32_t status)
{
	switch (status) {
	case QUERN_STATUS_OK:
		return BACKEND_DONE;
	case QUERN_STATUS_EFAULT:
		return BACKEND_FAULT;
	case QUERN_STATUS_ETIMEDOUT:
		return BACKEND_TIMEOUT;
	default:
		return BACKEND_BROKEN;
	}
}

static void collect(struct rtl_backend *rtl, enum image_space_id space, uint64_t limit, struct backend_result *result)
{
	const struct quern_admin_cmd reset = {.op = QUERN_ADMIN_OP_CTX_RESET, .ctx = space};
	struct quern_job_done done;

	*result = (struct backend_result){.outcome = BACKEND_BROKEN};
	if (!chip_host_wait(&rtl->chip, space, limit + SLACK_CYCLES, &done)) {
		snprintf(result->why, sizeof(result->why), "%s", rtl->chip.why);
		return;
	}
	*result = (struct backend_result){
		.outcome = outcome_of(done.status),
		.fault = done.fault,
		.unit = done.fault_unit,
		.index = done.fault_index,
		.addr = done.fault_addr,
		.cycles = done.job_cycles,
	};
	if (result->outcome == BACKEND_BROKEN)
		snprintf(result->why, sizeof(result->why), "status %s", quern_status_name(done.status));
	if (done.status != QUERN_STATUS_OK && chip_host_admin(&rtl->chip, &reset) != QUERN_STATUS_OK) {
		result->outcome = BACKEND_BROKEN;
		snprintf(result->why, sizeof(result->why), "context cannot be reset");
	}
}

static void run(struct backend *b, enum image_space_id space, const struct stream *s, uint64_t limit,
		struct backend_result *result)
{
	struct rtl_backend *rtl = (struct rtl_backend *)b;

	*result = (struct backend_result){.outcome = BACKEND_BROKEN, .why = "translations cannot be dropped"};
	if (!flush(rtl, space))
		return;
	submit(rtl, space, s, limit);
	collect(rtl, space, limit, result);
}

static void run_pair(struct backend *b, const struct stream *test, const struct stream *victim, uint64_t delay,
		     uint64_t limit, struct backend_result result[IMAGE_SPACES])
{
	struct rtl_backend *rtl = (struct rtl_backend *)b;

	submit(rtl, IMAGE_TEST, test, 2 * limit);
	chip_host_delay(&rtl->chip, delay);
	submit(rtl, IMAGE_VICTIM, victim, limit);
	collect(rtl, IMAGE_VICTIM, 2 * limit, &result[IMAGE_VICTIM]);
	collect(rtl, IMAGE_TEST, 2 * limit, &result[IMAGE_TEST]);
}

static void destroy(struct backend *b)
{
	struct rtl_backend *rtl = (struct rtl_backend *)b;

	chip_host_finish(&rtl->chip);
	free(rtl);
}

static const struct backend_ops rtl_ops = {.attach = attach, .run = run, .run_pair = run_pair, .destroy = destroy};

struct backend *backend_rtl_create(const struct options *o, struct image *img, bool *absent)
{
	struct rtl_backend *rtl = calloc(1, sizeof(*rtl));
	struct quern_sim_info info = {0};

	if (!rtl)
		return NULL;
	rtl->base = (struct backend){&rtl_ops, img};
	if (chip_host_init(&rtl->chip, o, img, absent)) {
		rtl->chip.api.info(rtl->chip.sim, &info);
		if (info.array == o->n && info.spm_bytes == o->spm_bytes)
			return &rtl->base;
		snprintf(rtl->chip.why, sizeof(rtl->chip.why), "the chip is %ux%u with %u bytes of scratchpad",
			 info.array, info.array, info.spm_bytes);
	}
	fprintf(stderr, "rtl: %s\n", rtl->chip.why);
	destroy(&rtl->base);
	return NULL;
}
