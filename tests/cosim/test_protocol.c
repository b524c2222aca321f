// SPDX-License-Identifier: Apache-2.0
/* Every message and its wrong forms, against a chip that is not there. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/pci_regs.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "fake_chip.h"
#include "fault_port.h"

#define PAGE 4096u
#define BAR0 VFIO_PCI_BAR0_REGION_INDEX
#define CONFIG VFIO_PCI_CONFIG_REGION_INDEX

static struct quern_sim *sim;

static int setup(void **state)
{
	struct client *client = calloc(1, sizeof(*client));

	assert_non_null(client);
	assert_int_equal(fake_chip_api.create(&sim, NULL), 0);
	client_open(client, &fake_chip_api, sim);
	*state = client;
	return 0;
}

static int teardown(void **state)
{
	struct client *client = *state;

	client_close(client);
	fake_chip_api.destroy(sim);
	free(client);
	return 0;
}

static int memory_file(size_t bytes)
{
	int fd = memfd_create("ram", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)bytes), 0);
	return fd;
}

static void version_comes_first(void **state)
{
	struct client *client = *state;
	uint16_t version[2] = {COSIM_MAJOR + 1, 0};
	uint32_t info[4] = {sizeof(info)};

	client_close(client);
	client_connect(client, &fake_chip_api, sim);
	assert_int_equal(client_call(client, COSIM_GET_INFO, info, sizeof(info), NULL, 0), EINVAL);
	assert_int_equal(client_call(client, COSIM_VERSION, version, sizeof(version), NULL, 0), EINVAL);
	assert_int_equal(client_call(client, COSIM_VERSION, version, 3, NULL, 0), EINVAL);
	version[0] = COSIM_MAJOR;
	version[1] = COSIM_MINOR + 7;
	assert_int_equal(client_call(client, COSIM_VERSION, version, sizeof(version), NULL, 0), 0);
	assert_int_equal(client->body[0], COSIM_MAJOR);
	assert_int_equal(client->body[2], COSIM_MINOR);
	assert_int_equal(client->body[client->body_bytes - 1], 0);
	assert_int_equal(client_call(client, COSIM_GET_INFO, info, sizeof(info), NULL, 0), 0);
}

static void describes_itself(void **state)
{
	struct client *client = *state;
	struct vfio_region_info region = {.argsz = sizeof(region)};
	struct vfio_irq_info irq = {.argsz = sizeof(irq), .index = VFIO_PCI_MSIX_IRQ_INDEX};
	uint32_t info[4] = {sizeof(info)};

	assert_int_equal(client_call(client, COSIM_GET_INFO, info, sizeof(info), NULL, 0), 0);
	memcpy(info, client->body, sizeof(info));
	assert_int_equal(info[1], VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET);
	assert_int_equal(info[2], VFIO_PCI_NUM_REGIONS);
	assert_int_equal(info[3], VFIO_PCI_NUM_IRQS);
	assert_int_equal(client_call(client, COSIM_GET_REGION_INFO, &region, sizeof(region), NULL, 0), 0);
	memcpy(&region, client->body, sizeof(region));
	assert_int_equal(region.size, QUERN_BAR0_BYTES);
	assert_int_equal(client_call(client, COSIM_GET_IRQ_INFO, &irq, sizeof(irq), NULL, 0), 0);
	memcpy(&irq, client->body, sizeof(irq));
	assert_int_equal(irq.count, QUERN_NUM_VECTORS);
	irq.index = VFIO_PCI_NUM_IRQS;
	assert_int_equal(client_call(client, COSIM_GET_IRQ_INFO, &irq, sizeof(irq), NULL, 0), EINVAL);
	region.index = VFIO_PCI_NUM_REGIONS;
	assert_int_equal(client_call(client, COSIM_GET_REGION_INFO, &region, sizeof(region), NULL, 0), EINVAL);
	assert_int_equal(client_call(client, COSIM_GET_REGION_INFO, &region, 8, NULL, 0), EINVAL);
	assert_int_equal(client_call(client, 14, NULL, 0, NULL, 0), EOPNOTSUPP);
	assert_int_equal(client_call(client, 0xffff, NULL, 0, NULL, 0), EOPNOTSUPP);
	assert_int_equal(client_call(client, COSIM_DMA_READ, NULL, 0, NULL, 0), EOPNOTSUPP);
}

/* The place of a capability, found as the kernel finds it. */
static uint8_t capability(struct client *client, uint8_t id)
{
	uint8_t at[2] = {0, PCI_CAPABILITY_LIST};
	unsigned int hops;

	assert_int_equal(client_read(client, CONFIG, PCI_CAPABILITY_LIST, &at[1], 1), 0);
	for (hops = 0; at[1] && hops < 48; hops++) {
		uint8_t place = at[1];

		assert_int_equal(client_read(client, CONFIG, place, at, 2), 0);
		if (at[0] == id)
			return place;
	}
	return 0;
}

