/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzzer's process has at the moment: files with objects in them, by handle. */
#ifndef TESTS_DRIVER_FUZZ_POOL_H
#define TESTS_DRIVER_FUZZ_POOL_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/rng.h"

#define POOL_FILES 3
#define POOL_OBJECTS 6 /* of each kind in a file, that are remembered */

struct pool_set {
	uint32_t handle[POOL_OBJECTS];
	unsigned int num;
};

struct pool_binding {
	uint64_t va;
	uint64_t range;
};

struct pool_file {
	int fd;
	struct pool_set ctx, bo, sync, dmabuf;
	struct pool_binding bindings[POOL_OBJECTS];
	unsigned int num_bindings;
};

struct pool {
	struct pool_file files[POOL_FILES];
};

void pool_open(struct pool *pool);
void pool_close(struct pool *pool);
/* Close a file with all it has, open another in its place. */
void pool_reopen(struct pool_file *file);

void set_add(struct pool_set *set, uint32_t handle);
void set_remove(struct pool_set *set, uint32_t handle);
/* One of the set, or a number of no object if it is empty. */
uint32_t set_pick(const struct pool_set *set, struct rng *rng);

#endif
