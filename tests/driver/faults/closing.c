// SPDX-License-Identifier: Apache-2.0
/* A file whose end takes long, for the firmware's answers are late: others open and close files meanwhile. */
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "chip.h"
#include "lib/check.h"
#include "lib/client.h"
#include "tests.h"

#define CONTEXTS 6 /* the end of each waits for half a second */

static void close_slowly(int go, int told)
{
	struct client c;
	char byte;

	client_open(&c);
	for (int i = 1; i < CONTEXTS; i++)
		node_ctx(c.fd, DRM_QUERN_PRIORITY_NORMAL);
	if (write(told, "o", 1) != 1 || read(go, &byte, 1) != 1)
		die("nobody is there");
	client_close(&c);
	if (write(told, "c", 1) != 1)
		die("nobody is there");
	_exit(0);
}

static bool is_told(int told)
{
	struct pollfd p = {.fd = told, .events = POLLIN};

	return poll(&p, 1, 0) == 1;
}

static void open_while_closing(void)
{
	int go[2], told[2], status;
	pid_t pid;
	char byte;

	if (pipe(go) || pipe(told))
		die("pipe: %s", strerror(errno));
	pid = fork();
	if (pid < 0)
		die("fork: %s", strerror(errno));
	if (!pid)
		close_slowly(go[0], told[1]);
	if (read(told[0], &byte, 1) != 1)
		die("who closes slowly does not say that it is ready");
	chip_fault(COSIM_FAULT_DROP_VECTOR, 0, UINT32_MAX);
	if (write(go[1], "g", 1) != 1)
		die("pipe: %s", strerror(errno));
	usleep(300000);
	if (is_told(told[0]))
		fail("a file is closed before the firmware has said so");
	for (int i = 0; i < 3; i++)
		close(node_open());
	if (is_told(told[0]))
		fail("files are opened and closed only after another one is");
	waitpid(pid, &status, 0);
	expect_equal("who closes slowly", (uint64_t)status, 0);
	chip_fault(COSIM_FAULT_DROP_VECTOR, 0, 0);
	device_works();
}

const struct test closing_tests[] = {
	{.name = "open-while-closing", .run = open_while_closing, .seconds = 60},
};
const unsigned int num_closing_tests = ARRAY_LENGTH(closing_tests);
