#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real kernel in QEMU with the chip's RTL as a PCI device.
#
# usage: vm.sh BUILD_DIR          a shell in the guest
#        vm.sh BUILD_DIR CMD      run CMD there; its output and its status are this script's
#
# QUERN_VM_KERNEL   stock (Debian 6.12), kasan (the debug kernel), compat (the newest Debian kernel)
# QUERN_VM_TIMEOUT  seconds until the VM is ended (300 for a command, 14400 for a shell)
# QUERN_VM_CPUS, QUERN_VM_MB   size of the guest (1, 512; kasan 1024)
# QUERN_VM_KVM=1    KVM instead of TCG
# QUERN_VM_IOMMU=1  with an emulated IOMMU, which shows every access to memory that is not mapped for the device
# QUERN_VM_PORT=1   the chip behind a PCI Express port, else on the root bus
# QUERN_VM_MESSAGES=1  guest RAM without a file: the chip reaches it by messages, slowly
# QUERN_VM_REGISTER_SECONDS   until QEMU gives up waiting for a register, and with it the chip (120)
# QUERN_VM_COSIM    more arguments for quern-cosim
# QUERN_VM_QEMU     more arguments for QEMU
# QUERN_VM_APPEND   more for the kernel's command line
# QUERN_VM_FILES    more files for the guest's /usr/bin, separated by blanks
# QUERN_VM_SUITES   a list of suites for quern-suites in the guest, and their programs
# QUERN_VM_MODULE   the driver, if it is not to be built from this tree; QUERN_VM_NO_DRIVER=1: none
# QUERN_VM_RUN      a folder for what the run leaves while it runs and after it: server.pid, qemu.pid, console, cosim.log, qemu.log
# Status 123: the kernel reported something; 124: out of time; 125: the VM did not get as far as the command's end; 126: a module did not load.
set -eu

