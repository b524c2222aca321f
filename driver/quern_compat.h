/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * What differs between kernels 6.12 and 7.x, in one place. The driver is written for the newer
 * interfaces; each helper here says what an older kernel needs instead. QUERN_HAVE_ comes from
 * compat.mk, which looks into the kernel's headers.
 */
#ifndef QUERN_COMPAT_H
#define QUERN_COMPAT_H

#include <drm/drm_drv.h>
#include <drm/drm_print.h>
#include <drm/gpu_scheduler.h>

struct quern_sched_params {
	const struct drm_sched_backend_ops *ops;
	struct workqueue_struct *timeout_wq;
	struct device *dev;
	const char *name;
	u32 credit_limit;
	long timeout;
};

/* drm_sched_init() takes a structure since 6.15. */
static inline int quern_compat_sched_init(struct drm_gpu_scheduler *sched,
					  const struct quern_sched_params *p)
{
#ifdef QUERN_HAVE_SCHED_INIT_ARGS
	const struct drm_sched_init_args args = {
		.ops = p->ops,
		.num_rqs = 1,
		.credit_limit = p->credit_limit,
		.timeout = p->timeout,
		.timeout_wq = p->timeout_wq,
		.name = p->name,
		.dev = p->dev,
	};

	return drm_sched_init(sched, &args);
#else
	return drm_sched_init(sched, p->ops, NULL, 1, p->credit_limit, 0, p->timeout,
			      p->timeout_wq, NULL, p->name, p->dev);
#endif
}

/* drm_sched_job_init() has taken a client's id since 6.17. */
static inline int quern_compat_job_init(struct drm_sched_job *job,
					struct drm_sched_entity *entity, void *owner, u64 client)
{
#ifdef QUERN_HAVE_SCHED_CLIENT_ID
	return drm_sched_job_init(job, entity, 1, owner, client);
#else
	return drm_sched_job_init(job, entity, 1, owner);
#endif
}

/*
 * The end of timedout_job() for a job that goes on, or whose end the usual path reports. Before
 * 6.17 the scheduler takes the job off its list first and leaves it to the driver to put it
 * back.
 */
static inline enum drm_gpu_sched_stat quern_compat_no_hang(struct drm_sched_job *job)
{
#ifdef QUERN_HAVE_SCHED_NO_HANG
	return DRM_GPU_SCHED_STAT_NO_HANG;
#else
	struct drm_gpu_scheduler *sched = job->sched;

	spin_lock(&sched->job_list_lock);
	list_add(&job->list, &sched->pending_list);
	spin_unlock(&sched->job_list_lock);
	/*
	 * The job may have ended meanwhile: have the list looked at. Who has stopped the scheduler
	 * does so when it starts it.
	 */
	if (!READ_ONCE(sched->pause_submit))
		queue_work(sched->submit_wq, &sched->work_free_job);
	return DRM_GPU_SCHED_STAT_NOMINAL;
#endif
}

/* Pages of a shmem object, with its dma_resv lock; renamed in 6.16. */
#ifdef QUERN_HAVE_SHMEM_LOCKED
#define quern_compat_shmem_put_pages drm_gem_shmem_put_pages_locked
#else
#define quern_compat_shmem_put_pages drm_gem_shmem_put_pages
#endif

/* Names of namespaces are strings since 6.13. */
#ifdef QUERN_HAVE_NS_SYMBOLS
#define QUERN_COMPAT_IMPORT_NS(ns) MODULE_IMPORT_NS(ns)
#else
#define QUERN_COMPAT_IMPORT_NS(ns) MODULE_IMPORT_NS(#ns)
#endif

/* The date went in 6.14. */
#ifdef QUERN_HAVE_DRIVER_DATE
#define QUERN_COMPAT_DRIVER_DATE .date = "20261101",
#else
#define QUERN_COMPAT_DRIVER_DATE
#endif

#endif
