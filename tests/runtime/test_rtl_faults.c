// SPDX-License-Identifier: Apache-2.0
/*
 * A broken chip or firmware never hangs or harms the process: every broken promise ends in a status that names it. The
 * chip is fake_chip.c, chosen by QUERN_RTL_DIR. Also the checks of the firmware image, and threads over the transport.
 */
#include <nettle/sha2.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "api.h"
#include "quern/messages.h"
#include "quern/registers.h"

#define PAYLOAD 256

struct image {
	struct quern_fw_image header;
	uint8_t payload[PAYLOAD];
};

static char image_path[] = "/tmp/quern-image-XXXXXX";

static void image_init(struct image *image)
{
	memset(image, 0, sizeof(*image));
	image->header = (struct quern_fw_image){
		.magic = QUERN_FW_MAGIC,
		.header_bytes = sizeof(image->header),
		.major = QUERN_MESSAGES_MAJOR,
		.hw_major = QUERN_REGISTERS_MAJOR,
		.payload_bytes = PAYLOAD,
		.memory_bytes = PAYLOAD,
	};
}

static void image_sign(struct image *image)
{
	struct sha256_ctx sha;

	memset(image->header.sha256, 0, sizeof(image->header.sha256));
	sha256_init(&sha);
	sha256_update(&sha, sizeof(*image), (const uint8_t *)image);
	sha256_digest(&sha, sizeof(image->header.sha256), image->header.sha256);
}

static void image_write(const struct image *image, size_t bytes)
{
	FILE *f = fopen(image_path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(image, 1, bytes, f), bytes);
	assert_int_equal(fclose(f), 0);
}

static int good_image(void **state)
{
	struct image image;

	(void)state;
	image_init(&image);
	image_sign(&image);
	image_write(&image, sizeof(image));
	return 0;
}

static void open_fails(const char *mode, enum accel_status status, const char *text)
{
	struct accel_device *dev;

	setenv("QUERN_FAKE_CHIP", mode, 1);
	must_fail(accel_device_open("rtl", &dev, &err), status, text);
	assert_null(dev);
}

static void chips_that_do_not_start(void **state)
{
	(void)state;
	open_fails("api", ACCEL_ERROR_VERSION, "refuses this library");
	open_fails("id", ACCEL_ERROR_DEVICE_FAILED, "id 0x");
	open_fails("hw-version", ACCEL_ERROR_VERSION, "the chip has version");
	open_fails("boot-silent", ACCEL_ERROR_DEVICE_FAILED, "did not start: state OFF");
	open_fails("boot-crash", ACCEL_ERROR_DEVICE_FAILED, "did not start: state CRASHED");
	open_fails("boot-refused", ACCEL_ERROR_VERSION, "refused the handshake");
	open_fails("reply-magic", ACCEL_ERROR_VERSION, "no magic");
	open_fails("reply-version", ACCEL_ERROR_VERSION, "another major version");
	open_fails("reply-features", ACCEL_ERROR_VERSION, "did not offer");
	open_fails("reply-limits", ACCEL_ERROR_VERSION, "impossible limits");
	open_fails("reply-entries", ACCEL_ERROR_VERSION, "rings hold 16 entries");
}

static void images_that_are_refused(void **state)
{
	struct image image;

	(void)state;
	for (size_t n = 0; n < sizeof(image); n += n < sizeof(image.header) ? 1 : 13) {
		image_init(&image);
		image_sign(&image);
		image_write(&image, n);
		open_fails("", ACCEL_ERROR_VERSION, "size");
	}
	for (uint32_t bit = 0; bit < 8 * sizeof(image); bit += 7) {
		struct accel_device *dev;

		image_init(&image);
		image_sign(&image);
		((uint8_t *)&image)[bit / 8] ^= (uint8_t)(1u << bit % 8);
		image_write(&image, sizeof(image));
		assert_int_not_equal(accel_device_open("rtl", &dev, NULL), ACCEL_OK);
	}
	image_init(&image);
	image.header.major++;
	image_sign(&image);
	image_write(&image, sizeof(image));
	open_fails("", ACCEL_ERROR_VERSION, "messages contract");
	unlink(image_path);
	open_fails("", ACCEL_ERROR_FILE, "set QUERN_FIRMWARE");
}

