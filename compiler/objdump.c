// SPDX-License-Identifier: Apache-2.0
/* quern-objdump: what is in a program file. All of the file is checked by program_read.c before anything is printed. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include "json.h"
#include "program_read.h"
#include "quern/cmd_table.h"

static const char usage[] = "usage: quern-objdump [options] PROGRAM.qn\n"
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

enum { SHOW_INFO = 1, SHOW_TENSORS = 2, SHOW_OPS = 4, SHOW_COMMANDS = 8, SHOW_ALL = 15 };

/* Names come from a model: what is not printable ASCII must not reach the terminal. */
static void put_name(const char *s)
{
	for (; *s; s++)
		putchar(*s >= ' ' && *s < 0x7f ? *s : '?');
}

static void text_info(const struct program_file *p)
{
	const struct quern_program_info *i = &p->info;

	printf("program ");
	put_name(program_file_string(p, i->name));
	printf(", format %d.%d, commands %d.%d\n", i->major, i->minor, i->cmd_major, i->cmd_minor);
	printf("  chip       %" PRIu32 "x%" PRIu32 " array, %" PRIu32 " bytes of scratchpad, %" PRIu32 " accumulator entries, features 0x%" PRIx64 "\n",
	       i->array, i->array, i->spm_bytes, i->acc_entries, i->features);
	printf("  image      %" PRIu64 " bytes: %" PRIu32 " commands at %" PRIu64 "\n", i->image_bytes, i->ncmds, i->stream_offset);
	printf("  temporaries %" PRIu64 " bytes\n", i->arena_bytes);
	printf("  work       %" PRIu64 " multiply-accumulates, %" PRIu64 " cycles predicted\n", i->macs, i->predicted_cycles);
}

static void text_tensors(const struct program_file *p)
{
	for (uint32_t i = 0; i < p->info.num_tensors; i++) {
		const struct quern_program_tensor *t = &p->tensors[i];

		printf("region %" PRIu32 " %s ", QUERN_PROGRAM_REGION_TENSOR + i, quern_tensor_kind_name(t->kind));
		put_name(program_file_string(p, t->name));
		printf(" %s [", quern_dtype_name(t->dtype));
		for (uint32_t k = 0; k < t->rank; k++)
			printf("%s%" PRIu32, k ? "," : "", t->dim[k]);
		printf("] %" PRIu64 " bytes, scale %.9g, zero point %" PRId32 "\n", t->bytes, (double)t->scale, t->zero_point);
	}
}

static void text_ops(const struct program_file *p)
{
	printf("%12s %12s  operator\n", "MACs", "cycles");
	for (uint32_t i = 0; i < p->info.num_ops; i++) {
		printf("%12" PRIu64 " %12" PRIu64 "  ", p->ops[i].macs, p->ops[i].predicted_cycles);
		put_name(program_file_string(p, p->ops[i].name));
		putchar('\n');
	}
}

static void put_tokens(const char *what, uint32_t mask)
{
	const char *separator = "";

	if (!mask)
		return;
	printf(" %s=", what);
	for (int i = 0; i < QUERN_NUM_TOKENS; i++) {
		if (!(mask >> i & 1))
			continue;
		printf("%s%d", separator, i);
		separator = ",";
	}
}

static void put_field(const struct quern_field_info *f, const uint32_t *w)
{
	int64_t v = quern_field_get(f, w);

	if (f->enum_index >= 0)
		printf(" %s=%s", f->name, quern_enum_info[f->enum_index]((uint32_t)v));
	else if (f->bits >= 24 && !f->is_signed)
		printf(" %s=0x%" PRIx64, f->name, (uint64_t)v);
	else
		printf(" %s=%" PRId64, f->name, v);
}

/* The operator of command i: advances *range, which starts at 0, as i grows. */
static const char *source_of(const struct program_file *p, uint32_t i, uint32_t *range)
{
	while (*range < p->info.num_ranges && i - p->ranges[*range].first >= p->ranges[*range].count && i >= p->ranges[*range].first)
		++*range;
	if (*range == p->info.num_ranges || i < p->ranges[*range].first)
		return NULL;
	return program_file_string(p, p->ops[p->ranges[*range].op].name);
}

static void text_command(const struct program_file *p, uint32_t i, const char *source)
{
	uint32_t w[QUERN_CMD_WORDS];
	const struct quern_cmd_info *info;
	enum quern_fault fault;

	program_file_command(p, i, w);
	info = quern_cmd_find(w[0] & 0xff);
	fault = quern_cmd_check(w, p->info.array);
	printf("%7" PRIu32 "  %-8s", i, info ? info->name : "?");
	if (info && info->has_tokens) {
		put_tokens("wait", w[1]);
		put_tokens("signal", w[2]);
	}
	for (unsigned int k = 0; info && k < info->num_fields; k++)
		put_field(&info->fields[k], w);
	for (unsigned int k = 0; !info && k < QUERN_CMD_WORDS; k++)
		printf(" %08" PRIx32, w[k]);
	if (fault)
		printf("  !! %s", quern_fault_name(fault));
	if (source) {
		printf("  ; ");
		put_name(source);
	}
	putchar('\n');
}

static void text_commands(const struct program_file *p)
{
	uint32_t range = 0;

	for (uint32_t i = 0; i < p->info.ncmds; i++)
		text_command(p, i, source_of(p, i, &range));
}

