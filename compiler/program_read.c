// SPDX-License-Identifier: Apache-2.0
/*
 * The ELF reader: headers are copied out of the file, every offset and size is compared with what is left of it,
 * and records that point at each other are checked once, so that printing code needs no checks of its own.
 */
#include <elf.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "file.h"
#include "program_read.h"

/* A program has 7 sections; anything near this limit is not ours. */
#define MAX_SECTIONS 64

struct elf_file {
	const uint8_t *data;
	size_t bytes;
	Elf32_Ehdr header;
	struct diag *diag;
};

static enum status bad(struct diag *diag, const char *what)
{
	return diag_fail(diag, STATUS_BAD_FILE, "broken program file: %s", what);
}

/* Copies bytes at an offset out of the file; false if they are not all there. */
static bool copy_out(const struct elf_file *e, uint64_t offset, void *to, size_t n)
{
	if (offset > e->bytes || n > e->bytes - offset)
		return false;
	memcpy(to, e->data + offset, n);
	return true;
}

static enum status open_elf(struct elf_file *e)
{
	const Elf32_Ehdr *h = &e->header;

	if (!copy_out(e, 0, &e->header, sizeof(e->header)) || memcmp(h->e_ident, ELFMAG, SELFMAG))
		return diag_fail(e->diag, STATUS_BAD_FILE, "not an ELF file");
	if (h->e_ident[EI_CLASS] != ELFCLASS32 || h->e_ident[EI_DATA] != ELFDATA2LSB ||
	    h->e_machine != QUERN_PROGRAM_E_MACHINE)
		return diag_fail(e->diag, STATUS_BAD_FILE, "an ELF file, but not a Quern program");
	if (h->e_shentsize != sizeof(Elf32_Shdr) || h->e_shnum > MAX_SECTIONS || h->e_shstrndx >= h->e_shnum)
		return bad(e->diag, "section headers");
	return STATUS_OK;
}

static bool section_header(const struct elf_file *e, uint32_t i, Elf32_Shdr *sh)
{
	return copy_out(e, e->header.e_shoff + (uint64_t)i * sizeof(*sh), sh, sizeof(*sh)) &&
	       sh->sh_type != SHT_NOBITS && sh->sh_offset <= e->bytes && sh->sh_size <= e->bytes - sh->sh_offset;
}

/* True if the section's name, a string in the section of names, is this one. */
static bool has_name(const struct elf_file *e, const Elf32_Shdr *names, const Elf32_Shdr *sh, const char *name)
{
	size_t n = strlen(name) + 1;

	return sh->sh_name <= names->sh_size && n <= names->sh_size - sh->sh_name &&
	       !memcmp(e->data + names->sh_offset + sh->sh_name, name, n);
}

static enum status find_section(const struct elf_file *e, const char *name, Elf32_Shdr *found)
{
	Elf32_Shdr names;

	if (!section_header(e, e->header.e_shstrndx, &names))
		return bad(e->diag, "section names");
	for (uint32_t i = 1; i < e->header.e_shnum; i++)
		if (section_header(e, i, found) && has_name(e, &names, found, name))
			return STATUS_OK;
	return diag_fail(e->diag, STATUS_BAD_FILE, "broken program file: no section %s", name);
}

/* An aligned copy of a section that must hold exactly count records. */
static enum status copy_records(const struct elf_file *e, const char *name, uint32_t count, size_t size, void **out)
{
	Elf32_Shdr sh;
	enum status st = find_section(e, name, &sh);

	if (st)
		return st;
	if (sh.sh_size != (uint64_t)count * size)
		return diag_fail(e->diag, STATUS_BAD_FILE,
				 "broken program file: section %s has %" PRIu32 " bytes for %" PRIu32 " records", name,
				 (uint32_t)sh.sh_size, count);
	*out = malloc((size_t)sh.sh_size + 1);
	if (!*out)
		return diag_fail(e->diag, STATUS_NO_MEMORY, "out of memory");
	memcpy(*out, e->data + sh.sh_offset, sh.sh_size);
	return STATUS_OK;
}

static enum status read_info(const struct elf_file *e, struct program_file *p)
{
	const struct quern_program_info *info = &p->info;
	Elf32_Shdr sh;
	enum status st = find_section(e, ".quern.info", &sh);

