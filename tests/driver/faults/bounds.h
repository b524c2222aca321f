/* SPDX-License-Identifier: Apache-2.0 */
/* How long things may take. Device time is in cycles of 1 ns; a simulated chip takes some hundred times as long. */
#ifndef TESTS_DRIVER_FAULTS_BOUNDS_H
#define TESTS_DRIVER_FAULTS_BOUNDS_H

#include "quern/registers.h"

/* A job that is at fault has ended with an error: within a second of device time, as the interface promises ... */
#define GUILTY_CYCLES QUERN_CLOCK_HZ
/* ... and in fact much sooner: a fault, or the time-out and what stopping a job takes. */
#define SOON_CYCLES 2000000u
#define GUILTY_MS 20000
/* The chip has been reset, its firmware has booted, and jobs run again. */
#define RESET_MS 30000
/* An interrupt was lost: the driver looks each second. */
#define LOST_MS 5000
/* Unbinding with jobs in flight. */
#define UNBIND_MS 15000
/* Fences that were in use keep the module a moment. */
#define UNLOAD_MS 5000
/* A firmware image that cannot be used is refused: seen from its form, or by starting it. */
#define IMAGE_MS 3000
#define BOOT_MS 20000

#endif
