// SPDX-License-Identifier: Apache-2.0
/* One line an operator, for spreadsheets. Cycles; start and end count from the doorbell. */
#include <ctype.h>
#include <inttypes.h>

#include "profile.h"

static void quoted(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"')
			fputc('"', f);
		fputc(c < ' ' || c == 127 ? '?' : c, f);
	}
	fputc('"', f);
}

static void lower(FILE *f, const char *text)
{
	for (; *text; text++)
		fputc(tolower((unsigned char)*text), f);
}

static void header(FILE *f)
{
	fputs("operator,name,kind,macs,predicted_cycles,cycles,start,end,commands,read_bytes,written_bytes", f);
	for (uint32_t e = 0; e < PROFILE_ENGINES; e++) {
		fputc(',', f);
		lower(f, profile_engines[e].name);
		fputs("_cycles", f);
		for (uint32_t c = 0; c < PROFILE_IDLE; c++) {
			fputc(',', f);
			lower(f, profile_engines[e].cause[c]);
		}
	}
	fputc('\n', f);
}

void profile_csv(FILE *f, const struct profile *p)
{
	uint64_t zero = p->result->t_doorbell;

	header(f);
	for (uint32_t i = 0; i < p->num_ops; i++) {
		const struct profile_op *op = &p->op[i];

		fprintf(f, "%" PRIu32 ",", i);
		quoted(f, op->info.name);
		fputc(',', f);
		quoted(f, op->info.kind);
		fprintf(f, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 ",%.0f,%.0f",
			op->info.macs, op->info.predicted_cycles, op->cycles, op->start ? op->start - zero : 0,
			op->end ? op->end - zero : 0, op->num_commands, op->rd_bytes, op->wr_bytes);
		for (uint32_t e = 0; e < PROFILE_ENGINES; e++) {
			fprintf(f, ",%" PRIu64, op->engine[e]);
			for (uint32_t c = 0; c < PROFILE_IDLE; c++)
				fprintf(f, ",%.0f", op->cause[e][c]);
		}
		fputc('\n', f);
	}
}
