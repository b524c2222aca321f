/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the PCI core tells: errors on the bus, and resets of the function that others ask for. */
#ifndef QUERN_PCI_H
#define QUERN_PCI_H

struct pci_error_handlers;
struct quern_device;

extern const struct pci_error_handlers quern_pci_err_handlers;

void quern_pci_init(struct quern_device *qdev);
/* Remove, with the chip closed: nobody ends a reset that has begun any more. */
void quern_pci_finish(struct quern_device *qdev);

#endif
