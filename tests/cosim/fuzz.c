// SPDX-License-Identifier: Apache-2.0
/*
 * Random messages, most of them wrong somewhere: fuzz-cosim [SEED [COUNT]].
 *
 * Whatever comes, the server answers each message that wants an answer exactly once and in order, ends when a size cannot
 * be right or the client hangs up, and never waits for what does not come. The sanitizers watch the rest.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "client.h"
#include "fake_chip.h"
#include "replay.h"

#define FILE_BYTES 65536u
#define NUM_FILES 4
#define BODY_BYTES 256u
#define FEW_FDS 3u
#define TOO_MANY_FDS 12u

static struct replay replay;
static uint32_t accepted;    /* messages that were not refused */
static uint32_t asked;	     /* requests of the server */
static int files[NUM_FILES]; /* memory, eventfd, a pipe that nobody reads, a device */

static uint32_t below(uint32_t limit)
{
	return rng_below(&replay.rng, limit);
}

static bool one_in(uint32_t n)
{
	return rng_one_in(&replay.rng, n);
}

/* Numbers at which checks go wrong. */
static uint64_t number(void)
{
	static const uint64_t edges[] = {
		0,	  1,	     4,		 15,	     16,	4096,	    0x40000,
		0x100000, INT32_MAX, UINT32_MAX, 1ull << 32, INT64_MAX, UINT64_MAX, UINT64_MAX - 4095};

	switch (below(4)) {
	case 0:
		return edges[below(sizeof(edges) / sizeof(edges[0]))] + below(5) - 2;
	case 1:
		return 4096ull * below(64);
	case 2:
		return 4ull * below(1024);
	default:
		return below(300);
	}
}

static size_t fill_map(uint8_t *body)
{
	const struct cosim_dma_map map = {.argsz = sizeof(map),
					  .flags = one_in(8) ? (uint32_t)number() : 1 + below(3),
					  .offset = one_in(4) ? number() : 0,
					  .addr = number(),
					  .size = one_in(4) ? number() : 4096ull << below(6)};

	memcpy(body, &map, sizeof(map));
	return sizeof(map);
}

static size_t fill_unmap(uint8_t *body)
{
	struct cosim_dma_unmap unmap = {.argsz = sizeof(unmap), .addr = number(), .size = number()};

	if (one_in(8))
		unmap = (struct cosim_dma_unmap){.flags = COSIM_DMA_UNMAP_ALL};
	memcpy(body, &unmap, sizeof(unmap));
	return sizeof(unmap);
}

static size_t fill_irqs(uint8_t *body)
{
	const struct vfio_irq_set set = {.argsz = sizeof(set),
					 .flags = one_in(4) ? (uint32_t)number() : 32u | 1u << below(3),
					 .index = one_in(4) ? (uint32_t)number() : VFIO_PCI_MSIX_IRQ_INDEX,
					 .start = one_in(4) ? (uint32_t)number() : below(5),
					 .count = one_in(4) ? (uint32_t)number() : below(5)};

	memcpy(body, &set, sizeof(set));
	return sizeof(set) + below(6);
}

/* A write that starts something in the chip that is not there. */
static size_t fill_start(uint8_t *body)
{
	static const uint32_t places[] = {FAKE_ADDR_LO, FAKE_ADDR_LO, FAKE_ADDR_HI, FAKE_READ,
					  FAKE_WRITE,	FAKE_VECTOR,  FAKE_DATA,    QUERN_REG_CTRL};
	const struct cosim_region_access access = {.offset = places[below(8)], .count = 4};
	uint32_t value = rng_next(&replay.rng);

	if (access.offset == FAKE_ADDR_LO)
		value = 4096 * below(64) + 16 * below(256);
	if (access.offset == FAKE_ADDR_HI)
		value = 0;
	memcpy(body, &access, sizeof(access));
	memcpy(body + sizeof(access), &value, sizeof(value));
	return sizeof(access) + sizeof(value);
}

static size_t fill_access(uint8_t *body, bool write)
{
	const struct cosim_region_access access = {.offset = number(),
						   .region = one_in(8) ? (uint32_t)number()
								       : (one_in(2) ? VFIO_PCI_CONFIG_REGION_INDEX : 0),
						   .count = one_in(4) ? (uint32_t)number() : 4 * below(16)};

	memcpy(body, &access, sizeof(access));
	if (!write)
		return sizeof(access);
	return sizeof(access) + (access.count < BODY_BYTES - sizeof(access) ? access.count : 0);
}

static size_t fill_words(uint8_t *body)
{
	uint32_t words[8];
	size_t i;

	for (i = 0; i < 8; i++)
		words[i] = i == 0 && !one_in(4) ? sizeof(words) : (uint32_t)number();
	memcpy(body, words, sizeof(words));
	return 4 * below(9);
}

static size_t fill_version(uint8_t *body)
{
	const struct cosim_version version = {.major = one_in(4) ? (uint16_t)number() : COSIM_MAJOR,
					      .minor = (uint16_t)number()};

	memcpy(body, &version, sizeof(version));
	return sizeof(version) + (one_in(2) ? 0 : below(64));
}

