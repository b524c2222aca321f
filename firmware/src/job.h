/* SPDX-License-Identifier: Apache-2.0 */
/* What the two files about jobs share. */
#ifndef QUERN_FW_JOB_H
#define QUERN_FW_JOB_H

#include "fw.h"

/* Record index of context slot is about to come into the staged buffer; it is there, or err: check it and make it ready to start. */
void job_expect(struct fw *fw, uint32_t slot, uint32_t index);
void job_take(struct fw *fw, int err);
/* The staged job was started, just after CYCLE_LO was read, which has latched CYCLE_HI: it becomes the active one. */
void job_started(struct fw *fw, uint32_t cycle_lo);
void job_no_deadline(struct fw *fw);
/* Where the completion of the context's oldest job goes. */
uint64_t job_done_addr(const struct fw_ctx *ctx);
void job_retire(struct fw *fw, uint32_t slot);
/* A completion could not be written: the host learns that there is something to look at. */
void job_lost(struct fw *fw, uint32_t slot);

#endif
