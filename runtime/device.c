// SPDX-License-Identifier: Apache-2.0
/* Devices: choosing a transport by name, and the lifetime of everything under it. */
#include <stdlib.h>
#include <string.h>

#include "device.h"

static const struct transport_ops *const transports[] = {
	&transport_func_ops,
	&transport_rtl_ops,
};

/* A device node, as "accel0" or as a path. */
static bool is_node(const char *name)
{
	return !strncmp(name, "accel", 5) || !strncmp(name, "/dev/", 5);
}

/* The transport that a name belongs to; *config is what follows the colon, or the name of a node as a whole. */
static const struct transport_ops *find_transport(const char *name, const char **config)
{
	if (is_node(name)) {
		*config = name;
#ifdef RUNTIME_DRM
		return &transport_drm_ops;
#else
		return NULL;
#endif
	}
	for (size_t i = 0; i < sizeof(transports) / sizeof(transports[0]); i++) {
		size_t len = strlen(transports[i]->prefix);

		if (strncmp(name, transports[i]->prefix, len))
			continue;
		if (name[len] == '\0')
			*config = name + len;
		else if (name[len] == ':')
			*config = name + len + 1;
		else
			continue;
		return transports[i];
	}
	return NULL;
}

static enum accel_status no_transport(const char *name, struct accel_error *error)
{
	if (is_node(name))
		return error_set(error, ACCEL_ERROR_UNSUPPORTED,
				 "device %s: the kernel driver transport is not in this build: use func or rtl", name);
	return error_set(error, ACCEL_ERROR_NO_DEVICE,
			 "no device '%s': use func, rtl, or one with a size, such as rtl:8x8", name);
}

enum accel_status accel_device_open(const char *name, struct accel_device **out, struct accel_error *error)
{
	struct accel_error ignored;
	const struct transport_ops *ops;
	const char *config;
	struct accel_device *dev;
	enum accel_status status;

	error = error ? error : &ignored;
	if (!name || !out)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_device_open: name or dev is NULL");
	*out = NULL;
	ops = find_transport(name, &config);
	if (!ops)
		return no_transport(name, error);
	dev = calloc(1, sizeof(*dev));
	if (!dev)
		return error_no_memory(error, "a device");
	list_init(&dev->contexts);
	dev->ops = ops;
	dev->refs = 1;
	if (pthread_mutex_init(&dev->lock, NULL)) {
		free(dev);
		return error_no_memory(error, "a device");
	}
	status = ops->open(config, &dev->transport, &dev->info, error);
	if (status) {
		pthread_mutex_destroy(&dev->lock);
		free(dev);
		return status;
	}
	*out = dev;
	return error_clear(error);
}

void accel_device_close(struct accel_device *dev)
{
	if (!dev)
		return;
	device_lock(dev);
	dev->closed = true;
	dev->ops->stop(dev->transport);
	list_for_each(node, &dev->contexts) context_retire_locked(list_entry(node, struct accel_context, link));
	device_unlock(dev);
	device_put(dev);
}

void accel_device_info(const struct accel_device *dev, struct accel_device_info *info)
{
	*info = dev->info;
}

uint64_t accel_device_cycles(struct accel_device *dev)
{
	return dev->ops->cycles(dev->transport);
}

void device_lock(struct accel_device *dev)
{
	pthread_mutex_lock(&dev->lock);
}

void device_unlock(struct accel_device *dev)
{
	pthread_mutex_unlock(&dev->lock);
}

enum accel_status device_get_locked(struct accel_device *dev, struct accel_error *error)
{
	if (dev->closed)
		return error_set(error, ACCEL_ERROR_NO_DEVICE, "device %s was closed: open it again", dev->info.name);
	dev->refs++;
	return ACCEL_OK;
}

void device_put(struct accel_device *dev)
{
	bool last;

	device_lock(dev);
	last = --dev->refs == 0;
	device_unlock(dev);
	if (!last)
		return;
	dev->ops->free(dev->transport);
	accel_profile_destroy(dev->profile);
	pthread_mutex_destroy(&dev->lock);
	free(dev);
}
