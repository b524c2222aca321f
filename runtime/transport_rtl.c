// SPDX-License-Identifier: Apache-2.0
/*
 * Transport over the chip's RTL in this process, with the real firmware on its core.
 *
 * The chip's clock runs only while there is work, so that a program that submits and waits sees the same cycle counts
 * on every host. For the same reason an interrupt that ends all work is followed by running the chip until it sleeps,
 * before anybody hears of it. All bounds are in cycles: the host may be as slow as it likes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "rtl.h"

#define SLICE_CYCLES 4096u /* a doorbell waits no longer than this */
#define SETTLE_CYCLES 100000u
#define ADMIN_CYCLES 50000000u /* for an admin command; destroying a context stops a job first */
#define LOST_CYCLES 1000000u   /* asleep, with answers owed */

static struct rtl *to_rtl(struct transport *t)
{
	return (struct rtl *)t;
}

static int read_memory(void *ctx, uint64_t bus, void *data, uint32_t bytes)
{
	const void *p = busmem_at(&((struct rtl *)ctx)->local.mem, bus, bytes);

	if (!p)
		return -1;
	memcpy(data, p, bytes);
	return 0;
}

static int write_memory(void *ctx, uint64_t bus, const void *data, uint32_t bytes, uint32_t strobe)
{
	unsigned char *p = busmem_at(&((struct rtl *)ctx)->local.mem, bus, bytes);
	const unsigned char *from = data;

	if (!p)
		return -1;
	if (strobe == (uint32_t)((1ull << bytes) - 1)) {
		memcpy(p, from, bytes);
		return 0;
	}
	for (uint32_t i = 0; i < bytes; i++)
		if (strobe >> i & 1)
			p[i] = from[i];
	return 0;
}

static void note_irq(void *ctx, unsigned int vector)
{
	struct rtl *rtl = ctx;

	rtl->vectors |= 1u << vector;
	rtl->irq_cycle = rtl_chip_cycle(rtl);
}

/* Called with the lock. Everybody who waits hears that the device has failed. */
static void die(struct rtl *rtl)
{
	rtl->dead = true;
	rtl->admin.status = QUERN_STATUS_EIO;
	rtl->admin.wanted = false;
	rtl->admin.busy = false;
	rtl->admin.done = true;
	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++)
		if (rtl->local.ctx[slot])
			local_cancel(&rtl->local, rtl->local.ctx[slot], ACCEL_ERROR_DEVICE_FAILED);
	pthread_cond_broadcast(&rtl->local.changed);
}

static void acknowledge(struct rtl *rtl)
{
	uint32_t raised = rtl_read(rtl, QUERN_REG_IRQ_STATUS);

	rtl_write(rtl, QUERN_REG_IRQ_STATUS, raised);
	rtl->vectors = 0;
	rtl->last_event = rtl->api.cycles(rtl->sim);
}

/* False if the firmware has crashed or was stopped; rtl->why says how. */
static bool firmware_well(struct rtl *rtl)
{
	uint32_t state = rtl_read(rtl, QUERN_REG_FW_STATUS);
	char log[96];

	if (state == QUERN_FW_STATE_READY && !(rtl_read(rtl, QUERN_REG_STATUS) & QUERN_STATUS_WATCHDOG_MASK))
		return true;
	rtl_log_tail(rtl, log, sizeof(log));
	snprintf(rtl->why, sizeof(rtl->why), "the firmware stopped: state %s, error 0x%x, at 0x%x, log '%s'",
		 quern_fw_state_name(state), rtl_read(rtl, QUERN_REG_FW_ERROR), rtl_read(rtl, QUERN_REG_SCRATCH(0)),
		 log);
	return false;
}

/* Let the chip go to sleep; interrupts on the way are taken. */
static void settle(struct rtl *rtl)
{
	uint64_t end = rtl->api.cycles(rtl->sim) + SETTLE_CYCLES;

	while (rtl->api.busy(rtl->sim) && rtl->api.cycles(rtl->sim) < end) {
		rtl->api.run(rtl->sim, SETTLE_CYCLES, QUERN_SIM_STOP_IDLE | QUERN_SIM_STOP_IRQ);
		if (rtl->vectors)
			acknowledge(rtl);
	}
}

