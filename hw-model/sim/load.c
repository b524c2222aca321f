// SPDX-License-Identifier: Apache-2.0
/* The functions of quern_sim.h from a shared library: see load.h. */
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "load.h"

/* The name of the first function that is missing, or NULL. */
static const char *load_symbols(struct quern_sim_api *api)
{
	const struct {
		const char *name;
		void *slot;
	} symbols[] = {
		{"quern_sim_create", &api->create},   {"quern_sim_destroy", &api->destroy},
		{"quern_sim_info", &api->info},	      {"quern_sim_set_memory_ops", &api->set_memory_ops},
		{"quern_sim_set_irq", &api->set_irq}, {"quern_sim_read32", &api->read32},
		{"quern_sim_write32", &api->write32}, {"quern_sim_run", &api->run},
		{"quern_sim_busy", &api->busy},	      {"quern_sim_cycles", &api->cycles},
		{"quern_sim_trace", &api->trace},
	};
	size_t i;

	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++) {
		void *symbol = dlsym(api->handle, symbols[i].name);

		if (!symbol)
			return symbols[i].name;
		memcpy(symbols[i].slot, &symbol, sizeof(symbol));
	}
	return NULL;
}

int quern_sim_load(struct quern_sim_api *api, const char *path, char *why, size_t why_bytes)
{
	const char *missing;

	memset(api, 0, sizeof(*api));
	api->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!api->handle) {
		snprintf(why, why_bytes, "%s", dlerror());
		return -ENOENT;
	}
	missing = load_symbols(api);
	if (!missing)
		return 0;
	snprintf(why, why_bytes, "%s has no %s", path, missing);
	quern_sim_unload(api);
	return -EPROTO;
}

void quern_sim_unload(struct quern_sim_api *api)
{
	if (api->handle)
		dlclose(api->handle);
	api->handle = NULL;
}
