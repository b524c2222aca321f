// SPDX-License-Identifier: Apache-2.0
/*
 * A client as QEMU is one when a guest is busy: stress-cosim [SEED [COUNT]].
 *
 * Posted writes in bursts, torn into pieces at any byte; registers read behind them; memory by messages that are not
 * answered while a register is awaited, as QEMU's processor holds its lock; answers that come late, after a reset, or all
 * at once; interrupts in between. Every register read is answered, in its turn and soon.
 */
#define _GNU_SOURCE
#include <linux/vfio.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "client.h"
#include "fake_chip.h"
#include "replay.h"

#define BURST 60u
#define SOON_MS 5000 /* on a machine that does other things, too; a register takes microseconds */
#define RAM_ADDR 0x40000000u

struct write {
	struct cosim_header header;
	struct cosim_region_access access;
	uint32_t value;
} __attribute__((packed));

struct read {
	struct cosim_header header;
	struct cosim_region_access access;
} __attribute__((packed));

static struct replay replay;

static uint32_t below(uint32_t limit)
{
	return rng_below(&replay.rng, limit);
}

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void fill_write(struct client *client, struct write *w)
{
	static const uint32_t places[] = {FAKE_DATA, FAKE_ADDR_LO, FAKE_READ, FAKE_WRITE, FAKE_VECTOR, 0x300};
	uint32_t offset = places[below(6)];

	*w = (struct write){.header = {.id = client->next_id++,
				       .command = COSIM_REGION_WRITE,
				       .size = sizeof(*w),
				       .flags = COSIM_NO_REPLY},
			    .access = {.offset = offset, .count = 4},
			    .value = below(0x10000)};
	if (offset == FAKE_ADDR_LO)
		w->value = RAM_ADDR + 16 * below(CLIENT_RAM_BYTES / 16);
	if (!below(200)) {
		w->access.offset = QUERN_REG_CTRL;
		w->value = QUERN_CTRL_RESET_MASK;
	}
}

static void send_torn(struct client *client, const uint8_t *bytes, size_t count_of_bytes)
{
	while (count_of_bytes) {
		size_t piece = below(4) ? count_of_bytes : 1 + below(40);

		if (piece > count_of_bytes)
			piece = count_of_bytes;
		client_send(client, bytes, piece, NULL, 0);
		bytes += piece;
		count_of_bytes -= piece;
		if (!below(50))
			usleep(below(300));
	}
}

/* A burst and a read behind it. */
static void exchange(struct client *client)
{
	static uint8_t message[BURST * sizeof(struct write) + sizeof(struct read)];
	uint32_t writes = below(BURST);
	struct read read = {.header = {.command = COSIM_REGION_READ, .size = sizeof(read)},
			    .access = {.offset = QUERN_REG_ID, .count = 4}};
	struct write write;
	int64_t start;
	uint32_t id, i;

	for (i = 0; i < writes; i++) {
		fill_write(client, &write);
		memcpy(message + i * sizeof(write), &write, sizeof(write));
	}
	read.header.id = client->next_id++;
	memcpy(message + writes * sizeof(write), &read, sizeof(read));
	start = now_ms();
	send_torn(client, message, writes * sizeof(write) + sizeof(read));
	client_receive(client);
	assert_int_equal(client->reply.id, read.header.id);
	assert_int_equal(client->reply.flags, COSIM_TYPE_REPLY);
	memcpy(&id, client->body + sizeof(struct cosim_region_access), sizeof(id));
	assert_int_equal(id, QUERN_CHIP_ID);
	assert_in_range(now_ms() - start, 0, SOON_MS);
}

static void registers_are_answered(void **state)
{
	struct client *client = calloc(1, sizeof(*client));
	int vectors[QUERN_NUM_VECTORS];
	struct quern_sim *sim;
	uint32_t i;

	(void)state;
	assert_non_null(client);
	assert_int_equal(fake_chip_api.create(&sim, NULL), 0);
	client_open(client, &fake_chip_api, sim);
	client->ram_addr = RAM_ADDR;
	assert_int_equal(client_map(client, RAM_ADDR, CLIENT_RAM_BYTES, -1), 0);
	for (i = 0; i < QUERN_NUM_VECTORS; i++)
		vectors[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_int_equal(client_set_vectors(client, vectors, QUERN_NUM_VECTORS), 0);
	for (i = 0; i < replay.count; i++) {
		client->blocked = below(4) != 0;
		exchange(client);
		if (below(2))
			client_unblock(client);
	}
	client_unblock(client);
	print_message("%u bursts; %u reads and %u writes of memory by messages\n", replay.count,
		      client->dma_reads, client->dma_writes);
	assert_true(client->dma_reads + client->dma_writes > replay.count / 20);
	client_close(client);
	for (i = 0; i < QUERN_NUM_VECTORS; i++)
		close(vectors[i]);
	fake_chip_api.destroy(sim);
	free(client);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {cmocka_unit_test(registers_are_answered)};

	replay = replay_parse(argc, argv, 20000);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
