#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The driver's tests of faults, in machines of their own, whose servers have the fault port.
# usage: run.sh BUILD_DIR [TEST...]     without names: all, in three machines, of which two lose their chip
set -eu

build=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../../.." && pwd)
program=$build/tests/driver/faults/faults
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

if [ ! -x "$program" ]; then
	echo 'skip: faults: the program was not built; libdrm is missing'
	exit 77
fi
python3 "$here/images.py" "$build/firmware/quern-fw.bin" "$build/firmware/quern-fw.elf" "$source/include/quern/messages.h" "$tmp/out"
cp "$build/firmware/quern-fw-deadly.bin" "$tmp/out/deadly.bin"
tar -cf "$tmp/images.tar" -C "$tmp/out" .
export QUERN_VM_COSIM='--faults' QUERN_VM_CPUS=2
export QUERN_VM_FILES="$program $tmp/images.tar $here/guest.sh"

# The first machine's time: five times what it takes alone, on the debug kernel as well.
limit=500
[ "${QUERN_VM_KERNEL:-stock}" != kasan ] || limit=1500
export QUERN_VM_TIMEOUT="${QUERN_VM_TIMEOUT:-$limit}"

# machine TEST...: these tests in a machine; without names all but those of other machines.
machine() {
	"$source/tests/vm/vm.sh" "$build" "QUERN_KILLS=${QUERN_KILLS:-1000} QUERN_SEED=${QUERN_SEED:-1} sh /usr/bin/guest.sh /usr/bin/faults /usr/bin/images.tar $*" || failed=1
}

# The file of a module of the kernel, if it has it.
kernel_module() {
	(
		here=$source/tests/vm
		# shellcheck source-path=SCRIPTDIR source=../../vm/lib.sh
		. "$here/lib.sh"
		use_kernel "${QUERN_VM_KERNEL:-stock}" >&2
		[ -z "$kernel_modules" ] || find "$kernel_modules" -name "$1.ko.xz" | head -n 1
	)
}

failed=0
if [ $# -gt 0 ]; then
	machine "$@"
else
	machine
	QUERN_VM_FILES="$QUERN_VM_FILES $(kernel_module aer_inject)" QUERN_VM_PORT=1 machine bus-reset-busy bus-reset-asleep bus-reset-racing \
		bus-error-busy bus-error-asleep bus-error-racing bus-fatal-busy bus-fatal-asleep unplugged
	# QEMU wakes nobody who waits for an answer when the server is gone; the guest stands still for so long.
	QUERN_VM_REGISTER_SECONDS=5 machine server-dies
fi
exit "$failed"
