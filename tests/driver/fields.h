/* SPDX-License-Identifier: Apache-2.0 */
/* The interface as data: good calls, and what each of their fields may be. The tables come from gen_fields.py. */
#ifndef TESTS_DRIVER_FIELDS_H
#define TESTS_DRIVER_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/client.h"

/* What the kinds mean: fields.toml. */
enum field_kind {
	FIELD_UNKNOWN = 0,
	FIELD_OUT,
	FIELD_ZERO,
	FIELD_FLAGS,
	FIELD_BITS,
	FIELD_ENUM,
	FIELD_OP,
	FIELD_MAX,
	FIELD_ANY,
	FIELD_CTX,
	FIELD_BO,
	FIELD_SYNC,
	FIELD_SIZE,
	FIELD_COUNT,
	FIELD_STRIDE,
	FIELD_INPUT,
	FIELD_OUTPUT,
	FIELD_VA,
	FIELD_RANGE,
	FIELD_OFFSET,
	FIELD_STREAM,
	FIELD_REGIONS,
	FIELD_SEQNO,
	FIELD_POINT,
};

struct field {
	const char *name;
	enum field_kind kind;
	uint32_t offset;
	uint32_t bytes; /* of one element */
	uint32_t count;
	uint64_t min;
	uint64_t max;
};

#define PROFILE_EVENTS 2 /* of the good call; a job has more */

/* A call with everything it points to. */
struct request {
	union {
		struct drm_quern_dev_query dev_query;
		struct drm_quern_ctx_create ctx_create;
		struct drm_quern_ctx_destroy ctx_destroy;
		struct drm_quern_ctx_query ctx_query;
		struct drm_quern_ctx_reset ctx_reset;
		struct drm_quern_bo_create bo_create;
		struct drm_quern_bo_mmap_offset bo_mmap_offset;
		struct drm_quern_vm_bind vm_bind;
		struct drm_quern_submit submit;
		struct drm_quern_job_query job_query;
		struct drm_quern_profile profile;
		unsigned char bytes[1024];
	} args;
	struct drm_quern_job jobs[DRM_QUERN_MAX_SUBMIT_JOBS];
	struct drm_quern_sync syncs[DRM_QUERN_MAX_SUBMIT_SYNCS];
	struct drm_quern_dev_info info;
	uint64_t events[512];
	uint64_t counters[DRM_QUERN_NUM_COUNTERS];
};

/* What good calls are made of. */
struct scene {
	struct client c;
	uint32_t ready;	  /* syncobj that is signalled */
	uint64_t seqno;	  /* of the last job, which has ended */
	uint32_t foreign; /* a handle of each kind that another file has and this has not */
};

struct good_call {
	const char *name;
	unsigned long request; /* 0: no ioctl has it as its argument */
	bool is_args;	       /* the fields are those of the argument itself */
	uint32_t place;	       /* offset in struct request */
	uint32_t bytes;	       /* of the structure */
	const struct field *fields;
	uint32_t num_fields;
	void (*prepare)(struct request *r, struct scene *scene);
};

extern const struct good_call good_calls[], outputs[];
extern const unsigned int num_good_calls, num_outputs;
/* Where header and description do not fit; NULL ends the list. */
extern const char *const mismatches[];

void scene_open(struct scene *scene, const struct client *other);
void scene_close(struct scene *scene);
/* A client with some handles of each kind, for scene.foreign. */
void scene_open_other(struct client *other);

uint64_t field_get(const struct field *f, uint32_t element, const void *structure);
void field_set(const struct field *f, uint32_t element, void *structure, uint64_t value);

/* prepare functions, one a good call */
void prepare_dev_query(struct request *r, struct scene *scene);
void prepare_ctx_create(struct request *r, struct scene *scene);
void prepare_ctx_destroy(struct request *r, struct scene *scene);
void prepare_ctx_query(struct request *r, struct scene *scene);
void prepare_ctx_reset(struct request *r, struct scene *scene);
void prepare_bo_create(struct request *r, struct scene *scene);
void prepare_bo_mmap_offset(struct request *r, struct scene *scene);
void prepare_vm_map(struct request *r, struct scene *scene);
void prepare_vm_unmap(struct request *r, struct scene *scene);
void prepare_submit(struct request *r, struct scene *scene);
void prepare_job_query(struct request *r, struct scene *scene);
void prepare_profile_start(struct request *r, struct scene *scene);
void prepare_profile_read(struct request *r, struct scene *scene);
void prepare_nothing(struct request *r, struct scene *scene);
#define prepare_submit_job prepare_submit
#define prepare_submit_job2 prepare_submit
#define prepare_submit_wait prepare_submit
#define prepare_submit_signal prepare_submit

#endif
