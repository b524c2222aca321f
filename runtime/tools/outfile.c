// SPDX-License-Identifier: Apache-2.0
/* Whole files. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "outfile.h"

static bool written_in_place(const char *path)
{
	struct stat st;

	return !stat(path, &st) && !S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode);
}

int outfile_open(struct outfile *out, const char *path)
{
	*out = (struct outfile){.fd = -1};
	out->path = strdup(path);
	if (!out->path)
		return -1;
	if (written_in_place(path)) {
		out->fd = open(path, O_WRONLY | O_CLOEXEC);
	} else if (asprintf(&out->temp, "%s.tmp-%ld", path, (long)getpid()) < 0) {
		out->temp = NULL;
	} else {
		out->fd = open(out->temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0666);
	}
	if (out->fd >= 0)
		return 0;
	outfile_discard(out);
	return -1;
}

int outfile_write(struct outfile *out, const void *data, size_t bytes)
{
	const char *p = data;

	while (bytes) {
		ssize_t n = write(out->fd, p, bytes);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0) {
			outfile_discard(out);
			return -1;
		}
		p += n;
		bytes -= (size_t)n;
	}
	return 0;
}

int outfile_close(struct outfile *out)
{
	int fd = out->fd;
	bool bad = out->temp && fsync(fd);

	out->fd = -1;
	bad |= close(fd) != 0;
	if (bad)
		outfile_discard(out);
	return bad ? -1 : 0;
}

int outfile_commit(struct outfile *out)
{
	int bad = out->temp ? rename(out->temp, out->path) : 0;

	if (!bad) {
		free(out->temp);
		out->temp = NULL;
	}
	outfile_discard(out);
	return bad;
}

void outfile_discard(struct outfile *out)
{
	int saved = errno;

	if (out->path && out->fd >= 0)
		close(out->fd);
	if (out->temp)
		unlink(out->temp);
	free(out->temp);
	free(out->path);
	*out = (struct outfile){.fd = -1};
	errno = saved;
}
