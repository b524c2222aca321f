// SPDX-License-Identifier: MIT
/* The driver's interface without any library: copy 256 bytes through the chip. usage: submit [/dev/accel/accelN] */
#include <err.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <drm/quern_accel.h>

#include "quern/commands.h"

#define VA 0x100000u
#define BYTES 256u
#define IN 4096u /* offsets in the one buffer of this program; the stream is at 0 */
#define OUT 8192u

static void call(int fd, unsigned long request, void *args, const char *what)
{
	if (ioctl(fd, request, args))
		err(1, "%s", what);
}

int main(int argc, char **argv)
{
	int fd = open(argc > 1 ? argv[1] : "/dev/accel/accel0", O_RDWR | O_CLOEXEC);
	struct drm_quern_ctx_create ctx = {.priority = DRM_QUERN_PRIORITY_NORMAL};
	struct drm_quern_bo_create bo = {.size = 3 * 4096};
	struct drm_syncobj_create sync = {0};

	if (fd < 0)
		err(1, "open");
	call(fd, DRM_IOCTL_QUERN_CTX_CREATE, &ctx, "ctx_create");
	call(fd, DRM_IOCTL_QUERN_BO_CREATE, &bo, "bo_create");
	call(fd, DRM_IOCTL_SYNCOBJ_CREATE, &sync, "syncobj_create");

	struct drm_quern_bo_mmap_offset where = {.handle = bo.handle};
	struct drm_quern_vm_bind bind = {.va = VA, .range = bo.size, .bo_handle = bo.handle};

	call(fd, DRM_IOCTL_QUERN_BO_MMAP_OFFSET, &where, "bo_mmap_offset");
	call(fd, DRM_IOCTL_QUERN_VM_BIND, &bind, "vm_bind");

	unsigned char *map = mmap(NULL, bo.size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (off_t)where.offset);
	const struct quern_cmd_load load = {.region = 0, .offset_lo = IN, .len = BYTES, .n1 = 1, .n2 = 1, .n3 = 1};
	const struct quern_cmd_store store = {.region = 0, .offset_lo = OUT, .len = BYTES, .n1 = 1, .n2 = 1, .n3 = 1};

	if (map == MAP_FAILED)
		err(1, "mmap");
	quern_cmd_load_pack((uint32_t *)map, &load);
	map[64] = QUERN_OP_BARRIER;
	quern_cmd_store_pack((uint32_t *)(map + 128), &store);
	map[192] = QUERN_OP_END;
	for (unsigned int i = 0; i < BYTES; i++)
		map[IN + i] = (unsigned char)(3 * i);

	struct drm_quern_job job = {.stream = VA, .num_commands = 4, .num_regions = 1, .regions = {VA}};
	struct drm_quern_sync out = {.handle = sync.handle, .flags = DRM_QUERN_SYNC_SIGNAL};
	struct drm_quern_submit submit = {.ctx = ctx.handle, .jobs = (uintptr_t)&job, .num_jobs = 1, .job_stride = sizeof(job),
					  .syncs = (uintptr_t)&out, .num_syncs = 1, .sync_stride = sizeof(out)};
	struct drm_syncobj_wait wait = {.handles = (uintptr_t)&sync.handle, .count_handles = 1, .timeout_nsec = INT64_MAX};

	call(fd, DRM_IOCTL_QUERN_SUBMIT, &submit, "submit");
	call(fd, DRM_IOCTL_SYNCOBJ_WAIT, &wait, "syncobj_wait");
	struct drm_quern_job_query query = {.ctx = ctx.handle, .seqno = submit.seqno};

	call(fd, DRM_IOCTL_QUERN_JOB_QUERY, &query, "job_query");
	if (query.status != DRM_QUERN_JOB_DONE || memcmp(map + IN, map + OUT, BYTES))
		errx(1, "status %u, fault %u at command %u", query.status, query.fault, query.fault_index);
	printf("submit: ok, %llu cycles\n", (unsigned long long)query.job_cycles);
	return 0;
}
