/* SPDX-License-Identifier: Apache-2.0 */
/* The one thing that is easy to get wrong when printing JSON. */
#ifndef COMPILER_JSON_H
#define COMPILER_JSON_H

#include <stdio.h>

/* s in quotes, escaped; bytes outside printable ASCII become \u00XX. */
void json_string(FILE *f, const char *s);

#endif
