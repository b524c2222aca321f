// SPDX-License-Identifier: Apache-2.0
/* MSI-X vectors: see irq.h. */
#include <errno.h>
#include <linux/vfio.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "irq.h"

void cosim_irqs_init(struct cosim_irqs *irqs)
{
	unsigned int i;

	memset(irqs, 0, sizeof(*irqs));
	for (i = 0; i < QUERN_NUM_VECTORS; i++)
		irqs->fd[i] = -1;
}

static void set_fd(struct cosim_irqs *irqs, unsigned int vector, int fd)
{
	if (irqs->fd[vector] >= 0)
		close(irqs->fd[vector]);
	irqs->fd[vector] = fd;
}

void cosim_irqs_finish(struct cosim_irqs *irqs)
{
	unsigned int i;

	for (i = 0; i < QUERN_NUM_VECTORS; i++)
		set_fd(irqs, i, -1);
}

/* A full descriptor already says that there is an interrupt. */
void cosim_irqs_send(struct cosim_irqs *irqs, unsigned int vector)
{
	const uint64_t one = 1;
	struct pollfd p = {.fd = irqs->fd[vector], .events = POLLOUT};

	if (p.fd < 0)
		return;
	if (poll(&p, 1, 0) == 1 && p.revents & POLLOUT && write(p.fd, &one, sizeof(one)) < 0)
		fprintf(stderr, "quern-cosim: vector %u: %s\n", vector, strerror(errno));
}

static int check_set(const struct vfio_irq_set *set)
{
	if (set->index >= VFIO_PCI_NUM_IRQS || !(set->flags & VFIO_IRQ_SET_ACTION_TRIGGER))
		return -EINVAL;
	if (set->index != VFIO_PCI_MSIX_IRQ_INDEX)
		return set->count ? -EINVAL : 0;
	if (set->start > QUERN_NUM_VECTORS || set->count > QUERN_NUM_VECTORS - set->start)
		return -EINVAL;
	return 0;
}

/* Without descriptors: take those away that there are. */
static int set_eventfds(struct cosim_irqs *irqs, const struct vfio_irq_set *set, int *fds, unsigned int num_fds)
{
	uint32_t i;

	if (num_fds && num_fds != set->count)
		return -EINVAL;
	for (i = 0; i < set->count; i++) {
		set_fd(irqs, set->start + i, num_fds ? fds[i] : -1);
		if (num_fds)
			fds[i] = -1;
	}
	return 0;
}

/* Sends the vectors whose byte is not zero; without bytes, all. */
static void send_selected(struct cosim_irqs *irqs, const struct vfio_irq_set *set, const uint8_t *selected)
{
	uint32_t i;

	for (i = 0; i < set->count; i++)
		if (!selected || selected[i])
			cosim_irqs_send(irqs, set->start + i);
}

static int set_checked(struct cosim_irqs *irqs, const struct vfio_irq_set *set, const uint8_t *data, size_t data_bytes,
		       int *fds, unsigned int num_fds)
{
	switch (set->flags) {
	case VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_EVENTFD:
		return set_eventfds(irqs, set, fds, num_fds);
	case VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_NONE:
		if (!set->count && set->index == VFIO_PCI_MSIX_IRQ_INDEX)
			cosim_irqs_finish(irqs);
		send_selected(irqs, set, NULL);
		return 0;
	case VFIO_IRQ_SET_ACTION_TRIGGER | VFIO_IRQ_SET_DATA_BOOL:
		if (data_bytes < set->count)
			return -EINVAL;
		send_selected(irqs, set, data);
		return 0;
	default:
		return -EINVAL;
	}
}

int cosim_irqs_set(struct cosim_irqs *irqs, const void *body, size_t bytes, int *fds, unsigned int num_fds)
{
	struct vfio_irq_set set;
	int ret;

	if (bytes < sizeof(set))
		return -EINVAL;
	memcpy(&set, body, sizeof(set));
	ret = check_set(&set);
	if (ret)
		return ret;
	return set_checked(irqs, &set, (const uint8_t *)body + sizeof(set), bytes - sizeof(set), fds, num_fds);
}
