// SPDX-License-Identifier: Apache-2.0
/* quernc: from a model to a program file. The exit code is enum status; 0 means that the program file is complete. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "file.h"
#include "passes.h"
#include "program_write.h"
#include "report.h"
#include "tflite_import.h"

struct options {
	const char *model, *out;
	const char *report, *json; /* file, "-" for standard output, or NULL */
	struct target target;
	bool verbose;
	bool done; /* --help or --version was answered */
};

static const char usage[] =
	"usage: quernc MODEL.tflite -o PROGRAM.qn [options]\n"
	"\n"
	"Compiles an int8 TensorFlow Lite model into a program for the Quern chip.\n"
	"\n"
	"  -o, --output FILE    the program file\n"
	"  -c, --config NxN     array of the chip: 8x8, 16x16 (default) or 32x32\n"
	"      --spm-kib KIB    scratchpad of the chip, 64 to 16384 (default 512)\n"
	"      --bus BYTES,CYCLES  the board: bytes of host memory a cycle (1, 2, 4, 8, 16), latency;\n"
	"                       tunes and predicts for it (default 16,100, with an eye on 4,200)\n"
	"  -r, --report FILE    what becomes of each operator, as a table; - is standard output\n"
	"  -j, --json FILE      the same as JSON\n"
	"  -v, --verbose        print the report to standard error, too\n"
	"  -h, --help           this text\n"
	"  -V, --version        the version\n"
	"\n"
	"example: quernc mobilenet_v2_int8.tflite -o mobilenet.qn --report -\n"
	"\n"
	"exit codes: 0 compiled, 2 usage, 3 file not readable or writable, 4 malformed model, 5 operator not\n"
	"supported, 6 too big for the chip, 7 out of memory, 8 bug in the compiler\n";

static enum status usage_error(const char *fmt, const char *arg)
{
	fprintf(stderr, "quernc: ");
	fprintf(stderr, fmt, arg);
	fprintf(stderr, "; try quernc --help\n");
	return STATUS_USAGE;
}

static bool parse_config(const char *s, struct target *t)
{
	static const struct {
		const char *name;
		uint32_t array;
	} configs[] = {{"8x8", 8}, {"16x16", 16}, {"32x32", 32}};

	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		if (strcmp(s, configs[i].name))
			continue;
		t->array = configs[i].array;
		return true;
	}
	return false;
}

static bool parse_spm(const char *s, struct target *t)
{
	char *end;
	long kib;

	errno = 0;
	kib = strtol(s, &end, 10);
	if (errno || *end || end == s || kib < 64 || kib > 16384)
		return false;
	t->spm_bytes = (uint32_t)kib * 1024;
	return true;
}

static bool parse_bus(const char *s, struct target *t)
{
	char *end;
	long bytes, latency;

	errno = 0;
	bytes = strtol(s, &end, 10);
	if (errno || end == s || *end != ',' || bytes < 1 || bytes > 16 || (bytes & (bytes - 1)))
		return false;
	s = end + 1;
	latency = strtol(s, &end, 10);
	if (errno || end == s || *end || latency < 1 || latency > 100000)
		return false;
	t->board = (struct board){.bus_bytes = (uint32_t)bytes, .bus_latency = (uint32_t)latency};
	return true;
}

enum {
	OPT_SPM_KIB = 256,
	OPT_BUS,
};

static const struct option long_options[] = {
	{"output", required_argument, NULL, 'o'},
	{"config", required_argument, NULL, 'c'},
	{"spm-kib", required_argument, NULL, OPT_SPM_KIB},
	{"bus", required_argument, NULL, OPT_BUS},
	{"report", required_argument, NULL, 'r'},
	{"json", required_argument, NULL, 'j'},
	{"verbose", no_argument, NULL, 'v'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},
	{0},
};

static enum status parse_one(struct options *o, int c)
{
	switch (c) {
	case 'o':
		o->out = optarg;
		return STATUS_OK;
	case 'c':
		return parse_config(optarg, &o->target)
			       ? STATUS_OK
			       : usage_error("no configuration %s (8x8, 16x16, 32x32)", optarg);
	case OPT_SPM_KIB:
		return parse_spm(optarg, &o->target)
			       ? STATUS_OK
			       : usage_error("--spm-kib %s is not a number from 64 to 16384", optarg);
	case OPT_BUS:
		return parse_bus(optarg, &o->target)
			       ? STATUS_OK
			       : usage_error("--bus %s is not BYTES,CYCLES, such as 4,200", optarg);
	case 'r':
		o->report = optarg;
		return STATUS_OK;
	case 'j':
		o->json = optarg;
		return STATUS_OK;
	case 'v':
		o->verbose = true;
		return STATUS_OK;
	case 'h':
		fputs(usage, stdout);
		o->done = true;
		return STATUS_OK;
	case 'V':
		printf("quernc %s (program format %d.%d, commands %d.%d)\n", QUERN_VERSION, QUERN_PROGRAM_MAJOR,
		       QUERN_PROGRAM_MINOR, QUERN_COMMANDS_MAJOR, QUERN_COMMANDS_MINOR);
		o->done = true;
		return STATUS_OK;
	default:
		return usage_error("%s", "unknown or incomplete option");
	}
}

