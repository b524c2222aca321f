// SPDX-License-Identifier: Apache-2.0
/* Program files: what a good one says, and one negative test for each check of the loader. */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "api.h"
#include "qnfile.h"

static void a_good_file_says_what_it_is(void **state)
{
	struct accel_program_info info;
	struct accel_tensor_info t;
	struct accel_range_info range;
	struct accel_op_info op;
	struct accel_program *program;
	struct qnfile qn;

	qnfile_init(&qn, 16);
	must(accel_program_create(*state, &qn, sizeof(qn), &program, &err));
	memset(&qn, 0xff, sizeof(qn)); /* not needed after the call */
	accel_program_info(program, &info);
	assert_string_equal(info.name, "tiny");
	assert_int_equal(info.num_tensors, 2);
	assert_int_equal(info.num_commands, QNFILE_COMMANDS);
	assert_int_equal(info.macs, 1000);
	assert_int_equal(info.predicted_cycles, 2000);
	assert_int_equal(accel_program_tensor(program, 0, &t), ACCEL_OK);
	assert_string_equal(t.name, "in");
	assert_int_equal(t.kind, ACCEL_TENSOR_INPUT);
	assert_int_equal(t.dtype, ACCEL_DTYPE_INT8);
	assert_int_equal(t.rank, 4);
	assert_int_equal(t.dim[2], 8);
	assert_int_equal(t.zero_point, -3);
	assert_true(t.scale == 0.5f);
	assert_int_equal(accel_program_tensor(program, 1, &t), ACCEL_OK);
	assert_int_equal(t.kind, ACCEL_TENSOR_OUTPUT);
	assert_int_equal(accel_program_op(program, 1, &op), ACCEL_OK);
	assert_string_equal(op.name, "1:STORE");
	assert_int_equal(accel_program_range(program, 1, &range), ACCEL_OK);
	assert_int_equal(range.first + range.count, QNFILE_COMMANDS);
	assert_int_equal(accel_program_tensor(program, 2, &t), ACCEL_ERROR_INVALID_ARGUMENT);
	assert_int_equal(accel_program_op(program, 2, &op), ACCEL_ERROR_INVALID_ARGUMENT);
	assert_int_equal(accel_program_range(program, 2, &range), ACCEL_ERROR_INVALID_ARGUMENT);
	accel_program_destroy(program);
}

static void a_good_file_runs(void **state)
{
	struct accel_context *ctx = api_context(*state);
	struct accel_buffer *in = api_buffer(*state, QNFILE_TENSOR_BYTES);
	struct accel_buffer *out = api_buffer(*state, QNFILE_TENSOR_BYTES);
	struct accel_program *program;
	struct qnfile qn;

	qnfile_init(&qn, 16);
	must(accel_program_create(*state, &qn, sizeof(qn), &program, &err));
	api_pattern(in, 9);
	assert_int_equal(api_finish(api_submit(ctx, program, in, out, NULL), NULL), ACCEL_OK);
	assert_memory_equal(accel_buffer_map(in), accel_buffer_map(out), QNFILE_TENSOR_BYTES);
	accel_program_destroy(program);
	accel_buffer_destroy(in);
	accel_buffer_destroy(out);
	accel_context_destroy(ctx);
}

/* One change to a good file and what the loader says to it. */
struct spoiled {
	size_t offset;
	unsigned int bytes; /* of value, little-endian */
	uint64_t value;
	enum accel_status status;
	const char *text;
};

#define AT(member) offsetof(struct qnfile, member), sizeof(((struct qnfile *)0)->member)
#define FORMAT ACCEL_ERROR_PROGRAM_FORMAT

