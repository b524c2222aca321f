// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * Resets of the PCI function, by sysfs or after an error on the bus. For the jobs they are as a
 * failure of the firmware.
 */
#include <linux/pci.h>

#include "quern_device.h"
#include "quern_pci.h"
#include "quern_reset.h"

static void quern_pci_reset_prepare(struct pci_dev *pdev)
{
	quern_reset_prepare(pci_get_drvdata(pdev));
}

static void quern_pci_reset_done(struct pci_dev *pdev)
{
	struct quern_device *qdev = pci_get_drvdata(pdev);

	quern_reset_wake(qdev);
	quern_reset_continue(qdev);
}

static pci_ers_result_t quern_pci_error_detected(struct pci_dev *pdev, pci_channel_state_t state)
{
	struct quern_device *qdev = pci_get_drvdata(pdev);

	if (state == pci_channel_io_perm_failure) {
		quern_reset_close(qdev);
		return PCI_ERS_RESULT_DISCONNECT;
	}
	quern_reset_prepare(qdev);
	return PCI_ERS_RESULT_NEED_RESET;
}

static pci_ers_result_t quern_pci_slot_reset(struct pci_dev *pdev)
{
	pci_restore_state(pdev);
	pci_save_state(pdev); /* it is good for one time only */
	return PCI_ERS_RESULT_RECOVERED;
}

const struct pci_error_handlers quern_pci_err_handlers = {
	.error_detected = quern_pci_error_detected,
	.slot_reset = quern_pci_slot_reset,
	.resume = quern_pci_reset_done,
	.reset_prepare = quern_pci_reset_prepare,
	.reset_done = quern_pci_reset_done,
};
