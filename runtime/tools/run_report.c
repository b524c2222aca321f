// SPDX-License-Identifier: Apache-2.0
/* What accel-run says about its runs: a table for people, JSON for programs. */
#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outfile.h"
#include "run.h"

#define JSON_SCHEMA 1

/* From the doorbell to the completion interrupt. */
static uint64_t cycles_of(const struct accel_result *r)
{
	return r->t_complete - r->t_doorbell;
}

static double mac_utilisation(const struct run *run, const struct accel_result *r)
{
	double possible = (double)cycles_of(r) * run->device_info.array * run->device_info.array;

	return possible > 0 ? (double)run->program_info.macs / possible : 0;
}

static double simulated_khz(const struct accel_result *r)
{
	return r->wall_ns ? (double)cycles_of(r) * 1e6 / (double)r->wall_ns : 0;
}

/* The run with the fewest cycles, or the least time where there are no cycles. */
static const struct accel_result *best_run(const struct run *run)
{
	const struct accel_result *best = &run->results[0];

	for (uint32_t i = 1; i < run->num_results; i++) {
		const struct accel_result *r = &run->results[i];

		if (run->device_info.has_cycles ? cycles_of(r) < cycles_of(best) : r->wall_ns < best->wall_ns)
			best = r;
	}
	return best;
}

static void print_count(const char *label, uint64_t value, const char *unit)
{
	char digits[32], text[48];
	size_t len = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, value), out = 0;

	for (size_t i = 0; i < len; i++) {
		if (i && (len - i) % 3 == 0)
			text[out++] = ' ';
		text[out++] = digits[i];
	}
	text[out] = '\0';
	printf("%-18s %16s %s\n", label, text, unit);
}

void run_print_table(const struct run *run)
{
	const struct accel_program_info *p = &run->program_info;
	const struct accel_result *r = best_run(run);

	if (run->opt.quiet)
		return;
	printf("%-18s %s\n", "device", run->device_info.name);
	printf("%-18s %s%s%s%s\n", "program", run->opt.program, p->name[0] ? " (" : "", p->name, p->name[0] ? ")" : "");
	if (run->num_results > 1)
		printf("%-18s %16u runs, the best of them:\n", "repeated", run->num_results);
	if (run->device_info.has_cycles) {
		print_count("cycles", cycles_of(r), "doorbell to completion interrupt");
		print_count("job cycles", r->job_cycles, "start to end");
		if (p->predicted_cycles)
			print_count("predicted cycles", p->predicted_cycles, "by the compiler");
	}
	print_count("MACs", p->macs, "");
	if (run->device_info.has_cycles)
		printf("%-18s %16.1f %%\n", "MAC utilisation", 100 * mac_utilisation(run, r));
	print_count("bytes read", r->rd_bytes, "");
	print_count("bytes written", r->wr_bytes, "");
	printf("%-18s %16.3f ms\n", "wall time", (double)r->wall_ns / 1e6);
	if (run->device_info.has_cycles)
		printf("%-18s %16.1f kHz\n", "simulated at", simulated_khz(r));
}

void run_json_string(FILE *f, const char *text)
{
	fputc('"', f);
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			fprintf(f, "\\%c", c);
		else if (c < ' ' || c > '~' || c == '<')
			fprintf(f, "\\u%04x", c);
		else
			fputc(c, f);
	}
	fputc('"', f);
}

static void json_run(FILE *f, const struct run *run, const struct accel_result *r)
{
	fprintf(f,
		"{\"cycles\": %" PRIu64 ", \"job_cycles\": %" PRIu64 ", \"mx_busy\": %" PRIu64 ", \"ve_busy\": %" PRIu64
		", \"rd_bytes\": %" PRIu64 ", \"wr_bytes\": %" PRIu64 ", \"tlb_misses\": %" PRIu64
		", \"t_doorbell\": %" PRIu64 ", \"t_start\": %" PRIu64 ", \"t_end\": %" PRIu64
		", \"t_complete\": %" PRIu64 ", \"mac_utilisation\": %.6f, \"wall_ns\": %" PRIu64
		", \"simulated_khz\": %.3f}",
		cycles_of(r), r->job_cycles, r->mx_busy, r->ve_busy, r->rd_bytes, r->wr_bytes, r->tlb_misses,
		r->t_doorbell, r->t_start, r->t_end, r->t_complete, mac_utilisation(run, r), r->wall_ns,
		simulated_khz(r));
}

static void json_all(FILE *f, const struct run *run)
{
	const struct accel_device_info *d = &run->device_info;
	const struct accel_program_info *p = &run->program_info;

	fprintf(f, "{\n  \"schema\": %d,\n  \"tool\": \"accel-run\",\n  \"device\": {\"name\": ", JSON_SCHEMA);
	run_json_string(f, d->name);
	fprintf(f,
		", \"array\": %u, \"spm_bytes\": %u, \"bus_bytes\": %u, \"open_ns\": %" PRIu64
		", \"has_cycles\": %s, \"clock_hz\": %" PRIu64
		", \"hw_version\": \"%u.%u\", \"fw_version\": \"%u.%u\"},\n  \"program\": {\"path\": ",
		d->array, d->spm_bytes, d->bus_bytes, run->open_ns, d->has_cycles ? "true" : "false", d->clock_hz,
		d->hw_version >> 16, d->hw_version & 0xffff, d->fw_version >> 16, d->fw_version & 0xffff);
	run_json_string(f, run->opt.program);
	fputs(", \"name\": ", f);
	run_json_string(f, p->name);
	fprintf(f,
		", \"macs\": %" PRIu64 ", \"predicted_cycles\": %" PRIu64
		", \"commands\": %u, \"image_bytes\": %" PRIu64 ", \"arena_bytes\": %" PRIu64 "},\n  \"runs\": [",
		p->macs, p->predicted_cycles, p->num_commands, p->image_bytes, p->arena_bytes);
	for (uint32_t i = 0; i < run->num_results; i++) {
		fputs(i ? ",\n    " : "\n    ", f);
		json_run(f, run, &run->results[i]);
	}
	fputs("\n  ]\n}\n", f);
}

int run_write_json(const struct run *run)
{
	struct outfile out = {0};
	char *text = NULL;
	size_t bytes = 0;
	FILE *f;
	int err;

	if (!run->opt.json)
		return 0;
	f = open_memstream(&text, &bytes);
	if (!f)
		return complain("out of memory");
	json_all(f, run);
	err = fclose(f);
	if (!err)
		err = outfile_open(&out, run->opt.json) || outfile_write(&out, text, bytes) || outfile_close(&out) ||
		      outfile_commit(&out);
	free(text);
	return err ? complain("%s: cannot be written: %s", run->opt.json, strerror(errno)) : 0;
}
