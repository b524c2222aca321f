// SPDX-License-Identifier: Apache-2.0
/* Status texts and messages. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "quern/commands.h"

static const char *const status_texts[] = {
	[ACCEL_OK] = "success",
	[ACCEL_ERROR_INVALID_ARGUMENT] = "invalid argument",
	[ACCEL_ERROR_NO_MEMORY] = "out of memory",
	[ACCEL_ERROR_NO_DEVICE] = "no such device",
	[ACCEL_ERROR_UNSUPPORTED] = "not supported",
	[ACCEL_ERROR_DEVICE_FAILED] = "device failed",
	[ACCEL_ERROR_VERSION] = "versions do not match",
	[ACCEL_ERROR_FILE] = "file cannot be read",
	[ACCEL_ERROR_PROGRAM_FORMAT] = "damaged program",
	[ACCEL_ERROR_PROGRAM_VERSION] = "program of another version",
	[ACCEL_ERROR_PROGRAM_DEVICE] = "program for another chip",
	[ACCEL_ERROR_LIMIT] = "device limit reached",
	[ACCEL_ERROR_BUSY] = "busy",
	[ACCEL_ERROR_WAIT_TIMEOUT] = "not finished in time",
	[ACCEL_ERROR_JOB_TIMEOUT] = "job ran for too long",
	[ACCEL_ERROR_FAULT] = "job faulted",
	[ACCEL_ERROR_CANCELED] = "job cancelled",
	[ACCEL_ERROR_CONTEXT_LOST] = "context needs a reset",
};

const char *accel_status_text(enum accel_status status)
{
	if ((unsigned int)status >= sizeof(status_texts) / sizeof(status_texts[0]))
		return "unknown status";
	return status_texts[status];
}

enum accel_status error_set(struct accel_error *error, enum accel_status status, const char *format, ...)
{
	va_list args;
	int len;

	if (!error)
		return status;
	error->status = status;
	va_start(args, format);
	len = vsnprintf(error->message, sizeof(error->message), format, args);
	va_end(args);
	if (len < 0)
		error->message[0] = '\0';
	else if ((size_t)len >= sizeof(error->message))
		memcpy(error->message + sizeof(error->message) - 4, "...", 4);
	return status;
}

enum accel_status error_clear(struct accel_error *error)
{
	if (error) {
		error->status = ACCEL_OK;
		error->message[0] = '\0';
	}
	return ACCEL_OK;
}

enum accel_status error_no_memory(struct accel_error *error, const char *what)
{
	return error_set(error, ACCEL_ERROR_NO_MEMORY, "no memory for %s: free some, or raise the limit", what);
}

const char *accel_fault_name(uint32_t fault)
{
	return quern_fault_name(fault);
}

const char *accel_unit_name(uint32_t unit)
{
	return quern_unit_name(unit);
}

uint32_t accel_version(void)
{
	return ACCEL_VERSION_MAJOR << 16 | ACCEL_VERSION_MINOR << 8 | ACCEL_VERSION_PATCH;
}