static const struct spoiled spoiled[] = {
	{AT(eh.e_ident[0]), 0, FORMAT, "does not begin as an ELF file"},
	{AT(eh.e_ident[EI_CLASS]), ELFCLASS64, FORMAT, "32-bit"},
	{AT(eh.e_ident[EI_CLASS]), 9, FORMAT, "32-bit"},
	{AT(eh.e_ident[EI_DATA]), ELFDATA2MSB, FORMAT, "little-endian"},
	{AT(eh.e_machine), EM_RISCV, FORMAT, "another machine"},
	{AT(eh.e_type), ET_REL, FORMAT, "another machine"},
	{AT(eh.e_shoff), 0x7fffffff, FORMAT, ""},
	{AT(eh.e_shoff), 0, FORMAT, ""},
	{AT(eh.e_shoff), sizeof(Elf32_Ehdr) + 1, FORMAT, "alignment"},
	{AT(eh.e_shnum), 0xfff0, FORMAT, "truncated: its section headers"},
	{AT(eh.e_shstrndx), QN_SECTIONS, FORMAT, "section"},
	{AT(eh.e_shentsize), 1, FORMAT, "usual size"},
	{AT(sh[QN_INFO].sh_name), 0x7fffffff, FORMAT, "not readable"},
	{AT(sh[QN_INFO].sh_name), 1 + 12, FORMAT, "twice"},
	{AT(sh[QN_INFO].sh_type), SHT_NOBITS, FORMAT, "no plain contents"},
	{AT(sh[QN_IMAGE].sh_flags), SHF_COMPRESSED, FORMAT, "no plain contents"},
	{AT(sh[QN_IMAGE].sh_offset), 0xffffffff, FORMAT, "truncated"},
	{AT(sh[QN_IMAGE].sh_size), 0xffffffff, FORMAT, "truncated"},
	{AT(sh[QN_IMAGE].sh_size), 256, FORMAT, ".quern.image"},
	{AT(sh[QN_INFO].sh_size), 64, FORMAT, ".quern.info"},
	{AT(sh[QN_TENSORS].sh_size), 64, FORMAT, "section .quern.tensors has 64 bytes, 2 records need 128"},
	{AT(sh[QN_OPS].sh_size), 63, FORMAT, "section .quern.ops has 63 bytes"},
	{AT(sh[QN_DEBUG].sh_size), 0, FORMAT, "section .quern.debug has 0 bytes"},
	{AT(sh[QN_STRTAB].sh_size), 0, FORMAT, ".quern.strtab"},
	{AT(sh[QN_STRTAB].sh_size), 2, FORMAT, "end in a zero byte"},
	{AT(info.major), 2, ACCEL_ERROR_PROGRAM_VERSION, "program version 2.0"},
	{AT(info.cmd_major), 7, ACCEL_ERROR_PROGRAM_VERSION, "commands 7.0"},
	{AT(info.cmd_minor), 99, ACCEL_ERROR_PROGRAM_DEVICE, "commands of version 1.99"},
	{AT(info.features), 1ull << 60, ACCEL_ERROR_PROGRAM_DEVICE, "features 0x1000000000000000"},
	{AT(info.array), 32, ACCEL_ERROR_PROGRAM_DEVICE,
	 "program needs a 32x32 array, device func:16x16 has 16x16: recompile with quernc --config 16x16"},
	{AT(info.spm_bytes), 1 << 30, ACCEL_ERROR_PROGRAM_DEVICE, "bytes of scratchpad"},
	{AT(info.acc_entries), 513, ACCEL_ERROR_PROGRAM_DEVICE, "513 accumulator entries"},
	{AT(info.ncmds), 0, FORMAT, "number of commands"},
	{AT(info.ncmds), QUERN_MAX_STREAM_CMDS + 1, FORMAT, "number of commands"},
	{AT(info.ncmds), 6, FORMAT, "outside the image"},
	{AT(info.stream_offset), 32, FORMAT, "outside the image"},
	{AT(info.stream_offset), 64, FORMAT, "outside the image"},
	{AT(info.stream_offset), ~63ull, FORMAT, "outside the image"},
	{AT(info.image_bytes), ~0ull, FORMAT, ".quern.image"},
	{AT(info.arena_bytes), (1ull << 32) + 1, FORMAT, "4 GiB"},
	{AT(info.num_tensors), 15, FORMAT, "more tensors"},
	{AT(info.num_tensors), 0xffffffff, FORMAT, "more tensors"},
	{AT(info.num_ops), 0xffffffff, FORMAT, "operators"},
	{AT(info.num_ranges), 0xffffffff, FORMAT, "ranges"},
	{AT(info.name), 64, FORMAT, "model's name"},
	{AT(info.pad[39]), 1, FORMAT, "reserved bytes of .quern.info"},
	{AT(tensors[0].name), 64, FORMAT, "name of a tensor"},
	{AT(tensors[0].kind), 0, FORMAT, "neither input nor output"},
	{AT(tensors[0].kind), 3, FORMAT, "neither input nor output"},
	{AT(tensors[0].dtype), 0, FORMAT, "unknown type"},
	{AT(tensors[0].dtype), 6, FORMAT, "unknown type"},
	{AT(tensors[0].rank), 7, FORMAT, "too many dimensions"},
	{AT(tensors[0].rank), 3, FORMAT, "beyond its rank"},
	{AT(tensors[0].dim[0]), 0, FORMAT, "size of a tensor"},
	{AT(tensors[0].dim[1]), 5, FORMAT, "size of a tensor"},
	{AT(tensors[0].bytes), 97, FORMAT, "size of a tensor"},
	{AT(tensors[0].scale), 0x7fc00000, FORMAT, "scale"},
	{AT(tensors[0].scale), 0x7f800000, FORMAT, "scale"},
	{AT(tensors[0].scale), 0xbf800000, FORMAT, "scale"},
	{AT(tensors[1].reserved), 1, FORMAT, "reserved bytes of a tensor"},
	{AT(tensors[1].pad[0]), 1, FORMAT, "reserved bytes of a tensor"},
	{AT(ops[1].name), 64, FORMAT, "name of an operator"},
	{AT(ops[0].kind), 0xffffffff, FORMAT, "name of an operator"},
	{AT(ranges[0].count), 0, FORMAT, "ranges"},
	{AT(ranges[0].count), 3, FORMAT, "ranges"},
	{AT(ranges[1].first), 1, FORMAT, "ranges"},
	{AT(ranges[1].count), 4, FORMAT, "ranges"},
	{AT(ranges[1].count), 0xffffffff, FORMAT, "ranges"},
	{AT(ranges[1].op), 2, FORMAT, "ranges"},
	{AT(strtab[63]), 'x', FORMAT, "end in a zero byte"},
};

