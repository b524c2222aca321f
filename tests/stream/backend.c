/* SPDX-License-Identifier: Apache-2.0 */
/* Choice of a back end, and the one over the functional model. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "backend.h"
#include "func.h"

struct func_backend {
	struct backend base;
	struct func_machine *m;
};

static void *map(void *ctx, uint64_t bus_addr, uint32_t len, bool write)
{
	return image_access(ctx, bus_addr, len, write);
}

/* Spaces keep their ASIDs while their tables change: as with a driver, nothing of an old space may shine through. */
static bool attach(struct backend *b)
{
	struct func_backend *f = (struct func_backend *)b;

	func_tlb_invalidate_all(f->m);
	func_scrub(f->m);
	return true;
}

static void run(struct backend *b, enum image_space_id space, const struct stream *s, uint64_t limit,
		struct backend_result *result)
{
	struct func_backend *f = (struct func_backend *)b;
	const struct image_space *sp = &b->img->space[space];
	struct func_job job = {
		.space = {.asid = space + 1, .root = sp->root},
		.stream = sp->stream_va,
		.ncmds = s->ncmds,
		.max_ticks = limit,
	};
	struct func_result r;

	memcpy(job.space.region, s->region, sizeof(job.space.region));
	func_tlb_invalidate(f->m, job.space.asid);
	*result = (struct backend_result){.outcome = BACKEND_BROKEN, .why = "job refused"};
	if (!func_run(f->m, &job, &r))
		return;
	*result = (struct backend_result){.outcome = BACKEND_FAULT,
					  .fault = r.fault.kind,
					  .unit = r.fault.unit,
					  .index = r.index,
					  .addr = r.fault.addr};
	if (r.state == QUERN_JOB_STATE_DONE)
		result->outcome = BACKEND_DONE;
	else if (r.fault.kind == QUERN_FAULT_ABORTED)
		result->outcome = BACKEND_TIMEOUT;
	if (r.ticks > limit + 1) {
		result->outcome = BACKEND_BROKEN;
		snprintf(result->why, sizeof(result->why), "worked past its limit");
	}
}

static void destroy(struct backend *b)
{
	struct func_backend *f = (struct func_backend *)b;

	func_destroy(f->m);
	free(f);
}

static const struct backend_ops func_ops = {.attach = attach, .run = run, .destroy = destroy};

struct backend *backend_func_create(const struct options *o, struct image *img)
{
	static const struct func_mem_ops mem = {.map = map};
	struct func_backend *f = calloc(1, sizeof(*f));

	if (!f)
		return NULL;
	f->base = (struct backend){&func_ops, img};
	f->m = func_create(&(struct func_config){o->n, o->spm_bytes}, &mem, img);
	if (!f->m) {
		free(f);
		return NULL;
	}
	return &f->base;
}

struct backend *backend_create(const struct options *o, struct image *img, bool *absent)
{
	*absent = false;
	if (!o->device || !strcmp(o->device, "func"))
		return backend_func_create(o, img);
#ifdef STREAM_WITH_RTL
	if (!strcmp(o->device, "rtl"))
		return backend_rtl_create(o, img, absent);
#endif
	fprintf(stderr, "no device %s in this program\n", o->device);
	*absent = true;
	return NULL;
}

void backend_destroy(struct backend *b)
{
	if (b)
		b->ops->destroy(b);
}

void backend_describe(const struct backend_result *r, char *text, uint32_t bytes)
{
	static const char *const names[] = {"done", "fault", "stopped by its limit", "broken"};

	if (r->outcome == BACKEND_BROKEN)
		snprintf(text, bytes, "broken: %s", r->why);
	else
		snprintf(text, bytes, "%s: %s of %s at command %u, address 0x%llx, %llu cycles", names[r->outcome],
			 quern_fault_name(r->fault), quern_unit_name(r->unit), r->index, (unsigned long long)r->addr,
			 (unsigned long long)r->cycles);
}
