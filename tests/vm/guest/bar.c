// SPDX-License-Identifier: Apache-2.0
/*
 * quern-bar: the device without its driver, through sysfs.
 *
 *     quern-bar                  find it, print its ids and BARs, check them and the chip's id register
 *     quern-bar OFFSET [VALUE]   read or write a register of BAR 0
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <quern/registers.h>

#define DEVICES "/sys/bus/pci/devices"
#define NUM_BARS 6

static bool open_attribute(const char *device, const char *name, int flags, int *fd)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s/%s", DEVICES, device, name);
	*fd = open(path, flags | O_CLOEXEC);
	if (*fd < 0)
		perror(path);
	return *fd >= 0;
}

static bool read_text(const char *device, const char *name, char *text, size_t bytes)
{
	ssize_t got;
	int fd;

	if (!open_attribute(device, name, O_RDONLY, &fd))
		return false;
	got = read(fd, text, bytes - 1);
	close(fd);
	text[got > 0 ? got : 0] = '\0';
	return got > 0;
}

static unsigned long read_number(const char *device, const char *name)
{
	char text[64];

	return read_text(device, name, text, sizeof(text)) ? strtoul(text, NULL, 0) : 0;
}

static bool find_device(char *device, size_t bytes)
{
	DIR *dir = opendir(DEVICES);
	const struct dirent *entry;
	bool found = false;

	while (dir && !found && (entry = readdir(dir))) {
		if (entry->d_name[0] == '.')
			continue;
		found = read_number(entry->d_name, "vendor") == QUERN_PCI_VENDOR &&
			read_number(entry->d_name, "device") == QUERN_PCI_DEVICE;
		if (found)
			snprintf(device, bytes, "%s", entry->d_name);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Prints the BARs; bytes has NUM_BARS entries. */
static bool read_bars(const char *device, uint64_t *bytes)
{
	unsigned long long start, end, flags;
	char text[4096];
	char *line = text;
	int i;

	if (!read_text(device, "resource", text, sizeof(text)))
		return false;
	for (i = 0; i < NUM_BARS && line; i++) {
		if (sscanf(line, "%llx %llx %llx", &start, &end, &flags) != 3)
			return false;
		bytes[i] = flags ? end - start + 1 : 0;
		if (bytes[i])
			printf("BAR%d: 0x%llx, %llu bytes, flags 0x%llx\n", i, start, (unsigned long long)bytes[i], flags);
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	return i == NUM_BARS;
}

static bool enable(const char *device)
{
	bool good;
	int fd;

	if (!open_attribute(device, "enable", O_WRONLY, &fd))
		return false;
	good = write(fd, "1", 1) == 1;
	close(fd);
	return good;
}

static volatile uint32_t *map_registers(const char *device)
{
	void *map;
	int fd;

	if (!enable(device) || !open_attribute(device, "resource0", O_RDWR, &fd))
		return NULL;
	map = mmap(NULL, QUERN_BAR0_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	return map == MAP_FAILED ? NULL : map;
}

static int check(const char *device, volatile uint32_t *regs)
{
	uint64_t bars[NUM_BARS];
	uint32_t id;

	printf("device %s: vendor 0x%04lx, device 0x%04lx, class 0x%06lx\n", device, read_number(device, "vendor"),
	       read_number(device, "device"), read_number(device, "class"));
	if (!read_bars(device, bars) || bars[0] != QUERN_BAR0_BYTES || !bars[4]) {
		fprintf(stderr, "quern-bar: wrong BARs\n");
		return 1;
	}
	id = regs[QUERN_REG_ID / 4];
	printf("ID 0x%08x, HW_VERSION 0x%08x, CONFIG0 0x%08x\n", id, regs[QUERN_REG_HW_VERSION / 4],
	       regs[QUERN_REG_CONFIG0 / 4]);
	if (id != QUERN_CHIP_ID) {
		fprintf(stderr, "quern-bar: the id must be 0x%08x\n", QUERN_CHIP_ID);
		return 1;
	}
	return 0;
}

static int access_register(volatile uint32_t *regs, int argc, char **argv)
{
	unsigned long offset = strtoul(argv[1], NULL, 0);

	if (offset % 4 || offset >= QUERN_BAR0_BYTES || argc > 3) {
		fprintf(stderr, "usage: quern-bar [OFFSET [VALUE]]\n");
		return 2;
	}
	if (argc == 3)
		regs[offset / 4] = (uint32_t)strtoul(argv[2], NULL, 0);
	else
		printf("0x%08x\n", regs[offset / 4]);
	return 0;
}

int main(int argc, char **argv)
{
	volatile uint32_t *regs;
	char device[256];

	if (!find_device(device, sizeof(device))) {
		fprintf(stderr, "quern-bar: no device 0x%04x:0x%04x\n", QUERN_PCI_VENDOR, QUERN_PCI_DEVICE);
		return 1;
	}
	regs = map_registers(device);
	if (!regs) {
		fprintf(stderr, "quern-bar: BAR 0 of %s cannot be mapped\n", device);
		return 1;
	}
	return argc > 1 ? access_register(regs, argc, argv) : check(device, regs);
}
