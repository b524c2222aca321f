/* SPDX-License-Identifier: Apache-2.0 */
/* How much memory of the machine is free. */
#ifndef TESTS_DRIVER_MEMORY_H
#define TESTS_DRIVER_MEMORY_H

#include <stdint.h>

/* In KiB, caches not counted. */
uint64_t memory_free_kib(void);

#endif
