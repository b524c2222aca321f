// SPDX-License-Identifier: Apache-2.0
/* A small valid program file. */
#include <stddef.h>
#include <string.h>

#include "qnfile.h"
#include "stream.h"

static const struct {
	const char *name;
	size_t offset;
	size_t bytes;
	uint32_t type;
} sections[QN_SECTIONS] = {
#define PART(id, name, type, member)                                                                                   \
	[id] = {name, offsetof(struct qnfile, member), sizeof(((struct qnfile *)0)->member), type}
	[QN_NULL] = {"", 0, 0, SHT_NULL},
	PART(QN_INFO, ".quern.info", SHT_PROGBITS, info),
	PART(QN_IMAGE, ".quern.image", SHT_PROGBITS, image),
	PART(QN_TENSORS, ".quern.tensors", SHT_PROGBITS, tensors),
	PART(QN_OPS, ".quern.ops", SHT_PROGBITS, ops),
	PART(QN_DEBUG, ".quern.debug", SHT_PROGBITS, ranges),
	PART(QN_STRTAB, ".quern.strtab", SHT_PROGBITS, strtab),
	PART(QN_SHSTRTAB, ".shstrtab", SHT_STRTAB, shstrtab),
#undef PART
};

static void init_headers(struct qnfile *qn)
{
	size_t name = 0;

	memcpy(qn->eh.e_ident, ELFMAG, SELFMAG);
	qn->eh.e_ident[EI_CLASS] = ELFCLASS32;
	qn->eh.e_ident[EI_DATA] = ELFDATA2LSB;
	qn->eh.e_ident[EI_VERSION] = EV_CURRENT;
	qn->eh.e_type = ET_EXEC;
	qn->eh.e_machine = QUERN_PROGRAM_E_MACHINE;
	qn->eh.e_version = EV_CURRENT;
	qn->eh.e_ehsize = sizeof(qn->eh);
	qn->eh.e_shoff = offsetof(struct qnfile, sh);
	qn->eh.e_shentsize = sizeof(Elf32_Shdr);
	qn->eh.e_shnum = QN_SECTIONS;
	qn->eh.e_shstrndx = QN_SHSTRTAB;
	for (int i = 0; i < QN_SECTIONS; i++) {
		qn->sh[i].sh_name = (Elf32_Word)name;
		qn->sh[i].sh_type = sections[i].type;
		qn->sh[i].sh_offset = (Elf32_Off)sections[i].offset;
		qn->sh[i].sh_size = (Elf32_Word)sections[i].bytes;
		strcpy(qn->shstrtab + name, sections[i].name);
		name += strlen(sections[i].name) + 1;
	}
}

static uint32_t add_name(struct qnfile *qn, size_t *used, const char *name)
{
	uint32_t at = (uint32_t)*used;

	strcpy(qn->strtab + at, name);
	*used += strlen(name) + 1;
	return at;
}

void qnfile_init(struct qnfile *qn, uint32_t array)
{
	struct stream s = STREAM_HERE;
	size_t used = 1;

	memset(qn, 0, sizeof(*qn));
	init_headers(qn);
	stream_copy(&s, QNFILE_TENSOR_BYTES);
	memcpy(qn->image, s.w, sizeof(qn->image));
	qn->info = (struct quern_program_info){
		.major = QUERN_PROGRAM_MAJOR,
		.minor = QUERN_PROGRAM_MINOR,
		.cmd_major = QUERN_COMMANDS_MAJOR,
		.cmd_minor = QUERN_COMMANDS_MINOR,
		.array = array,
		.spm_bytes = 4096,
		.acc_entries = 16,
		.ncmds = QNFILE_COMMANDS,
		.image_bytes = sizeof(qn->image),
		.macs = 1000,
		.predicted_cycles = 2000,
		.num_tensors = QNFILE_TENSORS,
		.num_ops = QNFILE_OPS,
		.num_ranges = QNFILE_OPS,
		.name = add_name(qn, &used, "tiny"),
	};
	for (uint16_t i = 0; i < QNFILE_TENSORS; i++)
		qn->tensors[i] = (struct quern_program_tensor){
			.name = add_name(qn, &used, i ? "out/0" : "in"),
			.kind = i ? QUERN_TENSOR_KIND_OUTPUT : QUERN_TENSOR_KIND_INPUT,
			.dtype = QUERN_DTYPE_INT8,
			.rank = i ? 1 : 4,
			.dim = {i ? QNFILE_TENSOR_BYTES : 1, i ? 0 : 4, i ? 0 : 8, i ? 0 : 3},
			.scale = 0.5f,
			.zero_point = -3,
			.bytes = QNFILE_TENSOR_BYTES,
		};
	for (uint32_t i = 0; i < QNFILE_OPS; i++) {
		qn->ops[i].name = add_name(qn, &used, i ? "1:STORE" : "0:LOAD");
		qn->ops[i].kind = add_name(qn, &used, i ? "S" : "L");
		qn->ranges[i] = (struct quern_program_range){.first = 2 * i, .count = i ? 3 : 2, .op = i};
	}
}
