// SPDX-License-Identifier: Apache-2.0
/* Inputs into buffers, outputs into files. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "npy.h"
#include "outfile.h"
#include "run.h"

/* A .npy file for a tensor of this size is not larger; what is more is an error without reading it all. */
#define HEADER_MAX (1u << 20)

/* At most limit bytes of a regular file. */
static int read_file(const char *path, uint64_t limit, unsigned char **data, size_t *bytes)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	size_t done = 0;
	struct stat st;
	ssize_t n = 1;

	*data = NULL;
	if (fd < 0)
		return complain("%s: %s: check the path", path, strerror(errno));
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) || (uint64_t)st.st_size > limit) {
		close(fd);
		return complain("%s: not a regular file, or far larger than the input", path);
	}
	*bytes = (size_t)st.st_size;
	*data = malloc(*bytes ? *bytes : 1);
	while (*data && done < *bytes && n > 0) {
		n = read(fd, *data + done, *bytes - done);
		done += n > 0 ? (size_t)n : 0;
	}
	close(fd);
	if (*data && done == *bytes)
		return 0;
	free(*data);
	*data = NULL;
	return complain("%s: cannot be read whole", path);
}

static int check_input(const char *path, const struct npy *npy, const struct accel_tensor_info *t)
{
	char have[NPY_TEXT], want[NPY_TEXT];
	bool same = npy->rank == t->rank;

	if (npy->dtype != t->dtype)
		return complain("%s: holds %s, input '%s' needs %s: %s (scale %g, zero point %d)", path,
				accel_dtype_name(npy->dtype), t->name, accel_dtype_name(t->dtype),
				t->scale > 0 ? "quantise it first" : "convert it first", (double)t->scale,
				t->zero_point);
	for (uint32_t i = 0; same && i < t->rank; i++)
		same = npy->dim[i] == t->dim[i];
	if (same)
		return 0;
	npy_shape_text(npy, have);
	npy_tensor_shape_text(t, want);
	return complain("%s: has shape %s, input '%s' needs %s: reshape it", path, have, t->name, want);
}

static int read_input(const char *path, const struct accel_tensor_info *t, struct accel_buffer *buffer)
{
	unsigned char *data;
	char why[NPY_TEXT];
	struct npy npy;
	size_t bytes = 0;
	int err = read_file(path, 8 * t->bytes + HEADER_MAX, &data, &bytes);

	if (err)
		return err;
	if (npy_parse(&npy, data, bytes, why))
		err = complain("%s: %s", path, why);
	else
		err = check_input(path, &npy, t);
	if (!err)
		memcpy(accel_buffer_map(buffer), data + npy.data_offset, t->bytes);
	free(data);
	return err;
}

/* Names of the inputs, for the message. */
static int wrong_number(const struct run *run, uint32_t need)
{
	char names[256] = "";
	size_t len = 0;

	for (uint32_t i = 0; i < run->program_info.num_tensors && len < sizeof(names); i++)
		if (run->tensor[i].kind == ACCEL_TENSOR_INPUT)
			len += (size_t)snprintf(names + len, sizeof(names) - len, "%s'%s'", len ? ", " : "",
						run->tensor[i].name);
	return complain("%s: has %u inputs (%s), %u files are given: name one for each with -i", run->opt.program, need,
			names, run->opt.num_inputs);
}

int run_read_inputs(struct run *run)
{
	uint32_t need = 0, next = 0;
	int err = 0;

	for (uint32_t i = 0; i < run->program_info.num_tensors; i++)
		need += run->tensor[i].kind == ACCEL_TENSOR_INPUT;
	if (need != run->opt.num_inputs)
		return wrong_number(run, need);
	for (uint32_t i = 0; !err && i < run->program_info.num_tensors; i++)
		if (run->tensor[i].kind == ACCEL_TENSOR_INPUT)
			err = read_input(run->opt.inputs[next++], &run->tensor[i], run->buffer[i]);
	return err;
}

/* DIR/NN-NAME.npy, with a name of harmless characters. */
static int output_path(const struct run *run, uint32_t number, const char *name, char *path)
{
	int n = snprintf(path, PATH_MAX, "%s/%02u-", run->opt.outdir, number);

	for (int kept = 0; *name && kept < 64 && n < PATH_MAX - 8; name++, kept++) {
		char c = *name;
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
			     c == '.';

		path[n++] = plain ? c : '_';
	}
	if (n >= PATH_MAX - 8)
		return complain("%s: name too long", run->opt.outdir);
	memcpy(path + n, ".npy", 5);
	return 0;
}

static int write_output(const struct run *run, uint32_t tensor, const char *path, struct outfile *out)
{
	const struct accel_tensor_info *t = &run->tensor[tensor];
	char header[512];
	size_t bytes = npy_header(t, header, sizeof(header));

	if (!bytes || outfile_open(out, path) || outfile_write(out, header, bytes) ||
	    outfile_write(out, accel_buffer_map(run->buffer[tensor]), t->bytes) || outfile_close(out))
		return complain("%s: cannot be written: %s", path, strerror(errno));
	return 0;
}

/* All outputs are on the disk before the first takes its place. */
int run_write_outputs(const struct run *run)
{
	struct outfile out[ACCEL_MAX_TENSORS] = {0};
	uint32_t num = 0;
	int err = 0;

	if (!run->opt.outdir)
		return 0;
	if (mkdir(run->opt.outdir, 0777) && errno != EEXIST)
		return complain("%s: cannot be made: %s", run->opt.outdir, strerror(errno));
	for (uint32_t i = 0; !err && i < run->program_info.num_tensors; i++) {
		char path[PATH_MAX];

		if (run->tensor[i].kind != ACCEL_TENSOR_OUTPUT)
			continue;
		err = output_path(run, num, run->tensor[i].name, path);
		if (!err)
			err = write_output(run, i, path, &out[num++]);
	}
	for (uint32_t i = 0; !err && i < num; i++)
		if (outfile_commit(&out[i]))
			err = complain("%s: output %u cannot be put in place: %s", run->opt.outdir, i, strerror(errno));
	for (uint32_t i = 0; i < num; i++)
		outfile_discard(&out[i]);
	return err;
}
