// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* What VM_BIND accepts: each field of both operations at and beyond its bounds. */
#include <drm/quern_accel.h>

#include "quern/commands.h"
#include "quern_test.h"
#include "quern_vm.h"

#define VA_END BIT_ULL(QUERN_VA_BITS)

static const struct drm_quern_vm_bind good_map = {
	.op = DRM_QUERN_VM_BIND_MAP,
	.va = SZ_1M,
	.range = SZ_64K,
	.bo_offset = SZ_4K,
	.bo_handle = 1,
};

static const struct drm_quern_vm_bind good_unmap = {
	.op = DRM_QUERN_VM_BIND_UNMAP,
	.va = SZ_1M,
	.range = SZ_64K,
};

struct bind_case {
	const char *name;
	struct quern_test_field field;
	u64 value;
	int map;   /* what MAP says */
	int unmap; /* what UNMAP says */
};

#define BIND(field) QUERN_TEST_FIELD(struct drm_quern_vm_bind, field)

static const struct bind_case bind_cases[] = {
	{ "pad", BIND(pad), 1, -EINVAL, -EINVAL },
	{ "highest bit of pad", BIND(pad), 0x80000000, -EINVAL, -EINVAL },
	{ "next operation", BIND(op), 2, -EINVAL, -EINVAL },
	{ "last operation", BIND(op), U32_MAX, -EINVAL, -EINVAL },
	{ "read-only", BIND(flags), DRM_QUERN_VM_BIND_READONLY, 0, -EINVAL },
	{ "next flag", BIND(flags), DRM_QUERN_VM_BIND_READONLY << 1, -EINVAL, -EINVAL },
	{ "highest flag", BIND(flags), 0x80000000, -EINVAL, -EINVAL },
	{ "address 0", BIND(va), 0, -EINVAL, -EINVAL },
	{ "below the first address", BIND(va), SZ_64K - SZ_4K, -EINVAL, -EINVAL },
	{ "first address", BIND(va), SZ_64K, 0, 0 },
	{ "address not of pages", BIND(va), SZ_1M + 1, -EINVAL, -EINVAL },
	{ "address of half pages", BIND(va), SZ_1M + SZ_2K, -EINVAL, -EINVAL },
	{ "up to the end", BIND(va), VA_END - SZ_64K, 0, 0 },
	{ "over the end", BIND(va), VA_END - SZ_64K + SZ_4K, -EINVAL, -EINVAL },
	{ "at the end", BIND(va), VA_END, -EINVAL, -EINVAL },
	{ "address that wraps", BIND(va), -(u64)SZ_64K, -EINVAL, -EINVAL },
	{ "address in bit 63", BIND(va), BIT_ULL(63) | SZ_1M, -EINVAL, -EINVAL },
	{ "empty range", BIND(range), 0, -EINVAL, -EINVAL },
	{ "range not of pages", BIND(range), SZ_64K + 1, -EINVAL, -EINVAL },
	{ "range of half pages", BIND(range), SZ_2K, -EINVAL, -EINVAL },
	{ "all behind the address", BIND(range), VA_END - SZ_1M, 0, 0 },
	{ "a page more", BIND(range), VA_END - SZ_1M + SZ_4K, -EINVAL, -EINVAL },
	{ "range that wraps", BIND(range), -(u64)SZ_1M, -EINVAL, -EINVAL },
	{ "largest range", BIND(range), -(u64)SZ_4K, -EINVAL, -EINVAL },
	{ "offset", BIND(bo_offset), SZ_8K, 0, -EINVAL },
	{ "offset not of pages", BIND(bo_offset), 1, -EINVAL, -EINVAL },
	{ "offset of half pages", BIND(bo_offset), SZ_2K, -EINVAL, -EINVAL },
	{ "handle", BIND(bo_handle), 7, 0, -EINVAL },
};

KUNIT_ARRAY_PARAM_DESC(bind, bind_cases, name);

static void vm_test_args(struct kunit *test)
{
	const struct bind_case *c = test->param_value;
	struct drm_quern_vm_bind map = good_map;
	struct drm_quern_vm_bind unmap = good_unmap;

	KUNIT_ASSERT_EQ(test, quern_vm_check_args(&map), 0);
	KUNIT_ASSERT_EQ(test, quern_vm_check_args(&unmap), 0);
	quern_test_set(&map, c->field, c->value);
	quern_test_set(&unmap, c->field, c->value);
	KUNIT_EXPECT_EQ(test, quern_vm_check_args(&map), c->map);
	KUNIT_EXPECT_EQ(test, quern_vm_check_args(&unmap), c->unmap);
}

static struct kunit_case quern_vm_cases[] = {
	KUNIT_CASE_PARAM(vm_test_args, bind_gen_params),
	{}
};

static struct kunit_suite quern_vm_suite = {
	.name = "quern_vm",
	.test_cases = quern_vm_cases,
};

kunit_test_suite(quern_vm_suite);
