/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A chip that is not there, for tests of the protocol alone: BAR 0 is memory, and a few offsets start accesses to the
 * host's memory and interrupts, so that all that a client can send has something to act on. Time passes in its register
 * accesses as in the real one's.
 */
#ifndef TESTS_COSIM_FAKE_CHIP_H
#define TESTS_COSIM_FAKE_CHIP_H

#include "load.h"
#include "quern/registers.h"

#define FAKE_ADDR_LO 0x200u
#define FAKE_ADDR_HI 0x204u
#define FAKE_READ 0x208u   /* write: read 16 bytes at the address into FAKE_DATA, then send vector 1 */
#define FAKE_WRITE 0x20cu  /* write: write those bytes of FAKE_DATA that the value, a strobe, selects; then vector 1 */
#define FAKE_STATUS 0x210u /* read: 0, or 1 after a bus error */
#define FAKE_VECTOR 0x214u /* write: send the vector */
#define FAKE_DATA 0x220u   /* 16 bytes */

extern const struct quern_sim_api fake_chip_api;

#endif
