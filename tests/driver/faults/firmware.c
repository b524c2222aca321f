// SPDX-License-Identifier: Apache-2.0
/*
 * Firmware that fails while jobs run, and what lies between it and the driver: the control core is stopped, or started
 * over with other code, behind the driver's back; interrupts are lost; the bus answers with errors. The chip is reset;
 * jobs that had not begun are executed all the same.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bounds.h"
#include "chip.h"
#include "clock.h"
#include "innocent.h"
#include "lib/check.h"
#include "lib/client.h"
#include "lib/commands.h"
#include "tests.h"

#define RISCV_ILLEGAL 0u
#define RISCV_LOOP 0x0000006fu /* a jump to itself */
#define RISCV_WFI 0x10500073u
#define ENDLESS_CYCLES 2000000000u
#define BEGIN_MS 5000

/*
 * Where the firmware begins when it can report a trap and has not touched its variables: the environment says so, for the
 * image has no names.
 */
static void overwrite_start(uint32_t word)
{
	const char *text = getenv("QUERN_FW_START");
	char *end;
	unsigned long from, bytes;

	if (!text)
		skip("QUERN_FW_START is not set");
	from = strtoul(text, &end, 0);
	bytes = strtoul(end, NULL, 0);
	if (!bytes || from % 4 || from + bytes > QUERN_TCM_BYTES)
		die("QUERN_FW_START is not an address and a size: %s", text);
	/* The memory is open while the core is in reset; the engines go on. Then it starts over with what it finds. */
	chip_poke(QUERN_REG_CTRL, 0);
	for (unsigned long at = from / 4; at < (from + bytes) / 4; at++)
		chip_poke(QUERN_REG_TCM(at), word);
	chip_poke(QUERN_REG_CTRL, QUERN_CTRL_CORE_RUN_MASK);
}

static void traps(void)
{
	overwrite_start(RISCV_ILLEGAL);
}

static void spins(void)
{
	overwrite_start(RISCV_LOOP);
}

static void sleeps(void)
{
	overwrite_start(RISCV_WFI);
}

static void stops(void)
{
	chip_poke(QUERN_REG_CTRL, 0);
}

static uint64_t begin_endless(const struct client *c)
{
	uint64_t start = now_ms();
	uint64_t seqno = client_keep_busy(c, ENDLESS_CYCLES, ENDLESS_CYCLES, 1);

	while (!(chip_peek(QUERN_REG_STATUS) & QUERN_STATUS_JOB_BUSY_MASK) && now_ms() - start < BEGIN_MS)
		usleep(1000);
	/* Jobs of others that were before it have ended. */
	usleep(300000);
	return seqno;
}

static void check_lost(const struct client *c, uint64_t seqno)
{
	struct drm_quern_ctx_query query = {.handle = c->ctx};
	struct drm_quern_ctx_reset reset = {.handle = c->ctx};

	expect_equal("the job that ran", client_query(c, seqno).status, DRM_QUERN_JOB_DEVICE_LOST);
	must(call(c->fd, DRM_IOCTL_QUERN_CTX_QUERY, &query), "ctx_query");
	expect_equal("its context", query.state, DRM_QUERN_CTX_LOST);
	must(call(c->fd, DRM_IOCTL_QUERN_CTX_RESET, &reset), "ctx_reset");
	client_works(c);
}

/* The firmware dies with a job on the engines: its context is lost, no other. */
static void die_busy(const void *arg)
{
	void (*const *break_it)(void) = arg;
	struct innocent innocent;
	uint32_t resets = num_resets();
	struct client c, idle;
	uint64_t seqno, start;

	client_open(&idle);
	client_works(&idle);
	innocent_start(&innocent);
	client_open(&c);
	seqno = begin_endless(&c);
	start = now_ms();
	(*break_it)();
	client_finish(&c, seqno);
	expect_within("ending the job", start, RESET_MS);
	check_lost(&c, seqno);
	innocent_goes_on(&innocent);
	expect_within("going on", start, RESET_MS);
	client_works(&idle);
	client_close(&c);
	client_close(&idle);
	innocent_finish(&innocent);
	expect_equal("resets", num_resets() - resets, 1);
}

