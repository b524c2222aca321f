// SPDX-License-Identifier: Apache-2.0
/* Program files as text: see dump.h. */
#include <inttypes.h>
#include "dump.h"
#include "quern/cmd_table.h"

/* Names come from a model: what is not printable ASCII must not reach the terminal. */
static void put_name(FILE *f, const char *s)
{
	for (; *s; s++)
		fputc(*s >= ' ' && *s < 0x7f ? *s : '?', f);
}

static void text_info(FILE *f, const struct program_file *p)
{
	const struct quern_program_info *i = &p->info;

	fprintf(f, "program ");
	put_name(f, program_file_string(p, i->name));
	fprintf(f, ", format %d.%d, commands %d.%d\n", i->major, i->minor, i->cmd_major, i->cmd_minor);
	fprintf(f,
		"  chip       %" PRIu32 "x%" PRIu32 " array, %" PRIu32 " bytes of scratchpad, %" PRIu32
		" accumulator entries, features 0x%" PRIx64 "\n",
		i->array, i->array, i->spm_bytes, i->acc_entries, i->features);
	fprintf(f, "  image      %" PRIu64 " bytes: %" PRIu32 " commands at %" PRIu64 "\n", i->image_bytes, i->ncmds,
		i->stream_offset);
	fprintf(f, "  temporaries %" PRIu64 " bytes\n", i->arena_bytes);
	fprintf(f, "  work       %" PRIu64 " multiply-accumulates, %" PRIu64 " cycles predicted\n", i->macs,
		i->predicted_cycles);
}

static void text_tensors(FILE *f, const struct program_file *p)
{
	for (uint32_t i = 0; i < p->info.num_tensors; i++) {
		const struct quern_program_tensor *t = &p->tensors[i];

		fprintf(f, "region %" PRIu32 " %s ", QUERN_PROGRAM_REGION_TENSOR + i, quern_tensor_kind_name(t->kind));
		put_name(f, program_file_string(p, t->name));
		fprintf(f, " %s [", quern_dtype_name(t->dtype));
		for (uint32_t k = 0; k < t->rank; k++)
			fprintf(f, "%s%" PRIu32, k ? "," : "", t->dim[k]);
		fprintf(f, "] %" PRIu64 " bytes, scale %.9g, zero point %" PRId32 "\n", t->bytes, (double)t->scale,
			t->zero_point);
	}
}

static void text_ops(FILE *f, const struct program_file *p)
{
	fprintf(f, "%12s %12s  operator\n", "MACs", "cycles");
	for (uint32_t i = 0; i < p->info.num_ops; i++) {
		fprintf(f, "%12" PRIu64 " %12" PRIu64 "  ", p->ops[i].macs, p->ops[i].predicted_cycles);
		put_name(f, program_file_string(p, p->ops[i].name));
		fputc('\n', f);
	}
}

static void put_tokens(FILE *f, const char *what, uint32_t mask)
{
	const char *separator = "";

	if (!mask)
		return;
	fprintf(f, " %s=", what);
	for (int i = 0; i < QUERN_NUM_TOKENS; i++) {
		if (!(mask >> i & 1))
			continue;
		fprintf(f, "%s%d", separator, i);
		separator = ",";
	}
}

static void put_field(FILE *f, const struct quern_field_info *field, const uint32_t *w)
{
	int64_t v = quern_field_get(field, w);

	if (field->enum_index >= 0)
		fprintf(f, " %s=%s", field->name, quern_enum_info[field->enum_index]((uint32_t)v));
	else if (field->bits >= 24 && !field->is_signed)
		fprintf(f, " %s=0x%" PRIx64, field->name, (uint64_t)v);
	else
		fprintf(f, " %s=%" PRId64, field->name, v);
}

static void text_command(FILE *f, const struct program_file *p, uint32_t i, const char *source)
{
	uint32_t w[QUERN_CMD_WORDS];
	const struct quern_cmd_info *info;
	enum quern_fault fault;

	program_file_command(p, i, w);
	info = quern_cmd_find(w[0] & 0xff);
	fault = quern_cmd_check(w, p->info.array);
	fprintf(f, "%7" PRIu32 "  %-8s", i, info ? info->name : "?");
	if (info && info->has_tokens) {
		put_tokens(f, "wait", w[1]);
		put_tokens(f, "signal", w[2]);
	}
	for (unsigned int k = 0; info && k < info->num_fields; k++)
		put_field(f, &info->fields[k], w);
	for (unsigned int k = 0; !info && k < QUERN_CMD_WORDS; k++)
		fprintf(f, " %08" PRIx32, w[k]);
	if (fault)
		fprintf(f, "  !! %s", quern_fault_name(fault));
	if (source) {
		fprintf(f, "  ; ");
		put_name(f, source);
	}
	fputc('\n', f);
}

static void text_commands(FILE *f, const struct program_file *p)
{
	uint32_t range = 0;

	for (uint32_t i = 0; i < p->info.ncmds; i++)
		text_command(f, p, i,
			     program_file_source(p, i, &range)
				     ? program_file_string(p, p->ops[p->ranges[range].op].name)
				     : NULL);
}

void dump_text(FILE *f, const struct program_file *p, unsigned int what)
{
	if (what & DUMP_INFO)
		text_info(f, p);
	if (what & DUMP_TENSORS)
		text_tensors(f, p);
	if (what & DUMP_OPS)
		text_ops(f, p);
	if (what & DUMP_COMMANDS)
		text_commands(f, p);
}
