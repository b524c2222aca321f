/* SPDX-License-Identifier: Apache-2.0 */
/*
 * vfio-user on the wire, as QEMU speaks it.
 *
 * A message is a header and a body; file descriptors travel with its first bytes. All fields are little-endian. Bodies
 * that the kernel's vfio interface defines too (struct vfio_region_info and so on) come from linux/vfio.h.
 */
#ifndef HW_MODEL_COSIM_PROTOCOL_H
#define HW_MODEL_COSIM_PROTOCOL_H

#include <stdint.h>

#define COSIM_MAX_DATA (1u << 20) /* bytes of a transfer, as announced in VERSION */
#define COSIM_MAX_FDS 8		  /* of one message, as announced in VERSION */

enum cosim_command {
	COSIM_VERSION = 1,
	COSIM_DMA_MAP = 2,
	COSIM_DMA_UNMAP = 3,
	COSIM_GET_INFO = 4,
	COSIM_GET_REGION_INFO = 5,
	COSIM_GET_IRQ_INFO = 7,
	COSIM_SET_IRQS = 8,
	COSIM_REGION_READ = 9,
	COSIM_REGION_WRITE = 10,
	COSIM_DMA_READ = 11,  /* from us */
	COSIM_DMA_WRITE = 12, /* from us */
	COSIM_DEVICE_RESET = 13,
};

/* Header flags: the low four bits are the type. */
#define COSIM_TYPE_MASK 0xfu
#define COSIM_TYPE_COMMAND 0u
#define COSIM_TYPE_REPLY 1u
#define COSIM_NO_REPLY 0x10u
#define COSIM_ERROR 0x20u

struct cosim_header {
	uint16_t id;
	uint16_t command; /* enum cosim_command */
	uint32_t size;	  /* bytes, this header included */
	uint32_t flags;
	uint32_t error; /* errno value if COSIM_ERROR is set */
};

/* The body of VERSION; JSON text with its terminating zero may follow. */
struct cosim_version {
	uint16_t major;
	uint16_t minor;
};

#define COSIM_MAJOR 0
#define COSIM_MINOR 1

#define COSIM_DMA_MAP_READ 1u /* the device may read */
#define COSIM_DMA_MAP_WRITE 2u

struct cosim_dma_map {
	uint32_t argsz;
	uint32_t flags;
	uint64_t offset; /* in the file */
	uint64_t addr;
	uint64_t size;
};

#define COSIM_DMA_UNMAP_ALL 2u

struct cosim_dma_unmap {
	uint32_t argsz;
	uint32_t flags;
	uint64_t addr;
	uint64_t size;
};

/* Of REGION_READ and REGION_WRITE; data follows in a write and in the reply of a read. */
struct cosim_region_access {
	uint64_t offset;
	uint32_t region;
	uint32_t count; /* bytes */
};

/* Of DMA_READ and DMA_WRITE; data follows in a write and in the reply of a read. */
struct cosim_dma_access {
	uint64_t addr;
	uint64_t count; /* bytes */
};

#define COSIM_MAX_BODY (sizeof(struct cosim_region_access) + COSIM_MAX_DATA)

#endif
