/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading program files that nobody has checked: quern-objdump and tests. libaccel has its own reader, which
 * also binds a device.
 */
#ifndef COMPILER_PROGRAM_READ_H
#define COMPILER_PROGRAM_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "quern/commands.h"
#include "quern/program.h"
#include "status.h"

struct program_file {
	uint8_t *data; /* the file */
	size_t bytes;
	struct quern_program_info info;
	struct quern_program_tensor *tensors;
	struct quern_program_op *ops;
	struct quern_program_range *ranges;
	const char *strings; /* in data; ends with a zero byte */
	uint32_t strings_bytes;
	const uint8_t *image; /* in data; info.image_bytes */
};

/*
 * Reads and checks path. On success names are offsets inside strings, ranges are sorted and name existing
 * operators, the commands lie inside the image. On failure the structure is empty.
 */
enum status program_file_read(struct program_file *p, const char *path, struct diag *diag);
/* The same from a malloc'd copy of a file, which p owns from then on, success or not. */
enum status program_file_parse(struct program_file *p, uint8_t *data, size_t bytes, struct diag *diag);
void program_file_finish(struct program_file *p);

/* The string at this offset. */
const char *program_file_string(const struct program_file *p, uint32_t offset);
/*
 * Walks the ranges along with the commands: true if command i comes from an operator,
 * p->ops[p->ranges[*range].op]. *range starts at 0 and i must not go back.
 */
bool program_file_source(const struct program_file *p, uint32_t i, uint32_t *range);
/* Command i < info.ncmds, copied out. */
void program_file_command(const struct program_file *p, uint32_t i, uint32_t w[QUERN_CMD_WORDS]);

#endif
