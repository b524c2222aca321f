/* SPDX-License-Identifier: MIT */
/*
 * Userspace interface of the Quern accelerator driver.
 *
 * DOC: Evolution
 *
 * - Structures grow at their end only, and only by fields for which zero means the behaviour of
 *   before. The DRM core reads a shorter structure as if zeroes followed. Arrays carry the size of
 *   one element in a stride field, and elements that are longer than what the kernel knows must be
 *   zero beyond it.
 * - DEV_QUERY fills at most the number of bytes that the caller names, so that old and new meet in
 *   both directions.
 * - Every pad field and every flag bit without a name must be zero and is checked: they are free
 *   for later use.
 * - Numbers of ioctls, flags, operations and enumerators never change their meaning and are never
 *   reused.
 * - What a kernel can do is told by the driver's version (DRM_IOCTL_VERSION) and by DEV_QUERY,
 *   never by trying.
 *
 * DOC: Objects
 *
 * An open file is a device address space. Buffer objects are GEM handles; a binding makes (a part
 * of) one visible at a device virtual address of the file. A context is a queue: its jobs run in
 * order, contexts run by priority. Handles are private to the file; closing the file ends
 * everything in it. All synchronisation is explicit, by syncobj; buffers carry no implicit fences.
 * A fence of a job always signals in bounded time: the device stops a job that uses up its timeout,
 * and timeouts are limited.
 */
#ifndef _UAPI_QUERN_ACCEL_H_
#define _UAPI_QUERN_ACCEL_H_

#include "drm.h"

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * enum drm_quern_ioctl_id - numbers of the driver's ioctls, from DRM_COMMAND_BASE
 */
enum drm_quern_ioctl_id {
	/** @DRM_QUERN_DEV_QUERY: what the device is and can */
	DRM_QUERN_DEV_QUERY = 0,
	/** @DRM_QUERN_CTX_CREATE: create a context */
	DRM_QUERN_CTX_CREATE,
	/** @DRM_QUERN_CTX_DESTROY: destroy a context */
	DRM_QUERN_CTX_DESTROY,
	/** @DRM_QUERN_CTX_QUERY: state and fault of a context */
	DRM_QUERN_CTX_QUERY,
	/** @DRM_QUERN_CTX_RESET: make a failed context usable again */
	DRM_QUERN_CTX_RESET,
	/** @DRM_QUERN_BO_CREATE: create a buffer object */
	DRM_QUERN_BO_CREATE,
	/** @DRM_QUERN_BO_MMAP_OFFSET: where to mmap() a buffer object */
	DRM_QUERN_BO_MMAP_OFFSET,
	/** @DRM_QUERN_VM_BIND: bind or unbind in the file's address space */
	DRM_QUERN_VM_BIND,
	/** @DRM_QUERN_SUBMIT: queue jobs */
	DRM_QUERN_SUBMIT,
	/** @DRM_QUERN_JOB_QUERY: outcome and counters of a job */
	DRM_QUERN_JOB_QUERY,
	/** @DRM_QUERN_PROFILE: record what the device does */
	DRM_QUERN_PROFILE,
};

/**
 * enum drm_quern_dev_query_type - what DEV_QUERY is asked for
 */
enum drm_quern_dev_query_type {
	/** @DRM_QUERN_DEV_QUERY_INFO: struct drm_quern_dev_info */
	DRM_QUERN_DEV_QUERY_INFO = 0,
	/** @DRM_QUERN_DEV_QUERY_TIME: struct drm_quern_dev_time */
	DRM_QUERN_DEV_QUERY_TIME,
};

/**
 * struct drm_quern_dev_query - arguments of DRM_IOCTL_QUERN_DEV_QUERY
 */
struct drm_quern_dev_query {
	/** @type: enum drm_quern_dev_query_type */
	__u32 type;
	/**
	 * @size: in: bytes at @pointer; out: bytes the kernel has filled, or would fill if @pointer
	 * is 0
	 */
	__u32 size;
	/** @pointer: user address of the structure, or 0 to ask for the size */
	__u64 pointer;
};

/**
 * struct drm_quern_dev_info - the device
 */
