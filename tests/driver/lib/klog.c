// SPDX-License-Identifier: Apache-2.0
/* Reads /dev/kmsg. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "klog.h"

#define LEVEL_WARNING 4

static int kmsg = -1;

void klog_start(void)
{
	if (kmsg < 0)
		kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (kmsg < 0 || lseek(kmsg, 0, SEEK_END) < 0)
		die("/dev/kmsg: %s", strerror(errno));
}

bool klog_next(char *record, size_t bytes)
{
	ssize_t len;

	/* EPIPE: records were overwritten before they were read. */
	do {
		len = read(kmsg, record, bytes - 1);
	} while (len < 0 && (errno == EINTR || errno == EPIPE));
	if (len <= 0)
		return false;
	record[len] = '\0';
	return true;
}

/* A virtual machine on a busy host finds its clocks odd. */
static bool is_about_clocks(const char *text)
{
	static const char *const who[] = {"clocksource:", "hrtimer:", "perf:"};

	for (size_t i = 0; i < ARRAY_LENGTH(who); i++)
		if (!strncmp(text, who[i], strlen(who[i])) && !strstr(text, "quern"))
			return true;
	return false;
}

static bool is_noise(const char *record)
{
	const char *text = strchr(record, ';');

	if (text && is_about_clocks(text + 1))
		return false;
	/* The facility is in the bits above the level. */
	return (strtoul(record, NULL, 10) & 7) <= LEVEL_WARNING || (text && strstr(text, "quern"));
}

unsigned int klog_noise(void)
{
	char record[KLOG_RECORD_BYTES];
	unsigned int noise = 0;

	while (klog_next(record, sizeof(record))) {
		if (!is_noise(record))
			continue;
		printf("    kernel: %s", record);
		noise++;
	}
	return noise;
}
