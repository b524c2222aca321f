/* SPDX-License-Identifier: Apache-2.0 */
/* Short command streams, written where the chip reads them. Regions are those of client_job(). */
#ifndef TESTS_DRIVER_STREAM_H
#define TESTS_DRIVER_STREAM_H

#include <stdint.h>

struct stream {
	unsigned char *at;
	uint32_t num;
};

static inline struct stream stream_at(unsigned char *at)
{
	return (struct stream){.at = at};
}

/* Between region + offset and the scratchpad; what follows waits for it. */
void stream_load(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes);
void stream_store(struct stream *s, uint32_t region, uint32_t offset, uint32_t spm, uint32_t bytes);
void stream_fill(struct stream *s, uint32_t spm, uint8_t value, uint32_t bytes);
/* Keeps a unit busy for about this many cycles. */
void stream_delay(struct stream *s, uint32_t cycles);
/* A point at which a job of higher priority may come in between; the scratchpad is not kept. */
void stream_yield(struct stream *s);
/* A command of 64 bytes that no chip knows. */
void stream_illegal(struct stream *s);
void stream_end(struct stream *s);

#endif