/* One slice of the chip's time, without the lock. False: the device has failed. */
static bool run_slice(struct rtl *rtl)
{
	uint64_t now;

	rtl_doorbells(rtl);
	if (rtl->trace.profile)
		rtl_trace_run(rtl, SLICE_CYCLES);
	else
		rtl->api.run(rtl->sim, SLICE_CYCLES, QUERN_SIM_STOP_IRQ);
	if (rtl->vectors) {
		acknowledge(rtl);
		if (!firmware_well(rtl))
			return false;
	}
	if (rtl_answered(rtl)) {
		settle(rtl);
		return true;
	}
	now = rtl->api.cycles(rtl->sim);
	if (!rtl->api.busy(rtl->sim) && now - rtl->last_event > LOST_CYCLES) {
		snprintf(rtl->why, sizeof(rtl->why), "the firmware sleeps and has not answered for %u cycles",
			 LOST_CYCLES);
		return false;
	}
	return true;
}

/* Called with the lock. */
static bool admin_in_time(struct rtl *rtl)
{
	if (!rtl->admin.busy || rtl->api.cycles(rtl->sim) - rtl->admin.issued <= ADMIN_CYCLES)
		return true;
	snprintf(rtl->why, sizeof(rtl->why), "the firmware has not answered admin command %s within %u cycles",
		 quern_admin_op_name(rtl->admin.cmd.op), ADMIN_CYCLES);
	return false;
}

static void *work(void *arg)
{
	struct rtl *rtl = arg;
	bool well;

	local_lock(&rtl->local);
	while (!rtl->quit) {
		if (!rtl->dead && rtl->trace.request)
			rtl_trace_serve(rtl);
		if (rtl->dead || !rtl_work_left(rtl)) {
			pthread_cond_wait(&rtl->local.wake, &rtl->local.lock);
			continue;
		}
		rtl_push(rtl);
		local_unlock(&rtl->local);
		well = run_slice(rtl);
		atomic_store(&rtl->cycles, rtl->api.cycles(rtl->sim));
		local_lock(&rtl->local);
		if (!well || !rtl_harvest(rtl) || !admin_in_time(rtl))
			die(rtl);
	}
	local_unlock(&rtl->local);
	return NULL;
}

static enum accel_status create_chip(struct rtl *rtl, struct accel_error *error)
{
	static const struct quern_sim_memory_ops ops = {.read = read_memory, .write = write_memory};
	const struct quern_sim_params params = {
		.api = QUERN_SIM_API,
		.bus_bytes_per_cycle = rtl->config.bus_bytes,
		.bus_latency = rtl->config.bus_latency,
	};
	uint32_t array = rtl->config.array;
	enum accel_status status = rtl_lib_open(&rtl->api, array, error);

	if (status)
		return status;
	if (rtl->api.create(&rtl->sim, &params)) {
		quern_sim_unload(&rtl->api);
		return error_set(error, ACCEL_ERROR_VERSION,
				 "libquern-rtl-%ux%u.so refuses this library: build both "
				 "from one tree",
				 array, array);
	}
	rtl->api.set_memory_ops(rtl->sim, &ops, rtl);
	rtl->api.set_irq(rtl->sim, note_irq, rtl);
	return ACCEL_OK;
}

static void destroy_chip(struct rtl *rtl)
{
	rtl->api.destroy(rtl->sim);
	rtl->sim = NULL;
	quern_sim_unload(&rtl->api);
}

static enum accel_status rtl_open(const char *config, struct transport **t, struct accel_device_info *info,
				  struct accel_error *error)
{
	struct rtl_config parsed;
	enum accel_status status = rtl_parse_config(config, &parsed, error);
	struct rtl *rtl;

	if (status)
		return status;
	rtl = calloc(1, sizeof(*rtl));
	if (!rtl || !local_init(&rtl->local)) {
		free(rtl);
		return error_no_memory(error, "a device");
	}
	rtl->config = parsed;
	status = create_chip(rtl, error);
	if (status)
		goto err_local;
	status = rtl_boot(rtl, info, error);
	if (status)
		goto err_chip;
	atomic_store(&rtl->cycles, rtl->api.cycles(rtl->sim));
	if (pthread_create(&rtl->worker, NULL, work, rtl)) {
		status = error_no_memory(error, "a thread");
		goto err_chip;
	}
	*t = (struct transport *)rtl;
	return ACCEL_OK;
err_chip:
	destroy_chip(rtl);
	busmem_free(&rtl->local.mem, &rtl->boot);
err_local:
	local_finish(&rtl->local);
	free(rtl);
	return status;
}

