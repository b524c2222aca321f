/* SPDX-License-Identifier: Apache-2.0 */
/* Values of a field that must be refused, or accepted, by its kind. */
#ifndef TESTS_DRIVER_VALUES_H
#define TESTS_DRIVER_VALUES_H

#include "fields.h"

#define MAX_VALUES 96

struct value {
	uint64_t value;
	int want; /* 0 or a negative errno */
};

/* Memory that a call cannot use. */
struct bad_memory {
	uint64_t half; /* the last of the bytes is not mapped */
	uint64_t unmapped;
	uint64_t read_only;
};

/* bytes: of what the good call points to, up to a page; data: what that is. */
void bad_memory_make(struct bad_memory *m, const void *data, uint32_t bytes);
void bad_memory_free(struct bad_memory *m);

/* element: of an array; used: elements that the good call uses. Returns the number of values. */
unsigned int field_values(const struct field *f, uint32_t element, uint32_t used, const struct scene *scene,
			  const struct bad_memory *memory, struct value values[MAX_VALUES]);

#endif
