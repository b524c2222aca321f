/* SPDX-License-Identifier: Apache-2.0 */
/* The functions of quern_sim.h from a shared library that is chosen at run time. */
#ifndef HW_MODEL_SIM_LOAD_H
#define HW_MODEL_SIM_LOAD_H

#include <stddef.h>

#include "quern_sim.h"

struct quern_sim_api {
	void *handle;
	int (*create)(struct quern_sim **sim, const struct quern_sim_params *params);
	void (*destroy)(struct quern_sim *sim);
	void (*info)(const struct quern_sim *sim, struct quern_sim_info *info);
	int (*set_memory_ops)(struct quern_sim *sim, const struct quern_sim_memory_ops *ops, void *ctx);
	int (*set_irq)(struct quern_sim *sim, void (*irq)(void *ctx, unsigned int vector), void *ctx);
	int (*read32)(struct quern_sim *sim, uint32_t offset, uint32_t *value);
	int (*write32)(struct quern_sim *sim, uint32_t offset, uint32_t value);
	uint64_t (*run)(struct quern_sim *sim, uint64_t max_cycles, unsigned int stop);
	bool (*busy)(const struct quern_sim *sim);
	uint64_t (*cycles)(const struct quern_sim *sim);
	int (*trace)(struct quern_sim *sim, const char *path, uint64_t from_cycle, uint64_t to_cycle);
};

/* 0; -ENOENT: the library cannot be opened; -EPROTO: it lacks a function. why then says so in words. */
int quern_sim_load(struct quern_sim_api *api, const char *path, char *why, size_t why_bytes);
/* Chips of it must be gone. Nothing loaded is ignored. */
void quern_sim_unload(struct quern_sim_api *api);

#endif
