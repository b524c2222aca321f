// SPDX-License-Identifier: Apache-2.0
/* Errors as values: see status.h. */
#include <stdarg.h>
#include <stdio.h>
#include "status.h"

enum status diag_fail(struct diag *d, enum status status, const char *fmt, ...)
{
	va_list ap;

	if (!d)
		return status;
	va_start(ap, fmt);
	vsnprintf(d->text, sizeof(d->text), fmt, ap);
	va_end(ap);
	return status;
}

const char *status_name(enum status status)
{
	switch (status) {
	case STATUS_OK:
		return "ok";
	case STATUS_USAGE:
		return "usage";
	case STATUS_IO:
		return "i/o error";
	case STATUS_BAD_FILE:
		return "bad file";
	case STATUS_UNSUPPORTED:
		return "not supported";
	case STATUS_TOO_BIG:
		return "too big";
	case STATUS_NO_MEMORY:
		return "out of memory";
	case STATUS_INTERNAL:
		return "internal error";
	}
	return "unknown";
}
