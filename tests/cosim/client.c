// SPDX-License-Identifier: Apache-2.0
/* A client of the co-simulation server: see client.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client.h"

static void *serve(void *arg)
{
	struct client *client = arg;

	client->served = cosim_serve(&client->dev, &client->stop);
	return NULL;
}

void client_connect(struct client *client, const struct quern_sim_api *api, struct quern_sim *sim)
{
	bool faults = client->faults;
	int pair[2];

	memset(client, 0, sizeof(*client));
	client->faults = faults;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
	client->fd = pair[0];
	assert_int_equal(cosim_device_init(&client->dev, api, sim, pair[1], client->faults), 0);
	assert_int_equal(pthread_create(&client->thread, NULL, serve, client), 0);
}

void client_open(struct client *client, const struct quern_sim_api *api, struct quern_sim *sim)
{
	static const char text[] = "{\"capabilities\":{}}";
	uint8_t body[4 + sizeof(text)] = {0};

	client_connect(client, api, sim);
	memcpy(body + 4, text, sizeof(text));
	assert_int_equal(client_call(client, COSIM_VERSION, body, sizeof(body), NULL, 0), 0);
}

void client_close(struct client *client)
{
	struct timespec limit;

	close(client->fd);
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += CLIENT_WAIT_MS / 1000;
	assert_int_equal(pthread_timedjoin_np(client->thread, NULL, &limit), 0);
	cosim_device_finish(&client->dev);
}

void client_send(struct client *client, const void *bytes, size_t count, const int *fds, unsigned int num_fds)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(32 * sizeof(int))];
	} control = {0};
	struct iovec iov = {.iov_base = (void *)(uintptr_t)bytes, .iov_len = count};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};

	if (num_fds) {
		msg.msg_control = &control;
		msg.msg_controllen = CMSG_SPACE(num_fds * sizeof(int));
		CMSG_FIRSTHDR(&msg)->cmsg_level = SOL_SOCKET;
		CMSG_FIRSTHDR(&msg)->cmsg_type = SCM_RIGHTS;
		CMSG_FIRSTHDR(&msg)->cmsg_len = CMSG_LEN(num_fds * sizeof(int));
		memcpy(CMSG_DATA(CMSG_FIRSTHDR(&msg)), fds, num_fds * sizeof(int));
	}
	assert_int_equal(sendmsg(client->fd, &msg, MSG_NOSIGNAL), count);
}

static void receive_bytes(struct client *client, void *to, size_t bytes)
{
	struct pollfd p = {.fd = client->fd, .events = POLLIN};
	uint8_t *at = to;
	ssize_t got;

	while (bytes) {
		assert_int_equal(poll(&p, 1, CLIENT_WAIT_MS), 1);
		got = recv(client->fd, at, bytes, 0);
		assert_true(got > 0);
		at += got;
		bytes -= (size_t)got;
	}
}

void client_receive_any(struct client *client)
{
	receive_bytes(client, &client->reply, sizeof(client->reply));
	assert_in_range(client->reply.size, sizeof(client->reply), sizeof(client->reply) + sizeof(client->body));
	client->body_bytes = client->reply.size - sizeof(client->reply);
	receive_bytes(client, client->body, client->body_bytes);
}

/* Answers a DMA request of the server from ram. */
static void serve_dma(struct client *client, const struct client_request *request)
{
	struct client_request answer = {.header = request->header};
	struct cosim_dma_access access;
	uint8_t *ram;

	memcpy(&access, request->body, sizeof(access));
	assert_in_range(access.count, 1, COSIM_BEAT_MAX);
	assert_in_range(access.addr, client->ram_addr, client->ram_addr + CLIENT_RAM_BYTES - access.count);
	ram = client->ram + (access.addr - client->ram_addr);
	answer.header.flags = COSIM_TYPE_REPLY;
	answer.header.size = sizeof(answer.header) + sizeof(access);
	memcpy(answer.body, &access, sizeof(access));
	if (request->header.command == COSIM_DMA_READ) {
		memcpy(answer.body + sizeof(access), ram, access.count);
		answer.header.size += (uint32_t)access.count;
		client->dma_reads++;
	} else {
		assert_int_equal(request->header.size, sizeof(request->header) + sizeof(access) + access.count);
		memcpy(ram, request->body + sizeof(access), access.count);
		client->dma_writes++;
	}
	client_send(client, &answer, answer.header.size, NULL, 0);
}

static void take_request(struct client *client)
{
	struct client_request request = {.header = client->reply};

	assert_true(client->reply.command == COSIM_DMA_READ || client->reply.command == COSIM_DMA_WRITE);
	assert_in_range(client->body_bytes, sizeof(struct cosim_dma_access), sizeof(request.body));
	memcpy(request.body, client->body, client->body_bytes);
	if (!client->blocked) {
		serve_dma(client, &request);
		return;
	}
	assert_true(client->num_held < CLIENT_HELD);
	client->held[client->num_held++] = request;
}

