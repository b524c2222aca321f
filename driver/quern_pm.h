/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* System sleep. */
#ifndef QUERN_PM_H
#define QUERN_PM_H

struct dev_pm_ops;

extern const struct dev_pm_ops quern_pm_ops;

#endif
