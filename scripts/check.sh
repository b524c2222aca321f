#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every test, each bounded in time by meson. Prints one closing line with the counts. usage: check.sh BUILD_DIR
#
# QUERN_VM=skip leaves out what needs QEMU and a kernel.
set -eu
build=$1
here=$(cd "$(dirname "$0")" && pwd)
status=0
python3 "$here/check_docs.py" || exit 1
if [ "${QUERN_VM:-}" != skip ] && ! "$here/../tests/vm/fetch.sh" qemu kernel source; then
	echo 'check: ERROR: QEMU, the kernel or its source for the tests of the driver cannot be fetched; QUERN_VM=skip leaves these tests out' >&2
	exit 1
fi
meson test -C "$build" --no-rebuild --print-errorlogs --num-processes "$(nproc)" || status=$?
python3 "$here/count_tests.py" "$build/meson-logs/testlog.json"
exit "$status"