static void each_check_refuses(void **state)
{
	for (size_t i = 0; i < sizeof(spoiled) / sizeof(spoiled[0]); i++) {
		const struct spoiled *s = &spoiled[i];
		struct accel_program *program;
		struct qnfile qn;

		qnfile_init(&qn, 16);
		memcpy((char *)&qn + s->offset, &s->value, s->bytes);
		if (!accel_program_create(*state, &qn, sizeof(qn), &program, NULL))
			fail_msg("accepted: entry %zu, which expects '%s'", i, s->text);
		must_fail(accel_program_create(*state, &qn, sizeof(qn), &program, &err), s->status, s->text);
		assert_null(program);
	}
}

static void bytes_may_lie_anywhere(void **state)
{
	char memory[sizeof(struct qnfile) + 8];
	struct accel_program *program;
	struct qnfile qn;

	qnfile_init(&qn, 16);
	for (size_t i = 0; i < 8; i++) {
		memcpy(memory + i, &qn, sizeof(qn));
		must(accel_program_create(*state, memory + i, sizeof(qn), &program, &err));
		accel_program_destroy(program);
	}
}

/* A dimension of 2^32 - 1 in each place overflows any product. */
static void sizes_that_overflow_are_refused(void **state)
{
	struct accel_program *program;
	struct qnfile qn;

	qnfile_init(&qn, 16);
	memset(qn.tensors[0].dim, 0xff, sizeof(qn.tensors[0].dim));
	qn.tensors[0].rank = QUERN_PROGRAM_MAX_RANK;
	must_fail(accel_program_create(*state, &qn, sizeof(qn), &program, &err), FORMAT, "size of a tensor");
	qnfile_init(&qn, 16);
	qn.tensors[0].dim[0] = 1u << 31;
	qn.tensors[0].dim[1] = 1u << 31;
	qn.tensors[0].dim[2] = 4;
	qn.tensors[0].dim[3] = 1;
	qn.tensors[0].bytes = 0;
	must_fail(accel_program_create(*state, &qn, sizeof(qn), &program, &err), FORMAT, "size of a tensor");
}