	if (st)
		return st;
	if (sh.sh_size != sizeof(p->info))
		return bad(e->diag, "size of .quern.info");
	memcpy(&p->info, e->data + sh.sh_offset, sizeof(p->info));
	if (info->major != QUERN_PROGRAM_MAJOR || info->cmd_major != QUERN_COMMANDS_MAJOR)
		return diag_fail(e->diag, STATUS_UNSUPPORTED,
				 "program format %d.%d with commands %d.%d; this tool reads %d.x with %d.x",
				 info->major, info->minor, info->cmd_major, info->cmd_minor, QUERN_PROGRAM_MAJOR,
				 QUERN_COMMANDS_MAJOR);
	if (info->num_tensors > QUERN_PROGRAM_MAX_TENSORS)
		return bad(e->diag, "too many tensors");
	if (info->array != 8 && info->array != 16 && info->array != 32)
		return bad(e->diag, "array size");
	if (info->stream_offset % QUERN_CMD_BYTES || info->stream_offset > info->image_bytes ||
	    info->ncmds > (info->image_bytes - info->stream_offset) / QUERN_CMD_BYTES)
		return bad(e->diag, "the commands lie outside the image");
	return STATUS_OK;
}

static enum status read_plain(const struct elf_file *e, struct program_file *p)
{
	Elf32_Shdr sh;
	enum status st = find_section(e, ".quern.image", &sh);

	if (st)
		return st;
	if (sh.sh_size != p->info.image_bytes)
		return bad(e->diag, "size of .quern.image");
	p->image = e->data + sh.sh_offset;
	st = find_section(e, ".quern.strtab", &sh);
	if (st)
		return st;
	if (!sh.sh_size || e->data[sh.sh_offset + sh.sh_size - 1])
		return bad(e->diag, ".quern.strtab does not end with a zero byte");
	p->strings = (const char *)e->data + sh.sh_offset;
	p->strings_bytes = sh.sh_size;
	return STATUS_OK;
}

static enum status check_references(const struct program_file *p, struct diag *diag)
{
	bool ok = p->info.name < p->strings_bytes;
	uint64_t end = 0;

	for (uint32_t i = 0; i < p->info.num_tensors; i++)
		ok = ok && p->tensors[i].name < p->strings_bytes && p->tensors[i].rank <= QUERN_PROGRAM_MAX_RANK;
	for (uint32_t i = 0; i < p->info.num_ops; i++)
		ok = ok && p->ops[i].name < p->strings_bytes && p->ops[i].kind < p->strings_bytes;
	if (!ok)
		return bad(diag, "a name outside .quern.strtab or a rank above 6");
	for (uint32_t i = 0; i < p->info.num_ranges; i++) {
		const struct quern_program_range *r = &p->ranges[i];

		if (r->first < end || (uint64_t)r->first + r->count > p->info.ncmds || r->op >= p->info.num_ops)
			return bad(diag, ".quern.debug is not sorted or names what does not exist");
		end = (uint64_t)r->first + r->count;
	}
	return STATUS_OK;
}

static enum status parse(struct program_file *p, struct diag *diag)
{
	struct elf_file e = {.data = p->data, .bytes = p->bytes, .diag = diag};
	enum status st = open_elf(&e);

	if (!st)
		st = read_info(&e, p);
	if (!st)
		st = read_plain(&e, p);
	if (!st)
		st = copy_records(&e, ".quern.tensors", p->info.num_tensors, sizeof(*p->tensors), (void **)&p->tensors);
	if (!st)
		st = copy_records(&e, ".quern.ops", p->info.num_ops, sizeof(*p->ops), (void **)&p->ops);
	if (!st)
		st = copy_records(&e, ".quern.debug", p->info.num_ranges, sizeof(*p->ranges), (void **)&p->ranges);
	return st ? st : check_references(p, diag);
}

enum status program_file_parse(struct program_file *p, uint8_t *data, size_t bytes, struct diag *diag)
{
	enum status st;

	*p = (struct program_file){.data = data, .bytes = bytes};
	st = parse(p, diag);
	if (st)
		program_file_finish(p);
	return st;
}

enum status program_file_read(struct program_file *p, const char *path, struct diag *diag)
{
	uint8_t *data;
	size_t bytes;
	enum status st = file_read(path, &data, &bytes, diag);

	*p = (struct program_file){0};
	return st ? st : program_file_parse(p, data, bytes, diag);
}

void program_file_finish(struct program_file *p)
{
	free(p->tensors);
	free(p->ops);
	free(p->ranges);
	free(p->data);
	*p = (struct program_file){0};
}

const char *program_file_string(const struct program_file *p, uint32_t offset)
{
	return p->strings + offset;
}

void program_file_command(const struct program_file *p, uint32_t i, uint32_t w[QUERN_CMD_WORDS])
{
	memcpy(w, p->image + p->info.stream_offset + (size_t)i * QUERN_CMD_BYTES, QUERN_CMD_BYTES);
}

bool program_file_source(const struct program_file *p, uint32_t i, uint32_t *range)
{
	while (*range < p->info.num_ranges && i - p->ranges[*range].first >= p->ranges[*range].count &&
	       i >= p->ranges[*range].first)
		++*range;
	return *range < p->info.num_ranges && i >= p->ranges[*range].first;
}
