// SPDX-License-Identifier: Apache-2.0
/* Messages over a connected socket: see link.h. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/uio.h>
#include <unistd.h>

#include "link.h"

#define SEND_SECONDS 10 /* a client that reads nothing for so long is gone */

int cosim_link_init(struct cosim_link *link, int fd)
{
	const struct timeval limit = {.tv_sec = SEND_SECONDS};

	memset(link, 0, sizeof(*link));
	link->fd = fd;
	link->body = malloc(COSIM_MAX_BODY);
	if (!link->body)
		return -ENOMEM;
	if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit)))
		return -errno;
	return 0;
}

void cosim_link_finish(struct cosim_link *link)
{
	cosim_link_drop(link);
	close(link->fd);
	free(link->body);
	link->body = NULL;
}

static void take_fd(struct cosim_link *link, int fd)
{
	if (link->num_fds < COSIM_MAX_FDS) {
		link->fds[link->num_fds++] = fd;
		return;
	}
	link->too_many_fds = true;
	close(fd);
}

static void take_fds(struct cosim_link *link, struct msghdr *msg)
{
	struct cmsghdr *part;
	size_t count, i;
	int fd;

	for (part = CMSG_FIRSTHDR(msg); part; part = CMSG_NXTHDR(msg, part)) {
		if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS)
			continue;
		count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(fd);
		for (i = 0; i < count; i++) {
			memcpy(&fd, CMSG_DATA(part) + i * sizeof(fd), sizeof(fd));
			take_fd(link, fd);
		}
	}
	if (msg->msg_flags & MSG_CTRUNC)
		link->too_many_fds = true;
}

/* Reads what is there, at most bytes. Returns the bytes read, 0 if there are none, or a negative errno value. */
static ssize_t read_some(struct cosim_link *link, void *to, size_t bytes)
{
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(COSIM_MAX_FDS * sizeof(int))];
	} control;
	struct iovec iov = {.iov_base = to, .iov_len = bytes};
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t got;

	do {
		got = recvmsg(link->fd, &msg, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == EAGAIN || errno == EWOULDBLOCK ? 0 : -errno;
	take_fds(link, &msg);
	return got ? got : -ECONNRESET;
}

/* Where the next byte of the message belongs, and how many bytes its current part lacks. */
static size_t missing(struct cosim_link *link, void **to)
{
	size_t at = link->have;

	if (at < sizeof(link->header)) {
		*to = (uint8_t *)&link->header + at;
		return sizeof(link->header) - at;
	}
	*to = link->body + (at - sizeof(link->header));
	return link->header.size - at;
}

/* Nothing after a wrong size can be understood. */
static int check_header(struct cosim_link *link)
{
	if (link->header.size >= sizeof(link->header) && link->header.size <= sizeof(link->header) + COSIM_MAX_BODY)
		return 0;
	cosim_link_reply_error(link, EMSGSIZE);
	link->failed = true;
	return -EPROTO;
}

int cosim_link_receive(struct cosim_link *link)
{
	size_t bytes;
	ssize_t got;
	void *to;
	int ret;

	if (link->failed)
		return -ECONNRESET;
	while ((bytes = missing(link, &to))) {
		got = read_some(link, to, bytes);
		if (got < 0)
			link->failed = true;
		if (got <= 0)
			return (int)got;
		link->have += (size_t)got;
		if (link->have != sizeof(link->header))
			continue;
		ret = check_header(link);
		if (ret)
			return ret;
	}
	return 1;
}

void cosim_link_refuse(struct cosim_link *link)
{
	shutdown(link->fd, SHUT_RD);
}

void cosim_link_drop(struct cosim_link *link)
{
	while (link->num_fds) {
		link->num_fds--;
		if (link->fds[link->num_fds] >= 0)
			close(link->fds[link->num_fds]);
	}
	link->too_many_fds = false;
	link->have = 0;
}

static void send_all(struct cosim_link *link, struct iovec *iov, int parts)
{
	struct msghdr msg = {.msg_iov = iov, .msg_iovlen = (size_t)parts};
	ssize_t sent;

	while (msg.msg_iovlen && !link->failed) {
		sent = sendmsg(link->fd, &msg, MSG_NOSIGNAL);
		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			link->failed = true;
		while (sent > 0 && msg.msg_iovlen && (size_t)sent >= msg.msg_iov->iov_len) {
			sent -= (ssize_t)msg.msg_iov->iov_len;
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		while (msg.msg_iovlen && !msg.msg_iov->iov_len) {
			msg.msg_iov++;
			msg.msg_iovlen--;
		}
		if (sent > 0 && msg.msg_iovlen) {
			msg.msg_iov->iov_base = (char *)msg.msg_iov->iov_base + sent;
			msg.msg_iov->iov_len -= (size_t)sent;
		}
	}
}

static void send_message(struct cosim_link *link, struct cosim_header *header, const void *body, size_t bytes,
			 const void *data, size_t data_bytes)
{
	struct iovec iov[] = {
		{.iov_base = header, .iov_len = sizeof(*header)},
		{.iov_base = (void *)(uintptr_t)body, .iov_len = bytes},
		{.iov_base = (void *)(uintptr_t)data, .iov_len = data_bytes},
	};

	header->size = (uint32_t)(sizeof(*header) + bytes + data_bytes);
	send_all(link, iov, 3);
}

void cosim_link_reply(struct cosim_link *link, const void *body, size_t bytes, const void *data, size_t data_bytes)
{
	struct cosim_header header = {
		.id = link->header.id, .command = link->header.command, .flags = COSIM_TYPE_REPLY};

	if (!(link->header.flags & COSIM_NO_REPLY))
		send_message(link, &header, body, bytes, data, data_bytes);
}

void cosim_link_reply_error(struct cosim_link *link, int error)
{
	struct cosim_header header = {.id = link->header.id,
				      .command = link->header.command,
				      .flags = COSIM_TYPE_REPLY | COSIM_ERROR,
				      .error = (uint32_t)error};

	if (!(link->header.flags & COSIM_NO_REPLY))
		send_message(link, &header, NULL, 0, NULL, 0);
}

uint16_t cosim_link_send(struct cosim_link *link, enum cosim_command command, const void *body, size_t bytes,
			 const void *data, size_t data_bytes)
{
	struct cosim_header header = {.id = link->next_id++, .command = (uint16_t)command};

	send_message(link, &header, body, bytes, data, data_bytes);
	return header.id;
}
