/* SPDX-License-Identifier: Apache-2.0 */
/* Random jobs: legal in stream order, tokens of every kind, then one accident. */
#include "seq_job.h"

#include <string.h>
#include "quern/cmd_table.h"

/* What dispatch counts, and which tokens a job uses. */
struct plan {
	uint32_t count[QUERN_NUM_TOKENS];
	uint32_t mask;	  /* tokens in use */
	bool private_one; /* every token has one waiting engine */
};

int job_engine(const uint32_t cmd[16])
{
	const struct quern_cmd_info *info = quern_cmd_find(cmd[0] & 0xff);

	return info ? (int)info->unit - 1 : -1;
}

static void put_field(uint32_t *w, const struct quern_field_info *f, uint32_t v)
{
	uint32_t mask = f->bits == 32 ? ~0u : (1u << f->bits) - 1;

	w[f->word] |= (v & mask) << f->lsb;
}

void job_command(struct rng *r, uint8_t opcode, uint32_t cmd[16])
{
	const struct quern_cmd_info *info = quern_cmd_find(opcode);

	memset(cmd, 0, 64);
	cmd[0] = opcode;
	for (uint32_t i = 0; i < info->num_fields; i++) {
		const struct quern_field_info *f = &info->fields[i];
		uint64_t span = (uint64_t)(f->max - f->min) + 1;
		int64_t v = f->min + (int64_t)(rng_u64(r) % span);

		put_field(cmd, f, (uint32_t)(f->align_vector ? v / JOB_N * JOB_N : v));
	}
}

/* A private token belongs to the engine that its number says. */
static uint32_t waitable(const struct plan *p, uint32_t engine)
{
	uint32_t mask = 0;

	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++)
		if ((p->mask >> t & 1) && p->count[t] && (!p->private_one || t % 4 == engine))
			mask |= 1u << t;
	return mask;
}

static void add_tokens(struct plan *p, struct rng *r, uint32_t engine, uint32_t *cmd)
{
	uint32_t wait = waitable(p, engine) & (uint32_t)rng_u64(r);
	uint32_t signal = p->mask & (uint32_t)rng_u64(r) & (uint32_t)rng_u64(r);

	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++) {
		p->count[t] -= wait >> t & 1;
		if (p->count[t] == QUERN_TOKEN_MAX)
			signal &= ~(1u << t);
		p->count[t] += signal >> t & 1;
	}
	cmd[1] = wait;
	cmd[2] = signal;
}

static void random_command(struct plan *p, struct rng *r, uint32_t cmd[16])
{
	static const uint8_t own[] = {QUERN_OP_NOP, QUERN_OP_BARRIER, QUERN_OP_YIELD};
	uint8_t opcode;

	if (rng_chance(r, 10)) {
		job_command(r, own[rng_below(r, 3)], cmd);
	} else {
		do {
			opcode = quern_cmd_infos[rng_below(r, QUERN_NUM_CMD_INFOS)].opcode;
		} while (!quern_cmd_find(opcode)->has_tokens);
		job_command(r, opcode, cmd);
		add_tokens(p, r, (uint32_t)job_engine(cmd), cmd);
	}
	if (cmd[0] == QUERN_OP_YIELD)
		memset(p->count, 0, sizeof(p->count));
}

/* Flips bits until a check fails. */
static void spoil(struct job *j, struct rng *r)
{
	uint32_t *w = j->cmd[rng_below(r, j->count)];

	while (quern_cmd_check(w, JOB_N) == QUERN_FAULT_NONE)
		w[rng_chance(r, 30) ? 0 : rng_below(r, 16)] ^= 1u << rng_below(r, 32);
}

static void accident_wait(struct job *j, struct rng *r)
{
	struct quern_cmd_fill c = {.wait = 1u << 31, .len = 1, .n1 = 1, .n2 = 1, .n3 = 1};

	quern_cmd_fill_pack(j->cmd[rng_below(r, j->count)], &c);
}

/* Signals one token until it overflows; the last command of the overflow may take one first. */
static void accident_signal(struct job *j, struct rng *r)
{
	j->count = rng_range(r, QUERN_TOKEN_MAX, JOB_MAX);
	j->offset = 0;
	for (uint32_t i = 0; i < j->count; i++) {
		job_command(r, rng_chance(r, 50) ? QUERN_OP_FILL : QUERN_OP_MAP, j->cmd[i]);
		j->cmd[i][2] = 1u << 5;
		if (i && rng_chance(r, 5))
			j->cmd[i][1] = 1u << 5;
	}
	job_command(r, QUERN_OP_END, j->cmd[j->count - 1]);
}

static void accident_engine(struct job *j, struct rng *r)
{
	uint32_t index = rng_below(r, j->count);

	if (job_engine(j->cmd[index]) >= 0)
		j->engine_fault = index;
}

