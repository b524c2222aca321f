// SPDX-License-Identifier: Apache-2.0
/*
 * Finding and opening what the RTL transport needs: the chip translated to a shared object, and the firmware image.
 * Both lie beside libaccel.so or in known places relative to it; the environment can name others.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "rtl.h"

#define ENV_RTL_DIR "QUERN_RTL_DIR"
#define ENV_FIRMWARE "QUERN_FIRMWARE"
#define FIRMWARE_NAME "quern-fw.bin"

/* Relative to the directory of libaccel.so: installed, then in a build tree. */
static const char *const rtl_dirs[] = {".", "quern", "../hw-model/sim", "../lib"};
static const char *const firmware_dirs[] = {".", "quern", "../firmware", "../lib"};

/* Directory of this library: the program's own if it is linked statically. */
static bool own_dir(char *dir, size_t bytes)
{
	Dl_info info;
	char real[PATH_MAX];
	char *slash;

	if (!dladdr((void *)(uintptr_t)&own_dir, &info) || !info.dli_fname || !realpath(info.dli_fname, real))
		return false;
	slash = strrchr(real, '/');
	if (!slash)
		return false;
	*slash = '\0';
	return snprintf(dir, bytes, "%s", real) < (int)bytes;
}

static bool find_file(const char *const *dirs, size_t num, const char *name, char *path)
{
	char dir[PATH_MAX];

	if (!own_dir(dir, sizeof(dir)))
		return false;
	for (size_t i = 0; i < num; i++)
		if (snprintf(path, PATH_MAX, "%s/%s/%s", dir, dirs[i], name) < PATH_MAX && !access(path, R_OK))
			return true;
	return false;
}

static bool find_library(const char *name, char *path)
{
	const char *dir = secure_getenv(ENV_RTL_DIR);

	if (dir && dir[0])
		return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX && !access(path, R_OK);
	return find_file(rtl_dirs, sizeof(rtl_dirs) / sizeof(rtl_dirs[0]), name, path);
}

enum accel_status rtl_find_firmware(char *path, struct accel_error *error)
{
	const char *name = secure_getenv(ENV_FIRMWARE);

	if (name && name[0]) {
		if (snprintf(path, PATH_MAX, "%s", name) < PATH_MAX && !access(path, R_OK))
			return ACCEL_OK;
		return error_set(error, ACCEL_ERROR_FILE, "firmware %s cannot be read: set " ENV_FIRMWARE, name);
	}
	if (find_file(firmware_dirs, sizeof(firmware_dirs) / sizeof(firmware_dirs[0]), FIRMWARE_NAME, path))
		return ACCEL_OK;
	return error_set(error, ACCEL_ERROR_FILE,
			 "no firmware " FIRMWARE_NAME " beside libaccel.so: build it, or set " ENV_FIRMWARE);
}

enum accel_status rtl_lib_open(struct quern_sim_api *api, uint32_t array, struct accel_error *error)
{
	char path[PATH_MAX], why[PATH_MAX];
	char name[64];
	int err;

	snprintf(name, sizeof(name), "libquern-rtl-%ux%u.so", array, array);
	if (!find_library(name, path))
		return error_set(error, ACCEL_ERROR_NO_DEVICE,
				 "device rtl:%ux%u needs %s, which is not there: build it, or set " ENV_RTL_DIR, array,
				 array, name);
	err = quern_sim_load(api, path, why, sizeof(why));
	if (err == -ENOENT)
		return error_set(error, ACCEL_ERROR_NO_DEVICE, "%s: build it again", why);
	if (err)
		return error_set(error, ACCEL_ERROR_VERSION, "%s is of another version: build it again", path);
	return ACCEL_OK;
}
