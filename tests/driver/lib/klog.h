/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says: neither normal use nor a program's mistake makes it say anything. */
#ifndef TESTS_DRIVER_KLOG_H
#define TESTS_DRIVER_KLOG_H

#include <stdbool.h>
#include <stddef.h>

#define KLOG_RECORD_BYTES 8192

/* Look from here on. A child of the process goes on where its parent is, and the parent where the child has been. */
void klog_start(void);
/* The next record as a string, "PRIORITY,NUMBER,TIME,FLAGS;TEXT"; false: there is none yet. */
bool klog_next(char *record, size_t bytes);
/* Print and count the lines since the last call that are warnings or worse, or of the driver at any level. */
unsigned int klog_noise(void);

#endif
