// SPDX-License-Identifier: Apache-2.0
/* accel-run: load a program, give it inputs, run it, keep the outputs, say how it went. */
#include <inttypes.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "run.h"

#define EXIT_USAGE 2
#define EXIT_SIGNAL 128	     /* plus the signal's number, as a shell reports it */
#define POLL_NS 100000000ull /* between looks at signals and progress */
#define SHOW_PROGRESS_AFTER_S 2.0
#define BAR_COLUMNS 40

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
	interrupted = number;
}

int complain(const char *format, ...)
{
	va_list args;

	fputs("accel-run: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return -1;
}

static double now_s(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* Names of tensors come from a file: nothing that a terminal would obey may reach it. */
static bool printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return false;
	return true;
}

static int load(struct run *run)
{
	double start = now_s();
	struct accel_error err;

	if (accel_device_open(run->opt.device, &run->dev, &err))
		return complain("%s", err.message);
	run->open_ns = (uint64_t)((now_s() - start) * 1e9);
	if (accel_program_load(run->dev, run->opt.program, &run->program, &err) ||
	    accel_context_create(run->dev, ACCEL_PRIORITY_NORMAL, &run->ctx, &err))
		return complain("%s", err.message);
	accel_device_info(run->dev, &run->device_info);
	accel_program_info(run->program, &run->program_info);
	if (!printable(run->program_info.name))
		return complain("%s: the model's name has control characters: compile it again", run->opt.program);
	for (uint32_t i = 0; i < run->program_info.num_tensors; i++) {
		accel_program_tensor(run->program, i, &run->tensor[i]);
		if (!printable(run->tensor[i].name))
			return complain("%s: the name of tensor %u has control characters: compile the model again",
					run->opt.program, i);
		if (accel_buffer_create(run->dev, run->tensor[i].bytes, 0, &run->buffer[i], &err))
			return complain("tensor '%s': %s", run->tensor[i].name, err.message);
	}
	return 0;
}

/* "[#####     ] 52 %, 3.4 s": how far is known only if the device counts cycles and the compiler has an estimate. */
static void show_progress(const struct run *run, uint64_t start_cycle, double elapsed_s)
{
	uint64_t predicted = run->program_info.predicted_cycles;
	uint64_t passed = accel_device_cycles(run->dev) - start_cycle;
	char bar[BAR_COLUMNS + 1];
	double part;

	if (run->opt.quiet || elapsed_s < SHOW_PROGRESS_AFTER_S || !isatty(STDERR_FILENO))
		return;
	if (!predicted || !run->device_info.has_cycles) {
		fprintf(stderr, "\rrunning, %.0f s ", elapsed_s);
		return;
	}
	part = (double)passed / (double)predicted;
	part = part > 0.99 ? 0.99 : part;
	memset(bar, ' ', BAR_COLUMNS);
	memset(bar, '#', (size_t)(part * BAR_COLUMNS));
	bar[BAR_COLUMNS] = '\0';
	fprintf(stderr, "\r[%s] %2.0f %%, %.0f s ", bar, 100 * part, elapsed_s);
}

static void clear_progress(const struct run *run, double elapsed_s)
{
	if (!run->opt.quiet && elapsed_s >= SHOW_PROGRESS_AFTER_S && isatty(STDERR_FILENO))
		fprintf(stderr, "\r%*s\r", BAR_COLUMNS + 24, "");
}

/* The operator that a command was compiled from, or "". */
static const char *operator_of(const struct run *run, uint32_t command)
{
	struct accel_range_info range;
	struct accel_op_info op;

	for (uint32_t i = 0; !accel_program_range(run->program, i, &range); i++)
		if (command >= range.first && command - range.first < range.count &&
		    !accel_program_op(run->program, range.op, &op) && printable(op.name))
			return op.name;
	return "";
}

static int report_failure(const struct run *run, struct accel_fence *fence, const struct accel_error *err)
{
	struct accel_result r;
	const char *op = "";

	if (err->status == ACCEL_ERROR_FAULT && !accel_fence_result(fence, &r))
		op = operator_of(run, r.fault_index);
	return complain("%s%s%s", err->message, op[0] ? ", in operator " : "", op);
}

/* Wait in short steps, to notice signals and show progress. */
static int wait_for(struct run *run, struct accel_fence *fence)
{
	uint64_t start_cycle = accel_device_cycles(run->dev);
	double start = now_s(), elapsed = 0;
	struct accel_error err;
	enum accel_status status;

	while ((status = accel_fence_wait(fence, POLL_NS, &err)) == ACCEL_ERROR_WAIT_TIMEOUT) {
		elapsed = now_s() - start;
		if (interrupted)
			break;
		if (run->opt.timeout_s > 0 && elapsed > run->opt.timeout_s)
			break;
		show_progress(run, start_cycle, elapsed);
	}
	clear_progress(run, elapsed);
	if (status == ACCEL_OK)
		return 0;
	if (interrupted)
		return complain("interrupted, nothing was written");
	if (status == ACCEL_ERROR_WAIT_TIMEOUT)
		return complain("not finished after %g s, nothing was written: raise --timeout", run->opt.timeout_s);
	return report_failure(run, fence, &err);
}

static int run_once(struct run *run, struct accel_result *result)
{
	struct accel_binding bindings[ACCEL_MAX_TENSORS] = {0};
	struct accel_submit submit = {
		.program = run->program,
		.tensors = bindings,
		.num_tensors = run->program_info.num_tensors,
	};
	struct accel_fence *fence;
	struct accel_error err;
	int failed;

	for (uint32_t i = 0; i < submit.num_tensors; i++)
		bindings[i].buffer = run->buffer[i];
	if (accel_context_submit(run->ctx, &submit, &fence, &err))
		return complain("%s", err.message);
	failed = wait_for(run, fence);
	if (!failed)
		accel_fence_result(fence, result);
	accel_fence_destroy(fence);
	return failed;
}

static int run_all(struct run *run)
{
	run->results = calloc(run->opt.repeat, sizeof(*run->results));
	if (!run->results)
		return complain("out of memory");
	if (run_profile_start(run))
		return -1;
	while (run->num_results < run->opt.repeat) {
		if (interrupted)
			return complain("interrupted, nothing was written");
		if (run_once(run, &run->results[run->num_results]))
			return -1;
		run->num_results++;
		if (run_profile_stop(run))
			return -1;
	}
	return 0;
}

static void unload(struct run *run)
{
	accel_context_destroy(run->ctx);
	for (uint32_t i = 0; i < ACCEL_MAX_TENSORS; i++)
		accel_buffer_destroy(run->buffer[i]);
	accel_program_destroy(run->program);
	accel_device_close(run->dev);
	accel_profile_destroy(run->recording);
	free(run->results);
	run_free_options(&run->opt);
}

static int work(struct run *run)
{
	if (load(run) || run_read_inputs(run) || run_all(run) || run_write_outputs(run) || run_write_profile(run))
		return -1;
	run_print_table(run);
	if (run_write_json(run))
		return -1;
	if (fflush(stdout) || ferror(stdout))
		return complain("standard output cannot be written");
	return 0;
}

int main(int argc, char **argv)
{
	const struct sigaction action = {.sa_handler = on_signal};
	struct run run = {0};
	int err = run_parse_options(&run.opt, argc, argv);

	if (err) {
		run_free_options(&run.opt);
		return err > 0 ? EXIT_SUCCESS : EXIT_USAGE;
	}
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGXFSZ, SIG_IGN); /* a file over the limit is an error like a full disk */
	signal(SIGPIPE, SIG_IGN);
	err = work(&run);
	unload(&run);
	if (err && interrupted)
		return EXIT_SIGNAL + interrupted;
	return err ? EXIT_FAILURE : EXIT_SUCCESS;
}
