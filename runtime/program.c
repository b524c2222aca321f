// SPDX-License-Identifier: Apache-2.0
/* Programs: making one from a file, from bytes or from parts, and answering questions about it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "program.h"

#define RAW_NAME "raw program"
#define MEMORY_NAME "program in memory"
#define FILE_ALIGN 8 /* of a file's first byte in memory */

static struct accel_program *program_new(void)
{
	struct accel_program *program = calloc(1, sizeof(*program));

	if (program)
		program->refs = 1;
	return program;
}

static void program_free(struct accel_program *program)
{
	free(program->strings);
	free(program->ranges);
	free(program->ops);
	free(program);
}

void program_get_locked(struct accel_program *program)
{
	program->refs++;
}

void program_put_locked(struct accel_program *program)
{
	if (!program || --program->refs)
		return;
	buffer_put_locked(program->image);
	program_free(program);
}

/* Put the image into device memory. */
static enum accel_status attach(struct accel_program *program, struct accel_device *dev, const void *image,
				struct accel_error *error)
{
	enum accel_status status;

	device_lock(dev);
	status = device_get_locked(dev, error);
	if (!status) {
		status = buffer_create_locked(dev, program->info.image_bytes, ACCEL_BUFFER_READ_ONLY, &program->image,
					      error);
		dev->refs -= status ? 1 : 0;
	}
	device_unlock(dev);
	if (status)
		return status;
	program->dev = dev;
	memcpy(program->image->map, image, program->info.image_bytes);
	return ACCEL_OK;
}

static enum accel_status program_create(struct accel_device *dev, const void *data, size_t bytes, const char *path,
					struct accel_program **out, struct accel_error *error)
{
	struct accel_program *program = program_new();
	const void *image = NULL;
	enum accel_status status;

	if (!program)
		return error_no_memory(error, "a program");
	status = program_parse(program, data, bytes, path, &image, error);
	if (!status)
		status = program_check(program, path, error);
	if (!status && dev)
		status = program_check_device(&program->info, &dev->info, path, error);
	if (!status && dev)
		status = attach(program, dev, image, error);
	if (status) {
		program_free(program);
		return status;
	}
	*out = program;
	return error_clear(error);
}

enum accel_status accel_program_create(struct accel_device *dev, const void *data, size_t bytes,
				       struct accel_program **program, struct accel_error *error)
{
	enum accel_status status;
	void *copy;

	if (!data || !program)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_program_create: data or program is NULL");
	*program = NULL;
	if ((uintptr_t)data % FILE_ALIGN == 0)
		return program_create(dev, data, bytes, MEMORY_NAME, program, error);
	copy = malloc(bytes ? bytes : 1);
	if (!copy)
		return error_no_memory(error, "a program");
	memcpy(copy, data, bytes);
	status = program_create(dev, copy, bytes, MEMORY_NAME, program, error);
	free(copy);
	return status;
}

static enum accel_status file_error(const char *path, const char *what, struct accel_error *error)
{
	return error_set(error, ACCEL_ERROR_FILE, "%s: %s: check the path", path, what);
}

/* The file's bytes as they are at one time; a file that shrinks meanwhile is an error. */
static enum accel_status read_fd(int fd, const char *path, void **data, size_t *bytes, struct accel_error *error)
{
	struct stat st;
	size_t done = 0;

	if (fstat(fd, &st))
		return file_error(path, strerror(errno), error);
	if (!S_ISREG(st.st_mode))
		return file_error(path, "not a regular file", error);
	if ((uint64_t)st.st_size > PROGRAM_MAX_FILE)
		return error_set(error, ACCEL_ERROR_PROGRAM_FORMAT, "%s: over 2 GiB, no program is that large", path);
	*bytes = (size_t)st.st_size;
	*data = malloc(*bytes ? *bytes : 1);
	if (!*data)
		return error_no_memory(error, path);
	while (done < *bytes) {
		ssize_t n = read(fd, (char *)*data + done, *bytes - done);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return file_error(path, n ? strerror(errno) : "became shorter while it was read", error);
		done += (size_t)n;
	}
	return ACCEL_OK;
}

enum accel_status accel_program_load(struct accel_device *dev, const char *path, struct accel_program **program,
				     struct accel_error *error)
{
	enum accel_status status;
	void *data = NULL;
	size_t bytes = 0;
	int fd;

	if (!path || !program)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_program_load: path or program is NULL");
	*program = NULL;
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return file_error(path, strerror(errno), error);
	status = read_fd(fd, path, &data, &bytes, error);
	close(fd);
	if (!status)
		status = program_create(dev, data, bytes, path, program, error);
	free(data);
	return status;
}

static void raw_tensor(struct program_tensor *t, uint64_t bytes, enum accel_tensor_kind kind)
{
	t->name = RAW_NAME;
	t->rec = (struct quern_program_tensor){
		.kind = (uint16_t)kind,
		.dtype = QUERN_DTYPE_INT8,
		.rank = 1,
		.dim = {bytes > UINT32_MAX ? 0 : (uint32_t)bytes},
		.bytes = bytes,
	};
}

static enum accel_status raw_fill(struct accel_program *program, const struct accel_raw_program *raw,
				  const struct accel_device_info *dev, struct accel_error *error)
{
	program->strings = calloc(1, 1);
	program->num_strings = 1;
	if (!program->strings)
		return error_no_memory(error, "a program");
	program->info = (struct quern_program_info){
		.major = QUERN_PROGRAM_MAJOR,
		.cmd_major = QUERN_COMMANDS_MAJOR,
		.array = dev ? dev->array : 0,
		.ncmds = raw->num_commands,
		.stream_offset = raw->stream_offset,
		.image_bytes = raw->image_bytes,
		.arena_bytes = raw->arena_bytes,
		.num_tensors = raw->num_tensors,
	};
	for (uint32_t i = 0; i < raw->num_tensors; i++)
		raw_tensor(&program->tensor[i], raw->tensor_bytes[i], raw->tensor_kind[i]);
	return program_check(program, RAW_NAME, error);
}

enum accel_status accel_program_create_raw(struct accel_device *dev, const struct accel_raw_program *raw,
					   struct accel_program **out, struct accel_error *error)
{
	struct accel_program *program;
	enum accel_status status;

	if (!raw || !out || !raw->image)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "accel_program_create_raw: raw, its image or program is NULL");
	*out = NULL;
	if (raw->num_tensors > ACCEL_MAX_TENSORS)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "a program has at most %d tensors, not %u",
				 ACCEL_MAX_TENSORS, raw->num_tensors);
	program = program_new();
	if (!program)
		return error_no_memory(error, "a program");
	status = raw_fill(program, raw, dev ? &dev->info : NULL, error);
	if (!status && dev)
		status = attach(program, dev, raw->image, error);
	if (status) {
		program_free(program);
		return status;
	}
	*out = program;
	return error_clear(error);
}

void accel_program_destroy(struct accel_program *program)
{
	struct accel_device *dev;

	if (!program)
		return;
	dev = program->dev;
	if (!dev) {
		program_free(program);
		return;
	}
	device_lock(dev);
	program_put_locked(program);
	device_unlock(dev);
	device_put(dev);
}
