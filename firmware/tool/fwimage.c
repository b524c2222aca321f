// SPDX-License-Identifier: Apache-2.0
/*
 * fwimage: firmware ELF to image. The image is struct fw_image, then the bytes of all loadable segments as one block of TCM.
 * Prints the sizes; with --stack N also the room left for the stack.
 */
#include <errno.h>
#include <fcntl.h>
#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "quern/messages.h"
#include "quern/registers.h"

struct image {
	uint8_t bytes[QUERN_TCM_BYTES];
	uint32_t payload_bytes; /* up to the last byte that the file holds */
	uint32_t memory_bytes; /* up to the last byte in use */
};

static int fail(const char *path, const char *what)
{
	fprintf(stderr, "fwimage: %s: %s\n", path, what);
	return -1;
}

static int add_segment(struct image *img, const char *path, const GElf_Phdr *ph, const uint8_t *file, size_t size)
{
	if (ph->p_memsz > QUERN_TCM_BYTES || ph->p_paddr > QUERN_TCM_BYTES - ph->p_memsz)
		return fail(path, "a segment lies outside the TCM; check fw.lds");
	if (ph->p_filesz > ph->p_memsz || ph->p_filesz > size || ph->p_offset > size - ph->p_filesz)
		return fail(path, "a segment lies outside the file; link it again");
	memcpy(img->bytes + ph->p_paddr, file + ph->p_offset, ph->p_filesz);
	if (ph->p_filesz && ph->p_paddr + ph->p_filesz > img->payload_bytes)
		img->payload_bytes = (uint32_t)(ph->p_paddr + ph->p_filesz);
	if (ph->p_paddr + ph->p_memsz > img->memory_bytes)
		img->memory_bytes = (uint32_t)(ph->p_paddr + ph->p_memsz);
	return 0;
}

static int add_segments(struct image *img, const char *path, Elf *elf)
{
	size_t num, size;
	const uint8_t *file = (const uint8_t *)elf_rawfile(elf, &size);

	if (!file || elf_getphdrnum(elf, &num))
		return fail(path, elf_errmsg(-1));
	for (size_t i = 0; i < num; i++) {
		GElf_Phdr ph;

		if (!gelf_getphdr(elf, (int)i, &ph))
			return fail(path, elf_errmsg(-1));
		if (ph.p_type == PT_LOAD && add_segment(img, path, &ph, file, size))
			return -1;
	}
	if (!img->payload_bytes)
		return fail(path, "nothing to load");
	img->payload_bytes = (img->payload_bytes + 3) & ~3u;
	return 0;
}

static int read_elf(struct image *img, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	GElf_Ehdr eh;
	Elf *elf = NULL;
	int err = -1;

	if (fd < 0)
		return fail(path, strerror(errno));
	elf = elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &eh))
		fail(path, "not an ELF file");
	else if (eh.e_machine != EM_RISCV || eh.e_ident[EI_CLASS] != ELFCLASS32)
		fail(path, "not a 32-bit RISC-V executable");
	else
		err = add_segments(img, path, elf);
	elf_end(elf);
	close(fd);
	return err;
}

static void sign(struct quern_fw_image *h, const struct image *img)
{
	struct sha256_ctx sha;

	sha256_init(&sha);
	sha256_update(&sha, sizeof(*h), (const uint8_t *)h);
	sha256_update(&sha, img->payload_bytes, img->bytes);
	sha256_digest(&sha, sizeof(h->sha256), h->sha256);
}

static int write_image(const char *path, const struct image *img, uint32_t version)
{
	struct quern_fw_image h = {
		.magic = QUERN_FW_MAGIC,
		.header_bytes = sizeof(h),
		.major = QUERN_MESSAGES_MAJOR,
		.minor = QUERN_MESSAGES_MINOR,
		.hw_major = QUERN_REGISTERS_MAJOR,
		.hw_minor = QUERN_REGISTERS_MINOR,
		.fw_version = version,
		.payload_bytes = img->payload_bytes,
		.memory_bytes = img->memory_bytes,
	};
	FILE *f = fopen(path, "wb");
	int bad;

	if (!f)
		return fail(path, strerror(errno));
	sign(&h, img);
	bad = fwrite(&h, sizeof(h), 1, f) != 1;
	bad |= fwrite(img->bytes, img->payload_bytes, 1, f) != 1;
	bad |= fclose(f) != 0;
	return bad ? fail(path, "could not be written; is the disk full?") : 0;
}

static const char usage[] = "usage: fwimage FIRMWARE.elf -o IMAGE.bin --version MAJOR.MINOR\n"
			    "example: fwimage quern-fw.elf -o quern-fw.bin --version 1.0\n"
			    "Turns the firmware executable into the hashed image that drivers load.\n";

static int parse_version(const char *text, uint32_t *version)
{
	unsigned int major, minor;
	char end;

	if (sscanf(text, "%u.%u%c", &major, &minor, &end) != 2 || major > 0xffff || minor > 0xffff)
		return fail(text, "version must be MAJOR.MINOR, each below 65536");
	*version = major << 16 | minor;
	return 0;
}

int main(int argc, char **argv)
{
	static struct image img;
	uint32_t version;

	if (argc == 2 && !strcmp(argv[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (argc != 6 || strcmp(argv[2], "-o") || strcmp(argv[4], "--version")) {
		fputs(usage, stderr);
		return 2;
	}
	if (elf_version(EV_CURRENT) == EV_NONE || parse_version(argv[5], &version) || read_elf(&img, argv[1]) ||
	    write_image(argv[3], &img, version))
		return 1;
	printf("firmware: %" PRIu32 " bytes of code and data, %" PRIu32 " bytes of TCM with state, of %d\n", img.payload_bytes, img.memory_bytes,
	       QUERN_TCM_BYTES);
	return 0;
}
