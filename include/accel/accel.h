/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libaccel: run compiled programs on a Quern accelerator.
 *
 *     struct accel_device *dev;
 *     struct accel_error err;
 *
 *     if (accel_device_open("rtl:16x16", &dev, &err))
 *             errx(1, "%s", err.message);
 *
 * A device is named by a string:
 *
 *     func, func:8x8                 the functional model in this process: same results, no cycle counts
 *     rtl, rtl:8x8, rtl:32x32        the chip's RTL in this process, with the real firmware on its core
 *     rtl:16x16,bus=4,latency=200    the same on a board whose memory moves 4 bytes a cycle each way after 200 cycles
 *     accel0, /dev/accel/accel0      the kernel driver
 *
 * Rules
 *   - Objects are opaque. What create, open or load returned is given back once to destroy or close; NULL is ignored.
 *   - Every function may be called from any thread; only the destruction of an object must not race with its other uses.
 *     There is no global state.
 *   - A function that can fail returns enum accel_status, 0 for success, and explains a failure in *error, which may be
 *     NULL: one line that says what is wrong, where, and what to do. Output pointers are set to NULL on failure.
 *   - Nothing waits without a bound.
 *   - Structures that the library fills have reserved space, which reads as zero until a later version names it.
 */
#ifndef ACCEL_ACCEL_H
#define ACCEL_ACCEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ACCEL_VERSION_MAJOR 0
#define ACCEL_VERSION_MINOR 1
#define ACCEL_VERSION_PATCH 0

/* Version of the library in use: major << 16 | minor << 8 | patch. */
uint32_t accel_version(void);

enum accel_status {
	ACCEL_OK = 0,
	ACCEL_ERROR_INVALID_ARGUMENT = 1,
	ACCEL_ERROR_NO_MEMORY = 2,
	ACCEL_ERROR_NO_DEVICE = 3,	 /* no such device, or the device was closed */
	ACCEL_ERROR_UNSUPPORTED = 4,	 /* not in this build, or not on this device */
	ACCEL_ERROR_DEVICE_FAILED = 5,	 /* the device does not start or does not answer */
	ACCEL_ERROR_VERSION = 6,	 /* library, firmware and chip do not understand each other */
	ACCEL_ERROR_FILE = 7,		 /* a file cannot be read */
	ACCEL_ERROR_PROGRAM_FORMAT = 8,	 /* not a program, or a damaged one */
	ACCEL_ERROR_PROGRAM_VERSION = 9, /* compiled for another major version */
	ACCEL_ERROR_PROGRAM_DEVICE = 10, /* compiled for another chip: array, scratchpad or features */
	ACCEL_ERROR_LIMIT = 11,		 /* the device has no more of these, such as contexts */
	ACCEL_ERROR_BUSY = 12,		 /* the queue is full, or the result is not there yet: wait, then try again */
	ACCEL_ERROR_WAIT_TIMEOUT = 13,	 /* the wait is over, the job goes on */
	ACCEL_ERROR_JOB_TIMEOUT = 14,	 /* the job ran for longer than it was allowed, and was stopped */
	ACCEL_ERROR_FAULT = 15,		 /* the job did something illegal, and was stopped */
	ACCEL_ERROR_CANCELED = 16,	 /* the job was not executed or not finished */
	ACCEL_ERROR_CONTEXT_LOST = 17,	 /* an earlier job failed: accel_context_reset() first */
};

/* A few words for a status, never NULL. */
const char *accel_status_text(enum accel_status status);

struct accel_error {
	enum accel_status status;
	char message[508];
};

/* ---- Devices ---- */

struct accel_device;

