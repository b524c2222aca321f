/* SPDX-License-Identifier: Apache-2.0 */
/* The chip from behind: its fault port, where it is in sysfs, its driver's bind and unbind. */
#ifndef TESTS_DRIVER_FAULTS_CHIP_H
#define TESTS_DRIVER_FAULTS_CHIP_H

#include <stdbool.h>
#include <stdint.h>

#include "fault_port.h"

/* Its folder below /sys/bus/pci/devices; ends the process if there is no chip. */
const char *chip_address(void);
/* One of its files in sysfs. */
void chip_path(char *path, unsigned long bytes, const char *name);

/* Carries out a command of the fault port and returns VALUE; skips the test if there is no port. */
uint32_t chip_fault(enum cosim_fault_command command, uint32_t a, uint32_t b);
/* Cycles since the simulation began, 32 bits of them. */
uint32_t chip_cycles(void);
void chip_poke(uint32_t offset, uint32_t value);
uint32_t chip_peek(uint32_t offset);

/* 0 or a negative errno. */
int chip_bind(void);
int chip_unbind(void);
bool chip_bound(void);
/* Takes the module away, which fences that were in use put off for a moment; ends the process if it stays. */
void chip_unload(void);

/* Write a text to a file; 0 or a negative errno. */
int write_file(const char *path, const char *text);
/* A number in a file behind a word, as in "Shmem:  12 kB"; ends the process if it is not there. */
uint64_t read_number(const char *path, const char *word);

#endif
