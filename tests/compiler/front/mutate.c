// SPDX-License-Identifier: Apache-2.0
/* Damage to files: see mutate.h. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>
#include "mutate.h"

/* Of the sanitizers' run-time library; absent without them. */
__attribute__((weak)) void __sanitizer_set_death_callback(void (*callback)(void));

static char replay[512];

struct rng rng_make(uint64_t seed, uint64_t index)
{
	return (struct rng){seed * 0x9e3779b97f4a7c15u + index * 0xbf58476d1ce4e5b9u + 1};
}

static uint32_t awkward(struct rng *r, uint32_t old, size_t bytes)
{
	const uint32_t values[] = {0,
				   1,
				   2,
				   3,
				   4,
				   16,
				   0x7f,
				   0x80,
				   0xff,
				   0x7fff,
				   0x8000,
				   0xffff,
				   65536,
				   1u << 30,
				   INT32_MAX,
				   1u << 31,
				   UINT32_MAX,
				   (uint32_t)bytes,
				   (uint32_t)bytes - 4,
				   0x7f800000u,
				   0xff800000u,
				   0x7fc00000u,
				   0x00800000u,
				   0x3f800000u};
	uint32_t pick = rng_below(r, sizeof(values) / sizeof(values[0]) + 12);

	if (pick < sizeof(values) / sizeof(values[0]))
		return values[pick];
	return pick % 2 ? old + rng_below(r, 33) - 16 : rng_below(r, 300);
}

static void put(uint8_t *at, uint32_t value, size_t n)
{
	for (size_t i = 0; i < n; i++)
		at[i] = (uint8_t)(value >> 8 * i);
}

static void change_word(struct rng *r, uint8_t *data, size_t bytes, size_t width)
{
	size_t at = rng_below(r, (uint32_t)(bytes / width)) * width;
	uint32_t old = 0;

	memcpy(&old, data + at, width);
	put(data + at, awkward(r, old, bytes), width);
}

static void copy_block(struct rng *r, uint8_t *data, size_t bytes)
{
	size_t n = rng_below(r, 40) + 1, from, to;

	if (n >= bytes)
		return;
	from = rng_below(r, (uint32_t)(bytes - n));
	to = rng_below(r, (uint32_t)(bytes - n));
	memmove(data + to, data + from, n);
}

uint8_t *mutate(struct rng *r, const uint8_t *file, size_t file_bytes, size_t *bytes)
{
	uint32_t changes = 1 + rng_below(r, 1u << rng_below(r, 4));
	uint8_t *data;

	*bytes = rng_below(r, 50) ? file_bytes : rng_below(r, (uint32_t)file_bytes + 1);
	data = malloc(*bytes ? *bytes : 1);
	if (!data)
		return NULL;
	memcpy(data, file, *bytes);
	for (uint32_t i = 0; i < changes && *bytes >= 4; i++) {
		switch (rng_below(r, 8)) {
		case 0:
			data[rng_below(r, (uint32_t)*bytes)] ^= (uint8_t)(1u << rng_below(r, 8));
			break;
		case 1:
			data[rng_below(r, (uint32_t)*bytes)] = (uint8_t)rng_next(r);
			break;
		case 2:
		case 3:
			change_word(r, data, *bytes, 2);
			break;
		case 4:
			copy_block(r, data, *bytes);
			break;
		default:
			change_word(r, data, *bytes, 4);
		}
	}
	return data;
}

static void say_replay(void)
{
	/* From a signal handler: no stdio. */
	if (write(STDERR_FILENO, replay, strlen(replay)) < 0)
		_exit(2);
}

/* Processor time, so that a busy machine does not count. */
static void set_limit(unsigned int seconds)
{
	struct itimerval limit = {.it_value.tv_sec = seconds};

	setitimer(ITIMER_PROF, &limit, NULL);
}

static void on_alarm(int sig)
{
	static const char text[] = "FAILED: the case takes too long; ";

	(void)sig;
	if (write(STDERR_FILENO, text, sizeof(text) - 1) > 0)
		say_replay();
	_exit(1);
}

void case_begin(const char *program, uint64_t seed, uint64_t index, const char *file, unsigned int seconds)
{
	snprintf(replay, sizeof(replay),
		 "replay: %s --seed %" PRIu64 " --first %" PRIu64 " --count 1 FILES (file %s)\n", program, seed, index,
		 file);
	signal(SIGPROF, on_alarm);
	if (__sanitizer_set_death_callback)
		__sanitizer_set_death_callback(say_replay);
	set_limit(seconds);
}

void case_end(void)
{
	set_limit(0);
}