struct drm_quern_dev_info {
	/** @features: feature bits of the chip */
	__u64 features;
	/** @fw_features: feature bits that driver and firmware agreed on */
	__u64 fw_features;
	/** @hw_version: version of registers and commands, major in bits 31:16, minor in 15:0 */
	__u32 hw_version;
	/** @fw_version: version of the running firmware, major in bits 31:16, minor in 15:0 */
	__u32 fw_version;
	/** @array: rows and columns of the matrix engine */
	__u32 array;
	/** @bus_bytes: width of the memory bus in bytes */
	__u32 bus_bytes;
	/** @spm_bytes: scratchpad in bytes */
	__u32 spm_bytes;
	/** @acc_entries: entries of one accumulator bank */
	__u32 acc_entries;
	/** @clock_hz: nominal clock, to convert cycles to time */
	__u64 clock_hz;
	/** @va_start: lowest device virtual address that can be bound */
	__u64 va_start;
	/** @va_end: end of the device virtual addresses that can be bound, exclusive */
	__u64 va_end;
	/** @max_timeout_cycles: largest timeout of a job */
	__u64 max_timeout_cycles;
	/** @page_bytes: alignment of bindings */
	__u32 page_bytes;
	/** @max_contexts: contexts of the whole device */
	__u32 max_contexts;
	/** @max_commands: commands of one job */
	__u32 max_commands;
	/** @queue_depth: jobs of one context that have not ended, at most */
	__u32 queue_depth;
	/** @job_history: number of last jobs of a context that JOB_QUERY remembers */
	__u32 job_history;
	/**
	 * @user_contexts: contexts of all files of one user; twice as many with CAP_SYS_RESOURCE
	 */
	__u32 user_contexts;
	/**
	 * @user_bytes: buffer objects and page tables of all files of one user, in bytes; half as
	 * much again with CAP_SYS_RESOURCE
	 */
	__u64 user_bytes;
};

/**
 * struct drm_quern_dev_time - the device's clock, to relate cycles of jobs to other clocks
 */
struct drm_quern_dev_time {
	/** @cycles: device cycles since its last reset */
	__u64 cycles;
	/** @monotonic_ns: CLOCK_MONOTONIC when they were read */
	__u64 monotonic_ns;
};

/**
 * enum drm_quern_priority - priority of a context
 */
enum drm_quern_priority {
	/** @DRM_QUERN_PRIORITY_LOW: runs when nothing else does */
	DRM_QUERN_PRIORITY_LOW = 0,
	/** @DRM_QUERN_PRIORITY_NORMAL: the usual one */
	DRM_QUERN_PRIORITY_NORMAL,
	/** @DRM_QUERN_PRIORITY_HIGH: needs CAP_SYS_NICE */
	DRM_QUERN_PRIORITY_HIGH,
	/** @DRM_QUERN_PRIORITY_REALTIME: needs CAP_SYS_NICE */
	DRM_QUERN_PRIORITY_REALTIME,
};

/**
 * struct drm_quern_ctx_create - arguments of DRM_IOCTL_QUERN_CTX_CREATE
 *
 * -EACCES: the priority is not permitted. -EDQUOT: the user has drm_quern_dev_info.user_contexts.
 * -ENOSPC: the device has all its contexts. -EBUSY: too many files have contexts. -EAGAIN: the
 * device is being reset, call again.
 */
struct drm_quern_ctx_create {
	/** @priority: enum drm_quern_priority */
	__u32 priority;
	/** @flags: zero */
	__u32 flags;
	/** @handle: out: the context */
	__u32 handle;
	/** @pad: zero */
	__u32 pad;
};

/**
 * struct drm_quern_ctx_destroy - arguments of DRM_IOCTL_QUERN_CTX_DESTROY
 *
 * Jobs that have not ended do so with -ECANCELED. When the call returns the device touches nothing
 * for the context.
 */
struct drm_quern_ctx_destroy {
	/** @handle: the context */
	__u32 handle;
	/** @pad: zero */
	__u32 pad;
};

/**
 * enum drm_quern_ctx_state - whether a context takes jobs
 */
enum drm_quern_ctx_state {
	/** @DRM_QUERN_CTX_OK: it does */
	DRM_QUERN_CTX_OK = 0,
	/**
	 * @DRM_QUERN_CTX_FAILED: one of its jobs failed; submit gives -ECANCELED until CTX_RESET
	 */
	DRM_QUERN_CTX_FAILED,
	/**
	 * @DRM_QUERN_CTX_LOST: one of its jobs had begun when the whole device had to be reset; as
	 * FAILED
	 */
	DRM_QUERN_CTX_LOST,
};

/**
 * struct drm_quern_ctx_query - arguments of DRM_IOCTL_QUERN_CTX_QUERY
 */
