/* SPDX-License-Identifier: Apache-2.0 */
/* Short command streams: commands that move or fill one run of bytes, or take time, written in the order of execution. */
#ifndef TESTS_LIB_COMMANDS_H
#define TESTS_LIB_COMMANDS_H

#include <stdint.h>

#include "quern/commands.h"

/* One command at w: LOAD or STORE of bytes between region + offset and the scratchpad. */
void pack_copy(uint32_t *w, enum quern_op op, uint32_t region, uint64_t offset, uint32_t spm, uint32_t bytes);
void pack_fill(uint32_t *w, uint32_t spm, uint8_t value, uint32_t bytes);

struct stream {
	uint32_t (*w)[QUERN_CMD_WORDS];
	uint32_t num;
	uint32_t max; /* a stream that would be longer ends the process */
};

/* Commands at at, which is aligned to words; its end is the caller's care. */
struct stream stream_at(void *at);

/* What follows one of these waits for it. */
void stream_load(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes);
void stream_store(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes);
void stream_fill(struct stream *s, uint32_t spm, uint8_t value, uint32_t bytes);
/* Keeps a unit busy for at least this many cycles, up to 2^31; the first byte of the scratchpad becomes zero. */
void stream_delay(struct stream *s, uint32_t cycles);
/* One command that runs for ever, in every practical sense. */
void stream_endless(struct stream *s);

/* A command without operands. */
void stream_op(struct stream *s, enum quern_op opcode);
/* A point at which a job of higher priority may come in between; the scratchpad is not kept. */
void stream_yield(struct stream *s);
/* A command that no chip knows. */
void stream_illegal(struct stream *s);
void stream_end(struct stream *s);

#endif
