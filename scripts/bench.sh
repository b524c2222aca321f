#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Measure the benchmark models on the RTL and write BUILD_DIR/bench.json; then what a job costs beside its commands, on the chip and in the
# library. usage: bench.sh BUILD_DIR [OPTIONS of tests/bench/bench.py]
set -eu
build=$1
shift
here=$(cd "$(dirname "$0")/.." && pwd)
status=0
python3 "$here/tests/bench/bench.py" --build "$build" --models "${QUERN_MODELS:-$here/../shared/models}" --json "$build/bench.json" "$@" || status=$?
case " $* " in
*" --help "* | *" -h "*) exit "$status" ;;
esac
printf '\naround a job, 16x16, bus 16 B/cycle, 100 cycles\n'
"$build/tests/stream/overhead" --rtl-dir "$build/lib" --firmware "$build/firmware/quern-fw.bin" || status=1
"$build/tests/runtime/bench-submit" || status=1
exit "$status"