static void have_accident(struct job *j, struct rng *r)
{
	switch (j->accident) {
	case ACCIDENT_OPCODE:
	case ACCIDENT_FIELD:
		spoil(j, r);
		break;
	case ACCIDENT_WAIT:
		accident_wait(j, r);
		break;
	case ACCIDENT_SIGNAL:
		accident_signal(j, r);
		break;
	case ACCIDENT_NO_END:
		job_command(r, QUERN_OP_NOP, j->cmd[j->count - 1]);
		break;
	case ACCIDENT_PAGE:
	case ACCIDENT_BUS:
		j->bad_fetch = rng_below(r, j->count);
		break;
	case ACCIDENT_ENGINE:
		accident_engine(j, r);
		break;
	case ACCIDENT_ABORT:
		j->abort_after = rng_below(r, 1500);
		break;
	case ACCIDENT_ASID:
		j->asid = 0;
		break;
	default:
		break;
	}
}

void job_make(struct job *j, struct rng *r)
{
	struct plan p = {.private_one = rng_chance(r, 50)};

	memset(j, 0, sizeof(*j));
	p.mask = rng_chance(r, 50) ? 0x7fffffff : (uint32_t)rng_u64(r) & (uint32_t)rng_u64(r) & 0x7fffffff;
	j->count = rng_range(r, 1, rng_chance(r, 30) ? JOB_MAX : 40);
	j->offset = rng_below(r, (JOB_HALF - j->count * 64) / 64) * 64;
	if (rng_chance(r, 30) && j->count * 64 < 4096)
		j->offset = 4096 - rng_below(r, j->count) * 64;
	j->asid = (uint8_t)rng_range(r, 1, 3);
	j->preempt = rng_chance(r, 20);
	j->bad_fetch = JOB_NONE;
	j->engine_fault = JOB_NONE;
	j->abort_after = JOB_NONE;
	for (uint32_t i = 0; i + 1 < j->count; i++)
		random_command(&p, r, j->cmd[i]);
	job_command(r, QUERN_OP_END, j->cmd[j->count - 1]);
	j->accident = rng_chance(r, 50) ? ACCIDENT_NONE : (enum job_accident)rng_below(r, ACCIDENTS);
	have_accident(j, r);
}

void job_to_upper_half(struct job *j)
{
	j->offset += JOB_HALF;
}

/* The bus refuses one command, the MMU a page from the first command of the stream in it. */
static bool fetch_refused(const struct job *j, uint32_t index)
{
	uint64_t page = (j->offset + (uint64_t)index * 64) / 4096;

	if (j->bad_fetch == JOB_NONE)
		return false;
	if (j->accident == ACCIDENT_BUS)
		return index == j->bad_fetch;
	return page == (j->offset + (uint64_t)j->bad_fetch * 64) / 4096;
}

static bool count_tokens(uint32_t *count, const uint32_t *w)
{
	for (uint32_t t = 0; t < QUERN_NUM_TOKENS; t++) {
		if (w[1] >> t & 1 && !count[t]--)
			return false;
		if (w[2] >> t & 1 && count[t]++ == QUERN_TOKEN_MAX)
			return false;
	}
	return true;
}

static enum quern_fault dispatch(uint32_t *count, const uint32_t *w)
{
	enum quern_fault fault = quern_cmd_check(w, JOB_N);

	if (fault != QUERN_FAULT_NONE)
		return fault;
	if (job_engine(w) >= 0 && !count_tokens(count, w))
		return QUERN_FAULT_TOKEN;
	if ((w[0] & 0xff) == QUERN_OP_YIELD)
		memset(count, 0, QUERN_NUM_TOKENS * sizeof(*count));
	return QUERN_FAULT_NONE;
}

struct job_stop job_judge(const struct job *j)
{
	struct job_stop s = {.index = j->first, .state = QUERN_JOB_STATE_FAULT, .fault = QUERN_FAULT_ASID};
	uint32_t count[QUERN_NUM_TOKENS] = {0};

	if (!j->asid)
		return s;
	for (;; s.index++, s.cmds++) {
		const uint32_t *w = j->cmd[s.index];

		s.fault = QUERN_FAULT_STREAM_END;
		if (s.index >= j->count)
			return s;
		if (fetch_refused(j, s.index)) {
			s.fault = j->accident == ACCIDENT_BUS ? QUERN_FAULT_BUS : QUERN_FAULT_PAGE_INVALID;
			s.addr = JOB_VA + j->offset + (uint64_t)s.index * 64;
			return s;
		}
		s.fault = dispatch(count, w);
		if (s.fault != QUERN_FAULT_NONE)
			return s;
		s.yields += (w[0] & 0xff) == QUERN_OP_YIELD;
		if ((w[0] & 0xff) == QUERN_OP_END)
			s.state = QUERN_JOB_STATE_DONE;
		else if ((w[0] & 0xff) == QUERN_OP_YIELD && j->preempt)
			s.state = QUERN_JOB_STATE_PREEMPTED;
		else
			continue;
		s.index++;
		s.cmds++;
		return s;
	}
}
