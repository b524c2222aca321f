// SPDX-License-Identifier: Apache-2.0
/*
 * quern-objdump: what is in a program file. All of the file is checked by program_read.c before anything is
 * printed.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include "dump.h"

static const char usage[] =
	"usage: quern-objdump [options] PROGRAM.qn\n"
	"\n"
	"Shows a compiled program; without options everything as text.\n"
	"\n"
	"  -i, --info          header: chip, sizes, predicted cycles\n"
	"  -t, --tensors       inputs and outputs\n"
	"  -p, --operators     operators of the source model\n"
	"  -d, --disassemble   commands, each with the operator that it comes from\n"
	"  -j, --json          the same as JSON\n"
	"  -h, --help          this text\n"
	"  -V, --version       the version\n"
	"\n"
	"example: quern-objdump -d mobilenet.qn | less\n"
	"\n"
	"exit codes: 0 shown, 2 usage, 3 file not readable, 4 malformed file, 5 another format version\n";

static const struct option long_options[] = {
	{"info", no_argument, NULL, 'i'},      {"tensors", no_argument, NULL, 't'},
	{"operators", no_argument, NULL, 'p'}, {"disassemble", no_argument, NULL, 'd'},
	{"json", no_argument, NULL, 'j'},      {"help", no_argument, NULL, 'h'},
	{"version", no_argument, NULL, 'V'},   {0},
};

struct options {
	unsigned int what;
	bool json, done;
};

static enum status parse_one(struct options *o, int c)
{
	switch (c) {
	case 'i':
		o->what |= DUMP_INFO;
		return STATUS_OK;
	case 't':
		o->what |= DUMP_TENSORS;
		return STATUS_OK;
	case 'p':
		o->what |= DUMP_OPS;
		return STATUS_OK;
	case 'd':
		o->what |= DUMP_COMMANDS;
		return STATUS_OK;
	case 'j':
		o->json = true;
		return STATUS_OK;
	case 'h':
		fputs(usage, stdout);
		o->done = true;
		return STATUS_OK;
	case 'V':
		printf("quern-objdump %s (program format %d.%d)\n", QUERN_VERSION, QUERN_PROGRAM_MAJOR,
		       QUERN_PROGRAM_MINOR);
		o->done = true;
		return STATUS_OK;
	default:
		fprintf(stderr, "quern-objdump: unknown option; try quern-objdump --help\n");
		return STATUS_USAGE;
	}
}

static enum status dump(const char *path, const struct options *o)
{
	struct program_file p;
	struct diag diag;
	enum status st = program_file_read(&p, path, &diag);

	if (st) {
		fprintf(stderr, "quern-objdump: %s: %s\n", path, diag.text);
		return st;
	}
	(o->json ? dump_json : dump_text)(stdout, &p, o->what ? o->what : DUMP_ALL);
	program_file_finish(&p);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "quern-objdump: the output cannot be written\n");
		return STATUS_IO;
	}
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct options o = {0};
	enum status st = STATUS_OK;
	int c;

	opterr = 0;
	while (!st && !o.done && (c = getopt_long(argc, argv, "itpdjhV", long_options, NULL)) != -1)
		st = parse_one(&o, c);
	if (st || o.done)
		return st;
	if (optind != argc - 1) {
		fprintf(stderr, "quern-objdump: give one program file; try quern-objdump --help\n");
		return STATUS_USAGE;
	}
	return dump(argv[optind], &o);
}
