// SPDX-License-Identifier: Apache-2.0
/* Core DMA: splits a transfer at CDMA_MAX_BYTES and at 4 KiB boundaries of host memory. */
#include "fw.h"
#include "mmio.h"

#define DMA_POLL_LIMIT 1000000u /* reads of CDMA_STATUS */
#define HOST_PAGE 4096u

void dma_prepare(uint64_t addr, const void *tcm)
{
	mmio_write(QUERN_REG_CDMA_HOST_LO, (uint32_t)addr);
	mmio_write(QUERN_REG_CDMA_HOST_HI, (uint32_t)(addr >> 32));
	mmio_write(QUERN_REG_CDMA_TCM, (uint32_t)(uintptr_t)tcm);
}

void dma_send(uint32_t bytes, uint32_t vectors)
{
	__asm__ volatile("" ::: "memory");
	mmio_write(QUERN_REG_CDMA_CTRL, bytes << QUERN_CDMA_CTRL_BYTES_LSB | QUERN_CDMA_CTRL_TO_HOST_MASK | vectors << QUERN_CDMA_CTRL_RAISE_LSB);
}

int dma_wait(void)
{
	for (uint32_t i = 0; i < DMA_POLL_LIMIT; i++) {
		uint32_t status = mmio_read(QUERN_REG_CDMA_STATUS);

		/* The DMA has written memory that the compiler does not know of. */
		__asm__ volatile("" ::: "memory");
		if (!(status & QUERN_CDMA_STATUS_BUSY_MASK))
			return status & QUERN_CDMA_STATUS_ERROR_MASK ? -FW_EIO : 0;
	}
	return -FW_EIO;
}

static int dma_one(uint64_t addr, uint32_t tcm, uint32_t bytes, uint32_t to_host)
{
	dma_prepare(addr, (const void *)(uintptr_t)tcm);
	mmio_write(QUERN_REG_CDMA_CTRL, bytes << QUERN_CDMA_CTRL_BYTES_LSB | to_host << QUERN_CDMA_CTRL_TO_HOST_LSB);
	return dma_wait();
}

static int dma_all(uint64_t addr, uint32_t tcm, uint32_t bytes, uint32_t to_host)
{
	while (bytes) {
		uint32_t part = HOST_PAGE - ((uint32_t)addr & (HOST_PAGE - 1));
		int err;

		if (part > QUERN_CDMA_MAX_BYTES)
			part = QUERN_CDMA_MAX_BYTES;
		if (part > bytes)
			part = bytes;
		err = dma_one(addr, tcm, part, to_host);
		if (err)
			return err;
		addr += part;
		tcm += part;
		bytes -= part;
	}
	return 0;
}

int dma_read(uint64_t addr, void *tcm, uint32_t bytes)
{
	return dma_all(addr, (uint32_t)(uintptr_t)tcm, bytes, 0);
}

int dma_write(uint64_t addr, const void *tcm, uint32_t bytes)
{
	__asm__ volatile("" ::: "memory");
	return dma_all(addr, (uint32_t)(uintptr_t)tcm, bytes, 1);
}
