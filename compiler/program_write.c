// SPDX-License-Identifier: Apache-2.0
/*
 * Writing a program file with libelf. Sections only: readers find them by name, so there is no segment to keep
 * in step. Nothing of the host, the time or the path goes into the file.
 */
#include <errno.h>
#include <fcntl.h>
#include <libelf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "program_write.h"
#include "strtab.h"

#define MAX_SECTIONS 8

struct section {
	uint32_t name; /* offset in section_names */
	const void *data;
	size_t bytes;
	uint32_t align;
	uint32_t type;
};

struct writer {
	const struct graph *g;
	const struct program_image *image;
	struct quern_program_info info;
	struct quern_program_tensor tensors[QUERN_PROGRAM_MAX_TENSORS];
	struct quern_program_op *ops;
	struct quern_program_range *ranges;
	struct strtab names, section_names;
	struct section sections[MAX_SECTIONS];
	size_t num_sections;
};

static void fill_info(struct writer *w, const struct target *target)
{
	const struct program_image *m = w->image;
	uint64_t macs = 0;

	for (uint32_t i = 0; i < w->g->num_sources; i++)
		macs += w->g->sources[i].macs;
	w->info = (struct quern_program_info){
		.major = QUERN_PROGRAM_MAJOR,
		.minor = QUERN_PROGRAM_MINOR,
		.cmd_major = QUERN_COMMANDS_MAJOR,
		.cmd_minor = QUERN_COMMANDS_MINOR,
		.features = m->features,
		.array = target->array,
		.spm_bytes = target->spm_bytes,
		.acc_entries = target->acc_entries,
		.ncmds = m->ncmds,
		.stream_offset = m->stream_offset,
		.image_bytes = m->image_bytes,
		.arena_bytes = m->arena_bytes,
		.macs = macs,
		.predicted_cycles = m->cycles,
		.num_tensors = (uint32_t)(w->g->num_inputs + w->g->num_outputs),
		.num_ops = w->g->num_sources,
		.num_ranges = m->num_ranges,
		.name = strtab_add(&w->names, w->g->name),
	};
}

static void fill_tensor(struct writer *w, const struct tensor *t, enum quern_tensor_kind kind,
			struct quern_program_tensor *out)
{
	*out = (struct quern_program_tensor){
		.name = strtab_add(&w->names, t->name),
		.kind = (uint16_t)kind,
		.dtype = (uint16_t)t->dtype,
		.rank = (uint32_t)t->rank,
		.scale = t->scale,
		.zero_point = t->zero_point,
		.bytes = t->bytes,
	};
	for (int i = 0; i < t->rank; i++)
		out->dim[i] = (uint32_t)t->dim[i];
}

static void fill_tensors(struct writer *w)
{
	struct quern_program_tensor *out = w->tensors;

	for (int i = 0; i < w->g->num_inputs; i++)
		fill_tensor(w, w->g->inputs[i], QUERN_TENSOR_KIND_INPUT, out++);
	for (int i = 0; i < w->g->num_outputs; i++)
		fill_tensor(w, w->g->outputs[i], QUERN_TENSOR_KIND_OUTPUT, out++);
}

static bool fill_ops(struct writer *w)
{
	const struct program_image *m = w->image;

	w->ops = calloc(w->g->num_sources + 1u, sizeof(*w->ops));
	w->ranges = calloc(m->num_ranges + 1u, sizeof(*w->ranges));
	if (!w->ops || !w->ranges)
		return false;
	for (uint32_t i = 0; i < w->g->num_sources; i++) {
		const struct source_op *s = &w->g->sources[i];

		w->ops[i].name = strtab_add(&w->names, s->name);
		w->ops[i].kind = strtab_add(&w->names, s->kind_name);
		w->ops[i].macs = s->macs;
		w->ops[i].predicted_cycles = m->source_cycles ? m->source_cycles[i] : 0;
	}
	for (uint32_t i = 0; i < m->num_ranges; i++) {
		w->ranges[i].first = m->ranges[i].first;
		w->ranges[i].count = m->ranges[i].count;
		w->ranges[i].op = m->ranges[i].source;
	}
	return !w->names.failed;
}

