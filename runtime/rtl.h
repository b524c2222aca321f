/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the RTL transport.
 *
 * The worker thread alone touches the chip and its rings. Others leave jobs in the contexts' queues and one admin
 * command at a time in struct rtl, wake the worker, and wait until it has taken them through the rings and back.
 */
#ifndef RUNTIME_RTL_H
#define RUNTIME_RTL_H

#include "load.h"
#include "local.h"
#include "quern/messages.h"
#include "quern_sim.h"

#define RTL_ADMIN_ENTRIES 16
#define RTL_LOG_BYTES (QUERN_LOG_HEADER_BYTES + 2048)

#define RTL_BUS_BYTES 16u    /* a cycle each way, the width of the chip's bus */
#define RTL_BUS_LATENCY 100u /* cycles */

/* A device string, taken apart. */
struct rtl_config {
	uint32_t array;
	uint32_t bus_bytes;   /* a cycle each way */
	uint32_t bus_latency; /* cycles */
};

/* Submission and completion ring of one context slot. */
struct rtl_ring {
	struct busmem_block block; /* struct job[LOCAL_QUEUE], then struct job_done[LOCAL_QUEUE] */
	struct transport_ctx *ctx; /* NULL: the chip has no context here */
	uint32_t tail;		   /* entries written */
	uint32_t rung;		   /* entries that the doorbell announced */
	uint32_t head;		   /* completions taken */
};

/* An admin command under way; guarded by local.lock. */
struct rtl_admin {
	struct quern_admin_cmd cmd;
	struct transport_ctx *ctx; /* of CTX_CREATE */
	bool wanted;		   /* to be put into the ring */
	bool busy;		   /* in the ring */
	bool done;
	uint64_t issued; /* cycle */
	uint32_t status; /* enum quern_status */
};

enum rtl_trace_request {
	RTL_TRACE_NONE,
	RTL_TRACE_START,
	RTL_TRACE_STOP,
};

/* Recording a profile. */
struct rtl_trace {
	enum rtl_trace_request request;	    /* guarded by local.lock, as the next */
	struct accel_profile *next_profile; /* of RTL_TRACE_START */
	struct accel_profile *profile;	    /* NULL: nothing is recorded; this and the rest is the worker's */
	uint32_t head;			    /* events taken or lost, free-running */
	uint64_t next_sample;		    /* cycle */
};

struct rtl {
	struct local local;
	struct rtl_config config;
	struct quern_sim_api api; /* libquern-rtl-<N>x<N>.so */
	struct quern_sim *sim;
	uint32_t vectors;	  /* interrupts since the last look */
	uint64_t features;	  /* of the messages contract, as agreed */
	struct busmem_block boot; /* boot record, reply, admin rings, log */
	uint32_t admin_tail;	  /* as in struct rtl_ring */
	uint32_t admin_rung;
	uint32_t admin_head;
	struct rtl_ring ring[LOCAL_SLOTS];
	uint64_t boot_cycle;	  /* of the simulation, at which the chip's own counter began */
	uint64_t irq_cycle;	  /* of the chip, when its last interrupt was sent */
	uint64_t last_event;	  /* cycle of the last interrupt or doorbell */
	_Atomic(uint64_t) cycles; /* copy of the chip's, for other threads */

	struct rtl_admin admin;
	struct rtl_trace trace;
	pthread_t worker;
	bool quit;
	bool dead;     /* the device failed: nothing is clocked any more */
	char why[256]; /* it failed */
};

/* Places in the boot block. */
enum rtl_boot_offset {
	RTL_BOOT_RECORD = 0,
	RTL_BOOT_REPLY = 128,
	RTL_BOOT_ADMIN_SQ = 1024,
	RTL_BOOT_ADMIN_CQ = RTL_BOOT_ADMIN_SQ + RTL_ADMIN_ENTRIES * sizeof(struct quern_admin_cmd),
	RTL_BOOT_LOG = 4096,
	RTL_BOOT_BYTES = 8192,
};

/* rtl_config.c: text is what follows "rtl:". */
enum accel_status rtl_parse_config(const char *text, struct rtl_config *config, struct accel_error *error);
/* The device string, without what is at its default. */
void rtl_config_name(const struct rtl_config *config, char *name, size_t bytes);

/* rtl_lib.c: the shared object and the firmware file. */
enum accel_status rtl_lib_open(struct quern_sim_api *api, uint32_t array, struct accel_error *error);
/* path: PATH_MAX bytes. */
enum accel_status rtl_find_firmware(char *path, struct accel_error *error);

/* rtl_boot.c: load the firmware, shake hands, fill info. The chip is asleep afterwards. */
enum accel_status rtl_boot(struct rtl *rtl, struct accel_device_info *info, struct accel_error *error);
/* The last line of the firmware's log; "" if it has said nothing. */
void rtl_log_tail(const struct rtl *rtl, char *text, size_t bytes);
/* The chip's own cycle counter, without a register access; exact to the few cycles that one takes. */
uint64_t rtl_chip_cycle(const struct rtl *rtl);
uint32_t rtl_read(struct rtl *rtl, uint32_t offset);
void rtl_write(struct rtl *rtl, uint32_t offset, uint32_t value);

/* rtl_trace.c: do what was requested. Called by the worker, with the lock. */
void rtl_trace_serve(struct rtl *rtl);
/* Let at most this many cycles pass, less if there is an interrupt, and record meanwhile. */
void rtl_trace_run(struct rtl *rtl, uint64_t cycles);
/* As struct transport_ops has them. */
enum accel_status rtl_profile_start(struct transport *t, struct accel_profile *profile, struct accel_error *error);
void rtl_profile_stop(struct transport *t);

/* rtl_ring.c */
bool rtl_ring_init(struct rtl *rtl, uint32_t slot);
/* Put what is queued into the rings. Called with the lock. */
void rtl_push(struct rtl *rtl);
/* Tell the chip. Without the lock. */
void rtl_doorbells(struct rtl *rtl);
/* Whether everything that was announced has been answered. Without the lock. */
bool rtl_answered(const struct rtl *rtl);
/* Whether anything is wanted or under way. Called with the lock. */
bool rtl_work_left(const struct rtl *rtl);
/* Take completions. False: the firmware broke the protocol, rtl->why says how. Called with the lock. */
bool rtl_harvest(struct rtl *rtl);

#endif
