#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A stock Debian kernel in QEMU with the chip's RTL as a PCI device.
#
# usage: vm.sh BUILD_DIR          a shell in the guest
#        vm.sh BUILD_DIR CMD      run CMD there; its output and its status are this script's
#
# QUERN_VM_TIMEOUT  seconds until the VM is ended (300 for a command, 14400 for a shell)
# QUERN_VM_CPUS, QUERN_VM_MB   size of the guest (1, 512)
# QUERN_VM_KVM=1    KVM instead of TCG
# QUERN_VM_IOMMU=1  with an emulated IOMMU, which shows every access to memory that is not mapped for the device
# QUERN_VM_MESSAGES=1  guest RAM without a file: the chip reaches it by messages, slowly
# QUERN_VM_COSIM    more arguments for quern-cosim
# QUERN_VM_QEMU     more arguments for QEMU
# QUERN_VM_FILES    more files for the guest's /usr/bin, separated by blanks
# QUERN_VM_MODULE   the driver, if it is not to be built from this tree; QUERN_VM_NO_DRIVER=1: none
# Status 124: out of time; 125: the VM did not get as far as the command's end; 126: a module did not load.
set -eu

if [ $# -lt 1 ] || { [ $# -gt 1 ] && [ -z "$2" ]; }; then
	echo "usage: vm.sh BUILD_DIR [CMD], or make vm-run CMD='...'" >&2
	exit 2
fi
build=$1
here=$(cd "$(dirname "$0")" && pwd)
cache=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}/vm
server=
run=$(mktemp -d)

# The server ends by itself when QEMU hangs up, and then completes a trace.
cleanup() {
	if [ -n "$server" ]; then
		timeout 10 tail -s 0.1 --pid="$server" -f /dev/null || kill "$server" 2>/dev/null || true
	fi
	rm -rf "$run"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

# The host's QEMU if it can do it, else the fetched one with its own loader and libraries.
find_qemu() {
	if command -v qemu-system-x86_64 >/dev/null && timeout 20 qemu-system-x86_64 -device help 2>/dev/null | grep -q '"vfio-user-pci"'; then
		qemu=host
	else
		"$here/fetch.sh" qemu
		qemu=cache
	fi
}

run_qemu() {
	if [ "$qemu" = host ]; then
		timeout -k 10 --foreground "$limit" qemu-system-x86_64 "$@"
		return
	fi
	prefix=$cache/qemu
	lib=$prefix/usr/lib/x86_64-linux-gnu
	QEMU_MODULE_DIR=$lib/qemu timeout -k 10 --foreground "$limit" "$lib/ld-linux-x86-64.so.2" --library-path "$lib:$lib/libproxy" \
		--argv0 qemu-system-x86_64 "$prefix/usr/bin/qemu-system-x86_64" \
		-L "$prefix/usr/share/qemu" -L "$prefix/usr/share/seabios" -L "$prefix/usr/lib/ipxe/qemu" "$@"
}

# The server listens before QEMU starts, for QEMU tries only once.
start_server() {
	# shellcheck disable=SC2086
	"$build/bin/quern-cosim" --socket "$run/chip" --once ${QUERN_VM_COSIM:-} 2>"$run/cosim.log" &
	server=$!
	tries=100
	while [ ! -S "$run/chip" ]; do
		tries=$((tries - 1))
		if [ "$tries" = 0 ] || ! kill -0 "$server" 2>/dev/null; then
			cat "$run/cosim.log" >&2
			exit 125
		fi
		sleep 0.1
	done
}

boot() {
	machine=q35
	iommu=
	append='console=ttyS0 panic=-1 quiet'
	accel=tcg
	[ -z "${QUERN_VM_KVM:-}" ] || accel=kvm
	if [ -n "${QUERN_VM_IOMMU:-}" ]; then
		machine=q35,kernel-irqchip=off
		iommu='-device intel-iommu,caching-mode=on'
		append="$append intel_iommu=on iommu=strict"
	fi
	mb=${QUERN_VM_MB:-512}
	memory=memory-backend-memfd,id=ram0,size=${mb}M,share=on
	[ -z "${QUERN_VM_MESSAGES:-}" ] || memory=memory-backend-ram,id=ram0,size=${mb}M
	# shellcheck disable=SC2086
	run_qemu -nodefaults -no-user-config -display none -no-reboot -accel "$accel" -cpu max -smp "${QUERN_VM_CPUS:-1}" -m "$mb" \
		-object "$memory" -M "$machine,memory-backend=ram0" $iommu \
		-device '{"driver":"vfio-user-pci","socket":{"type":"unix","path":"'"$run"'/chip"},"x-msg-timeout":600000}' \
		-kernel "$cache/kernel/boot/vmlinuz-$(cat "$cache/kernel/version")" -initrd "$run/initrd" -append "$append" \
		${QUERN_VM_QEMU:-} "$@"
}

run_command() {
	status=0
	boot -serial "file:$run/console" -chardev stdio,id=out,signal=off -serial chardev:out -serial "file:$run/status" </dev/null \
		2>"$run/qemu.log" || status=$?
	result=$(sed -n 's/^status \([0-9][0-9]*\)$/\1/p' "$run/status" 2>/dev/null || true)
	if [ -n "$result" ]; then
		[ "$result" != 126 ] || tail -n 20 "$run/console" >&2
		exit "$result"
	fi
	echo "vm: no status came back (QEMU ended with $status); the console's end:" >&2
	tail -n 80 "$run/console" "$run/qemu.log" "$run/cosim.log" >&2
	[ "$status" != 124 ] || exit 124
	exit 125
}

# Into QUERN_VM_MODULE.
find_module() {
	if [ -n "${QUERN_VM_NO_DRIVER:-}" ]; then
		QUERN_VM_MODULE=
	elif [ -z "${QUERN_VM_MODULE:-}" ] && [ -d "$here/../../driver" ]; then
		QUERN_VM_MODULE=$("$here/module.sh" "$build") || exit 125
	fi
	export QUERN_VM_MODULE
}

find_qemu
"$here/fetch.sh" kernel
find_module
if [ $# -gt 1 ]; then
	"$here/initramfs.sh" "$build" "$run/initrd" "$2"
	limit=${QUERN_VM_TIMEOUT:-300}
	start_server
	run_command
fi
"$here/initramfs.sh" "$build" "$run/initrd"
limit=${QUERN_VM_TIMEOUT:-14400}
start_server
boot -serial mon:stdio
