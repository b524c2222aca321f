/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What the suites share: seeds, and a device whose registers are plain memory.
 *
 * The device is driven by a thread that plays chip and firmware: it takes the reset, boots, and
 * answers admin commands. What it answers is the test's choice, so that no reply is too odd.
 * Rings of contexts have no player: tests write completions themselves.
 */
#ifndef QUERN_TEST_H
#define QUERN_TEST_H

#include <kunit/test.h>

#include <linux/completion.h>
#include <linux/prandom.h>

#include "quern_device.h"

#define QUERN_TEST_SEEDS 4

struct quern_test_chip {
	struct kunit *test;
	struct quern_device *qdev;
	struct task_struct *thread;
	atomic_t resets; /* times the driver has asked for a reset */

	/* What the firmware does; written before the command or the boot that it is for. */
	u32 boot_state; /* FW_STATUS after a boot */
	struct quern_boot_reply reply;
	u32 cycles_per_step;
	/* Change an answer, or return false to give none. */
	bool (*answer)(struct quern_test_chip *chip, struct quern_admin_done *done);
	u32 param;	 /* for answer() */
	bool silent;	 /* no interrupt for answers */

	/* What the firmware has seen; read when it has answered. */
	bool booted;
	struct quern_boot boot;
	u32 head; /* commands taken */
	struct quern_admin_cmd last;
};

/* A device and its player, gone with the test. */
struct quern_test_chip *quern_test_chip_create(struct kunit *test);

/* Boot it by the driver's own steps, and let commands through. */
void quern_test_chip_boot(struct quern_test_chip *chip);

/* The first seed of random tests: parameter of the module, 1 unless told. */
u64 quern_test_seed(void);

/* A field of a structure, for tables of what to write where. */
struct quern_test_field {
	size_t offset;
	size_t width;
};

#define QUERN_TEST_FIELD(type, field) \
	((struct quern_test_field){ offsetof(type, field), sizeof_field(type, field) })

static inline void quern_test_set(void *record, struct quern_test_field field, u64 value)
{
	memcpy(record + field.offset, &value, field.width); /* the low bytes come first */
}

/* A number below n. */
static inline u32 quern_test_below(struct rnd_state *rnd, u32 n)
{
	return prandom_u32_state(rnd) % n;
}

#endif
