// SPDX-License-Identifier: Apache-2.0
/*
 * fuzz-model [--seed N] [--first I] [--count N] FILES...: damages model files and compiles them, in this
 * process, for a random chip. The compiler must answer with a status and one line of text; it must not crash,
 * leak, hang or be surprised (STATUS_INTERNAL), and every command of an accepted model must be legal. Built with
 * AddressSanitizer and UndefinedBehaviorSanitizer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "file.h"
#include "mutate.h"
#include "passes.h"
#include "program.h"
#include "quern/cmd_table.h"
#include "report.h"
#include "tflite_import.h"

#define MAX_FILES 256
/* Whole cases per file above this size, bytes, would take most of the time. */
#define BIG_FILE 20000
#define CASE_SECONDS 20

struct corpus {
	const char *name[MAX_FILES];
	uint8_t *data[MAX_FILES];
	size_t bytes[MAX_FILES];
	uint32_t count;
};

struct totals {
	uint64_t status[STATUS_INTERNAL + 1];
	uint64_t failed;
};

static bool commands_legal(const struct program_image *image, const struct target *target)
{
	uint32_t w[QUERN_CMD_WORDS];

	for (uint32_t i = 0; i < image->ncmds; i++) {
		memcpy(w, image->image + image->stream_offset + (size_t)i * QUERN_CMD_BYTES, sizeof(w));
		if (quern_cmd_check(w, target->array))
			return false;
	}
	return image->ncmds > 0;
}

/* Compiles; false if the compiler broke one of its promises. */
static bool try_model(const uint8_t *data, size_t bytes, const struct target *target, FILE *sink, struct totals *totals)
{
	struct program_image image = {0};
	struct diag diag = {""};
	struct graph *g = graph_create();
	enum status st = g ? tflite_import(g, data, bytes, &diag) : STATUS_NO_MEMORY;
	bool ok = true;

	if (!st)
		st = passes_run(g, &diag);
	if (!st)
		st = backend_compile(g, target, &image, &diag);
	if (!st)
		ok = commands_legal(&image, target);
	if (g && (st == STATUS_OK || st == STATUS_UNSUPPORTED))
		report_text(sink, g, target, st ? NULL : &image);
	if (st == STATUS_INTERNAL || (st && !diag.text[0]) || strchr(diag.text, '\n'))
		ok = false;
	if (!ok)
		fprintf(stderr, "FAILED: %s: %s\n", st ? status_name(st) : "illegal command", diag.text);
	totals->status[st]++;
	program_image_finish(&image);
	graph_destroy(g);
	return ok;
}

static struct target random_target(struct rng *r)
{
	static const uint32_t arrays[] = {16, 16, 16, 8, 32};
	static const uint32_t kib[] = {512, 512, 256, 64};

	return (struct target){.array = arrays[rng_below(r, 5)],
			       .spm_bytes = kib[rng_below(r, 4)] * 1024,
			       .acc_entries = QUERN_ACC_ENTRIES,
			       .yield_cycles = rng_below(r, 3) ? 0 : 1 + rng_below(r, 2000)};
}

static void run_case(const struct corpus *c, uint64_t seed, uint64_t index, FILE *sink, struct totals *totals)
{
	struct rng r = rng_make(seed, index);
	uint32_t file = rng_below(&r, c->count);
	struct target target = random_target(&r);
	uint8_t *data;
	size_t bytes;

	/* Real networks now and then. */
	if (c->bytes[file] > BIG_FILE && rng_below(&r, 100))
		file = 0;
	data = mutate(&r, c->data[file], c->bytes[file], &bytes);
	if (!data)
		return;
	case_begin("fuzz-model", seed, index, c->name[file], CASE_SECONDS);
	if (!try_model(data, bytes, &target, sink, totals)) {
		totals->failed++;
		fprintf(stderr, "replay: fuzz-model --seed %" PRIu64 " --first %" PRIu64 " --count 1 FILES (file %s)\n",
			seed, index, c->name[file]);
	}
	case_end();
	free(data);
}

static bool load(struct corpus *c, const char *path)
{
	struct diag diag;

	if (c->count == MAX_FILES || file_read(path, &c->data[c->count], &c->bytes[c->count], &diag)) {
		fprintf(stderr, "fuzz-model: %s: cannot be read\n", path);
		return false;
	}
	c->name[c->count++] = path;
	return true;
}

int main(int argc, char **argv)
{
	uint64_t seed = 1, first = 0, count = 100000;
	struct corpus corpus = {.count = 0};
	struct totals totals = {.failed = 0};
	FILE *sink = fopen("/dev/null", "w");
	bool ok = sink != NULL;

	for (int i = 1; i < argc && ok; i++) {
		uint64_t *number = !strcmp(argv[i], "--seed")	 ? &seed
				   : !strcmp(argv[i], "--first") ? &first
				   : !strcmp(argv[i], "--count") ? &count
								 : NULL;

		if (number && i + 1 < argc)
			*number = strtoull(argv[++i], NULL, 10);
		else
			ok = load(&corpus, argv[i]);
	}
	if (!ok || !corpus.count) {
		fprintf(stderr, "usage: fuzz-model [--seed N] [--first I] [--count N] FILES...\n");
		return 2;
	}
	for (uint64_t i = first; i < first + count; i++)
		run_case(&corpus, seed, i, sink, &totals);
	for (int st = 0; st <= STATUS_INTERNAL; st++)
		if (totals.status[st])
			printf("%s %" PRIu64 ", ", status_name((enum status)st), totals.status[st]);
	printf("%" PRIu64 " cases, %" PRIu64 " failed\n", count, totals.failed);
	for (uint32_t i = 0; i < corpus.count; i++)
		free(corpus.data[i]);
	fclose(sink);
	return totals.failed ? 1 : 0;
}
