#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Networks through the driver: the bytes that the functional model and the RTL on the host give, for the digits and MLPerf Tiny's ResNet-8.
# A host script of tests/vm/suites. usage: models.sh BUILD_DIR
#
# QUERN_MODELS  folder of the models (../shared/models beside the repository); without it only the digits run
set -u
build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
models=${QUERN_MODELS:-$source/../shared/models}
resnet=$models/mlperf_tiny/ic_resnet8_int8.tflite
seed=${QUERN_SEED:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
names=

# An int8 .npy of random bytes. noise FILE SEED DIMENSION...
noise() {
	python3 - "$@" <<-'END'
		import math, random, sys
		shape = tuple(map(int, sys.argv[3:]))
		header = str({'descr': '|i1', 'fortran_order': False, 'shape': shape}).ljust(117) + '\n'
		with open(sys.argv[1], 'wb') as out:
		    out.write(b'\x93NUMPY\x01\x00' + len(header).to_bytes(2, 'little') + header.encode('latin1'))
		    out.write(random.Random(int(sys.argv[2])).randbytes(math.prod(shape)))
	END
}

# add NAME MODEL DIMENSION...: a program and two inputs
add() {
	name=$1 model=$2
	shift 2
	"$build/bin/quernc" "$model" -o "$work/$name.qn" || exit 1
	noise "$work/$name-0.npy" "$seed" "$@"
	noise "$work/$name-1.npy" $((seed + 1)) "$@"
	names="$names $name"
}

# Sums of all outputs on a device of the host.
sums() {
	for name in $names; do
		for i in 0 1; do
			rm -rf "$work/out"
			timeout 120 "$build/bin/accel-run" -d "$1" "$work/$name.qn" -i "$work/$name-$i.npy" -o "$work/out" >/dev/null || return 1
			echo "$name $i $(cat "$work"/out/*.npy | md5sum | cut -d' ' -f1)"
		done
	done
}

add digits "$source/demo/digits/digits_int8.tflite" 1 8 8 1
if [ -f "$resnet" ]; then
	add resnet8 "$resnet" 1 32 32 3
else
	echo "skip: models resnet8: $resnet is missing: set QUERN_MODELS"
fi
echo "replay: QUERN_SEED=$seed $0 $1"
sums func >"$work/func" || failed=1
sums rtl >"$work/rtl" || failed=1
for name in $names; do
	QUERN_VM_FILES="${QUERN_VM_FILES:-} $work/$name.qn $work/$name-0.npy $work/$name-1.npy"
done
export QUERN_VM_FILES
# The variables are those of the guest's shell.
# shellcheck disable=SC2016
"$source/tests/vm/vm.sh" "$build" 'cd /usr/bin
for name in '"$names"'; do
	for i in 0 1; do
		rm -rf /tmp/out
		accel-run -d accel0 $name.qn -i $name-$i.npy -o /tmp/out >/dev/null || exit 1
		echo "$name $i $(cat /tmp/out/*.npy | md5sum | cut -d" " -f1)"
	done
done' >"$work/accel0" || { failed=1; cat "$work/accel0"; }
for device in rtl accel0; do
	if [ -s "$work/func" ] && cmp -s "$work/func" "$work/$device"; then
		echo "ok: models on $device as on func:$names"
	else
		echo "FAILED: models on $device"
		diff "$work/func" "$work/$device"
		failed=1
	fi
done
exit $failed