static void has_a_configuration_space(void **state)
{
	struct client *client = *state;
	uint16_t ids[2], flags;
	uint32_t ones = UINT32_MAX;
	uint32_t value;

	assert_int_equal(client_read(client, CONFIG, 0, ids, sizeof(ids)), 0);
	assert_int_equal(ids[0], QUERN_PCI_VENDOR);
	assert_int_equal(ids[1], QUERN_PCI_DEVICE);
	assert_int_equal(client_write(client, CONFIG, PCI_BASE_ADDRESS_0, &ones, 4, false), 0);
	assert_int_equal(client_read(client, CONFIG, PCI_BASE_ADDRESS_0, &value, 4), 0);
	assert_int_equal(value, ~(QUERN_BAR0_BYTES - 1u) | PCI_BASE_ADDRESS_MEM_TYPE_64);
	assert_int_equal(client_write(client, CONFIG, 0, &ones, 4, false), 0);
	assert_int_equal(client_read(client, CONFIG, 0, ids, sizeof(ids)), 0);
	assert_int_equal(ids[0], QUERN_PCI_VENDOR);
	assert_true(capability(client, PCI_CAP_ID_PM));
	assert_true(capability(client, PCI_CAP_ID_EXP));
	assert_int_equal(client_read(client, CONFIG, capability(client, PCI_CAP_ID_MSIX) + PCI_MSIX_FLAGS, &flags, 2),
			 0);
	assert_int_equal(flags & PCI_MSIX_FLAGS_QSIZE, QUERN_NUM_VECTORS - 1);
	assert_int_equal(client_read(client, CONFIG, 4093, &value, 4), EINVAL);
}

