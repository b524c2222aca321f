// SPDX-License-Identifier: Apache-2.0
/* Reading files: see file.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "file.h"

/* Reads to the end into *data, which grows by doubling. Zero or an errno; EFBIG beyond the limit. */
static int read_all(FILE *f, uint8_t **data, size_t *bytes)
{
	size_t size = 1u << 16, used = 0;
	uint8_t *p = malloc(size);

	while (p) {
		uint8_t *more;

		*data = p;
		used += fread(p + used, 1, size - used, f);
		*bytes = used;
		if (used > FILE_MAX_BYTES)
			return EFBIG;
		if (used < size)
			return ferror(f) ? EIO : 0;
		size *= 2;
		more = realloc(p, size);
		if (!more)
			break;
		p = more;
	}
	return ENOMEM;
}

enum status file_read(const char *path, uint8_t **data, size_t *bytes, struct diag *diag)
{
	FILE *f = fopen(path, "rbe");
	int err;

	*data = NULL;
	*bytes = 0;
	if (!f)
		return diag_fail(diag, STATUS_IO, "%s", strerror(errno));
	err = read_all(f, data, bytes);
	fclose(f);
	if (!err)
		return STATUS_OK;
	free(*data);
	*data = NULL;
	if (err == ENOMEM)
		return diag_fail(diag, STATUS_NO_MEMORY, "out of memory");
	if (err == EFBIG)
		return diag_fail(diag, STATUS_TOO_BIG, "larger than 2 GiB");
	return diag_fail(diag, STATUS_IO, "%s", strerror(err));
}
