// SPDX-License-Identifier: Apache-2.0
/*
 * The simulation API: see quern_sim.h. A chip is a Verilated model (model.h) with a bus and memory (memory.h) around it.
 *
 * A cycle: the pins show what the chip drives; the memory drives the inputs; the clock ticks; interrupts are reported.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <quern/registers.h>

#include "memory.h"
#include "model.h"
#include "quern_sim.h"

#define RESET_CYCLES 4
/* Much longer than a register access, even one that waits for a chip reset to drain the bus. */
#define ACCESS_CYCLES 1000000
#define DEFAULT_LATENCY 100
#define NUM_COUNTERS 32

struct quern_sim {
	struct quern_model model;
	const struct quern_model_ops *ops;
	void *other; /* handle of another build than the one linked in, NULL: that one */
	struct quern_memory memory;
	struct quern_sim_params params;
	uint64_t cycle;
	void (*irq)(void *ctx, unsigned int vector);
	void *irq_ctx;
	bool tracing;
	uint64_t trace_from; /* first cycle to be traced */
	uint64_t trace_to;   /* first one after, 0: none is */
};

static void report_irq(struct quern_sim *sim, unsigned int vectors)
{
	unsigned int i;

	for (i = 0; sim->irq && i < QUERN_NUM_VECTORS; i++)
		if (vectors >> i & 1)
			sim->irq(sim->irq_ctx, i);
}

static void cycle(struct quern_sim *sim)
{
	const struct quern_pins *pins = &sim->model.pins;

	quern_memory_cycle(&sim->memory, pins, sim->cycle);
	if (sim->cycle >= sim->trace_from && sim->cycle < sim->trace_to)
		sim->ops->tick_traced(sim->model.chip, sim->cycle);
	else
		sim->ops->tick(sim->model.chip);
	sim->cycle++;
	if (*pins->irq)
		report_irq(sim, *pins->irq);
}

/* Path of another build: beside this library, with its kind before .so. */
static int other_path(char *path, size_t bytes, const char *kind)
{
	static const char suffix[] = ".so";
	Dl_info self;
	size_t stem;

	if (!dladdr((void *)(uintptr_t)quern_sim_create, &self) || !self.dli_fname)
		return -ENOENT;
	stem = strlen(self.dli_fname);
	if (stem < sizeof(suffix) || strcmp(self.dli_fname + stem - strlen(suffix), suffix))
		return -ENOENT;
	stem -= strlen(suffix);
	if ((size_t)snprintf(path, bytes, "%.*s-%s.so", (int)stem, self.dli_fname, kind) >= bytes)
		return -ENAMETOOLONG;
	return 0;
}

static int load_other(struct quern_sim *sim, const char *kind)
{
	const struct quern_model_ops *(*build)(void);
	char path[PATH_MAX];
	int ret = other_path(path, sizeof(path), kind);

	if (ret)
		return ret;
	sim->other = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!sim->other)
		return -ENOENT;
	*(void **)&build = dlsym(sim->other, QUERN_MODEL_SYMBOL);
	if (!build) {
		dlclose(sim->other);
		sim->other = NULL;
		return -ENOENT;
	}
	sim->ops = build();
	return 0;
}

static void power_up(struct quern_sim *sim)
{
	const struct quern_pins *pins = &sim->model.pins;
	unsigned int i;

	*pins->arready = 1;
	*pins->awready = 1;
	*pins->rst_n = 0;
	for (i = 0; i < RESET_CYCLES; i++)
		sim->ops->tick(sim->model.chip);
	*pins->rst_n = 1;
	sim->ops->tick(sim->model.chip);
}

/* Makes a chip of a kind of build, NULL: the one linked in. */
static int start_model(struct quern_sim *sim, const char *kind)
{
	int ret;

	sim->ops = quern_model_build();
	if (kind) {
		ret = load_other(sim, kind);
		if (ret)
			return ret;
	}
	if (sim->ops->create(&sim->model)) {
		ret = -ENOMEM;
		goto err_close;
	}
	power_up(sim);
	return 0;

err_close:
	if (sim->other)
		dlclose(sim->other);
	sim->other = NULL;
	return ret;
}

static void stop_model(struct quern_sim *sim)
{
	sim->ops->destroy(&sim->model);
	if (sim->other)
		dlclose(sim->other);
	sim->other = NULL;
}

static int check_params(struct quern_sim_params *params)
{
	uint32_t width;

	if (params->api != QUERN_SIM_API)
		return -EPROTO;
	if (params->flags & ~(QUERN_SIM_CHECK | QUERN_SIM_JITTER))
		return -EINVAL;
	if (!params->bus_latency)
		params->bus_latency = DEFAULT_LATENCY;
	if (!params->bus_bytes_per_cycle)
		params->bus_bytes_per_cycle = QUERN_MODEL_BUS_BYTES;
	width = params->bus_bytes_per_cycle;
	if (width > QUERN_MODEL_BUS_BYTES || (width & (width - 1)))
		return -EINVAL;
	return 0;
}

