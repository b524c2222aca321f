// SPDX-License-Identifier: Apache-2.0
/*
 * Memory runs out at every place where the library asks for some: once at the n-th request, then from the n-th on, for
 * n = 1, 2, 3 ... until nothing fails. Each time the call says "no memory", and nothing is lost (the address sanitizer
 * looks). Linked with --wrap for the functions below.
 */
#include <stdatomic.h>
#include <stdio.h>
#include <sys/mman.h>

#include "api.h"
#include "qnfile.h"

static atomic_uint requests;
static atomic_uint fail_at; /* 0: never */
static atomic_bool keep_failing;

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t num, size_t bytes);
void *__real_realloc(void *p, size_t bytes);
void *__real_aligned_alloc(size_t align, size_t bytes);
void *__real_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t num, size_t bytes);
void *__wrap_realloc(void *p, size_t bytes);
void *__wrap_aligned_alloc(size_t align, size_t bytes);
void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset);

static bool fails(void)
{
	unsigned int n = atomic_fetch_add(&requests, 1) + 1, at = atomic_load(&fail_at);

	return at && (n == at || (n > at && atomic_load(&keep_failing)));
}

void *__wrap_malloc(size_t bytes)
{
	return fails() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t num, size_t bytes)
{
	return fails() ? NULL : __real_calloc(num, bytes);
}

void *__wrap_realloc(void *p, size_t bytes)
{
	return fails() ? NULL : __real_realloc(p, bytes);
}

void *__wrap_aligned_alloc(size_t align, size_t bytes)
{
	return fails() ? NULL : __real_aligned_alloc(align, bytes);
}

void *__wrap_mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return fails() ? MAP_FAILED : __real_mmap(addr, len, prot, flags, fd, offset);
}

struct objects {
	struct accel_device *dev;
	struct accel_context *ctx;
	struct accel_program *program;
	struct accel_buffer *in, *out;
	struct accel_fence *fence;
};

static enum accel_status use(struct objects *o, const struct qnfile *qn, struct accel_error *err)
{
	struct accel_binding b[2];
	struct accel_submit submit = {.tensors = b, .num_tensors = 2};
	enum accel_status status = accel_device_open("func", &o->dev, err);

	if (!status)
		status = accel_program_create(o->dev, qn, sizeof(*qn), &o->program, err);
	if (!status)
		status = accel_context_create(o->dev, ACCEL_PRIORITY_NORMAL, &o->ctx, err);
	if (!status)
		status = accel_buffer_create(o->dev, QNFILE_TENSOR_BYTES, 0, &o->in, err);
	if (!status)
		status = accel_buffer_create(o->dev, 5 << 20, 0, &o->out, err);
	b[0] = (struct accel_binding){o->in, 0};
	b[1] = (struct accel_binding){o->out, 3 << 20};
	submit.program = o->program;
	if (!status)
		status = accel_context_submit(o->ctx, &submit, &o->fence, err);
	return status ? status : accel_fence_wait(o->fence, PATIENCE, err);
}

static void give_back(struct objects *o)
{
	accel_fence_destroy(o->fence);
	accel_buffer_destroy(o->out);
	accel_buffer_destroy(o->in);
	accel_program_destroy(o->program);
	accel_context_destroy(o->ctx);
	accel_device_close(o->dev);
}

/* Returns the number of places that failed. */
static unsigned int sweep(bool keep)
{
	struct qnfile qn;

	qnfile_init(&qn, 16);
	qn.info.arena_bytes = 3 * PAGE;
	atomic_store(&keep_failing, keep);
	for (unsigned int n = 1;; n++) {
		struct objects o = {0};
		struct accel_error err;
		enum accel_status status;
		bool hit;

		atomic_store(&requests, 0);
		atomic_store(&fail_at, n);
		status = use(&o, &qn, &err);
		hit = atomic_load(&requests) >= n;
		give_back(&o);
		atomic_store(&fail_at, 0);
		if (!hit && status == ACCEL_OK)
			return n - 1;
		if (status == ACCEL_OK)
			continue; /* done without it, or failed while giving back */
		if (status != ACCEL_ERROR_NO_MEMORY || strncmp(err.message, "no memory for ", 14))
			fail_msg("request %u: %s: %s", n, accel_status_text(status), err.message);
	}
}

static void memory_runs_out_once(void **state)
{
	(void)state;
	print_message("%u places\n", sweep(false));
}

static void memory_runs_out_for_good(void **state)
{
	(void)state;
	print_message("%u places\n", sweep(true));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_runs_out_once),
		cmocka_unit_test(memory_runs_out_for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
