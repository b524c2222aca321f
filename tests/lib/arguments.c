// SPDX-License-Identifier: Apache-2.0
/* Command lines of tests: see arguments.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/arguments.h"

static uint64_t *find(const struct number_argument *table, const char *name)
{
	for (; table->name; table++)
		if (!strcmp(table->name, name))
			return table->value;
	return NULL;
}

int arguments_parse(int argc, char **argv, const struct number_argument *table)
{
	int i;

	for (i = 1; i < argc && !strncmp(argv[i], "--", 2); i += 2) {
		uint64_t *value = find(table, argv[i] + 2);
		char *end;

		if (!value || i + 1 == argc)
			break;
		errno = 0;
		*value = strtoull(argv[i + 1], &end, 0);
		if (errno || end == argv[i + 1] || *end)
			break;
	}
	if (i == argc || strncmp(argv[i], "--", 2))
		return i;
	fprintf(stderr, "%s: %s is unknown or has no number\n", argv[0], argv[i]);
	return -1;
}
