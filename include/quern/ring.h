/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ring arithmetic, shared by driver, firmware and runtime.
 *
 * Head and tail are free-running 32-bit counts; the entry of index i is slot i & (entries - 1), entries a power of two.
 * The producer publishes a tail through a doorbell. A completion entry carries a stamp, 1 + its index, written in the
 * same burst as the rest, so that the consumer needs no shared tail and a stale entry never passes for a new one.
 * Nothing here touches memory or orders it: the caller reads an entry after it has seen the stamp or tail (acquire) and
 * publishes after it has written the entry (release).
 */
#ifndef QUERN_RING_H
#define QUERN_RING_H

#ifndef __KERNEL__
#include <stdbool.h>
#endif
#include "quern/messages.h"

#define QUERN_RING_MIN_ENTRIES 2

static inline bool quern_ring_entries_ok(uint32_t entries)
{
	return entries >= QUERN_RING_MIN_ENTRIES && entries <= QUERN_MSG_MAX_RING && (entries & (entries - 1)) == 0;
}

static inline uint32_t quern_ring_slot(uint32_t index, uint32_t entries)
{
	return index & (entries - 1);
}

/* Entries between head and tail. Right across the wrap of either. */
static inline uint32_t quern_ring_used(uint32_t head, uint32_t tail)
{
	return tail - head;
}

/* Entries that the producer may still write. 0 if head and tail contradict each other. */
static inline uint32_t quern_ring_space(uint32_t head, uint32_t tail, uint32_t entries)
{
	uint32_t used = quern_ring_used(head, tail);

	return used > entries ? 0 : entries - used;
}

/* Whether a tail that the other side named is possible, head being the consumer's own. */
static inline bool quern_ring_tail_ok(uint32_t head, uint32_t tail, uint32_t entries)
{
	return quern_ring_used(head, tail) <= entries;
}

/* What struct admin_done and struct job_done carry in .index. */
static inline uint32_t quern_ring_stamp(uint32_t index)
{
	return index + 1;
}

/*
 * Whether an entry with this stamp is the one of index. A ring must start out with stamps that cannot match: zeroed
 * memory is right, since index 0 has stamp 1.
 */
static inline bool quern_ring_stamped(uint32_t stamp, uint32_t index)
{
	return stamp == quern_ring_stamp(index);
}

#endif
