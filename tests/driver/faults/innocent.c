// SPDX-License-Identifier: Apache-2.0
/* Somebody else: see innocent.h. */
#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "innocent.h"
#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"

#define BATCH 4	   /* jobs in flight */
#define BYTES 512u /* of each job */
#define PATIENCE_MS 45000

/* Each job of a batch copies a block of its own through the chip. */
static uint32_t in_of(uint32_t i)
{
	return CLIENT_DATA + 2 * i * BYTES;
}

static struct drm_quern_job prepare(const struct client *c, uint32_t i, uint32_t round)
{
	unsigned char *at = c->map + 512 * i;
	struct stream s = stream_at(at);
	struct drm_quern_job job;

	stream_load(&s, 0, in_of(i), 64 * i, BYTES);
	stream_store(&s, 0, in_of(i) + BYTES, 64 * i, BYTES);
	stream_end(&s);
	for (uint32_t k = 0; k < BYTES; k++) {
		c->map[in_of(i) + k] = (unsigned char)(k * 7 + i * 31 + round * 13 + 1);
		c->map[in_of(i) + BYTES + k] = 0;
	}
	job = client_job(s.num);
	job.stream += 512 * i;
	return job;
}

static void run_batch(const struct client *c, uint32_t round)
{
	struct drm_quern_job jobs[BATCH];
	uint64_t seqno;

	for (uint32_t i = 0; i < BATCH; i++)
		jobs[i] = prepare(c, i, round);
	must(client_submit(c, jobs, BATCH, &seqno), "an innocent's submit");
	client_finish(c, seqno);
	for (uint32_t i = 0; i < BATCH; i++) {
		uint32_t status = client_query(c, seqno + i).status;

		if (status != DRM_QUERN_JOB_DONE)
			die("an innocent's job ended with status %u", status);
		if (memcmp(c->map + in_of(i), c->map + in_of(i) + BYTES, BYTES))
			die("an innocent's bytes are wrong in round %u", round);
	}
}

static bool asked_to_stop(int stop)
{
	struct pollfd p = {.fd = stop, .events = POLLIN};

	return poll(&p, 1, 0) != 0;
}

static void run(int stop, int progress)
{
	struct client c;

	client_open(&c);
	for (uint32_t round = 0; !asked_to_stop(stop); round++) {
		run_batch(&c, round);
		if (write(progress, "+", 1) != 1)
			break;
	}
	client_close(&c);
	_exit(failures() ? 1 : 0);
}

/* A batch has been seen to end; false if there will be none. */
static bool wait_batch(struct innocent *innocent)
{
	struct pollfd p = {.fd = innocent->progress, .events = POLLIN};
	char c;

	if (poll(&p, 1, PATIENCE_MS) != 1) {
		fail("an innocent gets no further");
		return false;
	}
	return read(innocent->progress, &c, 1) == 1;
}

void innocent_start(struct innocent *innocent)
{
	int stop[2], progress[2];

	if (pipe(stop) || pipe(progress))
		die("pipe: %s", strerror(errno));
	innocent->pid = fork();
	if (innocent->pid < 0)
		die("fork: %s", strerror(errno));
	if (!innocent->pid) {
		close(stop[1]);
		close(progress[0]);
		run(stop[0], progress[1]);
	}
	close(stop[0]);
	close(progress[1]);
	innocent->stop = stop[1];
	innocent->progress = progress[0];
	wait_batch(innocent);
}

/* What has been told so far, and the batch that was in flight, do not count. */
void innocent_goes_on(struct innocent *innocent)
{
	struct pollfd p = {.fd = innocent->progress, .events = POLLIN};
	char told[256];

	while (poll(&p, 1, 0) == 1 && read(innocent->progress, told, sizeof(told)) > 0)
		;
	if (wait_batch(innocent))
		wait_batch(innocent);
}

void innocent_finish(struct innocent *innocent)
{
	int status = -1;
	char told[256];

	close(innocent->stop);
	while (read(innocent->progress, told, sizeof(told)) > 0)
		;
	close(innocent->progress);
	waitpid(innocent->pid, &status, 0);
	if (status)
		fail("an innocent ended with status 0x%x", status);
}
