/* SPDX-License-Identifier: Apache-2.0 */
/* Files that appear whole or not at all: written beside their place, made durable, then renamed. */
#ifndef RUNTIME_TOOLS_OUTFILE_H
#define RUNTIME_TOOLS_OUTFILE_H

#include <stdbool.h>
#include <stddef.h>

struct outfile {
	char *path;
	char *temp; /* NULL: path is a device or a pipe and is written in place */
	int fd;
};

/* Functions return 0, or -1 with errno set; the temporary file is gone then. */
int outfile_open(struct outfile *out, const char *path);
int outfile_write(struct outfile *out, const void *data, size_t bytes);
/* Everything written is on the disk; the old file is still there. */
int outfile_close(struct outfile *out);
/* The new file takes the place of the old one. */
int outfile_commit(struct outfile *out);
/* Gives up whatever has not been committed. A cleared outfile is ignored. */
void outfile_discard(struct outfile *out);

#endif
