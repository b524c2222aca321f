/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A .tflite file as flat arrays whose indices have been checked. No meaning is given to operators here: that is
 * tflite_import.c.
 */
#ifndef COMPILER_TFLITE_READ_H
#define COMPILER_TFLITE_READ_H

#include <stdbool.h>
#include <stdint.h>
#include "flatbuffer.h"
#include "ir.h"
#include "tflite_schema.h"

#define TFL_MAX_TENSORS 65536
#define TFL_MAX_OPERATORS 16384
#define TFL_MAX_OUTPUTS 8
/* Names are cut here, bytes, the end included. */
#define TFL_MAX_NAME 96

struct tfl_tensor {
	const char *name; /* printable ASCII */
	int32_t type;	  /* enum tfl_type, or any other value */
	int rank;
	int32_t dim[IR_MAX_RANK];  /* each >= 1 */
	int32_t elements;	   /* product of dim, at most IR_MAX_ELEMENTS */
	const uint8_t *data;	   /* constants: elements * tfl_type_bytes(type) bytes, unaligned; else NULL */
	struct fb_vec scales;	   /* float */
	struct fb_vec zero_points; /* int64 */
	int32_t scale_axis;
	const char *trouble; /* why it cannot be used at all (sparse, a variable, dynamic...), or NULL */
};

struct tfl_op {
	int32_t builtin;
	const char *kind_name; /* "CONV_2D", "CUSTOM(name)" */
	int num_inputs, num_outputs;
	int32_t inputs[IR_MAX_INPUTS]; /* -1: optional input not given */
	int32_t outputs[TFL_MAX_OUTPUTS];
	int32_t options_type;
	struct fb_table options;
	const char *trouble; /* why it cannot be imported (too many operands), or NULL */
};

struct tfl_model {
	struct fb fb;
	const char *name;
	struct tfl_tensor *tensors;
	int32_t num_tensors;
	struct tfl_op *ops;
	int32_t num_ops;
	int32_t *inputs, *outputs; /* tensor indices */
	int32_t num_inputs, num_outputs;
};

/*
 * Reads the file's bytes, which must stay in place as long as the model is used; arrays come from the graph's arena.
 * STATUS_BAD_FILE or STATUS_UNSUPPORTED with the reason.
 */
enum status tfl_read(struct tfl_model *m, struct graph *g, const void *data, size_t bytes, struct diag *diag);

#endif
