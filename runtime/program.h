/* SPDX-License-Identifier: Apache-2.0 */
/* A program: what its file says, checked, and its image in device memory. */
#ifndef RUNTIME_PROGRAM_H
#define RUNTIME_PROGRAM_H

#include "device.h"
#include "quern/program.h"

/* Bounds beyond which a file is taken for damaged. */
#define PROGRAM_MAX_FILE ((uint64_t)1 << 31)
#define PROGRAM_MAX_ARENA ((uint64_t)1 << 32)
#define PROGRAM_MAX_OPS 1000000u

/* A tensor with its name resolved. */
struct program_tensor {
	const char *name;
	struct quern_program_tensor rec;
};

struct accel_program {
	struct accel_device *dev;   /* NULL: to look at only */
	struct accel_buffer *image; /* NULL without a device */
	uint32_t refs;
	struct quern_program_info info;
	struct program_tensor tensor[ACCEL_MAX_TENSORS];
	struct quern_program_op *ops;
	struct quern_program_range *ranges;
	char *strings;	      /* .quern.strtab; its last byte is zero */
	uint64_t num_strings; /* bytes */
};

/*
 * program_elf.c: fill info, tensors, ops, ranges and strings from a file's bytes, all of it checked. *image points to
 * the image inside data. On failure the caller still frees what is set.
 */
enum accel_status program_parse(struct accel_program *program, const void *data, size_t bytes, const char *path,
				const void **image, struct accel_error *error);

/* program_check.c: relations inside the records; path is for the message. */
enum accel_status program_check(const struct accel_program *program, const char *path, struct accel_error *error);
/* Whether the device can run it. */
enum accel_status program_check_device(const struct quern_program_info *info, const struct accel_device_info *dev,
				       const char *path, struct accel_error *error);

void program_get_locked(struct accel_program *program);
/* NULL is ignored. */
void program_put_locked(struct accel_program *program);

#endif