struct drm_quern_ctx_query {
	/** @handle: the context */
	__u32 handle;
	/** @pad: zero */
	__u32 pad;
	/** @state: out: enum drm_quern_ctx_state */
	__u32 state;
	/** @fault: out: kind of the fault that stopped the context, 0 if there was none */
	__u32 fault;
	/** @fault_unit: out: unit that faulted */
	__u32 fault_unit;
	/** @fault_index: out: command that faulted */
	__u32 fault_index;
	/** @fault_addr: out: address of the fault */
	__u64 fault_addr;
	/** @failed_seqno: out: job that failed, 0 if none did */
	__u64 failed_seqno;
	/** @submitted: out: jobs accepted so far */
	__u64 submitted;
	/** @pending: out: jobs that have not ended */
	__u32 pending;
	/** @pad2: zero */
	__u32 pad2;
};

/**
 * struct drm_quern_ctx_reset - arguments of DRM_IOCTL_QUERN_CTX_RESET
 *
 * -EBUSY as long as jobs of the context have not ended.
 */
struct drm_quern_ctx_reset {
	/** @handle: the context */
	__u32 handle;
	/** @pad: zero */
	__u32 pad;
};

/**
 * struct drm_quern_bo_create - arguments of DRM_IOCTL_QUERN_BO_CREATE
 *
 * The object counts in the quota of the user who opened the file until it is freed, whoever holds
 * it then. -EDQUOT: it would exceed drm_quern_dev_info.user_bytes.
 */
struct drm_quern_bo_create {
	/** @size: in: bytes; out: rounded up to whole pages */
	__u64 size;
	/** @flags: zero */
	__u32 flags;
	/** @handle: out: GEM handle */
	__u32 handle;
};

/**
 * struct drm_quern_bo_mmap_offset - arguments of DRM_IOCTL_QUERN_BO_MMAP_OFFSET
 */
struct drm_quern_bo_mmap_offset {
	/** @handle: GEM handle */
	__u32 handle;
	/** @pad: zero */
	__u32 pad;
	/** @offset: out: offset for mmap() of the device file */
	__u64 offset;
};

/**
 * enum drm_quern_vm_bind_op - what VM_BIND does
 */
enum drm_quern_vm_bind_op {
	/** @DRM_QUERN_VM_BIND_MAP: bind; -EEXIST if part of the range is bound already */
	DRM_QUERN_VM_BIND_MAP = 0,
	/**
	 * @DRM_QUERN_VM_BIND_UNMAP: undo a binding as a whole; -ENOENT if there is none of this
	 * address and size
	 */
	DRM_QUERN_VM_BIND_UNMAP,
};

/** DRM_QUERN_VM_BIND_READONLY - jobs may read the binding, a write faults */
#define DRM_QUERN_VM_BIND_READONLY (1u << 0)

/**
 * struct drm_quern_vm_bind - arguments of DRM_IOCTL_QUERN_VM_BIND
 *
 * Takes effect before it returns. Unbinding does not wait for jobs: one that still uses the range
 * faults.
 */
struct drm_quern_vm_bind {
	/** @op: enum drm_quern_vm_bind_op */
	__u32 op;
	/** @flags: MAP: DRM_QUERN_VM_BIND_READONLY or zero; UNMAP: zero */
	__u32 flags;
	/** @va: device virtual address, whole pages */
	__u64 va;
	/** @range: bytes, whole pages */
	__u64 range;
	/** @bo_offset: MAP: where in the buffer object, whole pages; UNMAP: zero */
	__u64 bo_offset;
	/** @bo_handle: MAP: GEM handle; UNMAP: zero */
	__u32 bo_handle;
	/** @pad: zero */
	__u32 pad;
};

/** DRM_QUERN_NUM_REGIONS - memory regions that a job names */
#define DRM_QUERN_NUM_REGIONS 16

/**
 * struct drm_quern_job - a job
 *
 * All addresses are device virtual addresses of the file. They are checked by the device when it
 * uses them.
 */
struct drm_quern_job {
	/** @stream: address of the command stream, a multiple of 64 */
	__u64 stream;
	/**
	 * @timeout_cycles: device cycles of work after which the device stops the job; 0 for a
	 * default
	 */
	__u64 timeout_cycles;
	/** @num_commands: commands in the stream, not zero */
	__u32 num_commands;
	/** @num_regions: how many entries of @regions the job uses, the others must be zero */
	__u32 num_regions;
	/** @flags: zero */
	__u32 flags;
	/** @pad: zero */
	__u32 pad;
	/** @regions: base address of each region */
	__u64 regions[DRM_QUERN_NUM_REGIONS];
};

/**
 * DRM_QUERN_SYNC_SIGNAL - signal the syncobj when the last job of the submission has ended; else
 * wait for it
 */
#define DRM_QUERN_SYNC_SIGNAL (1u << 0)
/** DRM_QUERN_SYNC_TIMELINE - the syncobj is a timeline and drm_quern_sync.point counts */
#define DRM_QUERN_SYNC_TIMELINE (1u << 1)

