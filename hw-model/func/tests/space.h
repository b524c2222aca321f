/* SPDX-License-Identifier: Apache-2.0 */
/* Host memory with an address space in it, for the unit tests of jobs. Bus address 0 is RAM byte 0. */
#ifndef HW_MODEL_FUNC_TESTS_SPACE_H
#define HW_MODEL_FUNC_TESTS_SPACE_H

#include <stdint.h>
#include "func.h"

#define RAM_BYTES (8u << 20)
#define PTE_FLAGS_RW 0xd7 /* V R W U A D */
#define PTE_FLAGS_RO 0x53 /* V R U A */
#define PTE_POINTER 0x01

struct ram {
	uint8_t *bytes;
	uint64_t next_page; /* bus address of the next free page */
	uint64_t root;
};

extern const struct func_mem_ops ram_ops; /* ctx is a struct ram */

void ram_init(struct ram *ram);
void ram_finish(struct ram *ram);
uint64_t ram_alloc_page(struct ram *ram);
/* The entry for vaddr in the table of a level (2 is the root), tables on the way made as needed. */
uint64_t *ram_pte(struct ram *ram, uint64_t vaddr, int level);
/* Maps one 4 KiB page and returns its bus address. */
uint64_t ram_map_page(struct ram *ram, uint64_t vaddr, uint64_t flags);

#endif
