// SPDX-License-Identifier: Apache-2.0
/* The rings between host and firmware: entries out, doorbells, completions in. All of it is the worker's. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "quern/ring.h"
#include "rtl.h"

#define SQ_BYTES (LOCAL_QUEUE * sizeof(struct quern_job))
#define CQ_BYTES (LOCAL_QUEUE * sizeof(struct quern_job_done))

/* A slot's rings are made once and stay: the next context of the slot starts with empty ones. */
bool rtl_ring_init(struct rtl *rtl, uint32_t slot)
{
	struct rtl_ring *ring = &rtl->ring[slot];

	return ring->block.map || busmem_alloc_contiguous(&rtl->local.mem, SQ_BYTES + CQ_BYTES, &ring->block);
}

static void ring_reset(struct rtl_ring *ring, struct transport_ctx *ctx)
{
	memset(ring->block.map, 0, ring->block.bytes);
	ring->ctx = ctx;
	ring->tail = 0;
	ring->rung = 0;
	ring->head = 0;
}

static struct quern_job_done ring_completion(const struct rtl_ring *ring)
{
	struct quern_job_done done;

	memcpy(&done, ring->block.map + SQ_BYTES + quern_ring_slot(ring->head, LOCAL_QUEUE) * sizeof(done),
	       sizeof(done));
	return done;
}

static struct quern_admin_done admin_completion(const struct rtl *rtl)
{
	struct quern_admin_done done;

	memcpy(&done,
	       rtl->boot.map + RTL_BOOT_ADMIN_CQ + quern_ring_slot(rtl->admin_head, RTL_ADMIN_ENTRIES) * sizeof(done),
	       sizeof(done));
	return done;
}

/* Regions up to the last that is not zero: the firmware sets only those. */
static uint32_t regions_used(const uint64_t region[QUERN_NUM_REGIONS])
{
	uint32_t n = QUERN_NUM_REGIONS;

	while (n && !region[n - 1])
		n--;
	return n;
}

static void push_job(struct rtl_ring *ring, struct transport_job *job)
{
	const struct transport_submit *s = &job->submit;
	struct quern_job rec = {
		.op = QUERN_JOB_OP_RUN,
		.ncmds = s->num_commands,
		.seqno = s->seqno,
		.stream = s->stream,
		.timeout = s->timeout_cycles,
		.num_regions = regions_used(s->region),
	};

	memcpy(rec.region, s->region, sizeof(rec.region));
	memcpy(ring->block.map + quern_ring_slot(ring->tail, LOCAL_QUEUE) * sizeof(rec), &rec, sizeof(rec));
	ring->tail++;
	job->pushed = true;
}

static void push_jobs(struct rtl_ring *ring)
{
	list_for_each(node, &ring->ctx->queue)
	{
		struct transport_job *job = list_entry(node, struct transport_job, link);

		if (job->pushed)
			continue;
		if (!quern_ring_space(ring->head, ring->tail, LOCAL_QUEUE))
			return;
		push_job(ring, job);
		ring->ctx->stale = true;
	}
}

static void push_admin(struct rtl *rtl)
{
	struct rtl_admin *admin = &rtl->admin;
	struct quern_admin_cmd *cmd = &admin->cmd;

	cmd->seqno = rtl->admin_tail;
	if (cmd->op == QUERN_ADMIN_OP_CTX_CREATE)
		ring_reset(&rtl->ring[cmd->ctx], NULL);
	memcpy(rtl->boot.map + RTL_BOOT_ADMIN_SQ + quern_ring_slot(rtl->admin_tail, RTL_ADMIN_ENTRIES) * sizeof(*cmd),
	       cmd, sizeof(*cmd));
	rtl->admin_tail++;
	admin->wanted = false;
	admin->busy = true;
	admin->issued = rtl->api.cycles(rtl->sim);
}

void rtl_push(struct rtl *rtl)
{
	if (rtl->admin.wanted)
		push_admin(rtl);
	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++)
		if (rtl->ring[slot].ctx && !rtl->ring[slot].ctx->dying)
			push_jobs(&rtl->ring[slot]);
}

void rtl_doorbells(struct rtl *rtl)
{
	bool rang = false;

	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++) {
		struct rtl_ring *ring = &rtl->ring[slot];

		if (ring->rung == ring->tail)
			continue;
		rtl_write(rtl, QUERN_REG_DOORBELL(slot), ring->tail);
		ring->rung = ring->tail;
		rang = true;
	}
	if (rtl->admin_rung != rtl->admin_tail) {
		rtl_write(rtl, QUERN_REG_ADMIN_DOORBELL, rtl->admin_tail);
		rtl->admin_rung = rtl->admin_tail;
		rang = true;
	}
	if (rang)
		rtl->last_event = rtl->api.cycles(rtl->sim);
}

