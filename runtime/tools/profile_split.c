// SPDX-License-Identifier: Apache-2.0
/* Splitting what the chip counts between two samples among the operators at work: see profile.h. */
#include "profile.h"

/* Between two samples, on one engine. */
struct slot {
	uint64_t from;
	uint64_t to;
	uint32_t engine;
	double inside;	/* cycles in which a command was the oldest */
	double waiting; /* cycles in which the engine was empty and a command was still to come */
};

static double overlap(const struct slot *slot, uint64_t start, uint64_t end)
{
	uint64_t from = start > slot->from ? start : slot->from;
	uint64_t to = end < slot->to ? end : slot->to;

	return to > from ? (double)(to - from) : 0;
}

/* The spans that matter to a slot are next to each other, for they are in order of their end. */
static uint32_t measure(const struct profile *p, struct slot *slot, uint32_t first)
{
	uint32_t reach = first;

	for (uint32_t i = first; i < p->num_spans; i++) {
		const struct profile_span *span = &p->span[i];

		if (span->engine != slot->engine)
			continue;
		if (span->ready >= slot->to)
			break;
		slot->inside += overlap(slot, span->from, span->end);
		slot->waiting += overlap(slot, span->ready, span->start);
		reach = i + 1;
	}
	return reach;
}

static double delta(const struct profile *p, uint64_t sample, uint32_t counter)
{
	uint64_t before = sample ? p->sample[sample - 1].counter[counter] : 0;

	return (double)(p->sample[sample].counter[counter] - before);
}

static void charge(struct profile *p, const struct slot *slot, const struct profile_span *span, uint64_t sample)
{
	double inside = slot->inside > 0 ? overlap(slot, span->from, span->end) / slot->inside : 0;
	double waiting = slot->waiting > 0 ? overlap(slot, span->ready, span->start) / slot->waiting : 0;
	struct profile_op *op = &p->op[span->op];

	for (uint32_t c = 0; c < PROFILE_IDLE; c++)
		op->cause[slot->engine][c] +=
			(c == PROFILE_TOKEN ? waiting : inside) * delta(p, sample, p->counter[slot->engine][c]);
	if (slot->engine == 0)
		op->rd_bytes += inside * delta(p, sample, p->rd_counter);
	if (slot->engine == 1)
		op->wr_bytes += inside * delta(p, sample, p->wr_counter);
}

static void split_engine(struct profile *p, uint32_t engine)
{
	uint32_t first = 0;

	for (uint64_t s = 0; s < p->num_samples; s++) {
		struct slot slot = {
			.from = s ? profile_read_at(&p->sample[s - 1], p->counter[engine][0]) : p->result->t_start,
			.to = profile_read_at(&p->sample[s], p->counter[engine][0]),
			.engine = engine,
		};
		uint32_t reach;

		while (first < p->num_spans && (p->span[first].engine != engine || p->span[first].end <= slot.from))
			first++;
		reach = measure(p, &slot, first);
		for (uint32_t i = first; i < reach; i++)
			if (p->span[i].engine == engine && p->span[i].op < p->num_ops)
				charge(p, &slot, &p->span[i], s);
	}
}

void profile_split(struct profile *p)
{
	for (uint32_t e = 0; e < PROFILE_ENGINES; e++)
		split_engine(p, e);
}