static enum status parse_options(struct options *o, int argc, char **argv)
{
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "o:c:r:j:vhV", long_options, NULL)) != -1) {
		enum status st =
			c == '?' ? usage_error("unknown or incomplete option %s", argv[optind - 1]) : parse_one(o, c);

		if (st || o->done)
			return st;
	}
	if (optind != argc - 1)
		return usage_error("%s", optind == argc ? "no model given" : "more than one model given");
	o->model = argv[optind];
	if (!o->out && !o->report && !o->json)
		return usage_error("%s", "no output given: -o PROGRAM.qn");
	return STATUS_OK;
}

typedef void (*report_fn)(FILE *f, const struct graph *g, const struct target *target,
			  const struct program_image *image);

static enum status write_report(const char *path, report_fn fn, const struct graph *g, const struct target *target,
				const struct program_image *image, struct diag *diag)
{
	FILE *f;
	bool bad;

	if (!path)
		return STATUS_OK;
	f = strcmp(path, "-") ? fopen(path, "we") : stdout;
	if (!f)
		return diag_fail(diag, STATUS_IO, "%s: %s", path, strerror(errno));
	fn(f, g, target, image);
	bad = fflush(f) || ferror(f);
	if (f != stdout)
		bad = fclose(f) || bad;
	return bad ? diag_fail(diag, STATUS_IO, "%s: cannot be written", path) : STATUS_OK;
}

/* Reports of whatever is known, compiled or not. */
static enum status write_reports(const struct options *o, const struct graph *g, const struct program_image *image,
				 struct diag *diag)
{
	enum status st = write_report(o->report, report_text, g, &o->target, image, diag);

	if (!st)
		st = write_report(o->json, report_json, g, &o->target, image, diag);
	if (o->verbose)
		report_text(stderr, g, &o->target, image);
	return st;
}

/* One line for each operator that the importer refused; a single one is in the summary. */
static void list_refused(const struct options *o, const struct graph *g)
{
	uint32_t refused = 0;

	for (uint32_t i = 0; i < g->num_sources; i++)
		refused += g->sources[i].fate == FATE_UNSUPPORTED;
	for (uint32_t i = 0; i < g->num_sources && refused > 1; i++)
		if (g->sources[i].fate == FATE_UNSUPPORTED)
			fprintf(stderr, "quernc: %s: operator %s: %s\n", o->model, g->sources[i].name,
				g->sources[i].note);
}

static enum status compile(const struct options *o, struct graph *g, const uint8_t *data, size_t bytes,
			   struct diag *diag)
{
	struct program_image image = {0};
	enum status st = tflite_import(g, data, bytes, diag);
	struct diag second;

	if (!st)
		st = passes_run(g, diag);
	if (!st)
		st = backend_compile(g, &o->target, &image, diag);
	if (st) {
		list_refused(o, g);
		write_reports(o, g, NULL, &second);
		return st;
	}
	if (o->out)
		st = program_write(o->out, g, &o->target, &image, diag);
	if (!st)
		st = write_reports(o, g, &image, diag);
	program_image_finish(&image);
	return st;
}

int main(int argc, char **argv)
{
	struct options o = {.target = {.array = 16, .spm_bytes = 512 * 1024, .acc_entries = QUERN_ACC_ENTRIES}};
	struct diag diag = {""};
	uint8_t *data = NULL;
	size_t bytes = 0;
	struct graph *g;
	enum status st = parse_options(&o, argc, argv);

	if (st || o.done)
		return st;
	g = graph_create();
	st = g ? file_read(o.model, &data, &bytes, &diag) : diag_fail(&diag, STATUS_NO_MEMORY, "out of memory");
	if (!st)
		st = compile(&o, g, data, bytes, &diag);
	if (st)
		fprintf(stderr, "quernc: %s: %s\n", o.model, diag.text);
	graph_destroy(g);
	free(data);
	return st;
}
