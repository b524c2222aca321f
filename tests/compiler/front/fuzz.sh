#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# 100,000 damaged models: the seeds, the demo's, and the real networks when they are there. usage: fuzz.sh FUZZ-MODEL SEED-FOLDER MORE-FILES
set -eu
fuzz=$1
seeds=$2
shift 2
models=${QUERN_MODELS:-$(cd "$(dirname "$0")/../../.." && pwd)/../shared/models}
# Without the folder there are none, which the next line says.
real=$(find "$models" -name '*.tflite' 2>/dev/null | sort) || true
[ -n "$real" ] || echo "no real networks in $models: seeds only"
# Names of models have no spaces.
# shellcheck disable=SC2086
# Four minutes with one other test beside it.
exec timeout 1200 "$fuzz" --seed 1 --count "${QUERN_FUZZ_COUNT:-100000}" "$seeds"/*.tflite "$@" $real