struct accel_device_info {
	char name[32];	       /* as in accel_device_open(), defaults spelt out */
	uint32_t array;	       /* N: rows and columns of the matrix engine */
	uint32_t spm_bytes;    /* scratchpad */
	uint32_t acc_entries;  /* of one accumulator bank */
	uint32_t bus_bytes;    /* bytes a cycle each way; 0 if not known */
	uint32_t hw_version;   /* major << 16 | minor */
	uint32_t fw_version;   /* major << 16 | minor; 0 if there is no firmware */
	uint64_t features;     /* the chip's feature bits */
	uint64_t clock_hz;     /* nominal: converts cycles to time */
	uint32_t max_contexts; /* at the same time */
	uint32_t queue_depth;  /* jobs that one context can have in flight */
	uint32_t has_cycles;   /* 1 if results carry cycle counts */
	uint32_t has_counters; /* 1 if results carry counters */
	uint64_t reserved[8];
};

enum accel_status accel_device_open(const char *name, struct accel_device **dev, struct accel_error *error);

/*
 * Cancels what is in flight. Contexts, buffers and programs of the device stay valid for destroy only, buffers keep their
 * memory until then, fences can still be asked.
 */
void accel_device_close(struct accel_device *dev);

void accel_device_info(const struct accel_device *dev, struct accel_device_info *info);

/* Cycles since the device's reset; for a simulated chip, simulated ones. 0 where has_cycles is 0. */
uint64_t accel_device_cycles(struct accel_device *dev);

/* ---- Buffers: memory that processor and device share ---- */

struct accel_buffer;

/* Jobs may read the buffer, but a write faults. */
#define ACCEL_BUFFER_READ_ONLY (1u << 0)

/* Zeroed memory; bytes is rounded up to whole pages. */
enum accel_status accel_buffer_create(struct accel_device *dev, uint64_t bytes, uint32_t flags,
				      struct accel_buffer **buffer, struct accel_error *error);

/* Jobs in flight keep the memory; the pointer from accel_buffer_map() dies at once. */
void accel_buffer_destroy(struct accel_buffer *buffer);

/* The memory itself, no copy. The same pointer each time, valid until accel_buffer_destroy(). */
void *accel_buffer_map(struct accel_buffer *buffer);

/* As given to accel_buffer_create(). */
uint64_t accel_buffer_size(const struct accel_buffer *buffer);

/* ---- Programs ---- */

struct accel_program;

enum accel_dtype {
	ACCEL_DTYPE_INT8 = 1,
	ACCEL_DTYPE_UINT8 = 2,
	ACCEL_DTYPE_INT16 = 3,
	ACCEL_DTYPE_INT32 = 4,
	ACCEL_DTYPE_FLOAT32 = 5,
};

/* Bytes of one element; 0 if there is no such type. */
uint32_t accel_dtype_bytes(enum accel_dtype dtype);
const char *accel_dtype_name(enum accel_dtype dtype);

enum accel_tensor_kind {
	ACCEL_TENSOR_INPUT = 1,
	ACCEL_TENSOR_OUTPUT = 2,
};

#define ACCEL_MAX_RANK 6
#define ACCEL_MAX_TENSORS 14

/* Strings live as long as the program. */
struct accel_tensor_info {
	const char *name;
	enum accel_tensor_kind kind;
	enum accel_dtype dtype;
	uint32_t rank;
	uint32_t dim[ACCEL_MAX_RANK]; /* elements, outermost first; dense, row-major */
	float scale;		      /* real = scale * (value - zero_point); 0 when not quantised */
	int32_t zero_point;
	uint64_t bytes;
	uint64_t reserved[4];
};

struct accel_program_info {
	const char *name;   /* of the model; may be "" */
	uint32_t array;	    /* N that the program was compiled for */
	uint32_t spm_bytes; /* scratchpad that it needs */
	uint32_t num_tensors;
	uint32_t num_ops;
	uint32_t num_ranges;
	uint32_t num_commands;
	uint64_t image_bytes;	   /* commands, weights and other constants */
	uint64_t arena_bytes;	   /* temporaries in host memory */
	uint64_t macs;		   /* multiply-accumulates of the source model */
	uint64_t predicted_cycles; /* the compiler's estimate; 0 if there is none */
	uint64_t features;	   /* chip features that it needs */
	uint64_t reserved[8];
};

/* An operator of the source model. */
struct accel_op_info {
	const char *name; /* where it is in the model */
	const char *kind; /* what it is */
	uint64_t macs;
	uint64_t predicted_cycles;
	uint64_t reserved[4];
};

