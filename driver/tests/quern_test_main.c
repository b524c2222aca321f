// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/*
 * The module of the suites. Random tests run with QUERN_TEST_SEEDS seeds from the one given;
 * a failure names its seed, and loading the module with seed=N runs that one first.
 */
#include <linux/module.h>

#include "quern_compat.h"
#include "quern_test.h"

static ulong seed = 1;
module_param(seed, ulong, 0444);
MODULE_PARM_DESC(seed, "first seed of random tests");

u64 quern_test_seed(void)
{
	return seed;
}

QUERN_COMPAT_IMPORT_NS(EXPORTED_FOR_KUNIT_TESTING);
MODULE_DESCRIPTION("KUnit suites of the Quern driver");
MODULE_LICENSE("GPL");
