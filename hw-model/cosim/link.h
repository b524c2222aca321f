/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages over a connected socket.
 *
 * Receiving never blocks: a message may arrive in pieces, and a client that stops in the middle of one costs nothing.
 * Sending blocks for a bounded time. A link that has failed once stays failed.
 */
#ifndef HW_MODEL_COSIM_LINK_H
#define HW_MODEL_COSIM_LINK_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol.h"

struct cosim_link {
	int fd;
	bool failed;
	uint16_t next_id; /* of messages that we start */

	/* the message that is arriving */
	struct cosim_header header;
	uint8_t *body; /* COSIM_MAX_BODY bytes */
	size_t have;   /* bytes so far, header included */
	int fds[COSIM_MAX_FDS];
	unsigned int num_fds;
	bool too_many_fds;
};

/* Takes fd over. 0 or a negative errno value. */
int cosim_link_init(struct cosim_link *link, int fd);
void cosim_link_finish(struct cosim_link *link);

/*
 * 1: a whole message is in header, body and fds. 0: not yet. Negative: the link has failed; -EPROTO after a header that
 * cannot be right, which has been answered. The message stays until cosim_link_drop().
 */
int cosim_link_receive(struct cosim_link *link);

static inline size_t cosim_link_body_bytes(const struct cosim_link *link)
{
	return link->header.size - sizeof(link->header);
}

/* From here on the client cannot send; what it has sent can still be received. */
void cosim_link_refuse(struct cosim_link *link);

/* Ends the message; closes those of its file descriptors that are not -1. */
void cosim_link_drop(struct cosim_link *link);

/* Answer the message that has arrived, unless it wants no answer: with two parts of a body, or with an error. */
void cosim_link_reply(struct cosim_link *link, const void *body, size_t bytes, const void *data, size_t data_bytes);
void cosim_link_reply_error(struct cosim_link *link, int error);

/* Start a message of our own; returns its id. */
uint16_t cosim_link_send(struct cosim_link *link, enum cosim_command command, const void *body, size_t bytes,
			 const void *data, size_t data_bytes);

#endif