/**
 * struct drm_quern_sync - a syncobj to wait for before the first job, or to signal behind the last
 */
struct drm_quern_sync {
	/** @handle: syncobj */
	__u32 handle;
	/** @flags: DRM_QUERN_SYNC_* */
	__u32 flags;
	/** @point: point of a timeline, not zero; zero for a binary syncobj */
	__u64 point;
};

/** DRM_QUERN_MAX_SUBMIT_JOBS - jobs of one submission */
#define DRM_QUERN_MAX_SUBMIT_JOBS 64
/** DRM_QUERN_MAX_SUBMIT_SYNCS - syncobj of one submission */
#define DRM_QUERN_MAX_SUBMIT_SYNCS 64

/**
 * struct drm_quern_submit - arguments of DRM_IOCTL_QUERN_SUBMIT
 *
 * All jobs are accepted or none. -EBUSY: the queue is full. -ECANCELED: the context has failed.
 */
struct drm_quern_submit {
	/** @ctx: context */
	__u32 ctx;
	/** @flags: zero */
	__u32 flags;
	/** @jobs: user address of struct drm_quern_job[@num_jobs] */
	__u64 jobs;
	/** @num_jobs: 1 to DRM_QUERN_MAX_SUBMIT_JOBS */
	__u32 num_jobs;
	/** @job_stride: bytes of one element of @jobs */
	__u32 job_stride;
	/** @syncs: user address of struct drm_quern_sync[@num_syncs] */
	__u64 syncs;
	/** @num_syncs: 0 to DRM_QUERN_MAX_SUBMIT_SYNCS */
	__u32 num_syncs;
	/** @sync_stride: bytes of one element of @syncs */
	__u32 sync_stride;
	/**
	 * @seqno: out: number of the first job; the others follow. Counts the jobs of the context
	 * from 1
	 */
	__u64 seqno;
};

/**
 * enum drm_quern_job_status - how a job ended
 */
enum drm_quern_job_status {
	/** @DRM_QUERN_JOB_PENDING: it has not */
	DRM_QUERN_JOB_PENDING = 0,
	/** @DRM_QUERN_JOB_DONE: executed */
	DRM_QUERN_JOB_DONE,
	/** @DRM_QUERN_JOB_INVALID: refused by the firmware */
	DRM_QUERN_JOB_INVALID,
	/** @DRM_QUERN_JOB_FAULT: stopped by a fault, which the fault fields describe */
	DRM_QUERN_JOB_FAULT,
	/** @DRM_QUERN_JOB_TIMEOUT: stopped because its timeout was used up */
	DRM_QUERN_JOB_TIMEOUT,
	/** @DRM_QUERN_JOB_CANCELED: not executed, or not to its end, since an earlier job failed */
	DRM_QUERN_JOB_CANCELED,
	/**
	 * @DRM_QUERN_JOB_DEVICE_LOST: it had begun when the device was reset, or the device went
	 * away
	 */
	DRM_QUERN_JOB_DEVICE_LOST,
};

/**
 * struct drm_quern_job_query - arguments of DRM_IOCTL_QUERN_JOB_QUERY
 *
 * -ENOENT: there was no such job, or it is older than the history.
 */
struct drm_quern_job_query {
	/** @ctx: context */
	__u32 ctx;
	/** @pad: zero */
	__u32 pad;
	/** @seqno: in: number of the job */
	__u64 seqno;
	/**
	 * @status: out: enum drm_quern_job_status; the fields below are zero while it is PENDING
	 */
	__u32 status;
	/** @fault: out: kind of fault */
	__u32 fault;
	/** @fault_unit: out: unit that faulted */
	__u32 fault_unit;
	/** @fault_index: out: command that faulted */
	__u32 fault_index;
	/** @fault_addr: out: address of the fault */
	__u64 fault_addr;
	/** @t_doorbell: out: device cycle at which the device was told */
	__u64 t_doorbell;
	/** @t_start: out: device cycle at which the job started */
	__u64 t_start;
	/** @t_end: out: device cycle at which the firmware saw the end */
	__u64 t_end;
	/**
	 * @job_cycles: out: cycles from start to end; this and what follows if the firmware has
	 * counters
	 */
	__u64 job_cycles;
	/** @mx_busy: out: cycles in which the matrix engine computed */
	__u64 mx_busy;
	/** @ve_busy: out: cycles in which the vector engine computed */
	__u64 ve_busy;
	/** @rd_bytes: out: bytes read from memory */
	__u64 rd_bytes;
	/** @wr_bytes: out: bytes written to memory */
	__u64 wr_bytes;
	/** @tlb_misses: out: translations that needed a walk */
	__u64 tlb_misses;
	/**
	 * @prior_cycles: out: of a job that was preempted, cycles of its pieces before the last;
	 * the other numbers are those of the last piece
	 */
	__u64 prior_cycles;
};

