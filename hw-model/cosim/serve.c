// SPDX-License-Identifier: Apache-2.0
/*
 * One client's session.
 *
 * The clock runs in slices while the chip has work, and messages are looked at between slices; without work the process
 * sleeps until a message comes. A slice bounds how long a register access waits, and is short while memory is accessed
 * by messages, because the chip then only waits for their answers.
 *
 * A client that waits for an answer is not left alone: QEMU does not notice that a server has gone until the time that it
 * gives a reply is over, and its processors stand still until then. So the end of a session refuses further messages and
 * answers those that are there.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>

#include "serve.h"

#define SLICE_CYCLES 256u
#define SHORT_SLICE_CYCLES 4u
#define MESSAGES_PER_SLICE 64u
#define ANSWER_MS 10 /* the chip's clock goes on slowly while an answer does not come */

static int wait_ms(const struct cosim_device *dev)
{
	if (dev->bus.stalled)
		return ANSWER_MS;
	return dev->api->busy(dev->sim) ? 0 : -1;
}

static void wait_for_message(const struct cosim_device *dev)
{
	struct pollfd p = {.fd = dev->link.fd, .events = POLLIN};
	int ms = wait_ms(dev);
	const struct timespec limit = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l};
	sigset_t none;

	sigemptyset(&none);
	ppoll(&p, 1, ms < 0 ? NULL : &limit, &none);
}

/* 0 or a negative errno value. */
static int take_messages(struct cosim_device *dev)
{
	unsigned int i;
	int ret;

	for (i = 0; i < MESSAGES_PER_SLICE; i++) {
		ret = cosim_link_receive(&dev->link);
		if (ret <= 0)
			return ret;
		cosim_command(dev);
		cosim_link_drop(&dev->link);
	}
	return 0;
}

/* Ends early when the chip waits for an answer of the client, which is taken outside. */
static void run_chip(struct cosim_device *dev)
{
	uint32_t cycles;

	cosim_fault_poll(dev);
	dev->bus.stalled = false;
	for (cycles = 0; cycles < SLICE_CYCLES && !dev->bus.stalled; cycles += SHORT_SLICE_CYCLES)
		if (dev->api->run(dev->sim, SHORT_SLICE_CYCLES, QUERN_SIM_STOP_IDLE) < SHORT_SLICE_CYCLES)
			return;
}

static void hang_up(struct cosim_device *dev)
{
	cosim_link_refuse(&dev->link);
	while (cosim_link_receive(&dev->link) == 1) {
		if ((dev->link.header.flags & COSIM_TYPE_MASK) != COSIM_TYPE_REPLY)
			cosim_link_reply_error(&dev->link, ENODEV);
		cosim_link_drop(&dev->link);
	}
}

int cosim_serve(struct cosim_device *dev, const volatile sig_atomic_t *stop)
{
	int ret = 0;

	while (!*stop && !ret) {
		wait_for_message(dev);
		ret = take_messages(dev);
		if (!ret)
			run_chip(dev);
	}
	if (!ret)
		hang_up(dev);
	return ret == -ECONNRESET ? 0 : ret;
}
