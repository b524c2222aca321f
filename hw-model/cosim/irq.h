/* SPDX-License-Identifier: Apache-2.0 */
/* MSI-X vectors: an eventfd each, from the client. A vector without one is lost, as with MSI-X off. */
#ifndef HW_MODEL_COSIM_IRQ_H
#define HW_MODEL_COSIM_IRQ_H

#include <stddef.h>
#include <stdint.h>

#include "quern/registers.h"

struct cosim_irqs {
	int fd[QUERN_NUM_VECTORS]; /* -1: none */
};

void cosim_irqs_init(struct cosim_irqs *irqs);
void cosim_irqs_finish(struct cosim_irqs *irqs);

void cosim_irqs_send(struct cosim_irqs *irqs, unsigned int vector);

/*
 * The body of SET_IRQS with the descriptors that came with it. Those that are kept become -1 in fds. 0 or a negative
 * errno value.
 */
int cosim_irqs_set(struct cosim_irqs *irqs, const void *body, size_t bytes, int *fds, unsigned int num_fds);

#endif