static void rtl_stop(struct transport *t)
{
	struct rtl *rtl = to_rtl(t);

	local_lock(&rtl->local);
	rtl->quit = true;
	pthread_cond_signal(&rtl->local.wake);
	local_unlock(&rtl->local);
	pthread_join(rtl->worker, NULL);
	local_lock(&rtl->local);
	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++)
		if (rtl->local.ctx[slot])
			local_cancel(&rtl->local, rtl->local.ctx[slot], ACCEL_ERROR_CANCELED);
	local_unlock(&rtl->local);
	destroy_chip(rtl);
}

static void rtl_free(struct transport *t)
{
	struct rtl *rtl = to_rtl(t);

	for (uint32_t slot = 0; slot < LOCAL_SLOTS; slot++)
		busmem_free(&rtl->local.mem, &rtl->ring[slot].block);
	busmem_free(&rtl->local.mem, &rtl->boot);
	local_finish(&rtl->local);
	free(rtl);
}

static enum accel_status rtl_bo_create(struct transport *t, uint64_t bytes, struct transport_bo **bo,
				       struct transport_bo_info *info, struct accel_error *error)
{
	return local_bo_create(&to_rtl(t)->local, bytes, bo, info, error);
}

static void rtl_bo_free(struct transport *t, struct transport_bo *bo)
{
	local_bo_free(&to_rtl(t)->local, bo);
}

/* Send a command and wait for the answer, which the worker bounds. Once the device has failed or stopped, nothing. */
static uint32_t run_admin(struct rtl *rtl, const struct quern_admin_cmd *cmd, struct transport_ctx *ctx)
{
	struct rtl_admin *admin = &rtl->admin;
	uint32_t status = QUERN_STATUS_EIO;

	local_lock(&rtl->local);
	if (!rtl->dead && !rtl->quit) {
		*admin = (struct rtl_admin){.cmd = *cmd, .ctx = ctx, .wanted = true};
		pthread_cond_signal(&rtl->local.wake);
		while (!admin->done)
			local_wait(&rtl->local, UINT64_MAX);
		status = admin->status;
	}
	local_unlock(&rtl->local);
	return status;
}

static enum accel_status admin_failed(const struct rtl *rtl, const char *what, uint32_t status,
				      struct accel_error *error)
{
	if (rtl->dead)
		return error_set(error, ACCEL_ERROR_DEVICE_FAILED, "%s: close the device and open it again", rtl->why);
	return error_set(error, ACCEL_ERROR_DEVICE_FAILED, "the firmware refused to %s: %s", what,
			 quern_status_name(status));
}

static enum accel_status rtl_ctx_create(struct transport *t, uint32_t priority, struct transport_ctx **out,
					struct accel_error *error)
{
	struct rtl *rtl = to_rtl(t);
	struct transport_ctx *ctx;
	struct quern_admin_cmd cmd = {.op = QUERN_ADMIN_OP_CTX_CREATE, .priority = priority, .entries = LOCAL_QUEUE};
	enum accel_status status = local_ctx_create(&rtl->local, priority, &ctx, error);
	const struct rtl_ring *ring;
	uint32_t answer;

	if (status)
		return status;
	ring = &rtl->ring[ctx->slot];
	if (!rtl_ring_init(rtl, ctx->slot)) {
		local_ctx_free(&rtl->local, ctx);
		return error_no_memory(error, "rings");
	}
	cmd.ctx = ctx->slot;
	cmd.asid = ctx->slot + 1;
	cmd.root = vm_root(&ctx->vm);
	cmd.sq = busmem_bus(&ring->block, 0);
	cmd.cq = busmem_bus(&ring->block, LOCAL_QUEUE * sizeof(struct quern_job));
	answer = run_admin(rtl, &cmd, ctx);
	if (answer != QUERN_STATUS_OK) {
		local_ctx_free(&rtl->local, ctx);
		return admin_failed(rtl, "create a context", answer, error);
	}
	*out = ctx;
	return ACCEL_OK;
}

