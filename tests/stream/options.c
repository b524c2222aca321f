/* SPDX-License-Identifier: Apache-2.0 */
/* Command line of the stream tests. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include "options.h"
#include "stream.h"

#define SPM_DEFAULT (512u << 10)

static bool usage(const char *program)
{
	fprintf(stderr,
		"usage: %s [--seed S] [--count N] [--seconds T] [--array 8|16|32] [--spm BYTES] [--cmds MAX]\n"
		"          [--units MASK of enum quern_unit] [--shrink]\n"
		"          [--device func|rtl] [--check] [--jitter] [--rtl-dir DIR] [--firmware FILE]\n",
		program);
	return false;
}

static bool complete(struct options *o)
{
	if (o->n != 8 && o->n != 16 && o->n != 32)
		return false;
	if (!o->spm_bytes)
		o->spm_bytes = SPM_DEFAULT;
	if (o->max_cmds < 2 || o->max_cmds > STREAM_MAX_CMDS)
		return false;
	if (o->min_cmds > o->max_cmds)
		o->min_cmds = o->max_cmds;
	return true;
}

bool options_parse(struct options *o, int argc, char **argv)
{
	static const struct option known[] = {
		{"seed", required_argument, NULL, 's'},	    {"count", required_argument, NULL, 'c'},
		{"seconds", required_argument, NULL, 't'},  {"array", required_argument, NULL, 'a'},
		{"spm", required_argument, NULL, 'm'},	    {"cmds", required_argument, NULL, 'n'},
		{"check", no_argument, NULL, 'k'},	    {"jitter", no_argument, NULL, 'j'},
		{"shrink", no_argument, NULL, 'x'},	    {"units", required_argument, NULL, 'u'},
		{"device", required_argument, NULL, 'd'},   {"rtl-dir", required_argument, NULL, 'r'},
		{"firmware", required_argument, NULL, 'f'}, {NULL, 0, NULL, 0},
	};
	int c;

	o->program = argv[0];
	while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
		uint64_t value = optarg ? strtoull(optarg, NULL, 0) : 0;

		switch (c) {
		case 's':
			o->seed = value;
			break;
		case 'c':
			o->count = value;
			break;
		case 't':
			o->seconds = (uint32_t)value;
			break;
		case 'a':
			o->n = (uint32_t)value;
			break;
		case 'm':
			o->spm_bytes = (uint32_t)value;
			break;
		case 'n':
			o->max_cmds = (uint32_t)value;
			break;
		case 'k':
			o->check = true;
			break;
		case 'j':
			o->jitter = true;
			break;
		case 'x':
			o->shrink = true;
			break;
		case 'u':
			o->units = (uint32_t)value;
			break;
		case 'd':
			o->device = optarg;
			break;
		case 'r':
			o->rtl_dir = optarg;
			break;
		case 'f':
			o->firmware = optarg;
			break;
		default:
			return usage(argv[0]);
		}
	}
	return (optind == argc && complete(o)) || usage(argv[0]);
}
