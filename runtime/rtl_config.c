// SPDX-License-Identifier: Apache-2.0
/*
 * What may follow "rtl:" in a device string: the array's size, then options, separated by commas.
 *
 *     rtl:16x16,bus=4,latency=200
 *
 * bus is the bytes a cycle that the host's memory moves each way, latency the cycles from an address to its first data.
 * The chip does not know them: they are properties of the board, so the compiler's predictions are for the defaults.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "rtl.h"

#define MAX_LATENCY 10000u /* cycles; more than any board has, and far under every bound on waiting */

static enum accel_status bad_option(const char *option, struct accel_error *error)
{
	return error_set(
		error, ACCEL_ERROR_NO_DEVICE,
		"device rtl has no option '%s': use bus=1, 2, 4, 8 or 16 bytes a cycle, or latency=1 to %u cycles",
		option, MAX_LATENCY);
}

/* A decimal number without sign, from 1 to max; 0 if the text is not one. */
static uint32_t number(const char *text, uint32_t max)
{
	unsigned long value;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return 0;
	errno = 0;
	value = strtoul(text, &end, 10);
	return *end || errno || value > max ? 0 : (uint32_t)value;
}

static enum accel_status take_option(const char *option, struct rtl_config *config, struct accel_error *error)
{
	uint32_t value;

	if (!strncmp(option, "bus=", 4)) {
		value = number(option + 4, RTL_BUS_BYTES);
		if (!value || value & (value - 1))
			return bad_option(option, error);
		config->bus_bytes = value;
		return ACCEL_OK;
	}
	if (strncmp(option, "latency=", 8))
		return bad_option(option, error);
	value = number(option + 8, MAX_LATENCY);
	if (!value)
		return bad_option(option, error);
	config->bus_latency = value;
	return ACCEL_OK;
}

enum accel_status rtl_parse_config(const char *text, struct rtl_config *config, struct accel_error *error)
{
	char copy[64], *rest = copy, *part;
	enum accel_status status;

	*config = (struct rtl_config){.bus_bytes = RTL_BUS_BYTES, .bus_latency = RTL_BUS_LATENCY};
	if (strlen(text) >= sizeof(copy))
		return bad_option(text, error);
	memcpy(copy, text, strlen(text) + 1);
	part = strsep(&rest, ",");
	status = local_parse_config("rtl", part, &config->array, error);
	while (!status && (part = strsep(&rest, ",")))
		status = take_option(part, config, error);
	return status;
}

void rtl_config_name(const struct rtl_config *config, char *name, size_t bytes)
{
	size_t len = (size_t)snprintf(name, bytes, "rtl:%ux%u", config->array, config->array);

	if (config->bus_bytes != RTL_BUS_BYTES)
		len += (size_t)snprintf(name + len, bytes - len, ",bus=%u", config->bus_bytes);
	if (config->bus_latency != RTL_BUS_LATENCY)
		snprintf(name + len, bytes - len, ",latency=%u", config->bus_latency);
}
