// SPDX-License-Identifier: Apache-2.0
/* Reads /proc/meminfo and /proc/zoneinfo. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "client.h"
#include "memory.h"

/* The sum of the numbers behind a word that begins lines of a file. */
static uint64_t sum_of(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[512];
	uint64_t sum = 0;

	if (!f)
		die("%s: %s", path, strerror(errno));
	while (fgets(line, sizeof(line), f)) {
		const char *text = line + strspn(line, " ");

		if (!strncmp(text, word, strlen(word)))
			sum += strtoull(text + strlen(word), NULL, 10);
	}
	fclose(f);
	return sum;
}

/* Processors keep free pages for themselves, thousands perhaps, which MemFree leaves out. */
uint64_t memory_free_kib(void)
{
	return sum_of("/proc/meminfo", "MemFree:") + sum_of("/proc/zoneinfo", "count:") * PAGE / 1024;
}