static size_t fill_body(uint8_t *body, unsigned int command)
{
	size_t bytes, i;

	for (i = 0; i < BODY_BYTES; i++)
		body[i] = (uint8_t)rng_next(&replay.rng);
	switch (command) {
	case COSIM_VERSION:
		bytes = fill_version(body);
		break;
	case COSIM_DMA_MAP:
		bytes = fill_map(body);
		break;
	case COSIM_DMA_UNMAP:
		bytes = fill_unmap(body);
		break;
	case COSIM_SET_IRQS:
		bytes = fill_irqs(body);
		break;
	case COSIM_REGION_READ:
	case COSIM_REGION_WRITE:
		if (command == COSIM_REGION_WRITE && !one_in(4))
			bytes = fill_start(body);
		else
			bytes = fill_access(body, command == COSIM_REGION_WRITE);
		break;
	default:
		bytes = fill_words(body);
	}
	if (one_in(8))
		bytes = below(BODY_BYTES);
	if (one_in(8))
		body[below(BODY_BYTES)] ^= (uint8_t)(1u << below(8));
	return bytes;
}

static unsigned int fill_fds(int *fds)
{
	unsigned int num = one_in(3) ? 1 + below(one_in(10) ? TOO_MANY_FDS : FEW_FDS) : 0;
	unsigned int i;

	for (i = 0; i < num; i++)
		fds[i] = files[one_in(3) ? below(NUM_FILES) : 0];
	return num;
}

/* Answers a DMA request of the server, mostly rightly, or not at all. */
static void answer_dma(struct client *client)
{
	struct {
		struct cosim_header header;
		struct cosim_dma_access access;
		uint8_t data[32];
	} message = {.header = client->reply};

	asked++;
	if (one_in(16))
		return;
	memcpy(&message.access, client->body, sizeof(message.access));
	message.header.flags = one_in(8) ? (uint32_t)(COSIM_TYPE_REPLY | COSIM_ERROR) : COSIM_TYPE_REPLY;
	message.header.size = sizeof(message.header) + sizeof(message.access);
	if (message.header.command == COSIM_DMA_READ)
		message.header.size += (uint32_t)message.access.count;
	if (one_in(8))
		message.header.size = sizeof(message.header) + below(48);
	if (one_in(8))
		message.access.count = number();
	if (one_in(8))
		message.header.id++;
	client_send(client, &message, message.header.size, NULL, 0);
}

/* The server's answer to the message, after any requests of its own. */
static void expect_reply(struct client *client, const struct cosim_header *sent)
{
	do {
		client_receive_any(client);
		if ((client->reply.flags & COSIM_TYPE_MASK) != COSIM_TYPE_REPLY)
			answer_dma(client);
	} while ((client->reply.flags & COSIM_TYPE_MASK) != COSIM_TYPE_REPLY);
	assert_int_equal(client->reply.id, sent->id);
	assert_int_equal(client->reply.command, sent->command);
	if (client->reply.flags & COSIM_ERROR)
		assert_int_not_equal(client->reply.error, 0);
	else
		accepted++;
}

/* Sends a message whose size says more or less than there is, or part of one, and hangs up. */
static void lie(struct client *client, struct quern_sim *sim, uint8_t *message, size_t bytes)
{
	uint32_t size = (uint32_t)number();

	if (one_in(2))
		memcpy(message + offsetof(struct cosim_header, size), &size, sizeof(size));
	client_send(client, message, 1 + below((uint32_t)bytes), NULL, 0);
	client_close(client);
	if (one_in(4))
		client_connect(client, &fake_chip_api, sim);
	else
		client_open(client, &fake_chip_api, sim);
}

static void step(struct client *client, struct quern_sim *sim)
{
	uint8_t message[sizeof(struct cosim_header) + BODY_BYTES];
	struct cosim_header header = {.id = client->next_id++,
				      .command = (uint16_t)(one_in(16)	? number()
							    : one_in(2) ? COSIM_REGION_WRITE
									: below(16))};
	int fds[TOO_MANY_FDS];
	unsigned int num_fds = fill_fds(fds);

	if (one_in(16))
		header.flags = one_in(2) ? COSIM_NO_REPLY : (uint32_t)number();
	header.size = (uint32_t)(sizeof(header) + fill_body(message + sizeof(header), header.command));
	memcpy(message, &header, sizeof(header));
	if (one_in(200)) {
		lie(client, sim, message, header.size);
		return;
	}
	client_send(client, message, header.size, fds, num_fds);
	if (!(header.flags & COSIM_NO_REPLY) && (header.flags & COSIM_TYPE_MASK) != COSIM_TYPE_REPLY)
		expect_reply(client, &header);
}

static void random_messages(void **state)
{
	struct client *client = calloc(1, sizeof(*client));
	struct quern_sim *sim;
	uint32_t i;

	(void)state;
	assert_non_null(client);
	assert_int_equal(cosim_dma_guard(), 0);
	assert_int_equal(fake_chip_api.create(&sim, NULL), 0);
	client_open(client, &fake_chip_api, sim);
	for (i = 0; i < replay.count; i++)
		step(client, sim);
	client_close(client);
	fake_chip_api.destroy(sim);
	free(client);
	print_message("%u messages: %u accepted, the others refused; %u requests of the server\n", replay.count,
		      accepted, asked);
	assert_true(accepted > replay.count / 20);
}

static void open_files(void)
{
	int pipes[2];

	files[0] = memfd_create("ram", MFD_CLOEXEC);
	files[1] = eventfd(0, EFD_CLOEXEC);
	files[3] = open("/dev/zero", O_RDWR | O_CLOEXEC);
	if (files[0] < 0 || ftruncate(files[0], FILE_BYTES) || files[1] < 0 || files[3] < 0 || pipe(pipes)) {
		perror("fuzz-cosim");
		exit(1);
	}
	files[2] = pipes[1];
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(random_messages)};

	replay = replay_parse(argc, argv, 100000);
	open_files();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
