/* SPDX-License-Identifier: Apache-2.0 */
/* A small valid program file in memory, with every part where a test can reach and spoil it. */
#ifndef TESTS_RUNTIME_QNFILE_H
#define TESTS_RUNTIME_QNFILE_H

#include <elf.h>

#include "quern/commands.h"
#include "quern/program.h"

#define QNFILE_OPS 2
#define QNFILE_TENSORS 2
#define QNFILE_TENSOR_BYTES 96 /* int8 (1, 4, 8, 3) in, (96,) out */
#define QNFILE_COMMANDS 5      /* LOAD, BARRIER, STORE, BARRIER, END: output = input */

enum qnfile_section {
	QN_NULL,
	QN_INFO,
	QN_IMAGE,
	QN_TENSORS,
	QN_OPS,
	QN_DEBUG,
	QN_STRTAB,
	QN_SHSTRTAB,
	QN_SECTIONS,
};

/* The file is exactly this structure. Section headers come first, so that a truncated file cuts contents. */
struct qnfile {
	Elf32_Ehdr eh;
	Elf32_Shdr sh[QN_SECTIONS];
	char shstrtab[128];
	uint8_t align[4]; /* what follows begins at a multiple of 8 */
	struct quern_program_info info;
	uint32_t image[QNFILE_COMMANDS][QUERN_CMD_WORDS];
	struct quern_program_tensor tensors[QNFILE_TENSORS];
	struct quern_program_op ops[QNFILE_OPS];
	struct quern_program_range ranges[QNFILE_OPS];
	char strtab[64];
};

/* For a chip with an array of this size. */
void qnfile_init(struct qnfile *qn, uint32_t array);

#endif
