/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arrays in .npy files, format versions 1 to 3: the little-endian types that tensors have, C order.
 * Errors are texts without the file's name: what is wrong, and what to do.
 */
#ifndef RUNTIME_TOOLS_NPY_H
#define RUNTIME_TOOLS_NPY_H

#include <stddef.h>
#include <stdint.h>

#include "accel/accel.h"

#define NPY_MAX_RANK 32
#define NPY_TEXT 160 /* bytes for an error or a shape */

struct npy {
	enum accel_dtype dtype;
	uint32_t rank;
	uint64_t dim[NPY_MAX_RANK];
	uint64_t bytes;	    /* of the data */
	size_t data_offset; /* from the start of the file */
};

/* Understand a whole file in memory. Returns 0, or -1 with why filled in. */
int npy_parse(struct npy *npy, const void *file, size_t bytes, char why[NPY_TEXT]);

/* The header for such an array; returns its size, which is a multiple of 64, or 0 if it does not fit. */
size_t npy_header(const struct accel_tensor_info *tensor, char *header, size_t bytes);

/* "(1, 32, 32, 3)" */
void npy_shape_text(const struct npy *npy, char text[NPY_TEXT]);
void npy_tensor_shape_text(const struct accel_tensor_info *tensor, char text[NPY_TEXT]);

#endif