void client_unblock(struct client *client)
{
	unsigned int i;

	client->blocked = false;
	for (i = 0; i < client->num_held; i++)
		serve_dma(client, &client->held[i]);
	client->num_held = 0;
}

/* Receives one message; true if it is a reply. */
static bool receive_one(struct client *client)
{
	client_receive_any(client);
	if ((client->reply.flags & COSIM_TYPE_MASK) == COSIM_TYPE_REPLY)
		return true;
	take_request(client);
	return false;
}

void client_receive(struct client *client)
{
	while (!receive_one(client))
		;
}

static void send_command(struct client *client, unsigned int command, uint32_t flags, const void *body, size_t bytes,
			 const int *fds, unsigned int num_fds)
{
	static uint8_t message[sizeof(struct cosim_header) + COSIM_MAX_BODY];
	const struct cosim_header header = {.id = client->next_id++,
					    .command = (uint16_t)command,
					    .size = (uint32_t)(sizeof(header) + bytes),
					    .flags = flags};

	assert_true(bytes <= COSIM_MAX_BODY);
	memcpy(message, &header, sizeof(header));
	if (bytes)
		memcpy(message + sizeof(header), body, bytes);
	client_send(client, message, sizeof(header) + bytes, fds, num_fds);
}

uint32_t client_call(struct client *client, unsigned int command, const void *body, size_t bytes, const int *fds,
		     unsigned int num_fds)
{
	uint16_t id = client->next_id;

	send_command(client, command, COSIM_TYPE_COMMAND, body, bytes, fds, num_fds);
	client_receive(client);
	assert_int_equal(client->reply.id, id);
	assert_int_equal(client->reply.command, command);
	if (!(client->reply.flags & COSIM_ERROR))
		return 0;
	assert_int_not_equal(client->reply.error, 0);
	return client->reply.error;
}

uint32_t client_map(struct client *client, uint64_t addr, uint64_t bytes, int fd)
{
	const struct cosim_dma_map map = {
		.argsz = sizeof(map), .flags = COSIM_DMA_MAP_READ | COSIM_DMA_MAP_WRITE, .addr = addr, .size = bytes};

	return client_call(client, COSIM_DMA_MAP, &map, sizeof(map), &fd, fd >= 0 ? 1 : 0);
}

uint32_t client_read(struct client *client, uint32_t region, uint64_t offset, void *data, uint32_t bytes)
{
	const struct cosim_region_access access = {.offset = offset, .region = region, .count = bytes};
	uint32_t error = client_call(client, COSIM_REGION_READ, &access, sizeof(access), NULL, 0);

	if (error)
		return error;
	assert_int_equal(client->body_bytes, sizeof(access) + bytes);
	assert_memory_equal(client->body, &access, sizeof(access));
	memcpy(data, client->body + sizeof(access), bytes);
	return 0;
}

uint32_t client_write(struct client *client, uint32_t region, uint64_t offset, const void *data, uint32_t bytes,
		      bool posted)
{
	static uint8_t body[COSIM_MAX_BODY];
	const struct cosim_region_access access = {.offset = offset, .region = region, .count = bytes};

	memcpy(body, &access, sizeof(access));
	memcpy(body + sizeof(access), data, bytes);
	if (!posted)
		return client_call(client, COSIM_REGION_WRITE, body, sizeof(access) + bytes, NULL, 0);
	send_command(client, COSIM_REGION_WRITE, COSIM_NO_REPLY, body, sizeof(access) + bytes, NULL, 0);
	return 0;
}

uint32_t client_read32(struct client *client, uint32_t offset)
{
	uint32_t value = 0;

	assert_int_equal(client_read(client, VFIO_PCI_BAR0_REGION_INDEX, offset, &value, sizeof(value)), 0);
	return value;
}

void client_write32(struct client *client, uint32_t offset, uint32_t value)
{
	assert_int_equal(client_write(client, VFIO_PCI_BAR0_REGION_INDEX, offset, &value, sizeof(value), true), 0);
}

uint32_t client_set_vectors(struct client *client, const int *fds, unsigned int count)
{
	const struct vfio_irq_set set = {.argsz = sizeof(set),
					 .flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_EVENTFD,
					 .index = VFIO_PCI_MSIX_IRQ_INDEX,
					 .count = count};

	return client_call(client, COSIM_SET_IRQS, &set, sizeof(set), fds, count);
}

void client_wait_vector(struct client *client, int eventfd)
{
	struct pollfd p[] = {{.fd = eventfd, .events = POLLIN}, {.fd = client->fd, .events = POLLIN}};
	uint64_t count;

	for (;;) {
		assert_true(poll(p, 2, CLIENT_WAIT_MS) > 0);
		if (p[0].revents)
			break;
		assert_false(receive_one(client));
	}
	assert_int_equal(read(eventfd, &count, sizeof(count)), sizeof(count));
	assert_int_equal(count, 1);
}
