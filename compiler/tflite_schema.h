/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers of TensorFlow Lite's schema version 3: field ids of its tables and values of its enums. Only what the
 * front end reads.
 */
#ifndef COMPILER_TFLITE_SCHEMA_H
#define COMPILER_TFLITE_SCHEMA_H

#include <stdint.h>

#define TFL_IDENTIFIER "TFL3"
#define TFL_SCHEMA_VERSION 3

/* Field ids. */
enum { MODEL_VERSION = 0, MODEL_OPERATOR_CODES = 1, MODEL_SUBGRAPHS = 2, MODEL_DESCRIPTION = 3, MODEL_BUFFERS = 4 };
enum { OPCODE_DEPRECATED_BUILTIN = 0, OPCODE_CUSTOM = 1, OPCODE_VERSION = 2, OPCODE_BUILTIN = 3 };
enum { BUFFER_DATA = 0, BUFFER_OFFSET = 1, BUFFER_SIZE = 2 };
enum { SUBGRAPH_TENSORS = 0, SUBGRAPH_INPUTS = 1, SUBGRAPH_OUTPUTS = 2, SUBGRAPH_OPERATORS = 3, SUBGRAPH_NAME = 4 };
enum {
	TENSOR_SHAPE = 0,
	TENSOR_TYPE = 1,
	TENSOR_BUFFER = 2,
	TENSOR_NAME = 3,
	TENSOR_QUANTIZATION = 4,
	TENSOR_IS_VARIABLE = 5,
	TENSOR_SPARSITY = 6,
	TENSOR_SHAPE_SIGNATURE = 7,
};
enum { QUANT_SCALE = 2, QUANT_ZERO_POINT = 3, QUANT_DETAILS_TYPE = 4, QUANT_DIMENSION = 6 };
enum {
	OPERATOR_OPCODE = 0,
	OPERATOR_INPUTS = 1,
	OPERATOR_OUTPUTS = 2,
	OPERATOR_OPTIONS_TYPE = 3,
	OPERATOR_OPTIONS = 4
};
enum {
	CONV_PADDING = 0,
	CONV_STRIDE_W = 1,
	CONV_STRIDE_H = 2,
	CONV_ACTIVATION = 3,
	CONV_DILATION_W = 4,
	CONV_DILATION_H = 5
};
enum {
	DW_PADDING = 0,
	DW_STRIDE_W = 1,
	DW_STRIDE_H = 2,
	DW_MULTIPLIER = 3,
	DW_ACTIVATION = 4,
	DW_DILATION_W = 5,
	DW_DILATION_H = 6,
};
enum {
	POOL_PADDING = 0,
	POOL_STRIDE_W = 1,
	POOL_STRIDE_H = 2,
	POOL_FILTER_W = 3,
	POOL_FILTER_H = 4,
	POOL_ACTIVATION = 5
};
enum { FC_ACTIVATION = 0, FC_WEIGHTS_FORMAT = 1 };
enum { ELT_ACTIVATION = 0 };
enum { CONCAT_AXIS = 0, CONCAT_ACTIVATION = 1 };
enum { SOFTMAX_BETA = 0 };
enum { REDUCER_KEEP_DIMS = 0 };
enum { LEAKY_RELU_ALPHA = 0 };

/* Values of OPERATOR_OPTIONS_TYPE. */
enum tfl_options {
	TFL_OPTIONS_NONE = 0,
	TFL_OPTIONS_CONV = 1,
	TFL_OPTIONS_DEPTHWISE = 2,
	TFL_OPTIONS_POOL = 5,
	TFL_OPTIONS_FULLY_CONNECTED = 8,
	TFL_OPTIONS_SOFTMAX = 9,
	TFL_OPTIONS_CONCATENATION = 10,
	TFL_OPTIONS_ADD = 11,
	TFL_OPTIONS_MUL = 21,
	TFL_OPTIONS_REDUCER = 27,
	TFL_OPTIONS_SUB = 28,
	TFL_OPTIONS_LEAKY_RELU = 75,
};

enum tfl_type {
	TFL_FLOAT32 = 0,
	TFL_FLOAT16 = 1,
	TFL_INT32 = 2,
	TFL_UINT8 = 3,
	TFL_INT64 = 4,
	TFL_STRING = 5,
	TFL_BOOL = 6,
	TFL_INT16 = 7,
	TFL_COMPLEX64 = 8,
	TFL_INT8 = 9,
	TFL_FLOAT64 = 10,
	TFL_TYPE_COUNT,
};

enum tfl_padding { TFL_SAME = 0, TFL_VALID = 1 };

enum tfl_activation {
	TFL_ACT_NONE = 0,
	TFL_ACT_RELU = 1,
	TFL_ACT_RELU_N1_TO_1 = 2,
	TFL_ACT_RELU6 = 3,
	TFL_ACT_TANH = 4,
	TFL_ACT_SIGN_BIT = 5,
};

/* Built-in operators that the front end imports; tfl_op_name() knows the names of all others. */
enum tfl_builtin {
	TFL_ADD = 0,
	TFL_AVERAGE_POOL_2D = 1,
	TFL_CONCATENATION = 2,
	TFL_CONV_2D = 3,
	TFL_DEPTHWISE_CONV_2D = 4,
	TFL_DEQUANTIZE = 6,
	TFL_FULLY_CONNECTED = 9,
	TFL_LOGISTIC = 14,
	TFL_MAX_POOL_2D = 17,
	TFL_MUL = 18,
	TFL_RELU = 19,
	TFL_RELU_N1_TO_1 = 20,
	TFL_RELU6 = 21,
	TFL_RESHAPE = 22,
	TFL_SOFTMAX = 25,
	TFL_TANH = 28,
	TFL_CUSTOM = 32,
	TFL_PAD = 34,
	TFL_MEAN = 40,
	TFL_SUB = 41,
	TFL_SQUEEZE = 43,
	TFL_PADV2 = 60,
	TFL_EXPAND_DIMS = 70,
	TFL_LEAKY_RELU = 98,
	TFL_QUANTIZE = 114,
	TFL_HARD_SWISH = 117,
};

/* "CONV_2D"; NULL for a number that the schema of this file does not know. */
const char *tfl_op_name(int32_t builtin);
/* "INT8". */
const char *tfl_type_name(int32_t type);
/* Bytes of one element; 0 for types without a fixed size or unknown ones. */
uint32_t tfl_type_bytes(int32_t type);

#endif
