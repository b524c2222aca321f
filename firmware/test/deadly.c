// SPDX-License-Identifier: Apache-2.0
/*
 * The firmware with a flaw: it traps when it is about to show the sequencer a job of DEADLY_COMMANDS commands, which the build names. For the
 * tests of drivers: such a job has not begun, and is given to the next firmware, which dies as well.
 */
#define mmio_write mmio_write_well
#include "mmio.h"
#undef mmio_write

static inline void mmio_write(uint32_t offset, uint32_t value)
{
	if (offset == QUERN_REG_JOB_NCMDS && value == DEADLY_COMMANDS)
		__builtin_trap();
	mmio_write_well(offset, value);
}

#include "whole.c"