/* The firmware dies with nothing to do: the next who needs it does not notice. */
static void die_idle(const void *arg)
{
	void (*const *break_it)(void) = arg;
	struct client c, other;
	uint64_t start;

	client_open(&c);
	client_works(&c);
	(*break_it)();
	start = now_ms();
	client_works(&c);
	client_open(&other);
	client_works(&other);
	expect_within("starting again", start, RESET_MS);
	client_close(&c);
	client_close(&other);
}

static void lost_completion(void)
{
	uint32_t resets = num_resets();
	struct client c;
	uint64_t start;

	client_open(&c);
	for (uint32_t lost = 1; lost <= 4; lost++) {
		chip_fault(COSIM_FAULT_DROP_VECTOR, 1, lost);
		start = now_ms();
		client_works(&c);
		expect_within("a job whose interrupt is lost", start, LOST_MS * lost);
		chip_fault(COSIM_FAULT_DROP_VECTOR, 1, 0);
	}
	client_close(&c);
	expect_equal("resets", num_resets() - resets, 0);
}

static void lost_answer(void)
{
	uint32_t resets = num_resets();
	struct client c;
	uint64_t start = now_ms();

	chip_fault(COSIM_FAULT_DROP_VECTOR, 0, UINT32_MAX);
	client_open(&c);
	client_works(&c);
	client_close(&c);
	chip_fault(COSIM_FAULT_DROP_VECTOR, 0, 0);
	expect_within("commands whose interrupts are lost", start, 4 * LOST_MS);
	expect_equal("resets", num_resets() - resets, 0);
}

/* Whatever access fails: a job has ended by then, or the chip is reset, and then all is well. */
static void bus_errors(void)
{
	static const uint32_t counts[][2] = {{1, 0}, {0, 1}, {2, 0}, {0, 2}, {3, 0}, {0, 3}, {3, 3}};
	struct client c;

	for (uint32_t i = 0; i < ARRAY_LENGTH(counts); i++) {
		struct stream s;
		struct drm_quern_job job;
		uint64_t seqno, start = now_ms();

		client_open(&c);
		s = stream_at(c.map);
		stream_load(&s, 0, CLIENT_DATA, 0, 256);
		stream_store(&s, 0, CLIENT_DATA + PAGE, 0, 256);
		stream_end(&s);
		job = client_job(s.num);
		chip_fault(COSIM_FAULT_FAIL_MEMORY, counts[i][0], counts[i][1]);
		must(client_submit(&c, &job, 1, &seqno), "submit");
		if (client_finish(&c, seqno) == DRM_QUERN_JOB_PENDING)
			fail("a job has no end");
		chip_fault(COSIM_FAULT_FAIL_MEMORY, 0, 0);
		expect_within("a job with bus errors", start, RESET_MS);
		client_close(&c);
		device_works();
	}
}

static void (*const how_traps)(void) = traps;
static void (*const how_spins)(void) = spins;
static void (*const how_sleeps)(void) = sleeps;
static void (*const how_stops)(void) = stops;

const struct test firmware_tests[] = {
	{.name = "lost-completion", .run = lost_completion, .seconds = 90},
	{.name = "lost-answer", .run = lost_answer, .seconds = 90},
	{.name = "trap-busy", .seconds = 90, .run_with = die_busy, .arg = &how_traps},
	{.name = "hang-busy", .seconds = 90, .run_with = die_busy, .arg = &how_spins},
	{.name = "sleep-busy", .seconds = 90, .run_with = die_busy, .arg = &how_sleeps},
	{.name = "stop-busy", .seconds = 90, .run_with = die_busy, .arg = &how_stops},
	{.name = "trap-idle", .seconds = 90, .run_with = die_idle, .arg = &how_traps},
	{.name = "hang-idle", .seconds = 90, .run_with = die_idle, .arg = &how_spins},
	{.name = "sleep-idle", .seconds = 90, .run_with = die_idle, .arg = &how_sleeps},
	{.name = "stop-idle", .seconds = 90, .run_with = die_idle, .arg = &how_stops},
	{.name = "bus-errors", .run = bus_errors, .seconds = 200},
};
const unsigned int num_firmware_tests = ARRAY_LENGTH(firmware_tests);