if [ $# -lt 1 ] || { [ $# -gt 1 ] && [ -z "$2" ]; }; then
	echo "usage: vm.sh BUILD_DIR [CMD], or make vm-run CMD='...'" >&2
	exit 2
fi
build=$1
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
server=
qemu=
watch=
own=$(mktemp -d)
run=${QUERN_VM_RUN:-$own}
mkdir -p "$run"
register_seconds=${QUERN_VM_REGISTER_SECONDS:-120} # a register access that takes longer is not slow simulation

# The server ends by itself when QEMU hangs up, and then completes a trace. Who has ended already needs no signal.
# shellcheck disable=SC2317 # the trap calls it
cleanup() {
	[ -z "$watch" ] || kill "$watch" 2>/dev/null || true
	[ -z "$qemu" ] || kill -KILL "$qemu" 2>/dev/null || true
	if [ -n "$server" ]; then
		timeout 10 tail -s 0.1 --pid="$server" -f /dev/null || kill -KILL "$server" 2>/dev/null || true
	fi
	rm -rf "$own"
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

# The host's QEMU if it can do it, else the fetched one with its own loader and libraries.
find_qemu() {
	# One that cannot even list its devices cannot do it.
	if command -v qemu-system-x86_64 >/dev/null && timeout 20 qemu-system-x86_64 -device help 2>/dev/null | grep -q '"vfio-user-pci"'; then
		qemu_from=host
	else
		"$here/fetch.sh" qemu
		qemu_from=cache
	fi
}

# Replaces the shell by QEMU, which does not outlive the script.
exec_qemu() {
	if [ "$qemu_from" = host ]; then
		exec setpriv --pdeathsig KILL qemu-system-x86_64 "$@"
	fi
	prefix=$cache/qemu
	lib=$prefix/usr/lib/x86_64-linux-gnu
	export QEMU_MODULE_DIR="$lib/qemu"
	exec setpriv --pdeathsig KILL "$lib/ld-linux-x86-64.so.2" --library-path "$lib:$lib/libproxy" \
		--argv0 qemu-system-x86_64 "$prefix/usr/bin/qemu-system-x86_64" \
		-L "$prefix/usr/share/qemu" -L "$prefix/usr/share/seabios" -L "$prefix/usr/lib/ipxe/qemu" "$@"
}

# The server listens before QEMU starts, for QEMU tries only once.
start_server() {
	# A list of words.
	# shellcheck disable=SC2086
	setpriv --pdeathsig TERM "$build/bin/quern-cosim" --socket "$own/chip" --once ${QUERN_VM_COSIM:-} 2>"$run/cosim.log" &
	server=$!
	echo "$server" >"$run/server.pid"
	tries=100
	while [ ! -S "$own/chip" ]; do
		tries=$((tries - 1))
		if [ "$tries" = 0 ] || ! kill -0 "$server" 2>/dev/null; then
			cat "$run/cosim.log" >&2
			exit 125
		fi
		sleep 0.1
	done
}

# What each thread of server and QEMU does. When a register access never ends, QEMU's processor and the server both wait.
describe_processes() {
	for pid in "$server" "$qemu"; do
		for task in "/proc/$pid/task"/*; do
			echo "$(cat "$task/comm") $task: $(grep State "$task/status"), waits in $(cat "$task/wchan"), system call $(cat "$task/syscall")"
		done
	done
	! command -v ss >/dev/null || ss -xp | grep -F "$own/chip"
}

# Ends QEMU when its time is over. An interrupt that nobody expects makes the kernel say where its processors are.
watch_qemu() {
	end=$(($(date +%s) + limit))
	while [ "$(date +%s)" -lt "$end" ]; do
		sleep 1
		# A script that was killed has taken QEMU along, and then there is no such file.
		grep -q "^PPid:[[:space:]]*$$\$" "/proc/$qemu/status" 2>/dev/null || exit 0
	done
	: >"$run/late"
	describe_processes >"$run/processes" 2>&1
	# The inner shell's variable.
	# shellcheck disable=SC2016
	timeout 2 sh -c 'echo nmi >"$1"' sh "$own/monitor.in"
	sleep 3
	kill -KILL "$qemu"
}

# Starts QEMU with these arguments and waits for its end: its status in status. Standard input is that of the script.
boot() {
	machine=q35
	iommu=
	append="console=ttyS0 panic=-1 oops=panic unknown_nmi_panic no_timer_check $console $kernel_append ${QUERN_VM_APPEND:-}"
	accel=tcg
	[ -z "${QUERN_VM_KVM:-}" ] || accel=kvm
	if [ -n "${QUERN_VM_IOMMU:-}" ]; then
		machine=q35,kernel-irqchip=off
		iommu='-device intel-iommu,caching-mode=on'
		append="$append intel_iommu=on iommu=strict"
	fi
	port=
	bus=
	if [ -n "${QUERN_VM_PORT:-}" ]; then
		port='-device pcie-root-port,id=root-port,chassis=1,x-speed=2_5'
		bus=',"bus":"root-port"'
	fi
	mb=${QUERN_VM_MB:-512}
	[ "$kernel_name" != kasan ] || mb=${QUERN_VM_MB:-1024}
	memory=memory-backend-memfd,id=ram0,size=${mb}M,share=on
	[ -z "${QUERN_VM_MESSAGES:-}" ] || memory=memory-backend-ram,id=ram0,size=${mb}M
	mkfifo "$own/monitor.in" "$own/monitor.out"
	exec 3<&0
	# Lists of words.
	# shellcheck disable=SC2086
	exec_qemu -nodefaults -no-user-config -display none -no-reboot -accel "$accel" -cpu max -smp "${QUERN_VM_CPUS:-1}" -m "$mb" \
		-object "$memory" -M "$machine,memory-backend=ram0" $iommu $port \
		-device '{"driver":"vfio-user-pci","socket":{"type":"unix","path":"'"$own"'/chip"},"x-msg-timeout":'"$register_seconds"'000'"$bus"'}' \
		-kernel "$kernel_image" -initrd "$own/initrd" -append "$append" ${QUERN_VM_QEMU:-} "$@" <&3 &
	qemu=$!
	exec 3<&-
	echo "$qemu" >"$run/qemu.pid"
	watch_qemu &
	watch=$!
	status=0
	wait "$qemu" || status=$?
	qemu=
	# It may have ended with QEMU.
	kill "$watch" 2>/dev/null || true
	watch=
}

# What is needed to find out why: the newest eight are kept.
keep() {
	kept=$build/vm-failed/$(date +%Y%m%d-%H%M%S)-$$
	mkdir -p "$kept"
	for file in console cosim.log qemu.log processes; do
		[ ! -f "$run/$file" ] || cp "$run/$file" "$kept/"
	done
	printf 'kernel %s %s\ncommand %s\n' "$kernel_name" "$kernel_version" "$1" >"$kept/what"
	echo "vm: kept in $kept" >&2
	find "$build/vm-failed" -mindepth 1 -maxdepth 1 | sort -r | tail -n +9 | while read -r old; do
		rm -rf "$old"
	done
}

# No status: says why, and what the console, QEMU and the server said last.
explain() {
	if [ -f "$run/late" ]; then
		echo "vm: no status came back within $limit s:" >&2
		result=124
	else
		echo "vm: no status came back (QEMU ended with $status):" >&2
		result=125
	fi
	first_report "$run/console" >&2 || tail -n 60 "$run/console" >&2
	tail -n 20 "$run/qemu.log" "$run/cosim.log" >&2
	[ ! -f "$run/processes" ] || tail -n 20 "$run/processes" >&2
	keep "$1"
}

run_command() {
	rm -f "$run/late" "$run/processes"
	console=loglevel=5
	boot -serial "file:$run/console" -chardev stdio,id=out,signal=off -serial chardev:out -serial "file:$run/status" \
		-monitor "pipe:$own/monitor" </dev/null 2>"$run/qemu.log"
	# Without the file there is no status, which explain() explains.
	result=$(sed -n 's/^status \([0-9][0-9]*\)$/\1/p' "$run/status" 2>/dev/null || true)
	if [ -z "$result" ]; then
		explain "$1"
	elif [ "$result" = 126 ]; then
		tail -n 20 "$run/console" >&2
	elif [ "$result" = 0 ] && first_report "$run/console" >&2; then
		echo 'vm: the kernel reported something' >&2
		keep "$1"
		result=123
	fi
	exit "$result"
}

# Into QUERN_VM_MODULE.
find_module() {
	if [ -n "${QUERN_VM_NO_DRIVER:-}" ]; then
		QUERN_VM_MODULE=
	elif [ -z "${QUERN_VM_MODULE:-}" ] && [ -d "$source/driver" ]; then
		QUERN_VM_MODULE=$("$here/module.sh" "$build") || exit 125
	fi
	export QUERN_VM_MODULE
}

find_qemu
"$here/fetch.sh" kernel
export QUERN_VM_KERNEL="${QUERN_VM_KERNEL:-stock}"
use_kernel "$QUERN_VM_KERNEL"
find_module
if [ $# -gt 1 ]; then
	"$here/initramfs.sh" "$build" "$own/initrd" "$2"
	limit=${QUERN_VM_TIMEOUT:-300}
	start_server
	run_command "$2"
fi
"$here/initramfs.sh" "$build" "$own/initrd"
limit=${QUERN_VM_TIMEOUT:-14400}
start_server
console=quiet
boot -serial mon:stdio
exit "$status"
