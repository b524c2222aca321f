/* SPDX-License-Identifier: Apache-2.0 */
/* Division by a constant as a multiplication and a shift, exact over a range: for the averages of POOL. */
#ifndef COMPILER_RECIPROCAL_H
#define COMPILER_RECIPROCAL_H

#include <stdbool.h>
#include <stdint.h>

/* x * mult >> shift == x / count for all x <= max; false if mult would not fit. count >= 1. */
bool exact_reciprocal(uint32_t count, uint64_t max, uint32_t *mult, uint8_t *shift);

#endif
