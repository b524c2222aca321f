/* SPDX-License-Identifier: Apache-2.0 */
/* One client's session: its messages, and the chip's clock. */
#ifndef HW_MODEL_COSIM_SERVE_H
#define HW_MODEL_COSIM_SERVE_H

#include <signal.h>

#include "device.h"

/*
 * Until the client goes or *stop is set. The signal handler that sets it must be blocked by the caller: it is let through
 * only while waiting. Returns 0, or a negative errno value if the connection ended in an error.
 */
int cosim_serve(struct cosim_device *dev, const volatile sig_atomic_t *stop);

#endif
