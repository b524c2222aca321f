// SPDX-License-Identifier: Apache-2.0
/* The command line of accel-run. */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static const char usage[] =
	"Usage: accel-run [OPTION]... PROGRAM\n"
	"Run a compiled program (.qn) once or more and report cycles and time.\n"
	"\n"
	"  -d, --device=NAME    func, rtl, or with a size, such as rtl:8x8 (default func)\n"
	"  -i, --input=FILES    .npy files for the inputs, in the program's order, separated by commas\n"
	"  -o, --output=DIR     write each output there as NN-NAME.npy\n"
	"      --json=FILE      write the figures as JSON\n"
	"      --profile=DIR    record the first run: per-operator table, page and Perfetto trace (not on func)\n"
	"      --repeat=N       run N times (default 1)\n"
	"      --timeout=S      stop a run after S seconds (default: the device's own limit)\n"
	"  -q, --quiet          print no table and no progress\n"
	"  -h, --help           print this\n"
	"      --version        print the version\n"
	"\n"
	"Example:\n"
	"  quernc model.tflite -o model.qn\n"
	"  accel-run -d rtl model.qn -i in.npy -o out\n"
	"\n"
	"Exit status: 0 success, 1 failure, 2 bad usage, 130 interrupted.\n";

enum { OPT_JSON = 256, OPT_PROFILE, OPT_REPEAT, OPT_TIMEOUT, OPT_VERSION };

static const struct option long_options[] = {
	{"device", required_argument, NULL, 'd'},
	{"input", required_argument, NULL, 'i'},
	{"output", required_argument, NULL, 'o'},
	{"json", required_argument, NULL, OPT_JSON},
	{"profile", required_argument, NULL, OPT_PROFILE},
	{"repeat", required_argument, NULL, OPT_REPEAT},
	{"timeout", required_argument, NULL, OPT_TIMEOUT},
	{"quiet", no_argument, NULL, 'q'},
	{"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, OPT_VERSION},
	{NULL, 0, NULL, 0},
};

static int add_inputs(struct run_options *opt, const char *list)
{
	while (*list) {
		size_t len = strcspn(list, ",");

		if (opt->num_inputs == ACCEL_MAX_TENSORS)
			return complain("more than %d inputs: no program has as many", ACCEL_MAX_TENSORS);
		opt->inputs[opt->num_inputs] = strndup(list, len);
		if (!opt->inputs[opt->num_inputs])
			return complain("out of memory");
		opt->num_inputs++;
		list += len + (list[len] == ',');
	}
	return 0;
}

static int parse_repeat(struct run_options *opt, const char *text)
{
	char *end;
	unsigned long n = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end || !n || n > RUN_MAX_REPEAT)
		return complain("--repeat %s: give a number from 1 to %u", text, RUN_MAX_REPEAT);
	opt->repeat = (uint32_t)n;
	return 0;
}

static int parse_timeout(struct run_options *opt, const char *text)
{
	char *end;

	opt->timeout_s = strtod(text, &end);
	if (end == text || *end || !isfinite(opt->timeout_s) || opt->timeout_s <= 0 || opt->timeout_s > 1e9)
		return complain("--timeout %s: give seconds, more than 0", text);
	return 0;
}

static void print_version(void)
{
	uint32_t v = accel_version();

	printf("accel-run (quern) %u.%u.%u\n", v >> 16, v >> 8 & 0xff, v & 0xff);
}

static int take_option(struct run_options *opt, int option)
{
	switch (option) {
	case 'd':
		opt->device = optarg;
		return 0;
	case 'i':
		return add_inputs(opt, optarg);
	case 'o':
		opt->outdir = optarg;
		return 0;
	case OPT_JSON:
		opt->json = optarg;
		return 0;
	case OPT_PROFILE:
		opt->profile = optarg;
		return 0;
	case OPT_REPEAT:
		return parse_repeat(opt, optarg);
	case OPT_TIMEOUT:
		return parse_timeout(opt, optarg);
	case 'q':
		opt->quiet = true;
		return 0;
	case 'h':
		fputs(usage, stdout);
		return 1;
	case OPT_VERSION:
		print_version();
		return 1;
	default:
		return complain("bad option: accel-run --help lists them");
	}
}

int run_parse_options(struct run_options *opt, int argc, char **argv)
{
	int option;

	*opt = (struct run_options){.device = "func", .repeat = 1};
	opterr = 0;
	while ((option = getopt_long(argc, argv, "d:i:o:qh", long_options, NULL)) != -1) {
		int err = option == '?' ? complain("%s: unknown option or no value: accel-run --help lists them",
						   argv[optind - 1])
					: take_option(opt, option);

		if (err)
			return err;
	}
	if (optind + 1 != argc)
		return complain("give one program: accel-run -d rtl model.qn -i in.npy -o out");
	opt->program = argv[optind];
	return 0;
}

void run_free_options(struct run_options *opt)
{
	for (uint32_t i = 0; i < opt->num_inputs; i++)
		free(opt->inputs[i]);
}
