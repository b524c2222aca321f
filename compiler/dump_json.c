// SPDX-License-Identifier: Apache-2.0
/* Program files as JSON: see dump.h. */
#include <inttypes.h>
#include "dump.h"
#include "json.h"
#include "quern/cmd_table.h"

static void json_info(FILE *f, const struct program_file *p)
{
	const struct quern_program_info *i = &p->info;

	fprintf(f, "  \"name\": ");
	json_string(f, program_file_string(p, i->name));
	fprintf(f, ",\n  \"version\": [%d, %d], \"command_version\": [%d, %d], \"features\": %" PRIu64 ",\n", i->major,
		i->minor, i->cmd_major, i->cmd_minor, i->features);
	fprintf(f,
		"  \"array\": %" PRIu32 ", \"spm_bytes\": %" PRIu32 ", \"acc_entries\": %" PRIu32
		", \"ncmds\": %" PRIu32 ",\n",
		i->array, i->spm_bytes, i->acc_entries, i->ncmds);
	fprintf(f, "  \"stream_offset\": %" PRIu64 ", \"image_bytes\": %" PRIu64 ", \"arena_bytes\": %" PRIu64 ",\n",
		i->stream_offset, i->image_bytes, i->arena_bytes);
	fprintf(f, "  \"macs\": %" PRIu64 ", \"predicted_cycles\": %" PRIu64, i->macs, i->predicted_cycles);
}

static void json_tensors(FILE *f, const struct program_file *p)
{
	fprintf(f, ",\n  \"tensors\": [");
	for (uint32_t i = 0; i < p->info.num_tensors; i++) {
		const struct quern_program_tensor *t = &p->tensors[i];

		fprintf(f, "%s\n    {\"region\": %" PRIu32 ", \"kind\": \"%s\", \"name\": ", i ? "," : "",
			QUERN_PROGRAM_REGION_TENSOR + i, quern_tensor_kind_name(t->kind));
		json_string(f, program_file_string(p, t->name));
		fprintf(f, ", \"dtype\": \"%s\", \"shape\": [", quern_dtype_name(t->dtype));
		for (uint32_t k = 0; k < t->rank; k++)
			fprintf(f, "%s%" PRIu32, k ? ", " : "", t->dim[k]);
		fprintf(f, "], \"bytes\": %" PRIu64 ", \"scale\": %.9g, \"zero_point\": %" PRId32 "}", t->bytes,
			__builtin_isfinite(t->scale) ? (double)t->scale : 0.0, t->zero_point);
	}
	fprintf(f, "\n  ]");
}

static void json_ops(FILE *f, const struct program_file *p)
{
	fprintf(f, ",\n  \"operators\": [");
	for (uint32_t i = 0; i < p->info.num_ops; i++) {
		fprintf(f, "%s\n    {\"name\": ", i ? "," : "");
		json_string(f, program_file_string(p, p->ops[i].name));
		fprintf(f, ", \"kind\": ");
		json_string(f, program_file_string(p, p->ops[i].kind));
		fprintf(f, ", \"macs\": %" PRIu64 ", \"predicted_cycles\": %" PRIu64 "}", p->ops[i].macs,
			p->ops[i].predicted_cycles);
	}
	fprintf(f, "\n  ]");
}

static void json_command(FILE *f, const struct program_file *p, uint32_t i, int64_t op)
{
	uint32_t w[QUERN_CMD_WORDS];
	const struct quern_cmd_info *info;

	program_file_command(p, i, w);
	info = quern_cmd_find(w[0] & 0xff);
	fprintf(f, "{\"name\": \"%s\", \"operator\": %" PRId64 ", \"fault\": \"%s\"", info ? info->name : "?", op,
		quern_fault_name(quern_cmd_check(w, p->info.array)));
	if (info && info->has_tokens)
		fprintf(f, ", \"wait\": %" PRIu32 ", \"signal\": %" PRIu32, w[1], w[2]);
	for (unsigned int k = 0; info && k < info->num_fields; k++)
		fprintf(f, ", \"%s\": %" PRId64, info->fields[k].name, quern_field_get(&info->fields[k], w));
	fputc('}', f);
}

static void json_commands(FILE *f, const struct program_file *p)
{
	uint32_t range = 0;

	fprintf(f, ",\n  \"commands\": [");
	for (uint32_t i = 0; i < p->info.ncmds; i++) {
		int64_t op = program_file_source(p, i, &range) ? (int64_t)p->ranges[range].op : -1;

		fprintf(f, "%s\n    ", i ? "," : "");
		json_command(f, p, i, op);
	}
	fprintf(f, "\n  ]");
}

void dump_json(FILE *f, const struct program_file *p, unsigned int what)
{
	fprintf(f, "{\n");
	json_info(f, p);
	if (what & DUMP_TENSORS)
		json_tensors(f, p);
	if (what & DUMP_OPS)
		json_ops(f, p);
	if (what & DUMP_COMMANDS)
		json_commands(f, p);
	fprintf(f, "\n}\n");
}
