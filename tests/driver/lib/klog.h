/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel says: neither normal use nor a program's mistake makes it say anything. */
#ifndef TESTS_DRIVER_KLOG_H
#define TESTS_DRIVER_KLOG_H

/* Look from here on. */
void klog_start(void);
/* Print and count the lines since the last call that are warnings or worse, or of the driver at any level. */
unsigned int klog_noise(void);

#endif
