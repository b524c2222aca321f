// SPDX-License-Identifier: Apache-2.0
/* What must hold inside a program's records, and between a program and a device. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "program.h"

static enum accel_status damaged(const char *path, struct accel_error *error, const char *what)
{
	return error_set(error, ACCEL_ERROR_PROGRAM_FORMAT, "%s: %s: compile the model again", path, what);
}

static bool all_zero(const void *p, size_t bytes)
{
	const unsigned char *b = p;

	for (size_t i = 0; i < bytes; i++)
		if (b[i])
			return false;
	return true;
}

static enum accel_status check_info(const struct accel_program *program, const char *path, struct accel_error *error)
{
	const struct quern_program_info *info = &program->info;

	if (info->minor <= QUERN_PROGRAM_MINOR && !all_zero(info->pad, sizeof(info->pad)))
		return damaged(path, error, "reserved bytes of .quern.info are not zero");
	if (!info->ncmds || info->ncmds > QUERN_MAX_STREAM_CMDS)
		return damaged(path, error, "the number of commands is 0 or more than a job can have");
	if (info->stream_offset % QUERN_CMD_BYTES || info->stream_offset > info->image_bytes ||
	    (uint64_t)info->ncmds * QUERN_CMD_BYTES > info->image_bytes - info->stream_offset)
		return damaged(path, error, "the commands lie outside the image");
	if (info->arena_bytes > PROGRAM_MAX_ARENA)
		return damaged(path, error, "it asks for more than 4 GiB of temporaries");
	if (info->name >= program->num_strings)
		return damaged(path, error, "the model's name lies outside .quern.strtab");
	return ACCEL_OK;
}

/* Bytes of the tensor's elements, or 0 if a dimension is 0 or the product does not fit. */
static uint64_t tensor_bytes(const struct quern_program_tensor *t)
{
	uint64_t bytes = accel_dtype_bytes((enum accel_dtype)t->dtype);

	for (uint32_t i = 0; i < t->rank; i++)
		if (__builtin_mul_overflow(bytes, (uint64_t)t->dim[i], &bytes))
			return 0;
	return bytes;
}

static enum accel_status check_tensor(const struct quern_program_tensor *t, const char *path, struct accel_error *error)
{
	if (t->kind != QUERN_TENSOR_KIND_INPUT && t->kind != QUERN_TENSOR_KIND_OUTPUT)
		return damaged(path, error, "a tensor is neither input nor output");
	if (t->rank > QUERN_PROGRAM_MAX_RANK || !accel_dtype_bytes((enum accel_dtype)t->dtype))
		return damaged(path, error, "a tensor has an unknown type or too many dimensions");
	if (!all_zero(&t->dim[t->rank], (QUERN_PROGRAM_MAX_RANK - t->rank) * sizeof(t->dim[0])))
		return damaged(path, error, "a tensor has dimensions beyond its rank");
	if (!t->bytes || t->bytes != tensor_bytes(t))
		return damaged(path, error, "the size of a tensor is not that of its shape");
	if (!isfinite(t->scale) || t->scale < 0)
		return damaged(path, error, "the scale of a tensor is not a positive number");
	if (t->reserved || !all_zero(t->pad, sizeof(t->pad)))
		return damaged(path, error, "reserved bytes of a tensor are not zero");
	return ACCEL_OK;
}

static enum accel_status check_ops(const struct accel_program *program, const char *path, struct accel_error *error)
{
	for (uint32_t i = 0; i < program->info.num_ops; i++)
		if (program->ops[i].name >= program->num_strings || program->ops[i].kind >= program->num_strings)
			return damaged(path, error, "the name of an operator lies outside .quern.strtab");
	return ACCEL_OK;
}

static enum accel_status check_ranges(const struct accel_program *program, const char *path, struct accel_error *error)
{
	uint32_t end = 0;

	for (uint32_t i = 0; i < program->info.num_ranges; i++) {
		const struct quern_program_range *r = &program->ranges[i];

		if (r->first < end || r->first > program->info.ncmds || !r->count ||
		    r->count > program->info.ncmds - r->first || r->op >= program->info.num_ops)
			return damaged(path, error, "the ranges of .quern.debug overlap or name what does not exist");
		end = r->first + r->count;
	}
	return ACCEL_OK;
}

enum accel_status program_check(const struct accel_program *program, const char *path, struct accel_error *error)
{
	enum accel_status status = check_info(program, path, error);

	for (uint32_t i = 0; !status && i < program->info.num_tensors; i++)
		status = check_tensor(&program->tensor[i].rec, path, error);
	if (!status)
		status = check_ops(program, path, error);
	if (!status)
		status = check_ranges(program, path, error);
	return status;
}

enum accel_status program_check_device(const struct quern_program_info *info, const struct accel_device_info *dev,
				       const char *path, struct accel_error *error)
{
	if (info->array != dev->array)
		return error_set(error, ACCEL_ERROR_PROGRAM_DEVICE,
				 "%s: program needs a %ux%u array, device %s has %ux%u: recompile with quernc "
				 "--config %ux%u",
				 path, info->array, info->array, dev->name, dev->array, dev->array, dev->array,
				 dev->array);
	if (info->spm_bytes > dev->spm_bytes)
		return error_set(error, ACCEL_ERROR_PROGRAM_DEVICE,
				 "%s: program needs %u bytes of scratchpad, device %s has %u: recompile for this "
				 "device",
				 path, info->spm_bytes, dev->name, dev->spm_bytes);
	if (info->acc_entries > dev->acc_entries)
		return error_set(error, ACCEL_ERROR_PROGRAM_DEVICE,
				 "%s: program needs %u accumulator entries, device %s has %u: recompile for this "
				 "device",
				 path, info->acc_entries, dev->name, dev->acc_entries);
	if (info->features & ~dev->features)
		return error_set(error, ACCEL_ERROR_PROGRAM_DEVICE,
				 "%s: program needs chip features 0x%" PRIx64
				 " that device %s does not have: recompile for this device",
				 path, info->features & ~dev->features, dev->name);
	if (info->cmd_minor > (dev->hw_version & 0xffff))
		return error_set(error, ACCEL_ERROR_PROGRAM_DEVICE,
				 "%s: program uses commands of version %u.%u, device %s knows %u.%u: recompile with "
				 "an older quernc",
				 path, info->cmd_major, info->cmd_minor, dev->name, dev->hw_version >> 16,
				 dev->hw_version & 0xffff);
	return ACCEL_OK;
}
