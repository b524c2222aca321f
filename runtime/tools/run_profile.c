// SPDX-License-Identifier: Apache-2.0
/* --profile: record the first run, write what it shows. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "outfile.h"
#include "profile.h"

#define SAMPLES 1500u /* about as many as a picture can show */

static const struct {
	const char *name;
	void (*write)(FILE *f, const struct profile *p);
} files[] = {
	{"operators.csv", profile_csv},
	{"profile.json", profile_json},
	{"profile.html", profile_html},
	{"trace.pftrace", profile_perfetto},
};

#define NUM_FILES (sizeof(files) / sizeof(files[0]))

int run_profile_start(struct run *run)
{
	uint64_t cycles = run->program_info.predicted_cycles / SAMPLES;
	struct accel_error err;

	if (!run->opt.profile)
		return 0;
	if (accel_device_profile_start(run->dev, cycles < UINT32_MAX ? (uint32_t)(cycles + 1) : UINT32_MAX, &err))
		return complain("%s", err.message);
	return 0;
}

int run_profile_stop(struct run *run)
{
	struct accel_error err;

	if (!run->opt.profile || run->recording)
		return 0;
	if (accel_device_profile_stop(run->dev, &run->recording, &err))
		return complain("%s", err.message);
	return 0;
}

static int put(struct outfile *out, const char *path, void (*write)(FILE *f, const struct profile *p),
	       const struct profile *p)
{
	char *text = NULL;
	size_t bytes = 0;
	FILE *f = open_memstream(&text, &bytes);
	int err;

	if (!f)
		return complain("out of memory");
	write(f, p);
	err = fclose(f);
	if (!err)
		err = outfile_open(out, path) || outfile_write(out, text, bytes) || outfile_close(out);
	free(text);
	return err ? complain("%s: cannot be written: %s", path, strerror(errno)) : 0;
}

/* All files are on the disk before the first takes its place. */
static int put_all(const char *folder, const struct profile *p)
{
	struct outfile out[NUM_FILES] = {0};
	char path[PATH_MAX];
	int err = 0;

	for (size_t i = 0; !err && i < NUM_FILES; i++) {
		if (snprintf(path, sizeof(path), "%s/%s", folder, files[i].name) >= PATH_MAX)
			err = complain("%s: name too long", folder);
		else
			err = put(&out[i], path, files[i].write, p);
	}
	for (size_t i = 0; !err && i < NUM_FILES; i++)
		if (outfile_commit(&out[i]))
			err = complain("%s: %s cannot be put in place: %s", folder, files[i].name, strerror(errno));
	for (size_t i = 0; i < NUM_FILES; i++)
		outfile_discard(&out[i]);
	return err;
}

int run_write_profile(const struct run *run)
{
	struct profile p;
	int err;

	if (!run->opt.profile)
		return 0;
	if (mkdir(run->opt.profile, 0777) && errno != EEXIST)
		return complain("%s: cannot be made: %s", run->opt.profile, strerror(errno));
	err = profile_init(&p, run, &run->results[0], run->recording);
	if (!err && p.lost_events)
		fprintf(stderr, "accel-run: %llu events of the profile were lost: its operators' cycles are too low\n",
			(unsigned long long)p.lost_events);
	if (!err)
		err = put_all(run->opt.profile, &p);
	profile_finish(&p);
	return err;
}
