// SPDX-License-Identifier: Apache-2.0
/* accel-info: what a device is, or that it works at all. Programs are printed by quern-objdump. */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "accel/accel.h"

#define JSON_SCHEMA 1
#define EXIT_USAGE 2

static const char usage[] = "Usage: accel-info [OPTION]... [DEVICE]\n"
			    "Open a device (default func) and print what it is.\n"
			    "\n"
			    "  -j, --json       print JSON\n"
			    "  -h, --help       print this\n"
			    "      --version    print the version\n"
			    "\n"
			    "Example: accel-info rtl:16x16\n";

static void print_text(const struct accel_device_info *i)
{
	printf("%-18s %s\n", "device", i->name);
	printf("%-18s %u x %u int8 MACs\n", "array", i->array, i->array);
	printf("%-18s %u KiB\n", "scratchpad", i->spm_bytes >> 10);
	printf("%-18s %u entries a bank\n", "accumulators", i->acc_entries);
	if (i->bus_bytes)
		printf("%-18s %u bytes a cycle each way\n", "bus", i->bus_bytes);
	printf("%-18s %u.%u, features 0x%" PRIx64 "\n", "chip version", i->hw_version >> 16, i->hw_version & 0xffff,
	       i->features);
	if (i->fw_version)
		printf("%-18s %u.%u\n", "firmware version", i->fw_version >> 16, i->fw_version & 0xffff);
	printf("%-18s %" PRIu64 " MHz nominal, cycles are %s\n", "clock", i->clock_hz / 1000000,
	       i->has_cycles ? "counted" : "not counted");
	printf("%-18s %u, %u jobs in flight each\n", "contexts", i->max_contexts, i->queue_depth);
}

static void print_json(const struct accel_device_info *i)
{
	printf("{\"schema\": %d, \"tool\": \"accel-info\", \"name\": \"%s\", \"array\": %u, \"spm_bytes\": %u, "
	       "\"acc_entries\": %u, \"bus_bytes\": %u, \"hw_version\": \"%u.%u\", \"fw_version\": \"%u.%u\", "
	       "\"features\": %" PRIu64 ", \"clock_hz\": %" PRIu64 ", \"max_contexts\": %u, \"queue_depth\": %u, "
	       "\"has_cycles\": %s, \"has_counters\": %s}\n",
	       JSON_SCHEMA, i->name, i->array, i->spm_bytes, i->acc_entries, i->bus_bytes, i->hw_version >> 16,
	       i->hw_version & 0xffff, i->fw_version >> 16, i->fw_version & 0xffff, i->features, i->clock_hz,
	       i->max_contexts, i->queue_depth, i->has_cycles ? "true" : "false", i->has_counters ? "true" : "false");
}

static int show(const char *name, bool json)
{
	struct accel_device_info info;
	struct accel_device *dev;
	struct accel_error err;

	if (accel_device_open(name, &dev, &err)) {
		fprintf(stderr, "accel-info: %s\n", err.message);
		return EXIT_FAILURE;
	}
	accel_device_info(dev, &info);
	accel_device_close(dev);
	if (json)
		print_json(&info);
	else
		print_text(&info);
	if (!fflush(stdout) && !ferror(stdout))
		return EXIT_SUCCESS;
	fprintf(stderr, "accel-info: standard output cannot be written\n");
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"json", no_argument, NULL, 'j'},
		{"help", no_argument, NULL, 'h'},
		{"version", no_argument, NULL, 'v'},
		{NULL, 0, NULL, 0},
	};
	uint32_t v = accel_version();
	bool json = false;
	int option;

	opterr = 0;
	while ((option = getopt_long(argc, argv, "jh", options, NULL)) != -1) {
		if (option == 'h')
			return fputs(usage, stdout) < 0;
		if (option == 'v')
			return printf("accel-info (quern) %u.%u.%u\n", v >> 16, v >> 8 & 0xff, v & 0xff) < 0;
		json |= option == 'j';
		if (option == '?')
			break;
	}
	if (option == '?' || argc - optind > 1) {
		fputs("accel-info: unknown option or more than one device: accel-info --help lists them\n", stderr);
		return EXIT_USAGE;
	}
	return show(optind < argc ? argv[optind] : "func", json);
}
