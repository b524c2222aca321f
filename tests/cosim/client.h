/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the co-simulation server, as QEMU is one: it and the server's thread hold the two ends of a socket pair.
 *
 * While it waits for a reply it serves the server's DMA messages from its memory, unless it is blocked. Every wait is
 * bounded; every failure is an assertion.
 */
#ifndef TESTS_COSIM_CLIENT_H
#define TESTS_COSIM_CLIENT_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>

#include "serve.h"

#define CLIENT_RAM_BYTES 65536u
#define CLIENT_HELD 2 /* DMA messages that the server has under way at most */
#define CLIENT_WAIT_MS 20000

struct client_request {
	struct cosim_header header;
	uint8_t body[sizeof(struct cosim_dma_access) + COSIM_BEAT_MAX];
};

struct client {
	struct cosim_device dev; /* the server's; not touched by the client while the thread runs */
	pthread_t thread;
	volatile sig_atomic_t stop;
	bool faults; /* with the fault port; set it before connecting, and clear the structure once */
	int served; /* what cosim_serve() returned */

	int fd;
	uint16_t next_id;
	bool blocked; /* as a QEMU whose processor waits for a register: DMA messages are held */
	struct client_request held[CLIENT_HELD];
	unsigned int num_held;
	uint64_t ram_addr; /* bus address of ram, for ranges by messages */
	uint8_t ram[CLIENT_RAM_BYTES];
	unsigned int dma_reads; /* messages served */
	unsigned int dma_writes;

	struct cosim_header reply;
	uint8_t body[COSIM_MAX_BODY]; /* of the reply */
	size_t body_bytes;
};

/* A connection without VERSION; the chip stays the caller's. */
void client_connect(struct client *client, const struct quern_sim_api *api, struct quern_sim *sim);
/* The same with VERSION exchanged. */
void client_open(struct client *client, const struct quern_sim_api *api, struct quern_sim *sim);
/* Hangs up and waits for the server's end. */
void client_close(struct client *client);

/* Raw bytes, with descriptors if num_fds is not 0. */
void client_send(struct client *client, const void *bytes, size_t count, const int *fds, unsigned int num_fds);

/* Answers what was held, and goes on to do so. */
void client_unblock(struct client *client);

/* Next message of the server into reply and body. */
void client_receive_any(struct client *client);
/* Next message of the server that is not a DMA request into reply and body. */
void client_receive(struct client *client);

/* A command and its reply, which stays in reply and body. Returns 0, or the errno value of an error reply. */
uint32_t client_call(struct client *client, unsigned int command, const void *body, size_t bytes, const int *fds,
		     unsigned int num_fds);

uint32_t client_map(struct client *client, uint64_t addr, uint64_t bytes, int fd);
uint32_t client_read(struct client *client, uint32_t region, uint64_t offset, void *data, uint32_t bytes);
/* posted: without a reply. */
uint32_t client_write(struct client *client, uint32_t region, uint64_t offset, const void *data, uint32_t bytes,
		      bool posted);
uint32_t client_read32(struct client *client, uint32_t offset);
void client_write32(struct client *client, uint32_t offset, uint32_t value);
/* eventfds for vectors 0 to count - 1. */
uint32_t client_set_vectors(struct client *client, const int *fds, unsigned int count);
/* Waits until the eventfd has been signalled, serving DMA messages meanwhile. */
void client_wait_vector(struct client *client, int eventfd);

#endif