/* Commands first to first + count - 1 come from operator op. Ranges are sorted and do not overlap. */
struct accel_range_info {
	uint32_t first;
	uint32_t count;
	uint32_t op;
	uint32_t reserved;
};

/*
 * Load a .qn file, or its bytes, which are not needed after the call. Everything in it is checked. dev may be NULL: then
 * the program can be looked at, but not submitted.
 */
enum accel_status accel_program_load(struct accel_device *dev, const char *path, struct accel_program **program,
				     struct accel_error *error);
enum accel_status accel_program_create(struct accel_device *dev, const void *data, size_t bytes,
				       struct accel_program **program, struct accel_error *error);

/* A program without a file, for tests: commands at stream_offset (a multiple of 64) of the image. */
struct accel_raw_program {
	const void *image;
	uint64_t image_bytes;
	uint64_t stream_offset;
	uint64_t arena_bytes;
	uint32_t num_commands;
	uint32_t num_tensors;
	uint64_t tensor_bytes[ACCEL_MAX_TENSORS]; /* int8 vectors */
	enum accel_tensor_kind tensor_kind[ACCEL_MAX_TENSORS];
};

enum accel_status accel_program_create_raw(struct accel_device *dev, const struct accel_raw_program *raw,
					   struct accel_program **program, struct accel_error *error);

/* Jobs in flight keep what they need. */
void accel_program_destroy(struct accel_program *program);

void accel_program_info(const struct accel_program *program, struct accel_program_info *info);

/* ACCEL_ERROR_INVALID_ARGUMENT if there is no such index. */
enum accel_status accel_program_tensor(const struct accel_program *program, uint32_t index,
				       struct accel_tensor_info *info);
enum accel_status accel_program_op(const struct accel_program *program, uint32_t index, struct accel_op_info *info);
enum accel_status accel_program_range(const struct accel_program *program, uint32_t index,
				      struct accel_range_info *info);

/* ---- Contexts: an address space and a queue; jobs of one context run in order ---- */

struct accel_context;

enum accel_priority {
	ACCEL_PRIORITY_LOW = 0,
	ACCEL_PRIORITY_NORMAL = 1,
	ACCEL_PRIORITY_HIGH = 2,
	ACCEL_PRIORITY_REALTIME = 3,
};

enum accel_status accel_context_create(struct accel_device *dev, enum accel_priority priority,
				       struct accel_context **ctx, struct accel_error *error);

/* Cancels what is in flight; returns when the device no longer touches the context's memory. */
void accel_context_destroy(struct accel_context *ctx);

/*
 * After a job has failed, jobs behind it are cancelled and new ones refused until this call. Other contexts are not
 * affected. Waits for what is in flight.
 */
enum accel_status accel_context_reset(struct accel_context *ctx, struct accel_error *error);

/* ---- Jobs ---- */

struct accel_fence;

/* Where a tensor lies; offset + the tensor's bytes must be inside the buffer. */
struct accel_binding {
	struct accel_buffer *buffer;
	uint64_t offset; /* bytes */
};

struct accel_submit {
	struct accel_program *program;
	const struct accel_binding *tensors; /* one for each tensor of the program, in its order */
	uint32_t num_tensors;
	uint32_t flags;		 /* zero */
	uint64_t timeout_cycles; /* of work, after which the device stops the job; 0 means a default of many million */
};

/*
 * Queue a job and return at once. *fence belongs to the caller. ACCEL_ERROR_BUSY: queue_depth jobs are in flight, wait for
 * one of them. The caller must not touch the tensors until the job is done.
 */
enum accel_status accel_context_submit(struct accel_context *ctx, const struct accel_submit *submit,
				       struct accel_fence **fence, struct accel_error *error);

/* Destroying the fence of a running job does not stop the job. */
void accel_fence_destroy(struct accel_fence *fence);

/*
 * The outcome of the job: ACCEL_OK, or why it failed. ACCEL_ERROR_WAIT_TIMEOUT if it is not known after timeout_ns
 * nanoseconds. UINT64_MAX is as long as it takes: the job's own timeout ends it.
 */