static void rtl_ctx_destroy(struct transport *t, struct transport_ctx *ctx)
{
	struct rtl *rtl = to_rtl(t);
	const struct quern_admin_cmd cmd = {.op = QUERN_ADMIN_OP_CTX_DESTROY, .ctx = ctx->slot};

	local_lock(&rtl->local);
	ctx->dying = true;
	local_unlock(&rtl->local);
	run_admin(rtl, &cmd, ctx);
	local_lock(&rtl->local);
	rtl->ring[ctx->slot].ctx = NULL;
	local_cancel(&rtl->local, ctx, ACCEL_ERROR_CANCELED);
	local_unlock(&rtl->local);
	local_ctx_free(&rtl->local, ctx);
}

static enum accel_status rtl_ctx_reset(struct transport *t, struct transport_ctx *ctx, struct accel_error *error)
{
	struct rtl *rtl = to_rtl(t);
	const struct quern_admin_cmd cmd = {.op = QUERN_ADMIN_OP_CTX_RESET, .ctx = ctx->slot};
	uint32_t answer = run_admin(rtl, &cmd, ctx);

	return answer == QUERN_STATUS_OK ? ACCEL_OK : admin_failed(rtl, "reset a context", answer, error);
}

/* Only jobs fill the chip's TLB, so without one since the last flush there is nothing to drop. */
static void flush_ctx(struct rtl *rtl, struct transport_ctx *ctx)
{
	const struct quern_admin_cmd cmd = {.op = QUERN_ADMIN_OP_TLB_FLUSH, .asid = ctx->slot + 1};
	bool stale;

	local_lock(&rtl->local);
	stale = ctx->stale || !list_empty(&ctx->queue);
	ctx->stale = !list_empty(&ctx->queue);
	local_unlock(&rtl->local);
	if (stale)
		run_admin(rtl, &cmd, ctx);
}

static enum accel_status rtl_bo_map(struct transport *t, struct transport_ctx *ctx, struct transport_bo *bo,
				    bool writable, uint64_t *va, struct accel_error *error)
{
	if (vm_map(&ctx->vm, &bo->block, writable, va))
		return ACCEL_OK;
	flush_ctx(to_rtl(t), ctx);
	return error_no_memory(error, "page tables");
}

static void rtl_bo_unmap(struct transport *t, struct transport_ctx *ctx, struct transport_bo *bo, uint64_t va)
{
	vm_unmap(&ctx->vm, va, bo->block.bytes);
	flush_ctx(to_rtl(t), ctx);
	vm_release(&ctx->vm, va, bo->block.bytes);
}

static enum accel_status rtl_submit(struct transport *t, struct transport_ctx *ctx,
				    const struct transport_submit *submit, struct transport_job **job,
				    struct accel_error *error)
{
	struct rtl *rtl = to_rtl(t);
	enum accel_status status;

	local_lock(&rtl->local);
	if (rtl->dead) {
		status = admin_failed(rtl, "take a job", QUERN_STATUS_EIO, error);
	} else {
		status = local_job_create(ctx, submit, job, error);
		pthread_cond_signal(&rtl->local.wake);
	}
	local_unlock(&rtl->local);
	return status;
}

static bool rtl_job_wait(struct transport *t, struct transport_job *job, uint64_t deadline_ns)
{
	return local_job_wait(&to_rtl(t)->local, job, deadline_ns);
}

static bool rtl_job_done(struct transport *t, struct transport_job *job, struct accel_result *result)
{
	return local_job_done(&to_rtl(t)->local, job, result);
}

static void rtl_job_free(struct transport *t, struct transport_job *job)
{
	(void)t;
	local_job_free(job);
}

static uint64_t rtl_cycles(struct transport *t)
{
	return atomic_load(&to_rtl(t)->cycles);
}

const struct transport_ops transport_rtl_ops = {
	.prefix = "rtl",
	.open = rtl_open,
	.stop = rtl_stop,
	.free = rtl_free,
	.bo_create = rtl_bo_create,
	.bo_free = rtl_bo_free,
	.ctx_create = rtl_ctx_create,
	.ctx_destroy = rtl_ctx_destroy,
	.ctx_reset = rtl_ctx_reset,
	.bo_map = rtl_bo_map,
	.bo_unmap = rtl_bo_unmap,
	.submit = rtl_submit,
	.job_wait = rtl_job_wait,
	.job_done = rtl_job_done,
	.job_free = rtl_job_free,
	.cycles = rtl_cycles,
	.profile_start = rtl_profile_start,
	.profile_stop = rtl_profile_stop,
};
