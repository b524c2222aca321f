#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# In the guest: loads the driver's unit tests and prints their results, one line a test.
modules=$(find /modules/tests -name '*.ko')
[ -n "$modules" ] || [ -d /sys/kernel/debug/kunit ] || { echo 'skip: KUnit: the build has no test modules'; exit 77; }
before=$(dmesg | wc -l)
failed=0
for module in $modules; do
	insmod "$module" || { echo "FAILED: $module does not load"; failed=1; }
done
found=0
for results in /sys/kernel/debug/kunit/*/results; do
	[ -f "$results" ] || continue
	found=1
	# The outermost line sums up the suite.
	sed -n "s/^  *\(not \)\{0,1\}ok \([0-9]*\) \(- \)\{0,1\}/\1ok \2 - $(basename "$(dirname "$results")") /p" "$results"
	grep -q '^not ok' "$results" && failed=1
done
[ $found = 1 ] || { echo 'FAILED: no results under /sys/kernel/debug/kunit'; failed=1; }
[ $failed = 0 ] || dmesg | tail -n "+$((before + 1))" | grep -a -v '^$'
for module in $modules; do
	rmmod "$(basename "$module" .ko)" || { echo "FAILED: $module does not unload"; failed=1; }
done
exit $failed