static void every_truncation_is_refused(void **state)
{
	struct accel_program *program;
	struct qnfile qn;

	qnfile_init(&qn, 16);
	for (size_t n = 0; n < sizeof(qn); n++) {
		void *copy = malloc(n ? n : 1); /* of this size, so that a sanitizer sees an overrun */

		assert_non_null(copy);
		memcpy(copy, &qn, n);
		must_fail(accel_program_create(*state, copy, n, &program, &err), FORMAT, "program in memory");
		free(copy);
	}
}

/* A newer minor version may use what is reserved here; its features say whether it must be understood. */
static void a_newer_minor_version_is_accepted(void **state)
{
	struct accel_program *program;
	struct qnfile qn;

	qnfile_init(&qn, 16);
	qn.info.minor = QUERN_PROGRAM_MINOR + 1;
	qn.info.pad[0] = 1;
	must(accel_program_create(*state, &qn, sizeof(qn), &program, &err));
	accel_program_destroy(program);
}

static void a_program_without_a_device_can_be_looked_at(void **state)
{
	struct accel_program_info info;
	struct accel_program *program;
	struct qnfile qn;

	(void)state;
	qnfile_init(&qn, 32);
	must(accel_program_create(NULL, &qn, sizeof(qn), &program, &err));
	accel_program_info(program, &info);
	assert_int_equal(info.array, 32);
	accel_program_destroy(program);
}

static void files_that_cannot_be_read(void **state)
{
	char path[] = "/tmp/quern-program-XXXXXX";
	struct accel_program *program;
	struct qnfile qn;
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	must_fail(accel_program_load(*state, path, &program, &err), FORMAT, "does not begin as an ELF file");
	qnfile_init(&qn, 16);
	assert_int_equal(write(fd, &qn, sizeof(qn)), sizeof(qn));
	must(accel_program_load(*state, path, &program, &err));
	accel_program_destroy(program);
	assert_int_equal(ftruncate(fd, sizeof(qn) - 1), 0);
	must_fail(accel_program_load(*state, path, &program, &err), FORMAT, "truncated");
	close(fd);
	unlink(path);
	must_fail(accel_program_load(*state, path, &program, &err), ACCEL_ERROR_FILE, "No such file");
	must_fail(accel_program_load(*state, "/", &program, &err), ACCEL_ERROR_FILE, "not a regular file");
	must_fail(accel_program_load(*state, "/dev/zero", &program, &err), ACCEL_ERROR_FILE, "not a regular file");
	must_fail(accel_program_load(*state, NULL, &program, &err), ACCEL_ERROR_INVALID_ARGUMENT, "NULL");
}

#define on_device(f) cmocka_unit_test_setup_teardown(f, api_open, api_close)

int main(void)
{
	static const struct CMUnitTest tests[] = {
		on_device(a_good_file_says_what_it_is),
		on_device(a_good_file_runs),
		on_device(each_check_refuses),
		on_device(bytes_may_lie_anywhere),
		on_device(sizes_that_overflow_are_refused),
		on_device(every_truncation_is_refused),
		on_device(a_newer_minor_version_is_accepted),
		cmocka_unit_test(a_program_without_a_device_can_be_looked_at),
		on_device(files_that_cannot_be_read),
	};

	api_device = "func";
	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
