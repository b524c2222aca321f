// SPDX-License-Identifier: Apache-2.0
/* The chip: see chip.h. */
#define _GNU_SOURCE
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "chip.h"

/* Relative to the directory of this program: installed, then in a build tree. */
static const char *const library_dirs[] = {".", "../lib", "../lib/quern", "../../lib"};

static bool own_dir(char *dir, size_t bytes)
{
	ssize_t len = readlink("/proc/self/exe", dir, bytes - 1);
	char *slash;

	if (len <= 0)
		return false;
	dir[len] = '\0';
	slash = strrchr(dir, '/');
	if (slash)
		*slash = '\0';
	return slash != NULL;
}

static bool find_library(const char *name, char *path)
{
	const char *given = secure_getenv("QUERN_RTL_DIR");
	char dir[PATH_MAX];
	size_t i;

	if (given && given[0])
		return snprintf(path, PATH_MAX, "%s/%s", given, name) < PATH_MAX && !access(path, R_OK);
	if (!own_dir(dir, sizeof(dir)))
		return false;
	for (i = 0; i < sizeof(library_dirs) / sizeof(library_dirs[0]); i++)
		if (snprintf(path, PATH_MAX, "%s/%s/%s", dir, library_dirs[i], name) < PATH_MAX && !access(path, R_OK))
			return true;
	return false;
}

static bool load_library(uint32_t array, struct quern_sim_api *api)
{
	char name[64];
	char path[PATH_MAX];
	char why[256];

	snprintf(name, sizeof(name), "libquern-rtl-%ux%u.so", array, array);
	if (!find_library(name, path)) {
		fprintf(stderr, "quern-cosim: %s is not there: build it, or set QUERN_RTL_DIR\n", name);
		return false;
	}
	if (quern_sim_load(api, path, why, sizeof(why))) {
		fprintf(stderr, "quern-cosim: %s: build it again\n", why);
		return false;
	}
	return true;
}

bool cosim_chip_open(const struct cosim_chip_options *options, struct quern_sim_api *api, struct quern_sim **sim)
{
	const struct quern_sim_params params = {
		.api = QUERN_SIM_API, .flags = options->jitter ? QUERN_SIM_JITTER : 0, .seed = options->seed};
	int ret;

	if (!load_library(options->array, api))
		return false;
	ret = api->create(sim, &params);
	if (ret) {
		fprintf(stderr, "quern-cosim: the chip cannot be made: %s\n", strerror(-ret));
		goto err_unload;
	}
	if (!options->trace)
		return true;
	ret = api->trace(*sim, options->trace, options->trace_from, options->trace_to);
	if (ret) {
		fprintf(stderr, "quern-cosim: no trace into %s: %s\n", options->trace, strerror(-ret));
		goto err_destroy;
	}
	return true;

err_destroy:
	api->destroy(*sim);
err_unload:
	quern_sim_unload(api);
	return false;
}

void cosim_chip_close(struct quern_sim_api *api, struct quern_sim *sim)
{
	api->destroy(sim);
	quern_sim_unload(api);
}
