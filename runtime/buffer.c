// SPDX-License-Identifier: Apache-2.0
/* Buffers, and their mappings into the address spaces of contexts. */
#include <stdlib.h>

#include "device.h"

enum accel_status buffer_create_locked(struct accel_device *dev, uint64_t bytes, uint32_t flags,
				       struct accel_buffer **out, struct accel_error *error)
{
	struct transport_bo_info info;
	struct accel_buffer *buffer = calloc(1, sizeof(*buffer));
	enum accel_status status;

	if (!buffer)
		return error_no_memory(error, "a buffer");
	status = dev->ops->bo_create(dev->transport, bytes, &buffer->bo, &info, error);
	if (status) {
		free(buffer);
		return status;
	}
	buffer->dev = dev;
	buffer->map = info.map;
	buffer->bytes = bytes;
	buffer->flags = flags;
	buffer->refs = 1;
	list_init(&buffer->mappings);
	*out = buffer;
	return ACCEL_OK;
}

void buffer_get_locked(struct accel_buffer *buffer)
{
	buffer->refs++;
}

static void mapping_free(struct mapping *map)
{
	list_remove(&map->in_buffer);
	list_remove(&map->in_context);
	free(map);
}

void buffer_put_locked(struct accel_buffer *buffer)
{
	struct accel_device *dev;

	if (!buffer || --buffer->refs)
		return;
	dev = buffer->dev;
	list_for_each_safe(node, after, &buffer->mappings)
	{
		struct mapping *map = list_entry(node, struct mapping, in_buffer);

		dev->ops->bo_unmap(dev->transport, map->ctx->transport, buffer->bo, map->va);
		mapping_free(map);
	}
	dev->ops->bo_free(dev->transport, buffer->bo);
	free(buffer);
}

static struct mapping *find_mapping(const struct accel_buffer *buffer, const struct accel_context *ctx)
{
	list_for_each(node, &buffer->mappings)
	{
		struct mapping *map = list_entry(node, struct mapping, in_buffer);

		if (map->ctx == ctx)
			return map;
	}
	return NULL;
}

enum accel_status buffer_map_locked(struct accel_buffer *buffer, struct accel_context *ctx, uint64_t *va,
				    struct accel_error *error)
{
	struct accel_device *dev = buffer->dev;
	bool writable = !(buffer->flags & ACCEL_BUFFER_READ_ONLY);
	struct mapping *map = find_mapping(buffer, ctx);
	enum accel_status status;

	if (map) {
		*va = map->va;
		return ACCEL_OK;
	}
	map = calloc(1, sizeof(*map));
	if (!map)
		return error_no_memory(error, "a mapping");
	status = dev->ops->bo_map(dev->transport, ctx->transport, buffer->bo, writable, &map->va, error);
	if (status) {
		free(map);
		return status;
	}
	map->buffer = buffer;
	map->ctx = ctx;
	list_add_tail(&buffer->mappings, &map->in_buffer);
	list_add_tail(&ctx->mappings, &map->in_context);
	*va = map->va;
	return ACCEL_OK;
}

void buffer_forget_context_locked(struct accel_context *ctx)
{
	list_for_each_safe(node, after, &ctx->mappings) mapping_free(list_entry(node, struct mapping, in_context));
}

enum accel_status accel_buffer_create(struct accel_device *dev, uint64_t bytes, uint32_t flags,
				      struct accel_buffer **buffer, struct accel_error *error)
{
	enum accel_status status;
	struct accel_error ignored;

	error = error ? error : &ignored;
	if (!dev || !buffer)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT, "accel_buffer_create: dev or buffer is NULL");
	*buffer = NULL;
	if (!bytes || flags & ~ACCEL_BUFFER_READ_ONLY)
		return error_set(error, ACCEL_ERROR_INVALID_ARGUMENT,
				 "accel_buffer_create: size is 0 or flags 0x%x are not known", flags);
	device_lock(dev);
	status = device_get_locked(dev, error);
	if (!status) {
		status = buffer_create_locked(dev, bytes, flags, buffer, error);
		dev->refs -= status ? 1 : 0;
	}
	device_unlock(dev);
	return status ? status : error_clear(error);
}

void accel_buffer_destroy(struct accel_buffer *buffer)
{
	struct accel_device *dev;

	if (!buffer)
		return;
	dev = buffer->dev;
	device_lock(dev);
	buffer_put_locked(buffer);
	device_unlock(dev);
	device_put(dev);
}

void *accel_buffer_map(struct accel_buffer *buffer)
{
	return buffer ? buffer->map : NULL;
}

uint64_t accel_buffer_size(const struct accel_buffer *buffer)
{
	return buffer ? buffer->bytes : 0;
}