static void resets(void **state)
{
	struct client *client = *state;
	const uint16_t command = PCI_COMMAND_MASTER;
	uint16_t control = PCI_EXP_DEVCTL_BCR_FLR;
	uint16_t value;

	assert_int_equal(client_write(client, CONFIG, PCI_COMMAND, &command, 2, false), 0);
	assert_int_equal(
		client_write(client, CONFIG, capability(client, PCI_CAP_ID_EXP) + PCI_EXP_DEVCTL, &control, 2, false),
		0);
	assert_int_equal(client_read(client, CONFIG, PCI_COMMAND, &value, 2), 0);
	assert_int_equal(value, 0);
	assert_int_equal(client_write(client, CONFIG, PCI_COMMAND, &command, 2, true), 0);
	assert_int_equal(client_call(client, COSIM_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	assert_int_equal(client_read(client, CONFIG, PCI_COMMAND, &value, 2), 0);
	assert_int_equal(value, 0);
}

static void refuses_wrong_accesses(void **state)
{
	struct client *client = *state;
	struct cosim_region_access access = {.count = 8};
	uint8_t data[16] = {0};

	assert_int_equal(client_read(client, BAR0, 2, data, 4), EINVAL);
	assert_int_equal(client_read(client, BAR0, 0, data, 2), EINVAL);
	assert_int_equal(client_read(client, BAR0, 0, data, 0), EINVAL);
	assert_int_equal(client_read(client, BAR0, QUERN_BAR0_BYTES, data, 4), EINVAL);
	assert_int_equal(client_read(client, BAR0, QUERN_BAR0_BYTES - 4, data, 8), EINVAL);
	assert_int_equal(client_read(client, BAR0, UINT64_MAX - 3, data, 4), EINVAL);
	assert_int_equal(client_read(client, 1, 0, data, 4), EINVAL);
	assert_int_equal(client_read(client, UINT32_MAX, 0, data, 4), EINVAL);
	assert_int_equal(client_read(client, BAR0, 0, data, COSIM_MAX_DATA + 4), EINVAL);
	assert_int_equal(client_call(client, COSIM_REGION_READ, &access, sizeof(access) - 1, NULL, 0), EINVAL);
	assert_int_equal(client_call(client, COSIM_REGION_WRITE, &access, sizeof(access), NULL, 0), EINVAL);
	assert_int_equal(client_write(client, BAR0, 6, data, 4, false), EINVAL);
	assert_int_equal(client_read(client, BAR0, QUERN_REG_ID, data, 8), 0);
}

static void keeps_the_order_of_posted_writes(void **state)
{
	struct client *client = *state;
	uint32_t i;

	for (i = 1; i < 1000; i++) {
		client_write32(client, FAKE_DATA, i);
		assert_int_equal(client_read32(client, FAKE_DATA), i);
	}
}

static void sends_vectors(void **state)
{
	struct client *client = *state;
	int fds[QUERN_NUM_VECTORS];
	struct vfio_irq_set set = {.argsz = sizeof(set),
				   .flags = VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_EVENTFD,
				   .index = VFIO_PCI_MSIX_IRQ_INDEX};
	unsigned int i;

	for (i = 0; i < QUERN_NUM_VECTORS; i++)
		fds[i] = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert_int_equal(client_set_vectors(client, fds, QUERN_NUM_VECTORS), 0);
	for (i = 0; i < QUERN_NUM_VECTORS; i++) {
		client_write32(client, FAKE_VECTOR, i);
		client_wait_vector(client, fds[i]);
	}
	set.start = UINT32_MAX;
	set.count = 2;
	assert_int_equal(client_call(client, COSIM_SET_IRQS, &set, sizeof(set), NULL, 0), EINVAL);
	set.start = QUERN_NUM_VECTORS - 1;
	assert_int_equal(client_call(client, COSIM_SET_IRQS, &set, sizeof(set), NULL, 0), EINVAL);
	set.start = 0;
	assert_int_equal(client_call(client, COSIM_SET_IRQS, &set, sizeof(set), fds, 1), EINVAL);
	/* Without descriptors the two vectors are taken away; the others go on. */
	assert_int_equal(client_call(client, COSIM_SET_IRQS, &set, sizeof(set), NULL, 0), 0);
	client_write32(client, FAKE_VECTOR, 0);
	client_write32(client, FAKE_VECTOR, 2);
	client_wait_vector(client, fds[2]);
	assert_int_equal(poll(&(struct pollfd){.fd = fds[0], .events = POLLIN}, 1, 0), 0);
	for (i = 0; i < QUERN_NUM_VECTORS; i++)
		close(fds[i]);
}

static void start(struct client *client, uint64_t addr, uint32_t operation, uint32_t value)
{
	client_write32(client, FAKE_ADDR_LO, (uint32_t)addr);
	client_write32(client, FAKE_ADDR_HI, (uint32_t)(addr >> 32));
	client_write32(client, operation, value);
}

/* Starts the operation, waits for its end, returns FAKE_STATUS. */
static uint32_t operate(struct client *client, int fd, uint64_t addr, uint32_t operation, uint32_t value)
{
	start(client, addr, operation, value);
	client_wait_vector(client, fd);
	return client_read32(client, FAKE_STATUS);
}

static int completion(struct client *client)
{
	int fds[2] = {eventfd(0, EFD_CLOEXEC), eventfd(0, EFD_CLOEXEC)};

	assert_int_equal(client_set_vectors(client, fds, 2), 0);
	close(fds[0]);
	return fds[1];
}

static void reaches_mapped_memory(void **state)
{
	struct client *client = *state;
	const uint64_t addr = 0x123456789000ull;
	const struct cosim_dma_unmap unmap = {.argsz = sizeof(unmap), .addr = addr, .size = 2 * PAGE};
	int ram = memory_file(2 * PAGE);
	uint8_t *map = mmap(NULL, 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, ram, 0);
	int done = completion(client);

	assert_int_equal(client_map(client, addr, 2 * PAGE, ram), 0);
	memset(map + 32, 0x5a, 16);
	assert_int_equal(operate(client, done, addr + 32, FAKE_READ, 0), 0);
	assert_int_equal(client_read32(client, FAKE_DATA + 12), 0x5a5a5a5a);
	assert_int_equal(operate(client, done, addr + 2 * PAGE - 16, FAKE_WRITE, 0x0ff6), 0);
	assert_int_equal(map[2 * PAGE - 16], 0);
	assert_int_equal(map[2 * PAGE - 15], 0x5a);
	assert_int_equal(map[2 * PAGE - 4], 0);
	assert_int_equal(operate(client, done, addr + 2 * PAGE, FAKE_READ, 0), 1);
	assert_int_equal(client_call(client, COSIM_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0), 0);
	assert_memory_equal(client->body, &unmap, sizeof(unmap));
	assert_int_equal(operate(client, done, addr + 32, FAKE_READ, 0), 1);
	assert_int_equal(client_call(client, COSIM_DMA_UNMAP, &unmap, sizeof(unmap), NULL, 0), ENOENT);
	munmap(map, 2 * PAGE);
	close(ram);
	close(done);
}

static void refuses_wrong_maps(void **state)
{
	struct client *client = *state;
	struct cosim_dma_map map = {.argsz = sizeof(map), .flags = 4, .addr = 0, .size = PAGE};
	const struct cosim_dma_unmap part = {.argsz = sizeof(part), .addr = 0x10000, .size = PAGE / 2};
	int ram = memory_file(PAGE);
	int other = eventfd(0, EFD_CLOEXEC);
	int two[2] = {ram, ram};

	assert_int_equal(client_map(client, 0, 0, -1), EINVAL);
	assert_int_equal(client_map(client, UINT64_MAX - 10, PAGE, -1), EINVAL);
	assert_int_equal(client_map(client, 0, 2 * PAGE, ram), EINVAL);
	assert_int_equal(client_map(client, 0, PAGE, other), EINVAL);
	assert_int_equal(client_call(client, COSIM_DMA_MAP, &map, sizeof(map), NULL, 0), EINVAL);
	map.flags = COSIM_DMA_MAP_READ;
	assert_int_equal(client_call(client, COSIM_DMA_MAP, &map, sizeof(map), two, 2), EINVAL);
	map.offset = UINT64_MAX;
	assert_int_equal(client_call(client, COSIM_DMA_MAP, &map, sizeof(map), two, 1), EINVAL);
	assert_int_equal(client_map(client, 0x10000, PAGE, ram), 0);
	assert_int_equal(client_map(client, 0x10ff0, PAGE, ram), EEXIST);
	assert_int_equal(client_map(client, 0xf010, PAGE, -1), EEXIST);
	assert_int_equal(client_call(client, COSIM_DMA_UNMAP, &part, sizeof(part), NULL, 0), EINVAL);
	close(ram);
	close(other);
}

static void survives_memory_that_goes_away(void **state)
{
	struct client *client = *state;
	int ram = memory_file(2 * PAGE);
	int done = completion(client);

	/* Here, for cmocka has handlers of its own. */
	assert_int_equal(cosim_dma_guard(), 0);
	assert_int_equal(client_map(client, 0, 2 * PAGE, ram), 0);
	assert_int_equal(ftruncate(ram, 0), 0);
	assert_int_equal(operate(client, done, PAGE + 16, FAKE_WRITE, 0xffff), 0);
	assert_int_equal(operate(client, done, 16, FAKE_READ, 0), 0);
	assert_int_equal(client_read32(client, FAKE_DATA), 0);
	close(ram);
	close(done);
}

static void reaches_memory_by_messages(void **state)
{
	struct client *client = *state;
	int done = completion(client);

	client->ram_addr = 0x40000000;
	memset(client->ram + 64, 0x77, 16);
	assert_int_equal(client_map(client, client->ram_addr, CLIENT_RAM_BYTES, -1), 0);
	assert_int_equal(operate(client, done, client->ram_addr + 64, FAKE_READ, 0), 0);
	assert_int_equal(client_read32(client, FAKE_DATA), 0x77777777);
	/* Three runs of bytes, three messages. */
	assert_int_equal(operate(client, done, client->ram_addr + 128, FAKE_WRITE, 0xc0f1), 0);
	assert_int_equal(client->dma_reads, 1);
	assert_int_equal(client->dma_writes, 3);
	assert_int_equal(client->ram[128], 0x77);
	assert_int_equal(client->ram[129], 0);
	assert_int_equal(client->ram[132], 0x77);
	assert_int_equal(client->ram[143], 0x77);
	close(done);
}

/* As QEMU: while it waits for a register it answers no DMA message, so the register must not depend on one. */
static void answers_registers_while_memory_is_silent(void **state)
{
	struct client *client = *state;
	int done = completion(client);

	client->ram_addr = 0x40000000;
	assert_int_equal(client_map(client, client->ram_addr, CLIENT_RAM_BYTES, -1), 0);
	client->blocked = true;
	start(client, client->ram_addr, FAKE_READ, 0);
	assert_int_equal(client_read32(client, QUERN_REG_ID), QUERN_CHIP_ID);
	assert_int_equal(client_read32(client, QUERN_REG_ID), QUERN_CHIP_ID);
	/* A reset ends what waits, with an error. */
	assert_int_equal(client_call(client, COSIM_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	client_wait_vector(client, done);
	assert_int_equal(client_read32(client, FAKE_STATUS), 1);
	close(done);
}

static void hangs_up_on_a_wrong_size(void **state)
{
	struct client *client = *state;
	struct cosim_header header = {.id = 9, .command = COSIM_GET_INFO, .size = 15};

	client_send(client, &header, sizeof(header), NULL, 0);
	client_receive(client);
	assert_int_equal(client->reply.id, 9);
	assert_int_equal(client->reply.error, EMSGSIZE);
	client_close(client);
	assert_int_equal(client->served, -EPROTO);
	client_open(client, &fake_chip_api, sim);
	header.size = UINT32_MAX;
	client_send(client, &header, sizeof(header), NULL, 0);
	client_receive(client);
	assert_int_equal(client->reply.error, EMSGSIZE);
}

static void takes_messages_in_pieces(void **state)
{
	struct client *client = *state;
	uint8_t message[32] = {0};
	struct cosim_header header = {.id = 7, .command = COSIM_GET_INFO, .size = sizeof(message)};
	size_t i;

	memcpy(message, &header, sizeof(header));
	message[sizeof(header)] = 16;
	for (i = 0; i < sizeof(message); i++)
		client_send(client, message + i, 1, NULL, 0);
	client_receive(client);
	assert_int_equal(client->reply.id, 7);
	assert_int_equal(client->reply.flags, COSIM_TYPE_REPLY);
}

static void closes_descriptors_that_nobody_wants(void **state)
{
	struct client *client = *state;
	uint32_t info[4] = {sizeof(info)};
	int fds[32], pipes[2], i;

	assert_int_equal(pipe(pipes), 0);
	for (i = 0; i < 32; i++)
		fds[i] = pipes[1];
	assert_int_equal(client_call(client, COSIM_GET_INFO, info, sizeof(info), fds, 2), 0);
	assert_int_equal(client_call(client, COSIM_GET_INFO, info, sizeof(info), fds, 32), EINVAL);
	close(pipes[1]);
	/* The write end is closed everywhere: the read end hangs up. */
	assert_int_equal(client_call(client, COSIM_GET_INFO, info, sizeof(info), NULL, 0), 0);
	assert_int_equal(poll(&(struct pollfd){.fd = pipes[0], .events = POLLIN}, 1, CLIENT_WAIT_MS), 1);
	close(pipes[0]);
}

static void reconnect_with_faults(struct client *client)
{
	client_close(client);
	client->faults = true;
	client_open(client, &fake_chip_api, sim);
}

static uint8_t fault_port(struct client *client)
{
	uint8_t at = capability(client, PCI_CAP_ID_VNDR);
	uint8_t mark = 0;

	assert_true(at);
	assert_int_equal(client_read(client, CONFIG, at + COSIM_FAULT_CAP_MARK_OFFSET, &mark, 1), 0);
	assert_int_equal(mark, COSIM_FAULT_CAP_MARK);
	return at;
}

/* Returns STATUS. */
static uint32_t fault(struct client *client, uint32_t command, uint32_t a, uint32_t b, uint32_t *value)
{
	uint8_t at = fault_port(client);
	uint32_t outcome[2];

	assert_int_equal(client_write(client, CONFIG, at + COSIM_FAULT_A, &a, 4, false), 0);
	assert_int_equal(client_write(client, CONFIG, at + COSIM_FAULT_B, &b, 4, false), 0);
	assert_int_equal(client_write(client, CONFIG, at + COSIM_FAULT_COMMAND, &command, 4, false), 0);
	assert_int_equal(client_read(client, CONFIG, at + COSIM_FAULT_STATUS, outcome, 8), 0);
	if (value)
		*value = outcome[1];
	return outcome[0];
}

static void has_no_fault_port_unasked(void **state)
{
	struct client *client = *state;
	uint32_t value = COSIM_FAULT_DIE;

	assert_int_equal(capability(client, PCI_CAP_ID_VNDR), 0);
	assert_int_equal(client_write(client, CONFIG, COSIM_CONFIG_FAULT_PORT + COSIM_FAULT_COMMAND, &value, 4, false),
			 0);
	assert_int_equal(client_read(client, CONFIG, COSIM_CONFIG_FAULT_PORT + COSIM_FAULT_COMMAND, &value, 4), 0);
	assert_int_equal(value, 0);
}

static void refuses_wrong_faults(void **state)
{
	struct client *client = *state;
	uint32_t value = 1;

	reconnect_with_faults(client);
	assert_int_equal(fault(client, 0, 0, 0, NULL), EINVAL);
	assert_int_equal(fault(client, 99, 0, 0, NULL), EINVAL);
	assert_int_equal(fault(client, COSIM_FAULT_DROP_VECTOR, QUERN_NUM_VECTORS, 1, NULL), EINVAL);
	assert_int_equal(fault(client, COSIM_FAULT_PEEK, 2, 0, NULL), EINVAL);
	assert_int_equal(fault(client, COSIM_FAULT_POKE, QUERN_BAR0_BYTES, 0, NULL), EINVAL);
	assert_int_equal(fault(client, COSIM_FAULT_PEEK, QUERN_REG_ID, 0, &value), 0);
	assert_int_equal(value, QUERN_CHIP_ID);
	assert_int_equal(fault(client, COSIM_FAULT_POKE, FAKE_DATA, 0x12345678, NULL), 0);
	assert_int_equal(client_read32(client, FAKE_DATA), 0x12345678);
}

static void loses_interrupts(void **state)
{
	struct client *client = *state;
	uint32_t value;
	int done;

	reconnect_with_faults(client);
	done = completion(client);
	assert_int_equal(fault(client, COSIM_FAULT_DROP_VECTOR, 1, 2, NULL), 0);
	client_write32(client, FAKE_VECTOR, 1);
	client_write32(client, FAKE_VECTOR, 1);
	assert_int_equal(fault(client, COSIM_FAULT_DROPPED, 0, 0, &value), 0);
	assert_int_equal(value, 2);
	assert_int_equal(poll(&(struct pollfd){.fd = done, .events = POLLIN}, 1, 0), 0);
	client_write32(client, FAKE_VECTOR, 1);
	client_wait_vector(client, done);
	close(done);
}

static void fails_memory(void **state)
{
	struct client *client = *state;
	int ram = memory_file(PAGE);
	int done;

	reconnect_with_faults(client);
	done = completion(client);
	assert_int_equal(client_map(client, 0, PAGE, ram), 0);
	assert_int_equal(fault(client, COSIM_FAULT_FAIL_MEMORY, 1, 2, NULL), 0);
	assert_int_equal(operate(client, done, 0, FAKE_WRITE, 0xffff), 1);
	assert_int_equal(operate(client, done, 0, FAKE_READ, 0), 1);
	assert_int_equal(operate(client, done, 0, FAKE_READ, 0), 0);
	assert_int_equal(operate(client, done, 0, FAKE_WRITE, 0xffff), 1);
	assert_int_equal(operate(client, done, 0, FAKE_WRITE, 0xffff), 0);
	close(ram);
	close(done);
}

static void is_unplugged(void **state)
{
	struct client *client = *state;
	uint32_t value;

	reconnect_with_faults(client);
	assert_int_equal(fault(client, COSIM_FAULT_UNPLUG, 0, 0, NULL), UINT32_MAX);
	assert_int_equal(client_read32(client, QUERN_REG_ID), UINT32_MAX);
	client_write32(client, FAKE_DATA, 0);
	assert_int_equal(client_read32(client, FAKE_DATA), UINT32_MAX);
	assert_int_equal(client_read(client, CONFIG, 0, &value, 4), 0);
	assert_int_equal(value, UINT32_MAX);
	assert_int_equal(client_call(client, COSIM_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	assert_int_equal(client_read32(client, QUERN_REG_ID), UINT32_MAX);
	/* The next client finds the chip again. */
	reconnect_with_faults(client);
	assert_int_equal(client_read32(client, QUERN_REG_ID), QUERN_CHIP_ID);
}

/* In a process of its own, for the server's process is killed. */
static void dies(void **state)
{
	struct client *client = *state;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		static struct client own = {.faults = true};

		client_open(&own, &fake_chip_api, sim);
		fault(&own, COSIM_FAULT_DIE, 0, 0, NULL);
		sleep(CLIENT_WAIT_MS / 1000);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGKILL);
	assert_int_equal(client_read32(client, QUERN_REG_ID), QUERN_CHIP_ID);
}

#define BURST 300

/* A client that has asked before the server ends is answered; one that asks after is told. */
static void answers_what_was_asked_at_the_end(void **state)
{
	struct client *client = *state;
	static struct {
		struct cosim_header header;
		struct cosim_region_access access;
	} burst[BURST];
	unsigned int refused = 0;
	unsigned int i;

	for (i = 0; i < BURST; i++) {
		burst[i].header = (struct cosim_header){
			.id = (uint16_t)i, .command = COSIM_REGION_READ, .size = sizeof(burst[i])};
		burst[i].access = (struct cosim_region_access){.offset = QUERN_REG_ID, .count = 4};
	}
	client->stop = 1;
	client_send(client, burst, sizeof(burst), NULL, 0);
	for (i = 0; i < BURST; i++) {
		client_receive(client);
		assert_int_equal(client->reply.id, i);
		if (client->reply.flags & COSIM_ERROR) {
			assert_int_equal(client->reply.error, ENODEV);
			refused++;
		}
	}
	assert_in_range(refused, 1, BURST - 1);
	assert_int_equal(send(client->fd, burst, sizeof(burst[0]), MSG_NOSIGNAL), -1);
	assert_int_equal(errno, EPIPE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(version_comes_first, setup, teardown),
		cmocka_unit_test_setup_teardown(describes_itself, setup, teardown),
		cmocka_unit_test_setup_teardown(has_a_configuration_space, setup, teardown),
		cmocka_unit_test_setup_teardown(resets, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_wrong_accesses, setup, teardown),
		cmocka_unit_test_setup_teardown(keeps_the_order_of_posted_writes, setup, teardown),
		cmocka_unit_test_setup_teardown(sends_vectors, setup, teardown),
		cmocka_unit_test_setup_teardown(reaches_mapped_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_wrong_maps, setup, teardown),
		cmocka_unit_test_setup_teardown(survives_memory_that_goes_away, setup, teardown),
		cmocka_unit_test_setup_teardown(reaches_memory_by_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(answers_registers_while_memory_is_silent, setup, teardown),
		cmocka_unit_test_setup_teardown(hangs_up_on_a_wrong_size, setup, teardown),
		cmocka_unit_test_setup_teardown(takes_messages_in_pieces, setup, teardown),
		cmocka_unit_test_setup_teardown(closes_descriptors_that_nobody_wants, setup, teardown),
		cmocka_unit_test_setup_teardown(has_no_fault_port_unasked, setup, teardown),
		cmocka_unit_test_setup_teardown(refuses_wrong_faults, setup, teardown),
		cmocka_unit_test_setup_teardown(loses_interrupts, setup, teardown),
		cmocka_unit_test_setup_teardown(fails_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(is_unplugged, setup, teardown),
		cmocka_unit_test_setup_teardown(dies, setup, teardown),
		cmocka_unit_test_setup_teardown(answers_what_was_asked_at_the_end, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
