// SPDX-License-Identifier: Apache-2.0
/*
 * demo-digits: classify the held-out handwriting images on a device, one job an image, and compare each answer with TFLite's, byte for byte.
 * Also an example of libaccel: open, load, bind, submit, wait, read.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "accel/accel.h"
#include "npy.h"

#define SIDE 8 /* pixels */
#define CLASSES 10
#define SHOWN 4 /* images drawn as text, side by side */
#define MAX_FILE (1 << 20) /* bytes; the demo's files are far below */
#define WAIT_NS (60ull * 1000000000)

struct array {
	uint8_t *file;
	struct npy npy;
	const int8_t *data;
	uint64_t count; /* first dimension */
};

struct demo {
	struct accel_device *dev;
	struct accel_program *program;
	struct accel_context *ctx;
	struct accel_buffer *in, *out;
	struct accel_device_info device_info;
	struct accel_program_info info;
	struct array images, labels, answers;
	uint64_t cycles, correct, reference_correct, differ;
	int8_t first[SHOWN][CLASSES]; /* answers to the images that are drawn */
};

static int complain(const char *what, const char *why)
{
	fprintf(stderr, "demo-digits: %s: %s\n", what, why);
	return -1;
}

static uint8_t *read_file(const char *path, size_t *bytes)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = malloc(MAX_FILE);

	if (!f || !data) {
		complain(path, "cannot be read; run the demo from the source tree");
		free(data);
		data = NULL;
	} else {
		*bytes = fread(data, 1, MAX_FILE, f);
	}
	if (f)
		fclose(f);
	return data;
}

/* An int8 array whose items have item_bytes bytes each. */
static int load_array(struct array *a, const char *folder, const char *name, uint64_t item_bytes)
{
	char path[4096], why[NPY_TEXT];
	size_t bytes;

	if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
		return complain(folder, "path too long");
	a->file = read_file(path, &bytes);
	if (!a->file)
		return -1;
	if (npy_parse(&a->npy, a->file, bytes, why))
		return complain(path, why);
	if (a->npy.dtype != ACCEL_DTYPE_INT8 || a->npy.rank < 1 || a->npy.bytes != a->npy.dim[0] * item_bytes)
		return complain(path, "is not the demo's data; check it out again");
	a->data = (const int8_t *)a->file + a->npy.data_offset;
	a->count = a->npy.dim[0];
	return 0;
}

static int load_arrays(struct demo *d, const char *folder)
{
	if (load_array(&d->images, folder, "test_images.npy", SIDE * SIDE) || load_array(&d->labels, folder, "test_labels.npy", 1) ||
	    load_array(&d->answers, folder, "test_outputs.npy", CLASSES))
		return -1;
	if (d->images.count < SHOWN || d->images.count != d->labels.count || d->images.count != d->answers.count)
		return complain(folder, "images, labels and answers do not belong together");
	return 0;
}

static int open_device(struct demo *d, const char *device, const char *program)
{
	struct accel_error err;

	if (accel_device_open(device, &d->dev, &err) || accel_program_load(d->dev, program, &d->program, &err) ||
	    accel_context_create(d->dev, ACCEL_PRIORITY_NORMAL, &d->ctx, &err) || accel_buffer_create(d->dev, SIDE * SIDE, 0, &d->in, &err) ||
	    accel_buffer_create(d->dev, CLASSES, 0, &d->out, &err))
		return complain(device, err.message);
	accel_device_info(d->dev, &d->device_info);
	accel_program_info(d->program, &d->info);
	return 0;
}

static int run_job(struct demo *d, struct accel_result *result)
{
	struct accel_binding tensors[2] = {{.buffer = d->in}, {.buffer = d->out}};
	struct accel_submit submit = {.program = d->program, .tensors = tensors, .num_tensors = 2};
	struct accel_fence *fence;
	struct accel_error err;

	if (accel_context_submit(d->ctx, &submit, &fence, &err))
		return complain("submit", err.message);
	if (accel_fence_wait(fence, WAIT_NS, &err) || accel_fence_result(fence, result)) {
		accel_fence_destroy(fence);
		return complain("job", err.message);
	}
	accel_fence_destroy(fence);
	return 0;
}

static unsigned int best_class(const int8_t *scores)
{
	unsigned int best = 0;

	for (unsigned int i = 1; i < CLASSES; i++)
		if (scores[i] > scores[best])
			best = i;
	return best;
}

