// SPDX-License-Identifier: Apache-2.0
/* Processes that are killed in the middle of it, many times, each at another moment. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bounds.h"
#include "clock.h"
#include "innocent.h"
#include "lib/check.h"
#include "lib/client.h"
#include "lib/rng.h"
#include "tests.h"

#define KILLS 1000
#define WARM_UP 100
#define LONGEST_US 20000u
#define JOB_CYCLES 20000u

/* Submits until it is killed. */
static void live(void)
{
	struct drm_quern_job jobs[4];
	struct client c;

	client_open(&c);
	for (int i = 0; i < 4; i++)
		jobs[i] = client_busy_job(&c, JOB_CYCLES);
	for (;;)
		if (client_submit(&c, jobs, 4, NULL) == -EBUSY)
			usleep(100);
}

static void kill_one(struct rng *rng)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid)
		live();
	usleep(rng_below(rng, LONGEST_US));
	kill(pid, SIGKILL);
	if (waitpid(pid, &status, 0) != pid)
		die("waitpid: %s", strerror(errno));
	if (!WIFSIGNALED(status))
		fail("a process ended by itself before it was killed");
}

static uint64_t setting(const char *name, uint64_t usual)
{
	const char *text = getenv(name);

	return text && text[0] ? strtoull(text, NULL, 0) : usual;
}

static void killed(void)
{
	uint64_t seed = setting("QUERN_SEED", 1);
	uint64_t kills = setting("QUERN_KILLS", KILLS);
	struct rng rng = {seed};
	struct innocent innocent;
	struct usage before;
	uint32_t resets = num_resets();
	uint64_t start;

	printf("    replay: QUERN_SEED=%llu faults killed\n", (unsigned long long)seed);
	for (int i = 0; i < WARM_UP && !failures(); i++)
		kill_one(&rng);
	before = usage_now();
	innocent_start(&innocent);
	for (int i = 0; i < (int)kills && !failures(); i++) {
		kill_one(&rng);
		if (i % 250 == 249)
			innocent_goes_on(&innocent);
	}
	start = now_ms();
	device_works();
	expect_within("the next job", start, GUILTY_MS);
	innocent_finish(&innocent);
	expect_usage(&before);
	expect_equal("resets", num_resets() - resets, 0);
}

const struct test kill_tests[] = {
	{.name = "killed", .run = killed, .seconds = 300},
};
const unsigned int num_kill_tests = ARRAY_LENGTH(kill_tests);
