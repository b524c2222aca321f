// SPDX-License-Identifier: Apache-2.0
/*
 * A firmware that dies whenever it is about to start a certain job, built from the real one: the job has not begun, so
 * that each next firmware is given it again. It ends, and with it the deaths; nobody else loses anything.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"
#include "tests.h"

#define FIRMWARE "/lib/firmware/quern/quern-fw.bin"
#define GOOD_FIRMWARE "/tmp/good-fw.bin"
#define DEATHS 4 /* as docs/driver.md says */
#define JOBS 3
#define NODE_MS 2000

static void use_firmware(const char *path)
{
	char command[600];
	uint64_t start;

	snprintf(command, sizeof(command), "cp %s " FIRMWARE, path);
	must(chip_unbind(), "unbind");
	if (system(command))
		die("%s", command);
	must(chip_bind(), "bind");
	start = now_ms();
	while (access(NODE, F_OK) && now_ms() - start < NODE_MS)
		usleep(10000);
}

/* The first one is deadly. */
static uint64_t submit_deadly(const struct client *c)
{
	struct stream s = stream_at(c->map);
	struct drm_quern_job jobs[JOBS];
	uint64_t seqno;

	while (s.num < DEADLY_COMMANDS - 1)
		stream_op(&s, QUERN_OP_NOP);
	stream_end(&s);
	jobs[0] = client_job(s.num);
	for (int i = 1; i < JOBS; i++) {
		jobs[i] = client_job(2);
		jobs[i].stream += (DEADLY_COMMANDS - 2) * QUERN_CMD_BYTES;
	}
	must(client_submit(c, jobs, JOBS, &seqno), "submit");
	return seqno;
}

static void die_of_it(const struct client *c, const struct client *innocent)
{
	uint32_t resets = num_resets();
	uint64_t start = now_ms();
	uint64_t seqno = submit_deadly(c);

	client_finish(c, seqno + JOBS - 1);
	client_works(innocent);
	expect_within("four deaths, and work of somebody else", start, RESET_MS);
	expect_equal("resets", num_resets() - resets, DEATHS);
	expect_equal("the deadly job", client_query(c, seqno).status, DRM_QUERN_JOB_DEVICE_LOST);
	for (uint64_t i = 1; i < JOBS; i++)
		expect_equal("a job behind it", client_query(c, seqno + i).status, DRM_QUERN_JOB_CANCELED);
	expect_equal("its context", client_state(c).state, DRM_QUERN_CTX_LOST);
	expect_equal("another context", client_state(innocent).state, DRM_QUERN_CTX_OK);
	client_reset(c);
	client_works(c);
}

static void deadly_job(void)
{
	const char *deadly = getenv("QUERN_FW_DEADLY");
	struct client c, innocent;

	if (!deadly)
		skip("QUERN_FW_DEADLY is not set");
	if (system("cp " FIRMWARE " " GOOD_FIRMWARE))
		die("the firmware cannot be copied");
	use_firmware(deadly);
	client_open(&innocent);
	client_works(&innocent);
	client_open(&c);
	for (int i = 0; i < 2; i++)
		die_of_it(&c, &innocent);
	client_close(&c);
	client_works(&innocent);
	client_close(&innocent);
	use_firmware(GOOD_FIRMWARE);
	unlink(GOOD_FIRMWARE);
	/* The same job is a good one for a firmware without the flaw. */
	client_open(&c);
	expect_equal("the job", client_finish(&c, submit_deadly(&c)), DRM_QUERN_JOB_DONE);
	client_close(&c);
	device_works();
}

const struct test dying_tests[] = {
	{.name = "deadly-job", .run = deadly_job, .seconds = 200},
};
const unsigned int num_dying_tests = ARRAY_LENGTH(dying_tests);
