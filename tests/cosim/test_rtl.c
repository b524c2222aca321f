// SPDX-License-Identifier: Apache-2.0
/*
 * The chip's RTL through the co-simulation server, as a client sees it: test-cosim-rtl LIBRARY FIRMWARE.
 *
 * The control core runs the script firmware of tests/sim, so that core DMA can be told what to do through BAR 0.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/vfio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "../sim/script.h"
#include "client.h"

#define BAR0 VFIO_PCI_BAR0_REGION_INDEX
#define CORE_REG(offset) (QUERN_CORE_MMIO_BASE + (offset))
#define DATA_ADDR 0x8000u	/* in the TCM */
#define RAM_ADDR 0x100000000ull /* bus address of the host's memory */
#define BLOCK 200u		/* bytes, in the middle of 16-byte beats at both ends */
#define BLOCK_OFFSET 0x404u
#define COPY_OFFSET 0x80cu

static const char *firmware;
static struct quern_sim_api api;
static struct quern_sim *sim;

static int setup(void **state)
{
	const struct quern_sim_params params = {.api = QUERN_SIM_API};
	struct client *client = calloc(1, sizeof(*client));

	assert_non_null(client);
	assert_int_equal(api.create(&sim, &params), 0);
	client_open(client, &api, sim);
	*state = client;
	return 0;
}

static int teardown(void **state)
{
	struct client *client = *state;

	client_close(client);
	api.destroy(sim);
	free(client);
	return 0;
}

static void add(struct script_step *script, unsigned int *steps, enum script_op op, uint32_t reg, uint32_t value)
{
	assert_true(*steps < SCRIPT_MAX);
	script[(*steps)++] = (struct script_step){.op = op, .addr = CORE_REG(reg), .value = value};
}

static void add_transfer(struct script_step *script, unsigned int *steps, uint64_t host, bool to_host)
{
	uint32_t control = BLOCK << QUERN_CDMA_CTRL_BYTES_LSB | (to_host ? QUERN_CDMA_CTRL_TO_HOST_MASK : 0);

	add(script, steps, SCRIPT_WRITE, QUERN_REG_CDMA_HOST_LO, (uint32_t)host);
	add(script, steps, SCRIPT_WRITE, QUERN_REG_CDMA_HOST_HI, (uint32_t)(host >> 32));
	add(script, steps, SCRIPT_WRITE, QUERN_REG_CDMA_TCM, DATA_ADDR);
	add(script, steps, SCRIPT_WRITE, QUERN_REG_CDMA_CTRL, control);
	add(script, steps, SCRIPT_POLL, QUERN_REG_CDMA_STATUS, 0);
	script[*steps - 1].mask = QUERN_CDMA_STATUS_BUSY_MASK;
}

static void write_tcm(struct client *client, uint32_t addr, const void *data, size_t bytes)
{
	uint32_t offset = QUERN_REG_TCM(0) + addr;

	assert_int_equal(client_write(client, BAR0, offset, data, (uint32_t)(bytes + 3) & ~3u, true), 0);
}

/* Copies a block of the host's memory into the TCM and back to another place; vector 0 says when. */
static void start_copy(struct client *client)
{
	static uint8_t image[SCRIPT_ADDR];
	struct script_step script[SCRIPT_MAX];
	unsigned int steps = 0;
	FILE *file = fopen(firmware, "rb");
	size_t bytes;

	assert_non_null(file);
	bytes = fread(image, 1, sizeof(image), file);
	fclose(file);
	assert_in_range(bytes, 1, sizeof(image) - 4);
	add_transfer(script, &steps, RAM_ADDR + BLOCK_OFFSET, false);
	add_transfer(script, &steps, RAM_ADDR + COPY_OFFSET, true);
	add(script, &steps, SCRIPT_END, 0, 0);
	write_tcm(client, 0, image, bytes);
	write_tcm(client, SCRIPT_ADDR, script, steps * sizeof(script[0]));
	client_write32(client, QUERN_REG_IRQ_ENABLE, 1);
	client_write32(client, QUERN_REG_CTRL, QUERN_CTRL_CORE_RUN_MASK);
}

static void fill(uint8_t *ram)
{
	uint32_t i;

	for (i = 0; i < BLOCK; i++)
		ram[BLOCK_OFFSET + i] = (uint8_t)(i * 7 + 1);
	memset(ram + COPY_OFFSET - 16, 0xee, BLOCK + 32);
}

