// SPDX-License-Identifier: Apache-2.0
/*
 * Reading a program file. libelf tells where the sections are; every offset and size that it reports is checked against
 * the file before a byte is used, and records are copied out, so that neither alignment nor the file's later fate
 * matters. Nothing else in the file is looked at: there is no relocation and no loading by segments.
 */
#include <inttypes.h>
#include <libelf.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"

/* Bytes of one section inside the file. */
struct section {
	const unsigned char *data;
	uint64_t bytes;
	bool present;
};

enum section_id { SEC_INFO, SEC_IMAGE, SEC_TENSORS, SEC_OPS, SEC_DEBUG, SEC_STRTAB, NUM_SECTIONS };

static const char *const section_names[NUM_SECTIONS] = {
	[SEC_INFO] = ".quern.info", [SEC_IMAGE] = ".quern.image", [SEC_TENSORS] = ".quern.tensors",
	[SEC_OPS] = ".quern.ops",   [SEC_DEBUG] = ".quern.debug", [SEC_STRTAB] = ".quern.strtab",
};

struct reader {
	const char *path;
	const unsigned char *file;
	size_t bytes;
	struct section section[NUM_SECTIONS];
	struct accel_error *error;
};

static enum accel_status damaged(const struct reader *r, const char *what)
{
	return error_set(r->error, ACCEL_ERROR_PROGRAM_FORMAT, "%s: %s: compile the model again", r->path, what);
}

static enum accel_status check_header(const struct reader *r, const Elf32_Ehdr *eh)
{
	if (eh->e_ident[EI_CLASS] != ELFCLASS32 || eh->e_ident[EI_DATA] != ELFDATA2LSB)
		return damaged(r, "not a 32-bit little-endian ELF file");
	if (eh->e_machine != QUERN_PROGRAM_E_MACHINE || eh->e_type != ET_EXEC)
		return error_set(
			r->error, ACCEL_ERROR_PROGRAM_FORMAT,
			"%s: an ELF file for another machine, not a Quern program: compile a model with quernc",
			r->path);
	/* libelf points into the file, so the table has to be aligned for what it holds. */
	if (eh->e_shentsize != sizeof(Elf32_Shdr) || eh->e_shoff % _Alignof(Elf32_Shdr))
		return damaged(r, "its section headers are not of the usual size or alignment");
	if (eh->e_shoff > r->bytes || eh->e_shnum > (r->bytes - eh->e_shoff) / sizeof(Elf32_Shdr))
		return damaged(r, "truncated: its section headers end behind the end of the file");
	return ACCEL_OK;
}

static enum accel_status add_section(struct reader *r, const char *name, const Elf32_Shdr *sh)
{
	for (unsigned int id = 0; id < NUM_SECTIONS; id++) {
		struct section *s = &r->section[id];

		if (strcmp(name, section_names[id]))
			continue;
		if (s->present)
			return damaged(r, "a section comes twice");
		if (sh->sh_type != SHT_PROGBITS || (sh->sh_flags & SHF_COMPRESSED))
			return damaged(r, "a section has no plain contents");
		if (sh->sh_offset > r->bytes || sh->sh_size > r->bytes - sh->sh_offset)
			return damaged(r, "truncated: a section ends behind the end of the file");
		*s = (struct section){.data = r->file + sh->sh_offset, .bytes = sh->sh_size, .present = true};
	}
	return ACCEL_OK;
}

static enum accel_status walk_sections(struct reader *r, Elf *elf)
{
	size_t names;

	if (elf_getshdrstrndx(elf, &names))
		return damaged(r, "has no section names");
	for (Elf_Scn *scn = elf_nextscn(elf, NULL); scn; scn = elf_nextscn(elf, scn)) {
		const Elf32_Shdr *sh = elf32_getshdr(scn);
		const char *name = sh ? elf_strptr(elf, names, sh->sh_name) : NULL;
		enum accel_status status;

		if (!name)
			return damaged(r, "a section header is not readable");
		status = add_section(r, name, sh);
		if (status)
			return status;
	}
	return ACCEL_OK;
}

static enum accel_status find_sections(struct reader *r)
{
	const Elf32_Ehdr *eh;
	enum accel_status status;
	Elf *elf;

	if (r->bytes < SELFMAG || memcmp(r->file, ELFMAG, SELFMAG))
		return error_set(r->error, ACCEL_ERROR_PROGRAM_FORMAT,
				 "%s: not a program, it does not begin as an ELF file: compile a model with quernc",
				 r->path);
	if (r->bytes < sizeof(*eh))
		return damaged(r, "truncated: shorter than an ELF header");
	elf_version(EV_CURRENT);
	/* libelf wants a pointer to changeable memory, but does not write through it when it only reads. */
	elf = elf_memory((char *)r->file, r->bytes);
	eh = elf ? elf32_getehdr(elf) : NULL;
	status = eh ? check_header(r, eh) : damaged(r, "not a 32-bit ELF file");
	if (!status)
		status = walk_sections(r, elf);
	elf_end(elf);
	return status;
}

