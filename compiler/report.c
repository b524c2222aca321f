// SPDX-License-Identifier: Apache-2.0
/*
 * Reports: see report.h. Cycles are the cost model's; the sum over operators counts overlapped work once for
 * each operator that does it.
 */
#include <inttypes.h>
#include "json.h"
#include "report.h"

static uint64_t cycles_of(const struct program_image *image, uint32_t source)
{
	return image && image->source_cycles ? image->source_cycles[source] : 0;
}

static uint64_t total_macs(const struct graph *g)
{
	uint64_t macs = 0;

	for (uint32_t i = 0; i < g->num_sources; i++)
		macs += g->sources[i].macs;
	return macs;
}

static const char *fate_str(enum source_fate fate)
{
	switch (fate) {
	case FATE_CHIP:
		return "chip";
	case FATE_FUSED:
		return "fused";
	case FATE_ELIDED:
		return "none";
	case FATE_UNSUPPORTED:
		return "unsupported";
	}
	return "unknown";
}

static uint64_t sum_cycles(const struct graph *g, const struct program_image *image)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < g->num_sources; i++)
		sum += cycles_of(image, i);
	return sum;
}

static void text_line(FILE *f, const struct graph *g, const struct program_image *image, uint32_t i,
		      uint64_t all_cycles)
{
	const struct source_op *s = &g->sources[i];
	uint64_t cycles = cycles_of(image, i);

	fprintf(f, "%-11s %11" PRIu64 " ", fate_str(s->fate), s->macs);
	if (cycles)
		fprintf(f, "%10" PRIu64 " %4.1f %%  ", cycles, 100.0 * (double)cycles / (double)all_cycles);
	else
		fprintf(f, "%10s         ", "-");
	fputs(s->name, f);
	if (s->fate == FATE_FUSED)
		fprintf(f, "  (part of %s)", g->sources[s->into].name);
	else if (s->note)
		fprintf(f, "  (%s)", s->note);
	fputc('\n', f);
}

void report_text(FILE *f, const struct graph *g, const struct target *target, const struct program_image *image)
{
	fprintf(f, "model %s for %" PRIu32 "x%" PRIu32 " MACs, %" PRIu32 " KiB scratchpad\n",
		*g->name ? g->name : "(no name)", target->array, target->array, target->spm_bytes / 1024);
	fprintf(f, "%-11s %11s %10s %6s  %s\n", "where", "MACs", "cycles", "share", "operator");
	for (uint32_t i = 0; i < g->num_sources; i++)
		text_line(f, g, image, i, sum_cycles(g, image));
	if (!image)
		return;
	fprintf(f,
		"total: %" PRIu64 " MACs, %" PRIu64 " cycles predicted (operators overlap), %" PRIu32
		" commands, %zu bytes of image, %" PRIu64 " bytes of temporaries\n",
		total_macs(g), image->cycles, image->ncmds, image->image_bytes, image->arena_bytes);
}

static void json_op(FILE *f, const struct graph *g, const struct program_image *image, uint32_t i)
{
	const struct source_op *s = &g->sources[i];

	fprintf(f, "    {\"index\": %" PRIu32 ", \"name\": ", i);
	json_string(f, s->name);
	fprintf(f, ", \"kind\": ");
	json_string(f, s->kind_name);
	fprintf(f, ", \"where\": \"%s\", \"macs\": %" PRIu64 ", \"predicted_cycles\": %" PRIu64, fate_str(s->fate),
		s->macs, cycles_of(image, i));
	if (s->fate == FATE_FUSED)
		fprintf(f, ", \"into\": %" PRIu32, s->into);
	if (s->note) {
		fprintf(f, ", \"note\": ");
		json_string(f, s->note);
	}
	fprintf(f, "}%s\n", i + 1 < g->num_sources ? "," : "");
}

void report_json(FILE *f, const struct graph *g, const struct target *target, const struct program_image *image)
{
	fprintf(f, "{\n  \"model\": ");
	json_string(f, g->name);
	fprintf(f, ",\n  \"array\": %" PRIu32 ", \"spm_bytes\": %" PRIu32 ", \"compiled\": %s,\n", target->array,
		target->spm_bytes, image ? "true" : "false");
	fprintf(f, "  \"macs\": %" PRIu64 ",\n", total_macs(g));
	if (image)
		fprintf(f,
			"  \"predicted_cycles\": %" PRIu64 ", \"commands\": %" PRIu32
			", \"image_bytes\": %zu, \"arena_bytes\": %" PRIu64 ",\n",
			image->cycles, image->ncmds, image->image_bytes, image->arena_bytes);
	fprintf(f, "  \"operators\": [\n");
	for (uint32_t i = 0; i < g->num_sources; i++)
		json_op(f, g, image, i);
	fprintf(f, "  ]\n}\n");
}
