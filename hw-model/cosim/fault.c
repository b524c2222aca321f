// SPDX-License-Identifier: Apache-2.0
/* Faults on demand: see fault.h. */
#include <errno.h>
#include <signal.h>
#include <string.h>

#include "device.h"
#include "fault_port.h"

void cosim_fault_init(struct cosim_fault *fault, bool offered)
{
	*fault = (struct cosim_fault){.offered = offered, .unplug_at = UINT64_MAX, .die_at = UINT64_MAX};
}

bool cosim_fault_drops(struct cosim_fault *fault, unsigned int vector)
{
	if (fault->gone)
		return true;
	if (!fault->drop[vector])
		return false;
	fault->drop[vector]--;
	fault->dropped++;
	return true;
}

bool cosim_fault_fails(struct cosim_fault *fault, bool write)
{
	uint32_t *left = write ? &fault->fail_writes : &fault->fail_reads;

	if (fault->gone)
		return true;
	if (!*left)
		return false;
	--*left;
	return true;
}

static int drop_vector(struct cosim_device *dev, uint32_t vector, uint32_t count)
{
	if (vector >= QUERN_NUM_VECTORS)
		return EINVAL;
	dev->fault.drop[vector] = count;
	return 0;
}

static int access_register(struct cosim_device *dev, uint32_t offset, bool write, uint32_t *value)
{
	int ret;

	if (offset % 4 || offset >= QUERN_BAR0_BYTES)
		return EINVAL;
	cosim_bus_begin_urgent(&dev->bus);
	if (write)
		ret = dev->api->write32(dev->sim, offset, *value);
	else
		ret = dev->api->read32(dev->sim, offset, value);
	cosim_bus_end_urgent(&dev->bus);
	return -ret;
}

static int carry_out(struct cosim_device *dev, uint32_t command, uint32_t a, uint32_t b, uint32_t *value)
{
	struct cosim_fault *fault = &dev->fault;

	switch (command) {
	case COSIM_FAULT_DROP_VECTOR:
		return drop_vector(dev, a, b);
	case COSIM_FAULT_DROPPED:
		*value = fault->dropped;
		return 0;
	case COSIM_FAULT_FAIL_MEMORY:
		fault->fail_reads = a;
		fault->fail_writes = b;
		return 0;
	case COSIM_FAULT_POKE:
		return access_register(dev, a, true, &b);
	case COSIM_FAULT_PEEK:
		return access_register(dev, a, false, value);
	case COSIM_FAULT_UNPLUG:
		fault->unplug_at = dev->api->cycles(dev->sim) + a;
		return 0;
	case COSIM_FAULT_DIE:
		fault->die_at = dev->api->cycles(dev->sim) + a;
		return 0;
	case COSIM_FAULT_CYCLES:
		*value = (uint32_t)dev->api->cycles(dev->sim);
		return 0;
	default:
		return EINVAL;
	}
}

/* The chip loses its power: what it was about to do is not done. */
void cosim_fault_poll(struct cosim_device *dev)
{
	struct cosim_fault *fault = &dev->fault;
	uint64_t now;

	if (fault->unplug_at == UINT64_MAX && fault->die_at == UINT64_MAX)
		return;
	now = dev->api->cycles(dev->sim);
	if (now >= fault->die_at)
		raise(SIGKILL);
	if (now < fault->unplug_at)
		return;
	fault->unplug_at = UINT64_MAX;
	fault->gone = true;
	cosim_device_reset(dev);
}

void cosim_fault_command(struct cosim_device *dev)
{
	uint8_t *port = dev->config.bytes + COSIM_CONFIG_FAULT_PORT;
	uint32_t command, a, b, status;
	uint32_t value = 0;

	memcpy(&a, port + COSIM_FAULT_A, sizeof(a));
	memcpy(&b, port + COSIM_FAULT_B, sizeof(b));
	memcpy(&command, port + COSIM_FAULT_COMMAND, sizeof(command));
	status = (uint32_t)carry_out(dev, command, a, b, &value);
	memcpy(port + COSIM_FAULT_STATUS, &status, sizeof(status));
	memcpy(port + COSIM_FAULT_VALUE, &value, sizeof(value));
	/* In no cycles means before the next message. */
	cosim_fault_poll(dev);
}