/**
 * enum drm_quern_profile_op - what PROFILE does
 */
enum drm_quern_profile_op {
	/** @DRM_QUERN_PROFILE_START: record events; -EBUSY if another file does */
	DRM_QUERN_PROFILE_START = 0,
	/** @DRM_QUERN_PROFILE_READ: take the events so far; -ECANCELED if the device was reset */
	DRM_QUERN_PROFILE_READ,
	/** @DRM_QUERN_PROFILE_STOP: record no more; so does the end of the file */
	DRM_QUERN_PROFILE_STOP,
};

/** DRM_QUERN_NUM_COUNTERS - counters of the device */
#define DRM_QUERN_NUM_COUNTERS 32

/**
 * struct drm_quern_profile - arguments of DRM_IOCTL_QUERN_PROFILE
 *
 * Needs CAP_PERFMON, since the events are those of all contexts. READ and STOP give -ENOENT in a
 * file that does not record. START and STOP take nothing but @op. The device's ring is small:
 * events that were overwritten before a READ are lost.
 */
struct drm_quern_profile {
	/** @op: enum drm_quern_profile_op */
	__u32 op;
	/** @flags: zero */
	__u32 flags;
	/**
	 * @events: user address of __u64[@num_events], oldest first. Bits 31:0: low word of the
	 * device cycle; 55:32: number of the command; 58:56: unit; 59: 0 if the command entered the
	 * unit, 1 if it left
	 */
	__u64 events;
	/**
	 * @counters: 0, or user address of __u64[DRM_QUERN_NUM_COUNTERS], of the job that runs or
	 * was the last to run
	 */
	__u64 counters;
	/** @num_events: in: room at @events; out: how many there are */
	__u32 num_events;
	/** @lost_events: out: events lost since the last READ; zero when called */
	__u32 lost_events;
	/** @start_cycle: out: device cycle before the counters were read; zero when called */
	__u64 start_cycle;
	/** @counters_cycle: out: device cycle after the counters were read; zero when called */
	__u64 counters_cycle;
	/** @end_cycle: out: device cycle after the events were read; zero when called */
	__u64 end_cycle;
	/**
	 * @dropped_cycles: out: cycles since START whose events the ring could not take; zero when
	 * called
	 */
	__u64 dropped_cycles;
};

#define DRM_QUERN_IOCTL(dir, name, type) \
	DRM_##dir(DRM_COMMAND_BASE + DRM_QUERN_##name, struct drm_quern_##type)

#define DRM_IOCTL_QUERN_DEV_QUERY DRM_QUERN_IOCTL(IOWR, DEV_QUERY, dev_query)
#define DRM_IOCTL_QUERN_CTX_CREATE DRM_QUERN_IOCTL(IOWR, CTX_CREATE, ctx_create)
#define DRM_IOCTL_QUERN_CTX_DESTROY DRM_QUERN_IOCTL(IOWR, CTX_DESTROY, ctx_destroy)
#define DRM_IOCTL_QUERN_CTX_QUERY DRM_QUERN_IOCTL(IOWR, CTX_QUERY, ctx_query)
#define DRM_IOCTL_QUERN_CTX_RESET DRM_QUERN_IOCTL(IOWR, CTX_RESET, ctx_reset)
#define DRM_IOCTL_QUERN_BO_CREATE DRM_QUERN_IOCTL(IOWR, BO_CREATE, bo_create)
#define DRM_IOCTL_QUERN_BO_MMAP_OFFSET DRM_QUERN_IOCTL(IOWR, BO_MMAP_OFFSET, bo_mmap_offset)
#define DRM_IOCTL_QUERN_VM_BIND DRM_QUERN_IOCTL(IOWR, VM_BIND, vm_bind)
#define DRM_IOCTL_QUERN_SUBMIT DRM_QUERN_IOCTL(IOWR, SUBMIT, submit)
#define DRM_IOCTL_QUERN_JOB_QUERY DRM_QUERN_IOCTL(IOWR, JOB_QUERY, job_query)
#define DRM_IOCTL_QUERN_PROFILE DRM_QUERN_IOCTL(IOWR, PROFILE, profile)

#if defined(__cplusplus)
}
#endif

#endif /* _UAPI_QUERN_ACCEL_H_ */
