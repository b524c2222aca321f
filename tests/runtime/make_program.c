// SPDX-License-Identifier: Apache-2.0
/* Writes a program file for tests of the tools: make-program good|wide|endless|fault FILE */
#include <stdio.h>
#include <string.h>

#include "qnfile.h"
#include "stream.h"

static int spoil(struct qnfile *qn, const char *kind)
{
	struct stream s = STREAM_HERE;

	if (!strcmp(kind, "good"))
		return 0;
	if (!strcmp(kind, "wide")) {
		qn->info.array = 32;
		return 0;
	}
	if (!strcmp(kind, "endless"))
		stream_endless(&s);
	else if (!strcmp(kind, "fault"))
		stream_load(&s, 9, 0, 0, 16);
	else
		return -1;
	memcpy(qn->image, s.w, QUERN_CMD_BYTES);
	return 0;
}

int main(int argc, char **argv)
{
	struct qnfile qn;
	FILE *f;

	qnfile_init(&qn, 16);
	if (argc != 3 || spoil(&qn, argv[1])) {
		fprintf(stderr, "usage: make-program good|wide|endless|fault FILE\n");
		return 2;
	}
	f = fopen(argv[2], "wb");
	if (!f || fwrite(&qn, sizeof(qn), 1, f) != 1 || fclose(f)) {
		perror(argv[2]);
		return 1;
	}
	return 0;
}
