/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second, naive statement of docs/isa.md for the unit tests: one scalar at a time, straight from the formulas, with no
 * line shared with the model. Data semantics of legal commands only; it must not be asked for anything else.
 */
#ifndef HW_MODEL_FUNC_TESTS_REF_H
#define HW_MODEL_FUNC_TESTS_REF_H

#include <stdint.h>

struct ref {
	uint32_t n;
	uint32_t spm_bytes;
	uint8_t *spm;
	int32_t *acc; /* [2 * ACC_ENTRIES][n] */
};

/* Executes CONV to SOFTMAX and FILL. */
void ref_exec(struct ref *r, const uint32_t *w);

int32_t ref_mbqm(int32_t x, int32_t m, int32_t s);

#endif
