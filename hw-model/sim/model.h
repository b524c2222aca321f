/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Verilated chip as the rest of the simulation sees it: pointers to the pins of quern_top and a clock to toggle.
 * model.cpp is the other side. Pins are read and written in place; there is no copy of them.
 */
#ifndef QUERN_SIM_MODEL_H
#define QUERN_SIM_MODEL_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define QUERN_MODEL_BUS_BYTES 16

/* Named as in quern_top.sv, without the direction suffix. Outputs of the chip are const. */
struct quern_pins {
	uint8_t *rst_n;
	uint8_t *host_valid;
	uint8_t *host_we;
	uint32_t *host_addr;
	uint32_t *host_wdata;
	const uint8_t *host_ready;
	const uint32_t *host_rdata;
	const uint8_t *irq;
	const uint8_t *active;

	const uint8_t *arvalid;
	const uint8_t *arid;
	const uint64_t *araddr;
	const uint8_t *arlen;
	uint8_t *arready;

	uint8_t *rvalid;
	uint8_t *rid;
	uint8_t *rresp;
	uint8_t *rlast;
	uint32_t *rdata;

	const uint8_t *awvalid;
	const uint8_t *awid;
	const uint64_t *awaddr;
	const uint8_t *awlen;
	uint8_t *awready;

	const uint8_t *wvalid;
	const uint8_t *wlast;
	const uint16_t *wstrb;
	const uint32_t *wdata;
	uint8_t *wready;

	uint8_t *bvalid;
	uint8_t *bid;
	uint8_t *bresp;
};

struct quern_model {
	struct quern_pins pins;
	void *chip;
};

/* A build of the chip. tick_traced and trace_* are NULL in a build without tracing. */
struct quern_model_ops {
	uint32_t array;
	uint32_t spm_bytes;
	int (*create)(struct quern_model *model);
	void (*destroy)(struct quern_model *model);
	/* One rising and one falling edge of the clock. */
	void (*tick)(void *chip);
	/* The same, and into the waveform as the cycle of that number. */
	void (*tick_traced)(void *chip, uint64_t cycle);
	int (*trace_open)(void *chip, const char *path);
	void (*trace_close)(void *chip);
};

/* Linked into the library, and exported by the builds with tracing and for debugging, which are loaded on demand. */
#define QUERN_MODEL_SYMBOL "quern_model_build"
const struct quern_model_ops *quern_model_build(void);

#ifdef __cplusplus
}
#endif

#endif /* QUERN_SIM_MODEL_H */
