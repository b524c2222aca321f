/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines of tests: --NAME NUMBER, then words. */
#ifndef TESTS_LIB_ARGUMENTS_H
#define TESTS_LIB_ARGUMENTS_H

#include <stdint.h>

struct number_argument {
	const char *name;
	uint64_t *value; /* stays as it is unless the option is there */
};

/* A NULL name ends the table. The index of the first word, argc if there is none; -1 for what is not in the table. */
int arguments_parse(int argc, char **argv, const struct number_argument *table);

#endif
