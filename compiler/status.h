/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Errors of the compiler are values: a status, and one line of text in a struct diag that names the file or operator
 * and says what to do. Every function that can fail for a reason the user must hear takes a diag.
 */
#ifndef COMPILER_STATUS_H
#define COMPILER_STATUS_H

/* The value is the exit code of the tools. */
enum status {
	STATUS_OK = 0,
	STATUS_USAGE = 2,	/* wrong command line */
	STATUS_IO = 3,		/* a file cannot be read or written */
	STATUS_BAD_FILE = 4,	/* malformed or inconsistent input */
	STATUS_UNSUPPORTED = 5, /* valid input that the compiler or chip does not take */
	STATUS_TOO_BIG = 6,	/* does not fit the target or a documented limit */
	STATUS_NO_MEMORY = 7,
	STATUS_INTERNAL = 8, /* an invariant of the compiler does not hold: report it */
};

struct diag {
	char text[512]; /* one line, no newline at the end */
};

/*
 * Writes the text and returns status, so that callers can say: return diag_fail(d, STATUS_BAD_FILE, "..."). d
 * may be NULL.
 */
enum status diag_fail(struct diag *d, enum status status, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Short name of a status: "bad file". */
const char *status_name(enum status status);

#endif
