#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The virtual machine itself, without the driver: device, ways of reaching memory, status and output of commands, machines that die.
# usage: check.sh BUILD_DIR
set -eu

build=$1
here=$(cd "$(dirname "$0")" && pwd)
out=$(mktemp)
trap 'rm -f "$out"' EXIT
export QUERN_VM_NO_DRIVER=1
failed=0

# expect NAME STATUS PATTERN CMD [SETTING=VALUE...]: the command ends with the status and prints a line that matches.
expect() {
	name=$1 want=$2 pattern=$3 command=$4
	shift 4
	status=0
	env "$@" timeout 300 "$here/vm.sh" "$build" "$command" >"$out" 2>&1 || status=$?
	if [ "$status" = "$want" ] && grep -Eq "$pattern" "$out"; then
		echo "ok: $name"
	else
		echo "FAILED: $name: status $status, not $want, or no line like '$pattern':"
		tail -n 20 "$out"
		failed=$((failed + 1))
	fi
}

expect 'the chip answers' 0 '^ID 0x314e5251' quern-bar
expect 'the chip answers, 2 processors' 0 '^ID 0x314e5251' quern-bar QUERN_VM_CPUS=2
expect 'the chip answers behind an IOMMU' 0 '^ID 0x314e5251' quern-bar QUERN_VM_IOMMU=1
expect 'registers keep what is written' 0 '^0x12345678$' 'quern-bar 0x30 0x12345678 && quern-bar 0x30'
expect 'a status comes back' 7 '^last words$' 'echo last words; exit 7'
expect 'a command that does not exist' 127 'not found' no-such-command
expect 'much output comes back' 0 "^$(seq 1 20000 | md5sum | cut -d' ' -f1)" 'seq 1 20000; seq 1 20000 | md5sum'
expect 'a machine that panics' 125 'sysrq triggered crash' 'echo c >/proc/sysrq-trigger'
expect 'a machine that hangs' 124 'no status came back' 'sleep 1000' QUERN_VM_TIMEOUT=25
[ "$failed" = 0 ] || exit 1
echo 'vm: ok'
