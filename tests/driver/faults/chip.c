// SPDX-License-Identifier: Apache-2.0
/* The chip from behind: see chip.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "lib/check.h"
#include "quern/registers.h"

#define DEVICES "/sys/bus/pci/devices"
#define DRIVER "/sys/bus/pci/drivers/quern"
#define MAX_HOPS 48

static bool is_ours(const char *address)
{
	char path[300];
	unsigned int ids[2] = {0};
	static const char *const names[2] = {"vendor", "device"};

	for (int i = 0; i < 2; i++) {
		FILE *f;

		snprintf(path, sizeof(path), DEVICES "/%s/%s", address, names[i]);
		f = fopen(path, "r");
		if (!f)
			return false;
		if (fscanf(f, "%x", &ids[i]) != 1)
			ids[i] = 0;
		fclose(f);
	}
	return ids[0] == QUERN_PCI_VENDOR && ids[1] == QUERN_PCI_DEVICE;
}

const char *chip_address(void)
{
	static char found[64];
	struct dirent *entry;
	DIR *dir;

	if (found[0])
		return found;
	dir = opendir(DEVICES);
	while (dir && !found[0] && (entry = readdir(dir)))
		if (entry->d_name[0] != '.' && is_ours(entry->d_name))
			snprintf(found, sizeof(found), "%.60s", entry->d_name);
	if (dir)
		closedir(dir);
	if (!found[0])
		die("there is no chip in " DEVICES);
	return found;
}

void chip_path(char *path, unsigned long bytes, const char *name)
{
	snprintf(path, bytes, DEVICES "/%s/%s", chip_address(), name);
}

static int config_open(void)
{
	char path[300];
	int fd;

	chip_path(path, sizeof(path), "config");
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		die("%s: %s", path, strerror(errno));
	return fd;
}

static void config_read(int fd, unsigned int at, void *data, size_t bytes)
{
	if (pread(fd, data, bytes, at) != (ssize_t)bytes)
		die("the configuration space cannot be read at 0x%x", at);
}

/* Its offset, or 0. */
static unsigned int find_port(int fd)
{
	uint8_t at = 0;

	config_read(fd, PCI_CAPABILITY_LIST, &at, 1);
	for (int i = 0; i < MAX_HOPS && at >= PCI_STD_HEADER_SIZEOF; i++) {
		uint8_t cap[4];

		config_read(fd, at, cap, sizeof(cap));
		if (cap[0] == PCI_CAP_ID_VNDR && cap[COSIM_FAULT_CAP_MARK_OFFSET] == COSIM_FAULT_CAP_MARK)
			return at;
		at = cap[1];
	}
	return 0;
}

static void config_write(int fd, unsigned int at, uint32_t value)
{
	if (pwrite(fd, &value, sizeof(value), at) != sizeof(value))
		die("the configuration space cannot be written at 0x%x", at);
}

uint32_t chip_fault(enum cosim_fault_command command, uint32_t a, uint32_t b)
{
	int fd = config_open();
	unsigned int port = find_port(fd);
	uint32_t status, value;

	if (!port)
		skip("the server runs without --faults");
	config_write(fd, port + COSIM_FAULT_A, a);
	config_write(fd, port + COSIM_FAULT_B, b);
	config_write(fd, port + COSIM_FAULT_COMMAND, command);
	config_read(fd, port + COSIM_FAULT_STATUS, &status, sizeof(status));
	config_read(fd, port + COSIM_FAULT_VALUE, &value, sizeof(value));
	close(fd);
	if (status && command != COSIM_FAULT_UNPLUG && command != COSIM_FAULT_DIE)
		die("the fault port refuses command %d: %s", command, strerror((int)status));
	return value;
}

uint32_t chip_cycles(void)
{
	return chip_fault(COSIM_FAULT_CYCLES, 0, 0);
}

void chip_poke(uint32_t offset, uint32_t value)
{
	chip_fault(COSIM_FAULT_POKE, offset, value);
}

uint32_t chip_peek(uint32_t offset)
{
	return chip_fault(COSIM_FAULT_PEEK, offset, 0);
}

int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, strlen(text)) < 0)
		ret = -errno;
	close(fd);
	return ret;
}

int chip_bind(void)
{
	return write_file(DRIVER "/bind", chip_address());
}

int chip_unbind(void)
{
	return write_file(DRIVER "/unbind", chip_address());
}

bool chip_bound(void)
{
	char path[300];

	snprintf(path, sizeof(path), DRIVER "/%s", chip_address());
	return !access(path, F_OK);
}

void chip_unload(void)
{
	uint64_t start = now_ms();

	/* What refuses is shown by the last try. */
	while (system("rmmod quern 2>/dev/null") && now_ms() - start < UNLOAD_MS)
		usleep(20000);
	if (!access("/sys/module/quern", F_OK) && system("rmmod quern"))
		die("the module does not unload");
}

uint64_t read_number(const char *path, const char *word)
{
	FILE *f = fopen(path, "r");
	char line[512];
	uint64_t number = 0;
	bool found = false;

	if (!f)
		die("%s: %s", path, strerror(errno));
	while (!found && fgets(line, sizeof(line), f)) {
		if (strncmp(line, word, strlen(word)))
			continue;
		number = strtoull(line + strlen(word), NULL, 10);
		found = true;
	}
	fclose(f);
	if (!found)
		die("%s has no line of %s", path, word);
	return number;
}