static void add_section(struct writer *w, const char *name, const void *data, size_t bytes, uint32_t align,
			uint32_t type)
{
	w->sections[w->num_sections++] =
		(struct section){strtab_add(&w->section_names, name), data, bytes, align, type};
}

/* False when out of memory. */
static bool list_sections(struct writer *w)
{
	uint32_t num_tensors = w->info.num_tensors;

	add_section(w, ".quern.info", &w->info, sizeof(w->info), 8, SHT_PROGBITS);
	add_section(w, ".quern.tensors", w->tensors, num_tensors * sizeof(w->tensors[0]), 8, SHT_PROGBITS);
	add_section(w, ".quern.ops", w->ops, w->info.num_ops * sizeof(w->ops[0]), 8, SHT_PROGBITS);
	add_section(w, ".quern.debug", w->ranges, w->info.num_ranges * sizeof(w->ranges[0]), 8, SHT_PROGBITS);
	add_section(w, ".quern.strtab", w->names.bytes, w->names.used, 1, SHT_PROGBITS);
	add_section(w, ".quern.image", w->image->image, w->image->image_bytes, 64, SHT_PROGBITS);
	add_section(w, ".shstrtab", NULL, 0, 1, SHT_STRTAB);
	/* The section of names names itself, so its contents are known only after it was added. */
	w->sections[w->num_sections - 1].data = w->section_names.bytes;
	w->sections[w->num_sections - 1].bytes = w->section_names.used;
	return !w->section_names.failed;
}

/* One section header and its data; libelf only reads the data. */
static bool put_section(Elf *elf, const struct section *s)
{
	Elf_Scn *scn = elf_newscn(elf);
	Elf_Data *data = scn ? elf_newdata(scn) : NULL;
	Elf32_Shdr *sh = scn ? elf32_getshdr(scn) : NULL;

	if (!data || !sh)
		return false;
	data->d_buf = (void *)s->data;
	data->d_size = s->bytes;
	data->d_align = s->align;
	data->d_type = ELF_T_BYTE;
	sh->sh_name = s->name;
	sh->sh_type = s->type;
	sh->sh_addralign = s->align;
	return true;
}

static bool put_elf(const struct writer *w, Elf *elf)
{
	Elf32_Ehdr *eh = elf32_newehdr(elf);

	if (!eh)
		return false;
	eh->e_ident[EI_DATA] = ELFDATA2LSB;
	eh->e_machine = QUERN_PROGRAM_E_MACHINE;
	eh->e_type = ET_EXEC;
	eh->e_version = EV_CURRENT;
	eh->e_shstrndx = (Elf32_Half)w->num_sections;
	for (size_t i = 0; i < w->num_sections; i++)
		if (!put_section(elf, &w->sections[i]))
			return false;
	return elf_update(elf, ELF_C_WRITE) >= 0;
}

static enum status write_file(const struct writer *w, const char *path, struct diag *diag)
{
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	struct stat status;
	bool ok, regular;
	Elf *elf;

	if (fd < 0)
		return diag_fail(diag, STATUS_IO, "%s: cannot be written: %s", path, strerror(errno));
	/* Half a program must not stay behind, but a device that was named as output must. */
	regular = !fstat(fd, &status) && S_ISREG(status.st_mode);
	elf_version(EV_CURRENT);
	elf = elf_begin(fd, ELF_C_WRITE, NULL);
	ok = elf && put_elf(w, elf);
	if (elf)
		elf_end(elf);
	ok = close(fd) == 0 && ok;
	if (ok)
		return STATUS_OK;
	if (regular)
		unlink(path);
	return diag_fail(diag, STATUS_IO, "%s: cannot be written: %s", path, elf_errmsg(-1) ?: "disk full?");
}

enum status program_write(const char *path, const struct graph *g, const struct target *target,
			  const struct program_image *image, struct diag *diag)
{
	struct writer w = {.g = g, .image = image};
	enum status st;

	fill_info(&w, target);
	fill_tensors(&w);
	if (fill_ops(&w) && list_sections(&w))
		st = write_file(&w, path, diag);
	else
		st = diag_fail(diag, STATUS_NO_MEMORY, "%s: out of memory while writing", path);
	strtab_finish(&w.names);
	strtab_finish(&w.section_names);
	free(w.ops);
	free(w.ranges);
	return st;
}