static void check_copy(struct client *client, const uint8_t *ram)
{
	assert_int_equal(client_read32(client, QUERN_REG_FW_STATUS), QUERN_FW_STATE_READY);
	assert_memory_equal(ram + COPY_OFFSET, ram + BLOCK_OFFSET, BLOCK);
	assert_int_equal(ram[COPY_OFFSET - 1], 0xee);
	assert_int_equal(ram[COPY_OFFSET + BLOCK], 0xee);
}

static void shows_its_registers(void **state)
{
	struct client *client = *state;
	uint32_t pair[2];

	assert_int_equal(client_read32(client, QUERN_REG_ID), QUERN_CHIP_ID);
	assert_int_equal(client_read(client, BAR0, QUERN_REG_ID, pair, sizeof(pair)), 0);
	assert_int_equal(pair[1] >> QUERN_HW_VERSION_MAJOR_LSB, QUERN_REGISTERS_MAJOR);
	client_write32(client, QUERN_REG_HOST_BOOT_LO, 0x12345678);
	assert_int_equal(client_read32(client, QUERN_REG_HOST_BOOT_LO), 0x12345678);
	assert_int_equal(client_call(client, COSIM_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	assert_int_equal(client_read32(client, QUERN_REG_HOST_BOOT_LO), 0);
}

static void moves_mapped_memory(void **state)
{
	struct client *client = *state;
	int ram = memfd_create("ram", MFD_CLOEXEC);
	int irq = eventfd(0, EFD_CLOEXEC);
	uint8_t *map;

	assert_int_equal(ftruncate(ram, 65536), 0);
	map = mmap(NULL, 65536, PROT_READ | PROT_WRITE, MAP_SHARED, ram, 0);
	fill(map);
	assert_int_equal(client_map(client, RAM_ADDR, 65536, ram), 0);
	assert_int_equal(client_set_vectors(client, &irq, 1), 0);
	start_copy(client);
	client_wait_vector(client, irq);
	check_copy(client, map);
	munmap(map, 65536);
	close(ram);
	close(irq);
}

static void moves_memory_by_messages(void **state)
{
	struct client *client = *state;
	int irq = eventfd(0, EFD_CLOEXEC);

	client->ram_addr = RAM_ADDR;
	fill(client->ram);
	assert_int_equal(client_map(client, RAM_ADDR, CLIENT_RAM_BYTES, -1), 0);
	assert_int_equal(client_set_vectors(client, &irq, 1), 0);
	start_copy(client);
	client_wait_vector(client, irq);
	check_copy(client, client->ram);
	assert_in_range(client->dma_reads, BLOCK / 16, BLOCK / 16 + 2);
	assert_in_range(client->dma_writes, BLOCK / 16, BLOCK / 16 + 2);
	close(irq);
}

/* The copy is under way and its messages stay unanswered, as with a QEMU that waits for a register. */
static void answers_registers_while_memory_is_silent(void **state)
{
	struct client *client = *state;
	int irq = eventfd(0, EFD_CLOEXEC);
	unsigned int i;

	client->ram_addr = RAM_ADDR;
	client->blocked = true;
	assert_int_equal(client_map(client, RAM_ADDR, CLIENT_RAM_BYTES, -1), 0);
	assert_int_equal(client_set_vectors(client, &irq, 1), 0);
	start_copy(client);
	for (i = 0; i < 200; i++)
		assert_int_equal(client_read32(client, QUERN_REG_ID), QUERN_CHIP_ID);
	assert_int_equal(client_call(client, COSIM_DEVICE_RESET, NULL, 0, NULL, 0), 0);
	assert_int_equal(client_read32(client, QUERN_REG_STATUS), 0);
	/* After it the chip works as new. */
	client_unblock(client);
	fill(client->ram);
	start_copy(client);
	client_wait_vector(client, irq);
	check_copy(client, client->ram);
	close(irq);
}

int main(int argc, char **argv)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(shows_its_registers, setup, teardown),
		cmocka_unit_test_setup_teardown(moves_mapped_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(moves_memory_by_messages, setup, teardown),
		cmocka_unit_test_setup_teardown(answers_registers_while_memory_is_silent, setup, teardown),
	};
	char why[256];
	int failed;

	if (argc != 3) {
		fprintf(stderr, "usage: test-cosim-rtl LIBRARY FIRMWARE\n");
		return 2;
	}

	firmware = argv[2];
	if (quern_sim_load(&api, argv[1], why, sizeof(why))) {
		fprintf(stderr, "test-cosim-rtl: %s\n", why);
		return 1;
	}
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	quern_sim_unload(&api);
	return failed;
}
