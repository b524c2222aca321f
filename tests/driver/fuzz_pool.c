// SPDX-License-Identifier: Apache-2.0
/* The fuzzer's objects. Each file starts with one of each kind, and a stream of commands bound at CLIENT_VA. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz_pool.h"
#include "lib/client.h"
#include "lib/commands.h"

#define STREAM_BYTES (4 * PAGE)

void set_add(struct pool_set *set, uint32_t handle)
{
	if (set->num < POOL_OBJECTS)
		set->handle[set->num++] = handle;
}

void set_remove(struct pool_set *set, uint32_t handle)
{
	for (unsigned int i = 0; i < set->num; i++)
		if (set->handle[i] == handle) {
			set->handle[i] = set->handle[--set->num];
			return;
		}
}

uint32_t set_pick(const struct pool_set *set, struct rng *rng)
{
	return set->num ? set->handle[rng_below(rng, set->num)] : 77;
}

/* Streams at the starts of pages: a short job, a longer one, an illegal one; zeros behind. */
static void write_streams(unsigned char *map)
{
	struct stream s = stream_at(map);

	stream_load(&s, 0, 3 * PAGE, 0, 64);
	stream_store(&s, 0, 3 * PAGE + 64, 0, 64);
	stream_end(&s);
	s = stream_at(map + PAGE);
	stream_delay(&s, 3000);
	stream_yield(&s);
	stream_end(&s);
	s = stream_at(map + 2 * PAGE);
	stream_illegal(&s);
}

/* There may be none left. */
static void file_add_ctx(struct pool_file *file)
{
	struct drm_quern_ctx_create args = {.priority = DRM_QUERN_PRIORITY_NORMAL};

	if (!call(file->fd, DRM_IOCTL_QUERN_CTX_CREATE, &args))
		set_add(&file->ctx, args.handle);
}

static void file_open(struct pool_file *file)
{
	unsigned char *map;
	uint32_t bo;

	memset(file, 0, sizeof(*file));
	file->fd = node_open();
	bo = node_bo(file->fd, STREAM_BYTES);
	map = node_map(file->fd, bo, STREAM_BYTES);
	write_streams(map);
	munmap(map, STREAM_BYTES);
	if (!node_bind(file->fd, bo, CLIENT_VA, STREAM_BYTES, 0)) {
		file->bindings[0] = (struct pool_binding){CLIENT_VA, STREAM_BYTES};
		file->num_bindings = 1;
	}
	set_add(&file->bo, bo);
	set_add(&file->sync, node_syncobj(file->fd));
	file_add_ctx(file);
}

static void file_close(struct pool_file *file)
{
	for (unsigned int i = 0; i < file->dmabuf.num; i++)
		close((int)file->dmabuf.handle[i]);
	close(file->fd);
}

void pool_open(struct pool *pool)
{
	memset(pool, 0, sizeof(*pool));
	for (unsigned int i = 0; i < POOL_FILES; i++)
		file_open(&pool->files[i]);
}

void pool_close(struct pool *pool)
{
	for (unsigned int i = 0; i < POOL_FILES; i++)
		file_close(&pool->files[i]);
}

void pool_reopen(struct pool_file *file)
{
	file_close(file);
	file_open(file);
}
