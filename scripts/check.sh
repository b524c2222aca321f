#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every test, each bounded in time by meson. Prints one closing line with the counts. usage: check.sh BUILD_DIR
set -eu
build=$1
status=0
python3 "$(dirname "$0")/check_docs.py" || exit 1
meson test -C "$build" --no-rebuild --print-errorlogs --num-processes "$(nproc)" || status=$?
python3 "$(dirname "$0")/count_tests.py" "$build/meson-logs/testlog.json"
exit "$status"
