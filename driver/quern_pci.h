/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* What the PCI core tells: errors on the bus, and resets of the function that others ask for. */
#ifndef QUERN_PCI_H
#define QUERN_PCI_H

struct pci_error_handlers;

extern const struct pci_error_handlers quern_pci_err_handlers;

#endif
