# SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
# Which interfaces the kernel has, for quern_compat.h. Stable kernels take interfaces of later ones over (6.12.107 and 6.12.117 did), so the
# headers are asked and not the version.

# $(call quern-probe,HEADER,PATTERN,NAME): -DQUERN_HAVE_NAME if the header has a line with the pattern.
quern-probe = $(if $(shell grep -s -e '$(2)' $(srctree)/include/drm/$(1)),-DQUERN_HAVE_$(3))

quern-compat := $(call quern-probe,gpu_scheduler.h,struct drm_sched_init_args {,SCHED_INIT_ARGS) \
		$(call quern-probe,gpu_scheduler.h,u64 drm_client_id,SCHED_CLIENT_ID) \
		$(call quern-probe,gpu_scheduler.h,DRM_GPU_SCHED_STAT_NO_HANG$(comma),SCHED_NO_HANG) \
		$(call quern-probe,drm_gem_shmem_helper.h,void drm_gem_shmem_put_pages_locked,SHMEM_LOCKED) \
		$(call quern-probe,drm_drv.h,char .date;,DRIVER_DATE) \
		$(call quern-probe,../linux/module.h,import_ns. __stringify,NS_SYMBOLS)