static int classify(struct demo *d, uint64_t i)
{
	const int8_t *want = d->answers.data + i * CLASSES;
	const int8_t *got = accel_buffer_map(d->out);
	struct accel_result result;

	memcpy(accel_buffer_map(d->in), d->images.data + i * SIDE * SIDE, SIDE * SIDE);
	if (run_job(d, &result))
		return -1;
	if (i < SHOWN)
		memcpy(d->first[i], got, CLASSES);
	d->cycles += result.t_end - result.t_doorbell;
	d->correct += best_class(got) == (unsigned int)d->labels.data[i];
	d->reference_correct += best_class(want) == (unsigned int)d->labels.data[i];
	d->differ += memcmp(got, want, CLASSES) != 0;
	return 0;
}

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void progress(uint64_t done, uint64_t all)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\rclassifying %" PRIu64 "/%" PRIu64 "%s", done, all, done == all ? "\r                              \r" : "");
}

static void draw(const struct demo *d)
{
	static const char shades[] = " .:-=+*#%@";

	for (unsigned int y = 0; y < SIDE; y++) {
		for (unsigned int i = 0; i < SHOWN; i++) {
			printf("   ");
			for (unsigned int x = 0; x < SIDE; x++) {
				int v = d->images.data[i * SIDE * SIDE + y * SIDE + x] + 128;
				char c = shades[v * 9 / 255];

				printf("%c%c", c, c);
			}
		}
		printf("\n");
	}
	for (unsigned int i = 0; i < SHOWN; i++)
		printf("   says %u, is %d    ", best_class(d->first[i]), d->labels.data[i]);
	printf("\n\n");
}

static void report(const struct demo *d, double seconds)
{
	double n = (double)d->images.count;
	double macs_possible = (double)d->cycles * d->device_info.array * d->device_info.array;

	printf("device            %s, %ux%u int8 MACs\n", d->device_info.name, d->device_info.array, d->device_info.array);
	printf("images            %" PRIu64 " held-out digits\n", d->images.count);
	printf("accuracy          %.2f %% (TFLite reference kernels: %.2f %%)\n", 100 * (double)d->correct / n, 100 * (double)d->reference_correct / n);
	printf("equal to TFLite   %" PRIu64 " of %" PRIu64 " answers, byte for byte\n", d->images.count - d->differ, d->images.count);
	if (d->device_info.has_cycles) {
		printf("cycles an image   %.0f, doorbell to completion\n", (double)d->cycles / n);
		printf("MAC utilisation   %.1f %% of %" PRIu64 " MACs\n", 100 * (double)d->info.macs * n / macs_possible, d->info.macs);
		printf("simulated at      %.0f kHz\n", (double)d->cycles / seconds / 1e3);
	}
	printf("time              %.2f s\n", seconds);
}

static int run_all(struct demo *d)
{
	double start = now_s(), seconds;

	for (uint64_t i = 0; i < d->images.count; i++) {
		if (classify(d, i))
			return -1;
		if (i % 16 == 15 || i + 1 == d->images.count)
			progress(i + 1, d->images.count);
	}
	seconds = now_s() - start;
	draw(d);
	report(d, seconds);
	return d->differ ? complain("answers", "differ from TFLite's: this is a bug in Quern, please report it") : 0;
}

static void close_all(struct demo *d)
{
	accel_buffer_destroy(d->out);
	accel_buffer_destroy(d->in);
	accel_context_destroy(d->ctx);
	accel_program_destroy(d->program);
	accel_device_close(d->dev);
	free(d->images.file);
	free(d->labels.file);
	free(d->answers.file);
}

int main(int argc, char **argv)
{
	struct demo d = {0};
	int err;

	if (argc != 4) {
		fprintf(argc == 2 && !strcmp(argv[1], "--help") ? stdout : stderr,
			"usage: demo-digits DEVICE PROGRAM.qn DATA_FOLDER\nexample: demo-digits rtl build/digits.qn demo/digits\n");
		return argc == 2 && !strcmp(argv[1], "--help") ? 0 : 2;
	}
	err = load_arrays(&d, argv[3]) || open_device(&d, argv[1], argv[2]) || run_all(&d);
	close_all(&d);
	return err ? 1 : 0;
}