bool rtl_answered(const struct rtl *rtl)
{
	const unsigned char *cq;
	uint32_t stamp;

	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++) {
		const struct rtl_ring *ring = &rtl->ring[slot];
		uint32_t last = ring->rung - 1;

		if (ring->rung == ring->head)
			continue;
		cq = ring->block.map + SQ_BYTES;
		memcpy(&stamp, cq + quern_ring_slot(last, LOCAL_QUEUE) * sizeof(struct quern_job_done), sizeof(stamp));
		if (!quern_ring_stamped(stamp, last))
			return false;
	}
	return rtl->admin_rung == rtl->admin_head || quern_ring_stamped(admin_completion(rtl).index, rtl->admin_head);
}

bool rtl_work_left(const struct rtl *rtl)
{
	if (rtl->admin.wanted || rtl->admin.busy)
		return true;
	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++)
		if (rtl->ring[slot].ctx && !list_empty(&rtl->ring[slot].ctx->queue))
			return true;
	return false;
}

static enum accel_status job_status(uint32_t status, const struct transport_ctx *ctx)
{
	switch (status) {
	case QUERN_STATUS_OK:
		return ACCEL_OK;
	case QUERN_STATUS_EINVAL:
		return ACCEL_ERROR_INVALID_ARGUMENT;
	case QUERN_STATUS_EFAULT:
		return ACCEL_ERROR_FAULT;
	case QUERN_STATUS_ETIMEDOUT: /* a job that the firmware stops to destroy its context ends like this, too */
		return ctx->dying ? ACCEL_ERROR_CANCELED : ACCEL_ERROR_JOB_TIMEOUT;
	case QUERN_STATUS_ECANCELED:
		return ACCEL_ERROR_CANCELED;
	default:
		return ACCEL_ERROR_DEVICE_FAILED;
	}
}

static void take_job(struct rtl *rtl, struct transport_job *job, const struct transport_ctx *ctx,
		     const struct quern_job_done *done)
{
	job->result = (struct accel_result){
		.status = job_status(done->status, ctx),
		.fault = done->fault,
		.fault_unit = done->fault_unit,
		.fault_index = done->fault_index,
		.fault_addr = done->fault_addr,
		.t_doorbell = done->t_doorbell,
		.t_start = done->t_start,
		.t_end = done->t_end,
		.job_cycles = done->job_cycles,
		.mx_busy = done->mx_busy,
		.ve_busy = done->ve_busy,
		.rd_bytes = done->rd_bytes,
		.wr_bytes = done->wr_bytes,
		.tlb_misses = done->tlb_misses,
		.prior_cycles = done->prior_cycles,
		.t_complete = rtl->irq_cycle > done->t_end ? rtl->irq_cycle : rtl_chip_cycle(rtl),
	};
	local_job_complete(&rtl->local, job);
}

/* Completions come in the order of submission: anything else is a broken firmware. */
static bool harvest_ring(struct rtl *rtl, struct rtl_ring *ring)
{
	while (ring->head != ring->rung) {
		struct quern_job_done done = ring_completion(ring);
		struct transport_job *job;

		if (!quern_ring_stamped(done.index, ring->head))
			return true;
		job = list_entry(ring->ctx->queue.next, struct transport_job, link);
		if (list_empty(&ring->ctx->queue) || job->submit.seqno != done.seqno) {
			snprintf(rtl->why, sizeof(rtl->why),
				 "the firmware completed job %" PRIu64 " of context %u, which is not the oldest",
				 done.seqno, ring->ctx->slot);
			return false;
		}
		take_job(rtl, job, ring->ctx, &done);
		ring->head++;
	}
	return true;
}

static void admin_done(struct rtl *rtl, uint32_t status)
{
	struct rtl_admin *admin = &rtl->admin;
	struct rtl_ring *ring = &rtl->ring[admin->cmd.ctx];

	if (admin->cmd.op == QUERN_ADMIN_OP_CTX_CREATE && status == QUERN_STATUS_OK)
		ring->ctx = admin->ctx;
	if (admin->cmd.op == QUERN_ADMIN_OP_CTX_DESTROY)
		ring->ctx = NULL;
	admin->status = status;
	admin->busy = false;
	admin->done = true;
	pthread_cond_broadcast(&rtl->local.changed);
}

static bool harvest_admin(struct rtl *rtl)
{
	struct quern_admin_done done = admin_completion(rtl);

	if (rtl->admin_head == rtl->admin_rung || !quern_ring_stamped(done.index, rtl->admin_head))
		return true;
	if (done.seqno != rtl->admin.cmd.seqno || !rtl->admin.busy) {
		snprintf(rtl->why, sizeof(rtl->why), "the firmware answered admin command %u, which was not asked",
			 done.seqno);
		return false;
	}
	rtl->admin_head++;
	admin_done(rtl, done.status);
	return true;
}

bool rtl_harvest(struct rtl *rtl)
{
	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++)
		if (rtl->ring[slot].ctx && !harvest_ring(rtl, &rtl->ring[slot]))
			return false;
	return harvest_admin(rtl);
}
