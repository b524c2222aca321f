#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The driver's suites on a kernel other than the stock one. Prints what failed, was skipped or took how long, and the counts.
# usage: check-vm.sh BUILD_DIR kasan|compat
set -eu
build=$1
kernel=$2
here=$(cd "$(dirname "$0")" && pwd)
tap=$build/vm-$kernel.tap
status=0
# The status of the suites comes through a file, as that of a pipeline is its last command's: here grep's, which fails when all lines are good.
{
	"$here/../tests/vm/suites.sh" "$build" "$kernel" || echo $? >"$tap.status"
} | tee "$tap" | grep --line-buffered -vE '^ok |^1\.\.' || true
if [ -e "$tap.status" ]; then
	status=$(cat "$tap.status")
	rm "$tap.status"
fi
python3 "$here/count_tests.py" "$tap"
[ "$status" = 0 ] || exit "$status"
echo "check-$kernel: ok"
