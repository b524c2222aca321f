// SPDX-License-Identifier: Apache-2.0
/* Calls to the kernel driver, and what their errors mean. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
#include <xf86drm.h>

#include "kmd.h"

#define DRIVER_NAME "quern"
#define DRIVER_MAJOR 1

int kmd_call(int fd, unsigned long request, void *args)
{
	return drmIoctl(fd, request, args) ? -errno : 0;
}

enum accel_status kmd_failed(int err, const char *what, struct accel_error *error)
{
	switch (err) {
	case -ENOMEM:
		return error_no_memory(error, what);
	case -ENODEV:
	case -EIO:
		return error_set(error, ACCEL_ERROR_DEVICE_FAILED,
				 "%s: the device is gone or does not answer: look at the kernel's log", what);
	case -ENOSPC:
	case -EBUSY:
		return error_set(error, ACCEL_ERROR_LIMIT,
				 "%s: the device has no more contexts or address spaces: destroy one", what);
	case -EDQUOT:
		return error_set(error, ACCEL_ERROR_LIMIT,
				 "%s: this user has all of the device that one user may have: destroy something", what);
	case -EACCES:
		return error_set(error, ACCEL_ERROR_UNSUPPORTED,
				 "%s: not permitted: priorities above normal need CAP_SYS_NICE", what);
	default:
		return error_set(error, ACCEL_ERROR_DEVICE_FAILED, "%s: the kernel driver says: %s", what,
				 strerror(-err));
	}
}

static enum accel_status open_failed(const char *path, struct accel_error *error)
{
	if (errno == EACCES || errno == EPERM)
		return error_set(error, ACCEL_ERROR_NO_DEVICE, "%s: %s: is this user in the group render?", path,
				 strerror(errno));
	return error_set(error, ACCEL_ERROR_NO_DEVICE, "%s: %s: is the kernel driver loaded?", path, strerror(errno));
}

static enum accel_status check_driver(int fd, const char *path, struct accel_error *error)
{
	drmVersionPtr version = drmGetVersion(fd);
	enum accel_status status = ACCEL_OK;

	if (!version || strcmp(version->name, DRIVER_NAME))
		status = error_set(error, ACCEL_ERROR_NO_DEVICE, "%s: not a device of the kernel driver " DRIVER_NAME,
				   path);
	else if (version->version_major != DRIVER_MAJOR)
		status = error_set(error, ACCEL_ERROR_VERSION,
				   "%s: the kernel driver has version %d.%d, this library knows %d.x", path,
				   version->version_major, version->version_minor, DRIVER_MAJOR);
	drmFreeVersion(version);
	return status;
}

int kmd_open_file(const char *path, struct accel_error *error)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	if (fd < 0) {
		open_failed(path, error);
		return -1;
	}
	if (check_driver(fd, path, error)) {
		close(fd);
		return -1;
	}
	return fd;
}

enum accel_status kmd_query_info(struct kmd *kmd, struct accel_error *error)
{
	struct drm_quern_dev_query query = {
		.type = DRM_QUERN_DEV_QUERY_INFO,
		.size = sizeof(kmd->info),
		.pointer = (uintptr_t)&kmd->info,
	};
	int err = kmd_call(kmd->fd, DRM_IOCTL_QUERN_DEV_QUERY, &query);

	return err ? kmd_failed(err, "asking what the device is", error) : ACCEL_OK;
}

enum accel_status kmd_ctx_open(struct transport_ctx *ctx, uint32_t priority, struct accel_error *error)
{
	struct drm_quern_ctx_create create = {.priority = priority};
	int err;

	ctx->fd = kmd_open_file(ctx->kmd->path, error);
	if (ctx->fd < 0)
		return ACCEL_ERROR_NO_DEVICE;
	err = kmd_call(ctx->fd, DRM_IOCTL_QUERN_CTX_CREATE, &create);
	if (!err)
		err = drmSyncobjCreate(ctx->fd, 0, &ctx->syncobj) ? -errno : 0;
	if (err) {
		close(ctx->fd);
		return kmd_failed(err, "a context", error);
	}
	ctx->handle = create.handle;
	return ACCEL_OK;
}

static enum accel_status job_status(uint32_t status)
{
	switch (status) {
	case DRM_QUERN_JOB_DONE:
		return ACCEL_OK;
	case DRM_QUERN_JOB_INVALID:
		return ACCEL_ERROR_INVALID_ARGUMENT;
	case DRM_QUERN_JOB_FAULT:
		return ACCEL_ERROR_FAULT;
	case DRM_QUERN_JOB_TIMEOUT:
		return ACCEL_ERROR_JOB_TIMEOUT;
	case DRM_QUERN_JOB_CANCELED:
		return ACCEL_ERROR_CANCELED;
	default:
		return ACCEL_ERROR_DEVICE_FAILED;
	}
}

bool kmd_job_query(const struct transport_ctx *ctx, uint64_t seqno, struct accel_result *result)
{
	struct drm_quern_job_query query = {.ctx = ctx->handle, .seqno = seqno};

	if (kmd_call(ctx->fd, DRM_IOCTL_QUERN_JOB_QUERY, &query)) {
		*result = (struct accel_result){.status = ACCEL_ERROR_DEVICE_FAILED};
		return true;
	}
	if (query.status == DRM_QUERN_JOB_PENDING)
		return false;
	*result = (struct accel_result){
		.status = job_status(query.status),
		.fault = query.fault,
		.fault_unit = query.fault_unit,
		.fault_index = query.fault_index,
		.fault_addr = query.fault_addr,
		.t_doorbell = query.t_doorbell,
		.t_start = query.t_start,
		.t_end = query.t_end,
		.job_cycles = query.job_cycles,
		.mx_busy = query.mx_busy,
		.ve_busy = query.ve_busy,
		.rd_bytes = query.rd_bytes,
		.wr_bytes = query.wr_bytes,
		.tlb_misses = query.tlb_misses,
		.prior_cycles = query.prior_cycles,
		.t_complete = query.t_end, /* the kernel does not note the interrupt's cycle */
	};
	return true;
}
