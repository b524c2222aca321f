/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/*
 * Tracepoints. A context is named by its slot, a job by slot and number. No interface: they may
 * change.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM quern

#if !defined(QUERN_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define QUERN_TRACE_H

#include <linux/tracepoint.h>

#include "quern_ctx.h"
#include "quern_device.h"
#include "quern_job.h"

DECLARE_EVENT_CLASS(quern_ctx_class,
		    TP_PROTO(const struct quern_ctx *ctx),
		    TP_ARGS(ctx),
		    TP_STRUCT__entry(__string(dev, dev_name(ctx->qdev->drm.dev))
				     __field(u32, slot)
				     __field(u32, asid)
				     __field(u32, priority)
		    ),
		    TP_fast_assign(__assign_str(dev);
				   __entry->slot = ctx->slot;
				   __entry->asid = ctx->asid;
				   __entry->priority = ctx->priority;
		    ),
		    TP_printk("%s slot=%u asid=%u priority=%u", __get_str(dev), __entry->slot,
			      __entry->asid, __entry->priority)
);

DEFINE_EVENT(quern_ctx_class, quern_ctx_create,
	     TP_PROTO(const struct quern_ctx *ctx),
	     TP_ARGS(ctx)
);

DEFINE_EVENT(quern_ctx_class, quern_ctx_destroy,
	     TP_PROTO(const struct quern_ctx *ctx),
	     TP_ARGS(ctx)
);

DECLARE_EVENT_CLASS(quern_job_class,
		    TP_PROTO(const struct quern_task *task),
		    TP_ARGS(task),
		    TP_STRUCT__entry(__string(dev, dev_name(task->ctx->qdev->drm.dev))
				     __field(u32, slot)
				     __field(u64, seqno)
				     __field(u32, commands)
				     __field(u32, first)
		    ),
		    TP_fast_assign(__assign_str(dev);
				   __entry->slot = task->ctx->slot;
				   __entry->seqno = task->record.seqno;
				   __entry->commands = task->record.ncmds;
				   __entry->first = task->record.first;
		    ),
		    TP_printk("%s slot=%u seqno=%llu commands=%u first=%u", __get_str(dev),
			      __entry->slot, __entry->seqno, __entry->commands, __entry->first)
);

/* Accepted by the submit ioctl. */
DEFINE_EVENT(quern_job_class, quern_job_queue,
	     TP_PROTO(const struct quern_task *task),
	     TP_ARGS(task)
);

/* What it waited for has happened: on the context's ring. */
DEFINE_EVENT(quern_job_class, quern_job_start,
	     TP_PROTO(const struct quern_task *task),
	     TP_ARGS(task)
);

/* Again on the ring, after a reset. */
DEFINE_EVENT(quern_job_class, quern_job_again,
	     TP_PROTO(const struct quern_task *task),
	     TP_ARGS(task)
);

/* status: enum drm_quern_job_status; cycles are 0 of a job that the chip did not execute. */
TRACE_EVENT(quern_job_done,
	    TP_PROTO(const struct quern_task *task, u32 status, const struct quern_job_done *done),
	    TP_ARGS(task, status, done),
	    TP_STRUCT__entry(__string(dev, dev_name(task->ctx->qdev->drm.dev))
			     __field(u32, slot)
			     __field(u64, seqno)
			     __field(u32, status)
			     __field(u64, t_doorbell)
			     __field(u64, t_start)
			     __field(u64, t_end)
	    ),
	    TP_fast_assign(__assign_str(dev);
			   __entry->slot = task->ctx->slot;
			   __entry->seqno = task->record.seqno;
			   __entry->status = status;
			   __entry->t_doorbell = done->t_doorbell;
			   __entry->t_start = done->t_start;
			   __entry->t_end = done->t_end;
	    ),
	    TP_printk("%s slot=%u seqno=%llu status=%u t_doorbell=%llu t_start=%llu t_end=%llu",
		      __get_str(dev), __entry->slot, __entry->seqno, __entry->status,
		      __entry->t_doorbell, __entry->t_start, __entry->t_end)
);

TRACE_EVENT(quern_fault,
	    TP_PROTO(const struct quern_task *task, const struct quern_job_done *done),
	    TP_ARGS(task, done),
	    TP_STRUCT__entry(__string(dev, dev_name(task->ctx->qdev->drm.dev))
			     __field(u32, slot)
			     __field(u64, seqno)
			     __field(u32, fault)
			     __field(u32, unit)
			     __field(u32, index)
			     __field(u64, addr)
	    ),
	    TP_fast_assign(__assign_str(dev);
			   __entry->slot = task->ctx->slot;
			   __entry->seqno = task->record.seqno;
			   __entry->fault = done->fault;
			   __entry->unit = done->fault_unit;
			   __entry->index = done->fault_index;
			   __entry->addr = done->fault_addr;
	    ),
	    TP_printk("%s slot=%u seqno=%llu fault=%u unit=%u command=%u addr=0x%llx",
		      __get_str(dev), __entry->slot, __entry->seqno, __entry->fault,
		      __entry->unit, __entry->index, __entry->addr)
);

TRACE_EVENT(quern_reset,
	    TP_PROTO(const struct quern_device *qdev, u32 state, u32 error),
	    TP_ARGS(qdev, state, error),
	    TP_STRUCT__entry(__string(dev, dev_name(qdev->drm.dev))
			     __field(u32, state)
			     __field(u32, error)
	    ),
	    TP_fast_assign(__assign_str(dev);
			   __entry->state = state;
			   __entry->error = error;
	    ),
	    TP_printk("%s state=%u error=0x%x", __get_str(dev), __entry->state, __entry->error)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE quern_trace
#include <trace/define_trace.h>