/* Copy num records of size bytes, which must be all that the section holds. *out is NULL if there are none. */
static enum accel_status read_records(const struct reader *r, enum section_id id, uint64_t num, size_t size, void **out)
{
	const struct section *s = &r->section[id];

	*out = NULL;
	if (s->bytes != num * size)
		return error_set(r->error, ACCEL_ERROR_PROGRAM_FORMAT,
				 "%s: section %s has %" PRIu64 " bytes, %" PRIu64 " records need %" PRIu64
				 ": compile the model again",
				 r->path, section_names[id], s->bytes, num, num * size);
	if (!num)
		return ACCEL_OK;
	*out = malloc(num * size);
	if (!*out)
		return error_no_memory(r->error, "a program");
	memcpy(*out, s->data, num * size);
	return ACCEL_OK;
}

static enum accel_status read_info(const struct reader *r, struct quern_program_info *info)
{
	const struct section *s = &r->section[SEC_INFO];

	if (!s->present || s->bytes != sizeof(*info))
		return damaged(r, "section .quern.info is missing or of the wrong size");
	memcpy(info, s->data, sizeof(*info));
	if (info->major != QUERN_PROGRAM_MAJOR || info->cmd_major != QUERN_COMMANDS_MAJOR)
		return error_set(r->error, ACCEL_ERROR_PROGRAM_VERSION,
				 "%s: program version %u.%u with commands %u.%u, this library knows %d.x with %d.x: "
				 "compile the model again with the quernc of this release",
				 r->path, info->major, info->minor, info->cmd_major, info->cmd_minor,
				 QUERN_PROGRAM_MAJOR, QUERN_COMMANDS_MAJOR);
	if (info->num_tensors > ACCEL_MAX_TENSORS || info->num_ops > PROGRAM_MAX_OPS ||
	    info->num_ranges > QUERN_MAX_STREAM_CMDS)
		return damaged(r, "more tensors, operators or ranges than possible");
	return ACCEL_OK;
}

static enum accel_status read_strings(const struct reader *r, struct accel_program *program)
{
	const struct section *s = &r->section[SEC_STRTAB];
	enum accel_status status;
	void *strings;

	if (!s->bytes || s->data[s->bytes - 1])
		return damaged(r, "section .quern.strtab is missing or does not end in a zero byte");
	program->num_strings = s->bytes;
	status = read_records(r, SEC_STRTAB, s->bytes, 1, &strings);
	program->strings = strings;
	return status;
}

static enum accel_status read_tensors(const struct reader *r, struct accel_program *program)
{
	uint32_t num = program->info.num_tensors;
	const struct quern_program_tensor *rec;
	void *records;
	enum accel_status status = read_records(r, SEC_TENSORS, num, sizeof(*rec), &records);

	rec = records;
	for (uint32_t i = 0; !status && i < num; i++) {
		program->tensor[i].rec = rec[i];
		if (rec[i].name >= program->num_strings)
			status = damaged(r, "the name of a tensor lies outside .quern.strtab");
		else
			program->tensor[i].name = program->strings + rec[i].name;
	}
	free(records);
	return status;
}

static enum accel_status read_ops(const struct reader *r, struct accel_program *program)
{
	void *ops;
	void *ranges = NULL;
	enum accel_status status = read_records(r, SEC_OPS, program->info.num_ops, sizeof(*program->ops), &ops);

	if (!status)
		status = read_records(r, SEC_DEBUG, program->info.num_ranges, sizeof(*program->ranges), &ranges);
	program->ops = ops;
	program->ranges = ranges;
	return status;
}

static enum accel_status read_all(const struct reader *r, struct accel_program *program)
{
	enum accel_status status = read_info(r, &program->info);

	if (!status)
		status = read_strings(r, program);
	if (!status)
		status = read_tensors(r, program);
	return status ? status : read_ops(r, program);
}

enum accel_status program_parse(struct accel_program *program, const void *data, size_t bytes, const char *path,
				const void **image, struct accel_error *error)
{
	struct reader r = {.path = path, .file = data, .bytes = bytes, .error = error};
	enum accel_status status = find_sections(&r);

	if (!status)
		status = read_all(&r, program);
	if (status)
		return status;
	if (r.section[SEC_IMAGE].bytes != program->info.image_bytes)
		return damaged(&r, "section .quern.image is missing or not as long as .quern.info says");
	*image = r.section[SEC_IMAGE].data;
	return ACCEL_OK;
}