int quern_sim_create(struct quern_sim **out, const struct quern_sim_params *params)
{
	struct quern_sim *sim;
	int ret;

	*out = NULL;
	sim = calloc(1, sizeof(*sim));
	if (!sim)
		return -ENOMEM;
	sim->params.api = QUERN_SIM_API;
	if (params)
		sim->params = *params;
	ret = check_params(&sim->params);
	if (ret)
		goto err_free;
	quern_memory_init(&sim->memory, &sim->params);
	ret = start_model(sim, sim->params.flags & QUERN_SIM_CHECK ? "debug" : NULL);
	if (ret)
		goto err_free;
	*out = sim;
	return 0;

err_free:
	free(sim);
	return ret;
}

void quern_sim_destroy(struct quern_sim *sim)
{
	if (!sim)
		return;
	if (sim->tracing)
		sim->ops->trace_close(sim->model.chip);
	stop_model(sim);
	free(sim);
}

void quern_sim_info(const struct quern_sim *sim, struct quern_sim_info *info)
{
	info->array = sim->ops->array;
	info->spm_bytes = sim->ops->spm_bytes;
	info->bus_bytes = QUERN_MODEL_BUS_BYTES;
	info->hw_version = (uint32_t)QUERN_REGISTERS_MAJOR << 16 | QUERN_REGISTERS_MINOR;
}

int quern_sim_set_memory(struct quern_sim *sim, void *base, uint64_t bus_addr, uint64_t bytes)
{
	if ((bus_addr | bytes) % QUERN_MODEL_BUS_BYTES || bus_addr + bytes < bus_addr || (bytes && !base))
		return -EINVAL;
	sim->memory.base = base;
	sim->memory.bus_addr = bus_addr;
	sim->memory.bytes = bytes;
	return 0;
}

int quern_sim_set_memory_ops(struct quern_sim *sim, const struct quern_sim_memory_ops *ops, void *ctx)
{
	if (ops && (!ops->read || !ops->write))
		return -EINVAL;
	sim->memory.ops = ops;
	sim->memory.ctx = ctx;
	return 0;
}

int quern_sim_set_irq(struct quern_sim *sim, void (*irq)(void *ctx, unsigned int vector), void *ctx)
{
	sim->irq = irq;
	sim->irq_ctx = ctx;
	return 0;
}

/* The cycle after the answer separates this access from the next. */
static int access_register(struct quern_sim *sim, uint32_t offset, bool write, uint32_t *value)
{
	const struct quern_pins *pins = &sim->model.pins;
	unsigned int i;

	if (offset % 4 || offset >= QUERN_BAR0_BYTES)
		return -EINVAL;
	*pins->host_valid = 1;
	*pins->host_we = write;
	*pins->host_addr = offset;
	*pins->host_wdata = write ? *value : 0;
	for (i = 0; i < ACCESS_CYCLES && !*pins->host_ready; i++)
		cycle(sim);
	if (!*pins->host_ready)
		goto err_timeout;
	if (!write)
		*value = *pins->host_rdata;
	*pins->host_valid = 0;
	cycle(sim);
	return 0;

err_timeout:
	*pins->host_valid = 0;
	return -ETIMEDOUT;
}

int quern_sim_read32(struct quern_sim *sim, uint32_t offset, uint32_t *value)
{
	return access_register(sim, offset, false, value);
}

int quern_sim_write32(struct quern_sim *sim, uint32_t offset, uint32_t value)
{
	return access_register(sim, offset, true, &value);
}

uint64_t quern_sim_run(struct quern_sim *sim, uint64_t max_cycles, unsigned int stop)
{
	const struct quern_pins *pins = &sim->model.pins;
	uint64_t n;

	for (n = 0; n < max_cycles; n++) {
		if (stop & QUERN_SIM_STOP_IDLE && !*pins->active)
			break;
		cycle(sim);
		if (stop & QUERN_SIM_STOP_IRQ && *pins->irq)
			return n + 1;
	}
	return n;
}

bool quern_sim_busy(const struct quern_sim *sim)
{
	return *sim->model.pins.active;
}

uint64_t quern_sim_cycles(const struct quern_sim *sim)
{
	return sim->cycle;
}

int quern_sim_counters(struct quern_sim *sim, uint64_t counters[32])
{
	uint32_t lo;
	uint32_t hi;
	unsigned int i;
	int ret;

	for (i = 0; i < NUM_COUNTERS; i++) {
		ret = quern_sim_read32(sim, QUERN_REG_COUNTER(i), &lo);
		if (ret)
			return ret;
		ret = quern_sim_read32(sim, QUERN_REG_COUNTER(i) + 4, &hi);
		if (ret)
			return ret;
		counters[i] = (uint64_t)hi << 32 | lo;
	}
	return 0;
}

/* The writer of traces removes what has the name before it creates the file, which for root can be a device. */
static bool may_be_replaced(const char *path)
{
	struct stat st;

	return lstat(path, &st) || S_ISREG(st.st_mode);
}

int quern_sim_trace(struct quern_sim *sim, const char *path, uint64_t from_cycle, uint64_t to_cycle)
{
	int ret;

	if (!may_be_replaced(path))
		return -EINVAL;
	if (sim->cycle || sim->tracing)
		return -EBUSY;
	if (!sim->other) {
		struct quern_sim other = *sim;

		ret = start_model(&other, "trace");
		if (ret)
			return ret;
		stop_model(sim);
		*sim = other;
	}
	if (sim->ops->trace_open(sim->model.chip, path))
		return -ENOENT;
	sim->tracing = true;
	sim->trace_from = from_cycle;
	sim->trace_to = to_cycle;
	return 0;
}