enum accel_status accel_fence_wait(struct accel_fence *fence, uint64_t timeout_ns, struct accel_error *error);

/* Whether the outcome is known. */
bool accel_fence_done(struct accel_fence *fence);

/* Counts the jobs of the context from 1. */
uint64_t accel_fence_seqno(const struct accel_fence *fence);

/* Cycle counts and counters are zero where the device has none. */
struct accel_result {
	enum accel_status status;
	uint32_t fault;	      /* kind, accel_fault_name(); 0 is none */
	uint32_t fault_unit;  /* accel_unit_name() */
	uint32_t fault_index; /* command */
	uint64_t fault_addr;  /* device virtual, scratchpad or accumulator address, by kind */
	uint64_t t_doorbell;  /* cycle at which the device was told */
	uint64_t t_start;     /* cycle at which it started */
	uint64_t t_end;	      /* cycle at which the firmware saw the end */
	uint64_t job_cycles;  /* from start to end */
	uint64_t mx_busy;     /* cycles in which the matrix engine computed */
	uint64_t ve_busy;     /* cycles in which the vector engine computed */
	uint64_t rd_bytes;    /* read from host memory */
	uint64_t wr_bytes;    /* written to host memory */
	uint64_t tlb_misses;
	uint64_t wall_ns;      /* from submission until the library saw the end */
	uint64_t t_complete;   /* cycle at which the completion interrupt reached the host */
	uint64_t prior_cycles; /* of a job that gave way to others: its pieces before the last, which all else is of */
	uint64_t reserved[6];
};

/* ACCEL_ERROR_BUSY until the job is done. */
enum accel_status accel_fence_result(struct accel_fence *fence, struct accel_result *result);

/* ---- Profiling: what the engines did, cycle by cycle of the device ---- */

struct accel_profile;

#define ACCEL_NUM_COUNTERS 32

/* A command entered its engine, or left it with all its results visible. */
struct accel_profile_event {
	uint64_t cycle;	  /* on the scale of accel_result.t_start */
	uint32_t command; /* index in its program */
	uint16_t unit;	  /* accel_unit_name() */
	uint16_t end;	  /* 0: entered, 1: left */
};

/* The counters of the job that ran last, since its start, read one after the other at an even pace. */
struct accel_profile_sample {
	uint64_t cycle;			      /* of the first counter */
	uint64_t last;			      /* cycle of the last counter */
	uint64_t counter[ACCEL_NUM_COUNTERS]; /* accel_counter_name() */
};

struct accel_profile_info {
	uint64_t num_events;
	uint64_t num_samples;
	uint64_t lost_events; /* more than this many could not be kept, where it is not 0 */
	uint64_t reserved[8];
};

/*
 * Record events, and the counters every sample_cycles cycles (0: a default) and once at the end. Jobs take the same
 * job_cycles as without. ACCEL_ERROR_UNSUPPORTED where the device has no trace; ACCEL_ERROR_BUSY if it records already.
 */
enum accel_status accel_device_profile_start(struct accel_device *dev, uint32_t sample_cycles,
					     struct accel_error *error);

/* What was recorded since, for the caller to destroy; stays valid after the device is closed. */
enum accel_status accel_device_profile_stop(struct accel_device *dev, struct accel_profile **profile,
					    struct accel_error *error);
void accel_profile_destroy(struct accel_profile *profile);

void accel_profile_info(const struct accel_profile *profile, struct accel_profile_info *info);

/* num_events events and num_samples samples, in order of time. They live as long as the profile. */
const struct accel_profile_event *accel_profile_events(const struct accel_profile *profile);
const struct accel_profile_sample *accel_profile_samples(const struct accel_profile *profile);

/* NULL if there is no such counter. */
const char *accel_counter_name(uint32_t counter);

const char *accel_fault_name(uint32_t fault);
const char *accel_unit_name(uint32_t unit);

#ifdef __cplusplus
}
#endif

#endif /* ACCEL_ACCEL_H */
