// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* The tracepoints' code. */
#define CREATE_TRACE_POINTS
#include "quern_trace.h"
