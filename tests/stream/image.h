/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host memory of the stream tests: two address spaces in one window of RAM.
 *
 *     0          HOST_BYTES reserved for a host driver's records (chip_host.c)
 *     HOST_BYTES scattered 4 KiB pages: page tables, streams, data, dealt out in random order
 *     2 MiB      a 2 MiB leaf of the test space
 *
 * Space TEST runs the streams under test. Space VICTIM runs good streams, and all its memory is a canary for the other.
 */
#ifndef TESTS_STREAM_IMAGE_H
#define TESTS_STREAM_IMAGE_H

#include <stdbool.h>
#include <stdint.h>
#include "stream.h"

#define IMAGE_BUS_BASE 0x180000000ull /* above 4 GiB, so that no address fits 32 bits */
#define IMAGE_RAM_BYTES (4u << 20)
#define IMAGE_HOST_BYTES (64u << 10)
#define IMAGE_PAGE_BYTES 4096u
#define IMAGE_PAGES (IMAGE_RAM_BYTES / IMAGE_PAGE_BYTES)
#define IMAGE_SEGMENTS 3

/* Read-only tables at the start of segment IMAGE_SEG_TABLES, of which each kind has IMAGE_TABLES. */
#define IMAGE_SEG_TABLES 2
#define IMAGE_TABLES 8
#define IMAGE_PARAMS_STRIDE 512
#define IMAGE_PARAMS_OFFSET 0
#define IMAGE_EXP_STRIDE 1024
#define IMAGE_EXP_OFFSET 4096
#define IMAGE_LUT_STRIDE 256
#define IMAGE_LUT_OFFSET 12288

enum image_space_id { IMAGE_TEST, IMAGE_VICTIM, IMAGE_SPACES };

struct image_space {
	uint64_t root; /* bus address */
	uint64_t stream_va;
	uint32_t num_segments;
	struct host_segment segment[IMAGE_SEGMENTS];
};

/* What a space may do with each page of RAM. */
struct image_rights {
	bool read[IMAGE_PAGES]; /* data it can read, and its page tables */
	bool write[IMAGE_PAGES];
};

struct image {
	uint8_t *ram;	   /* what the device sees */
	uint8_t *pristine; /* what it was before the job */
	uint64_t seed;
	uint32_t n; /* array size, for the tables' layout */
	struct image_space space[IMAGE_SPACES];
	bool touched[IMAGE_PAGES];	  /* pages where ram and pristine may differ */
	const struct image_rights *guard; /* rights that image_access() watches over; NULL: none */
	int64_t stray;			  /* offset of the last access against them, or -1 */
	uint16_t deck[IMAGE_PAGES];	  /* free pages, in the order in which they are dealt */
	uint32_t deck_left;
};

/* NULL if there is no memory. Call image_seed() next. */
struct image *image_create(uint32_t n);
void image_destroy(struct image *img);

/* New data, new address spaces. The driver's part is left alone. */
void image_seed(struct image *img, uint64_t seed);

/* Says that the device, or the caller in pristine memory, may have changed a page or all of them. */
void image_touch(struct image *img, const void *p);
void image_touch_all(struct image *img);

/* Copies a stream to where its space expects it, in the pristine memory. */
void image_put_stream(struct image *img, enum image_space_id space, const struct stream *s);

/* Makes the touched pages of the device's memory pristine. The driver's part is left alone. */
void image_restore(struct image *img);

/* Bus address of a virtual one by the tables in pristine memory; 0 if not mapped. */
uint64_t image_translate(const struct image *img, enum image_space_id space, uint64_t va);

/*
 * The entry for va in a table of the space (level 2 is the root), in pristine memory; NULL if there is no table.
 * Call image_touch() after changing it.
 */
uint64_t *image_pte(struct image *img, enum image_space_id space, uint64_t va, unsigned int level);

/*
 * The rights that the tables in pristine memory give. False if they include writing page tables of either space or the
 * driver's records, in which case nothing can be promised.
 */
bool image_rights_of(const struct image *img, enum image_space_id space, struct image_rights *rights);

/*
 * The device's view of len bytes of RAM, inside one page; NULL outside. Notes what is written, and accesses that the
 * guard forbids. The driver's part is open.
 */
uint8_t *image_access(struct image *img, uint64_t bus, uint32_t len, bool write);

/*
 * The offset of the first byte outside the driver's part in which two memories differ, or -1; and the first page, outside
 * the writable ones, in which the device's memory is not pristine.
 */
int64_t image_first_difference(const uint8_t *a, const uint8_t *b);
int64_t image_first_trespass(const struct image *img, const bool writable[IMAGE_PAGES]);
/* The first of the given pages in which two memories differ, or -1. */
int64_t image_first_loss(const uint8_t *a, const uint8_t *b, const bool owned[IMAGE_PAGES]);

#endif
