/* SPDX-License-Identifier: Apache-2.0 */
/* Register access of the control core. Host unit tests supply the functions instead. */
#ifndef QUERN_FW_MMIO_H
#define QUERN_FW_MMIO_H

#include <stdint.h>

#include "quern/registers.h"

#ifdef QUERN_FW_HOST_TEST
uint32_t mmio_read(uint32_t offset);
void mmio_write(uint32_t offset, uint32_t value);
volatile uint32_t *mmio_at(uint32_t offset);
#else
static inline volatile uint32_t *mmio_at(uint32_t offset)
{
	return (volatile uint32_t *)(uintptr_t)(QUERN_CORE_MMIO_BASE + offset);
}

static inline uint32_t mmio_read(uint32_t offset)
{
	return *mmio_at(offset);
}

static inline void mmio_write(uint32_t offset, uint32_t value)
{
	*mmio_at(offset) = value;
}
#endif

static inline uint32_t mmio_field(uint32_t value, uint32_t mask, unsigned int lsb)
{
	return (value & mask) >> lsb;
}

/* Cycles since chip reset. */
static inline uint64_t mmio_cycles(void)
{
	uint32_t lo = mmio_read(QUERN_REG_CYCLE_LO);

	return (uint64_t)mmio_read(QUERN_REG_CYCLE_HI) << 32 | lo;
}

#endif
