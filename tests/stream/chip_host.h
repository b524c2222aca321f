/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small host driver for the simulated chip, over the same registers, records and firmware as the real one. It exists
 * beside the runtime because hostile tests need page tables and memory in their own hands. Its records lie in the
 * first IMAGE_HOST_BYTES of the image's RAM.
 */
#ifndef TESTS_STREAM_CHIP_HOST_H
#define TESTS_STREAM_CHIP_HOST_H

#include "image.h"
#include "options.h"
#include "quern/messages.h"
#include "load.h"

#define CHIP_SLOTS IMAGE_SPACES

struct chip_host {
	struct quern_sim_api api; /* libquern-rtl-NxN.so */
	struct quern_sim *sim;
	struct image *img;
	uint32_t admin_tail;
	uint32_t tail[CHIP_SLOTS];
	bool live[CHIP_SLOTS];
	char why[128]; /* a call failed */
};

/* False with chip->why if the options' library, chip or firmware does not work; *absent if a file is not there. */
bool chip_host_init(struct chip_host *chip, const struct options *o, struct image *img, bool *absent);
void chip_host_finish(struct chip_host *chip);

/* One admin command and its answer: an enum quern_status, or -1 if none came. */
int chip_host_admin(struct chip_host *chip, const struct quern_admin_cmd *cmd);

/* A context in slot `slot`, with the ASID slot + 1, in place of the one before. */
bool chip_host_create_context(struct chip_host *chip, uint32_t slot, uint64_t root, uint32_t priority);

void chip_host_submit(struct chip_host *chip, uint32_t slot, struct quern_job *job);
void chip_host_delay(struct chip_host *chip, uint64_t cycles);
/* The completion of the last submitted job. False if none came within the bound. */
bool chip_host_wait(struct chip_host *chip, uint32_t slot, uint64_t max_cycles, struct quern_job_done *done);

#endif
