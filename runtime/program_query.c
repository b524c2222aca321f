// SPDX-License-Identifier: Apache-2.0
/* What a program says about itself. */
#include "program.h"

static const struct {
	const char *name;
	uint32_t bytes;
} dtypes[QUERN_DTYPE_COUNT] = {
	[QUERN_DTYPE_INT8] = {"int8", 1},   [QUERN_DTYPE_UINT8] = {"uint8", 1},	    [QUERN_DTYPE_INT16] = {"int16", 2},
	[QUERN_DTYPE_INT32] = {"int32", 4}, [QUERN_DTYPE_FLOAT32] = {"float32", 4},
};

uint32_t accel_dtype_bytes(enum accel_dtype dtype)
{
	return (uint32_t)dtype < QUERN_DTYPE_COUNT ? dtypes[dtype].bytes : 0;
}

const char *accel_dtype_name(enum accel_dtype dtype)
{
	return accel_dtype_bytes(dtype) ? dtypes[dtype].name : "unknown";
}

void accel_program_info(const struct accel_program *program, struct accel_program_info *out)
{
	const struct quern_program_info *info = &program->info;

	*out = (struct accel_program_info){
		.name = program->strings + info->name,
		.array = info->array,
		.spm_bytes = info->spm_bytes,
		.num_tensors = info->num_tensors,
		.num_ops = info->num_ops,
		.num_ranges = info->num_ranges,
		.num_commands = info->ncmds,
		.image_bytes = info->image_bytes,
		.arena_bytes = info->arena_bytes,
		.macs = info->macs,
		.predicted_cycles = info->predicted_cycles,
		.features = info->features,
	};
}

enum accel_status accel_program_tensor(const struct accel_program *program, uint32_t index,
				       struct accel_tensor_info *out)
{
	const struct quern_program_tensor *rec;

	if (index >= program->info.num_tensors)
		return ACCEL_ERROR_INVALID_ARGUMENT;
	rec = &program->tensor[index].rec;
	*out = (struct accel_tensor_info){
		.name = program->tensor[index].name,
		.kind = (enum accel_tensor_kind)rec->kind,
		.dtype = (enum accel_dtype)rec->dtype,
		.rank = rec->rank,
		.scale = rec->scale,
		.zero_point = rec->zero_point,
		.bytes = rec->bytes,
	};
	for (uint32_t i = 0; i < rec->rank; i++)
		out->dim[i] = rec->dim[i];
	return ACCEL_OK;
}

enum accel_status accel_program_op(const struct accel_program *program, uint32_t index, struct accel_op_info *out)
{
	const struct quern_program_op *op;

	if (index >= program->info.num_ops)
		return ACCEL_ERROR_INVALID_ARGUMENT;
	op = &program->ops[index];
	*out = (struct accel_op_info){
		.name = program->strings + op->name,
		.kind = program->strings + op->kind,
		.macs = op->macs,
		.predicted_cycles = op->predicted_cycles,
	};
	return ACCEL_OK;
}

enum accel_status accel_program_range(const struct accel_program *program, uint32_t index, struct accel_range_info *out)
{
	const struct quern_program_range *range;

	if (index >= program->info.num_ranges)
		return ACCEL_ERROR_INVALID_ARGUMENT;
	range = &program->ranges[index];
	*out = (struct accel_range_info){.first = range->first, .count = range->count, .op = range->op};
	return ACCEL_OK;
}