/* The context cannot be made; afterwards the device says why, and closes. */
static void context_fails(const char *mode, const char *text)
{
	struct accel_context *ctx;
	struct accel_device *dev;

	setenv("QUERN_FAKE_CHIP", mode, 1);
	must(accel_device_open("rtl", &dev, &err));
	must_fail(accel_context_create(dev, ACCEL_PRIORITY_LOW, &ctx, &err), ACCEL_ERROR_DEVICE_FAILED, text);
	must_fail(accel_context_create(dev, ACCEL_PRIORITY_LOW, &ctx, &err), ACCEL_ERROR_DEVICE_FAILED, text);
	accel_device_close(dev);
}

static void admin_commands_that_go_wrong(void **state)
{
	(void)state;
	context_fails("admin-silent", "sleeps and has not answered");
	context_fails("admin-hang", "has not answered admin command CTX_CREATE");
	context_fails("admin-seqno", "which was not asked");
	context_fails("admin-status", "refused to create a context: EBUSY");
}

static void job_fails(const char *mode, const char *text)
{
	struct stream s = STREAM_HERE;
	struct accel_buffer *in, *out;
	struct accel_program *program;
	struct accel_context *ctx;
	struct accel_device *dev;
	struct accel_fence *fence, *second;

	setenv("QUERN_FAKE_CHIP", mode, 1);
	must(accel_device_open("rtl", &dev, &err));
	ctx = api_context(dev);
	in = api_buffer(dev, PAGE);
	out = api_buffer(dev, PAGE);
	stream_copy(&s, PAGE);
	program = api_program(dev, &s, 1, 1, PAGE);
	fence = api_submit(ctx, program, in, out, NULL);
	assert_int_equal(api_finish(fence, NULL), ACCEL_ERROR_DEVICE_FAILED);
	must_fail(accel_context_submit(ctx,
				       &(struct accel_submit){.program = program,
							      .tensors = (struct accel_binding[]){{in, 0}, {out, 0}},
							      .num_tensors = 2},
				       &second, &err),
		  ACCEL_ERROR_CONTEXT_LOST, "device failed");
	if (text)
		must_fail(accel_context_reset(ctx, &err), ACCEL_ERROR_DEVICE_FAILED, text);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_program_destroy(program);
	accel_context_destroy(ctx);
	accel_device_close(dev);
}

static void completions_that_go_wrong(void **state)
{
	(void)state;
	job_fails("job-seqno", "completed job 2");
	job_fails("job-silent", "sleeps and has not answered");
	job_fails("job-stale", "sleeps and has not answered");
	job_fails("job-crash", "the firmware stopped: state CRASHED");
	job_fails("job-reset", "the firmware stopped: state OFF");
	job_fails("job-status", NULL); /* a status that nobody knows fails the job, not the device */
}

/* What the firmware writes ahead of time is not taken for a completion. */
static void a_completion_that_was_not_asked_is_ignored(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_program *program;
	struct accel_context *ctx;
	struct accel_device *dev;

	(void)state;
	setenv("QUERN_FAKE_CHIP", "job-twice", 1);
	must(accel_device_open("rtl", &dev, &err));
	ctx = api_context(dev);
	stream_end(&s);
	program = api_program(dev, &s, 0, 0, 0);
	assert_int_equal(api_finish(api_submit(ctx, program, NULL), NULL), ACCEL_OK);
	accel_program_destroy(program);
	accel_context_destroy(ctx);
	accel_device_close(dev);
}

