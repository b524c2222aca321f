// SPDX-License-Identifier: Apache-2.0
/* Real networks through the whole compiler; trial.h says what is checked. Skipped (77) where there are no models. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "file.h"
#include "passes.h"
#include "tflite_import.h"
#include "trial.h"

#define EXIT_SKIP 77

static bool check_model(const char *path, const struct target *target, char *text)
{
	struct diag diag = {""};
	struct program_image image = {0};
	struct graph *g = graph_create();
	uint8_t *data = NULL;
	size_t bytes = 0;
	enum status status = g ? file_read(path, &data, &bytes, &diag) : STATUS_NO_MEMORY;
	bool ok = false;

	if (status == STATUS_OK)
		status = tflite_import(g, data, bytes, &diag);
	if (status == STATUS_OK)
		status = passes_run(g, &diag);
	if (status == STATUS_OK)
		status = backend_compile(g, target, &image, &diag);
	snprintf(text, TRIAL_TEXT, "%.200s", diag.text);
	if (status == STATUS_OK)
		ok = trial_check(g, target, &image, 1, text);
	if (ok)
		printf("%2ux%-2u %9u commands %9llu cycles %7u bytes of scratchpad  %s\n", target->array, target->array,
		       image.ncmds, (unsigned long long)image.cycles, image.spm_peak, path);
	program_image_finish(&image);
	graph_destroy(g);
	free(data);
	return ok;
}

int main(int argc, char **argv)
{
	static const uint32_t arrays[] = {8, 16, 32};
	int failed = 0, passed = 0;

	for (int i = 1; i < argc; i++)
		for (size_t k = 0; k < sizeof(arrays) / sizeof(arrays[0]); k++) {
			struct target t = {
				.array = arrays[k], .spm_bytes = 512 << 10, .acc_entries = QUERN_ACC_ENTRIES};
			char text[TRIAL_TEXT];

			if (check_model(argv[i], &t, text)) {
				passed++;
				continue;
			}
			failed++;
			printf("%ux%u %s: %s\n  replay: backend-models %s\n", t.array, t.array, argv[i], text, argv[i]);
		}
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? 1 : passed ? 0 : EXIT_SKIP;
}
