#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Measure the benchmark models on the RTL and write BUILD_DIR/bench.json. usage: bench.sh BUILD_DIR [OPTIONS of tests/bench/bench.py]
set -eu
build=$1
shift
here=$(cd "$(dirname "$0")/.." && pwd)
exec python3 "$here/tests/bench/bench.py" --build "$build" --models "${QUERN_MODELS:-$here/../shared/models}" --json "$build/bench.json" "$@"