/* A job that never ends does not keep a device open. */
static void a_hanging_job_does_not_stop_close(void **state)
{
	struct stream s = STREAM_HERE;
	struct accel_program *program;
	struct accel_context *ctx;
	struct accel_device *dev;
	struct accel_fence *fence;

	(void)state;
	setenv("QUERN_FAKE_CHIP", "job-hang", 1);
	must(accel_device_open("rtl", &dev, &err));
	ctx = api_context(dev);
	stream_end(&s);
	program = api_program(dev, &s, 0, 0, 0);
	fence = api_submit(ctx, program, NULL);
	assert_int_equal(accel_fence_wait(fence, SECOND / 100, NULL), ACCEL_ERROR_WAIT_TIMEOUT);
	accel_device_close(dev);
	assert_int_equal(api_finish(fence, NULL), ACCEL_ERROR_CANCELED);
	accel_program_destroy(program);
	accel_context_destroy(ctx);
}

/* Contexts, buffers and jobs come and go on four threads. Returns NULL if all was well. */
static void *storm(void *arg)
{
	struct accel_device *dev = arg;
	struct stream s = STREAM_HERE;

	stream_copy(&s, PAGE);
	for (int i = 0; i < 60; i++) {
		struct accel_buffer *buffer = NULL;
		struct accel_program *program = NULL;
		struct accel_context *ctx = NULL;
		struct accel_fence *fence[4] = {0};
		struct accel_binding b[2];
		struct accel_submit submit = {.tensors = b, .num_tensors = 2};

		if (accel_context_create(dev, (enum accel_priority)(i % 4), &ctx, NULL) ||
		    accel_buffer_create(dev, PAGE, 0, &buffer, NULL) ||
		    stream_program(dev, &s, 1, 1, PAGE, &program, NULL))
			return "cannot create";
		b[0] = b[1] = (struct accel_binding){buffer, 0};
		submit.program = program;
		for (int k = 0; k < 4; k++)
			if (accel_context_submit(ctx, &submit, &fence[k], NULL))
				return "cannot submit";
		if (i % 2 && accel_fence_wait(fence[3], PATIENCE, NULL))
			return "failed";
		accel_buffer_destroy(buffer);
		accel_program_destroy(program);
		accel_context_destroy(ctx);
		for (int k = 0; k < 4; k++) {
			if (!accel_fence_done(fence[k]))
				return "not done after its context was destroyed";
			accel_fence_destroy(fence[k]);
		}
	}
	return NULL;
}

static void threads_share_the_chip(void **state)
{
	struct accel_device *dev;
	pthread_t thread[4];

	(void)state;
	setenv("QUERN_FAKE_CHIP", "", 1);
	must(accel_device_open("rtl", &dev, &err));
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&thread[i], NULL, storm, dev), 0);
	for (int i = 0; i < 4; i++) {
		void *wrong;

		pthread_join(thread[i], &wrong);
		if (wrong)
			fail_msg("thread %d: %s", i, (const char *)wrong);
	}
	accel_device_close(dev);
}

static void missing_libraries_are_named(void **state)
{
	struct accel_device *dev;

	(void)state;
	must_fail(accel_device_open("rtl:8x8", &dev, &err), ACCEL_ERROR_NO_DEVICE,
		  "needs libquern-rtl-8x8.so, which is not there");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(chips_that_do_not_start, good_image),
		cmocka_unit_test(images_that_are_refused),
		cmocka_unit_test_setup(admin_commands_that_go_wrong, good_image),
		cmocka_unit_test_setup(completions_that_go_wrong, good_image),
		cmocka_unit_test_setup(a_completion_that_was_not_asked_is_ignored, good_image),
		cmocka_unit_test_setup(a_hanging_job_does_not_stop_close, good_image),
		cmocka_unit_test_setup(threads_share_the_chip, good_image),
		cmocka_unit_test(missing_libraries_are_named),
	};
	int fd = mkstemp(image_path), failed;

	if (fd < 0 || close(fd))
		return 1;
	setenv("QUERN_FIRMWARE", image_path, 1);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(image_path);
	return failed ? 1 : 0;
}