static void json_info(const struct program_file *p)
{
	const struct quern_program_info *i = &p->info;

	printf("  \"name\": ");
	json_string(stdout, program_file_string(p, i->name));
	printf(",\n  \"version\": [%d, %d], \"command_version\": [%d, %d], \"features\": %" PRIu64 ",\n", i->major, i->minor, i->cmd_major,
	       i->cmd_minor, i->features);
	printf("  \"array\": %" PRIu32 ", \"spm_bytes\": %" PRIu32 ", \"acc_entries\": %" PRIu32 ", \"ncmds\": %" PRIu32 ",\n", i->array, i->spm_bytes,
	       i->acc_entries, i->ncmds);
	printf("  \"stream_offset\": %" PRIu64 ", \"image_bytes\": %" PRIu64 ", \"arena_bytes\": %" PRIu64 ",\n", i->stream_offset, i->image_bytes,
	       i->arena_bytes);
	printf("  \"macs\": %" PRIu64 ", \"predicted_cycles\": %" PRIu64, i->macs, i->predicted_cycles);
}

static void json_tensors(const struct program_file *p)
{
	printf(",\n  \"tensors\": [");
	for (uint32_t i = 0; i < p->info.num_tensors; i++) {
		const struct quern_program_tensor *t = &p->tensors[i];

		printf("%s\n    {\"region\": %" PRIu32 ", \"kind\": \"%s\", \"name\": ", i ? "," : "", QUERN_PROGRAM_REGION_TENSOR + i,
		       quern_tensor_kind_name(t->kind));
		json_string(stdout, program_file_string(p, t->name));
		printf(", \"dtype\": \"%s\", \"shape\": [", quern_dtype_name(t->dtype));
		for (uint32_t k = 0; k < t->rank; k++)
			printf("%s%" PRIu32, k ? ", " : "", t->dim[k]);
		printf("], \"bytes\": %" PRIu64 ", \"scale\": %.9g, \"zero_point\": %" PRId32 "}", t->bytes,
		       __builtin_isfinite(t->scale) ? (double)t->scale : 0.0, t->zero_point);
	}
	printf("\n  ]");
}

static void json_ops(const struct program_file *p)
{
	printf(",\n  \"operators\": [");
	for (uint32_t i = 0; i < p->info.num_ops; i++) {
		printf("%s\n    {\"name\": ", i ? "," : "");
		json_string(stdout, program_file_string(p, p->ops[i].name));
		printf(", \"kind\": ");
		json_string(stdout, program_file_string(p, p->ops[i].kind));
		printf(", \"macs\": %" PRIu64 ", \"predicted_cycles\": %" PRIu64 "}", p->ops[i].macs, p->ops[i].predicted_cycles);
	}
	printf("\n  ]");
}

static void json_command(const struct program_file *p, uint32_t i, int64_t op)
{
	uint32_t w[QUERN_CMD_WORDS];
	const struct quern_cmd_info *info;

	program_file_command(p, i, w);
	info = quern_cmd_find(w[0] & 0xff);
	printf("{\"name\": \"%s\", \"operator\": %" PRId64 ", \"fault\": \"%s\"", info ? info->name : "?", op,
	       quern_fault_name(quern_cmd_check(w, p->info.array)));
	if (info && info->has_tokens)
		printf(", \"wait\": %" PRIu32 ", \"signal\": %" PRIu32, w[1], w[2]);
	for (unsigned int k = 0; info && k < info->num_fields; k++)
		printf(", \"%s\": %" PRId64, info->fields[k].name, quern_field_get(&info->fields[k], w));
	putchar('}');
}

static void json_commands(const struct program_file *p)
{
	uint32_t range = 0;

	printf(",\n  \"commands\": [");
	for (uint32_t i = 0; i < p->info.ncmds; i++) {
		int64_t op = source_of(p, i, &range) ? (int64_t)p->ranges[range].op : -1;

		printf("%s\n    ", i ? "," : "");
		json_command(p, i, op);
	}
	printf("\n  ]");
}

static void show(const struct program_file *p, int what, bool json)
{
	if (json) {
		printf("{\n");
		json_info(p);
	} else if (what & SHOW_INFO) {
		text_info(p);
	}
	if (what & SHOW_TENSORS)
		json ? json_tensors(p) : text_tensors(p);
	if (what & SHOW_OPS)
		json ? json_ops(p) : text_ops(p);
	if (what & SHOW_COMMANDS)
		json ? json_commands(p) : text_commands(p);
	if (json)
		printf("\n}\n");
}

static const struct option long_options[] = {
	{ "info", no_argument, NULL, 'i' },	   { "tensors", no_argument, NULL, 't' }, { "operators", no_argument, NULL, 'p' },
	{ "disassemble", no_argument, NULL, 'd' }, { "json", no_argument, NULL, 'j' },	  { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },	   { 0 },
};

struct options {
	int what;
	bool json, done;
};

static enum status parse_one(struct options *o, int c)
{
	switch (c) {
	case 'i':
		o->what |= SHOW_INFO;
		return STATUS_OK;
	case 't':
		o->what |= SHOW_TENSORS;
		return STATUS_OK;
	case 'p':
		o->what |= SHOW_OPS;
		return STATUS_OK;
	case 'd':
		o->what |= SHOW_COMMANDS;
		return STATUS_OK;
	case 'j':
		o->json = true;
		return STATUS_OK;
	case 'h':
		fputs(usage, stdout);
		o->done = true;
		return STATUS_OK;
	case 'V':
		printf("quern-objdump %s (program format %d.%d)\n", QUERN_VERSION, QUERN_PROGRAM_MAJOR, QUERN_PROGRAM_MINOR);
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
	show(&p, o->what ? o->what : SHOW_ALL, o->json);
	program_file_finish(&p);
	if (fflush(stdout) || ferror(stdout)) {
		fprintf(stderr, "quern-objdump: the output cannot be written\n");
		return STATUS_IO;
	}
	return STATUS_OK;
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
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
