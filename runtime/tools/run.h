/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of accel-run. Functions that return int give 0, or -1 after one line on standard error. */
#ifndef RUNTIME_TOOLS_RUN_H
#define RUNTIME_TOOLS_RUN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "accel/accel.h"

#define RUN_MAX_REPEAT 1000000u

struct run_options {
	const char *device;
	const char *program;
	char *inputs[ACCEL_MAX_TENSORS]; /* paths, in the program's order */
	uint32_t num_inputs;
	const char *outdir;  /* NULL: results are not kept */
	const char *json;    /* NULL: none */
	const char *profile; /* folder; NULL: none */
	uint32_t repeat;
	double timeout_s; /* for each run; 0: the device's own limit */
	bool quiet;
};

struct run {
	struct run_options opt;
	struct accel_device *dev;
	struct accel_context *ctx;
	struct accel_program *program;
	struct accel_device_info device_info;
	struct accel_program_info program_info;
	struct accel_tensor_info tensor[ACCEL_MAX_TENSORS];
	struct accel_buffer *buffer[ACCEL_MAX_TENSORS];
	struct accel_result *results; /* one for each run */
	uint32_t num_results;
	struct accel_profile *recording; /* of the first run, with opt.profile */
	uint64_t open_ns;		 /* that opening the device took: loading the chip, booting its firmware */
};

/* One line on standard error, with the tool's name. Returns -1. */
__attribute__((format(printf, 1, 2))) int complain(const char *format, ...);

/* run_options.c: 0 to go on, 1 if the program is done (help, version), -1 on bad usage. */
int run_parse_options(struct run_options *opt, int argc, char **argv);
void run_free_options(struct run_options *opt);

/* run_io.c */
int run_read_inputs(struct run *run);
int run_write_outputs(const struct run *run);

/* run_report.c */
void run_print_table(const struct run *run);
int run_write_json(const struct run *run);
/* A JSON string; bytes that are not printable ASCII are escaped one by one, and so is what HTML could take for a tag. */
void run_json_string(FILE *f, const char *text);

/* run_profile.c: around the first run, then after all; nothing without opt.profile. */
int run_profile_start(struct run *run);
int run_profile_stop(struct run *run);
int run_write_profile(const struct run *run);

#endif
