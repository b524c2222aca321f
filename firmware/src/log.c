// SPDX-License-Identifier: Apache-2.0
/* Log ring in host memory: text first, then the count, so that a reader never sees a count without its text. */
#include "fw.h"

#define LINE_BYTES 64 /* a line is padded with spaces to a multiple of 4 */

static uint32_t put_hex(char *out, uint32_t value)
{
	for (int i = 0; i < 8; i++) {
		uint32_t digit = value >> (28 - 4 * i) & 15;

		out[i] = (char)(digit < 10 ? '0' + digit : 'a' + digit - 10);
	}
	return 8;
}

static uint32_t format(char *line, const char *text, uint32_t value)
{
	uint32_t n = 0;

	while (*text && n < LINE_BYTES - 14)
		line[n++] = *text++;
	line[n++] = ' ';
	n += put_hex(line + n, value);
	while ((n + 1) % 4)
		line[n++] = ' ';
	line[n++] = '\n';
	return n;
}

/* Write to the ring, in two parts where it wraps. Offsets and lengths are multiples of 4. */
static int put(struct fw *fw, const char *line, uint32_t bytes)
{
	uint32_t ring = fw->boot.log_bytes - QUERN_LOG_HEADER_BYTES;
	uint32_t at = fw->log_count & (ring - 1);
	uint32_t first = ring - at < bytes ? ring - at : bytes;
	uint64_t base = fw->boot.log + QUERN_LOG_HEADER_BYTES;
	int err = dma_write(base + at, line, first);

	if (!err && first < bytes)
		err = dma_write(base, line + first, bytes - first);
	return err;
}

void log_line(struct fw *fw, const char *text, uint32_t value)
{
	char line[LINE_BYTES] __attribute__((aligned(4)));
	uint32_t bytes = format(line, text, value);

	if (!fw->boot.log || put(fw, line, bytes))
		return;
	fw->log_count += bytes;
	dma_write(fw->boot.log, &fw->log_count, sizeof(fw->log_count));
}
