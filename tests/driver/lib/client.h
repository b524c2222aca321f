/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A client of the driver: an open file with a context, a syncobj, and a buffer that is mapped here and bound for the
 * device. What cannot fail in a test of something else ends the process.
 */
#ifndef TESTS_DRIVER_CLIENT_H
#define TESTS_DRIVER_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include <drm/quern_accel.h>

#define NODE "/dev/accel/accel0"
#define PAGE 4096ull

/* The client's buffer: commands in the first page, data behind; the last pages are those of client_works(). */
#define CLIENT_VA 0x100000ull
#define CLIENT_BYTES (16 * PAGE)
#define CLIENT_DATA PAGE
#define CLIENT_LAST (13 * PAGE)
/* An address that no client binds by itself. */
#define FREE_VA 0x4000000ull

struct client {
	int fd;
	uint32_t ctx;
	uint32_t bo;
	uint32_t sync;
	unsigned char *map;
};

/* An ioctl; 0 or a negative errno. */
int call(int fd, unsigned long request, void *args);

int node_open(void);
uint32_t node_ctx(int fd, uint32_t priority);
uint32_t node_bo(int fd, uint64_t bytes);
uint32_t node_syncobj(int fd);
/* Maps a buffer object for this process. */
void *node_map(int fd, uint32_t bo, uint64_t bytes);
int node_bind(int fd, uint32_t bo, uint64_t va, uint64_t range, uint32_t flags);
int node_unbind(int fd, uint64_t va, uint64_t range);
int node_destroy_ctx(int fd, uint32_t ctx);
int node_close_bo(int fd, uint32_t bo);
int node_close_syncobj(int fd, uint32_t syncobj);

void client_open(struct client *c);
void client_open_priority(struct client *c, uint32_t priority);
void client_close(struct client *c);

/* A job that runs what is at the start of the client's buffer; region 0 is that buffer. */
struct drm_quern_job client_job(uint32_t num_commands);
/* A job that keeps the chip busy for about this many cycles, by a stream at the start of the client's buffer. */
struct drm_quern_job client_busy_job(const struct client *c, uint32_t cycles);
/* Queue jobs; the client's syncobj follows the last. 0 or a negative errno. */
int client_submit(const struct client *c, const struct drm_quern_job *jobs, uint32_t num, uint64_t *seqno);
/* Wait for the client's syncobj and return the job's enum drm_quern_job_status. */
uint32_t client_finish(const struct client *c, uint64_t seqno);
/* Queue num such jobs at once and return the first's number; timeout is that of each, in cycles, 0: the driver's own. */
uint64_t client_keep_busy(const struct client *c, uint32_t cycles, uint64_t timeout, uint32_t num);
struct drm_quern_job_query client_query(const struct client *c, uint64_t seqno);
/* client_submit, client_finish. */
uint32_t client_run(const struct client *c, uint32_t num_commands);
/* Wait until all jobs of the context have ended. */
void client_idle(const struct client *c);
struct drm_quern_ctx_query client_state(const struct client *c);
void client_reset(const struct client *c);
/* Copy data through the chip, behind what is queued, and look at every byte; false says so by fail(). */
bool client_works(const struct client *c);
/* A client that comes and goes: the device works. */
void device_works(void);

#endif
