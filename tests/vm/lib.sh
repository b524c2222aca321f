# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# Sourced by the scripts of this folder, with "here" set to it: where things are, and the kernels by name.
# shellcheck disable=SC2034,SC2154 # what is set here is for the scripts, and "here" comes from them

cache=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}/vm
source=$(cd "$here/../.." && pwd)

die() {
	echo "vm: $*" >&2
	exit 1
}

# use_kernel stock|kasan|compat: makes sure that it is there. Sets kernel_version; kernel_image, what QEMU boots; kernel_modules, the folder of its
# modules, if it has any; kernel_append, for its command line.
use_kernel() {
	kernel_name=$1
	kernel_append=
	case $kernel_name in
	stock)
		"$here/fetch.sh" kernel || return 1
		kernel_version=$(cat "$cache/kernel/version")
		kernel_image=$cache/kernel/boot/vmlinuz-$kernel_version
		kernel_modules=$cache/kernel/lib/modules/$kernel_version
		;;
	kasan)
		kernel_tree=$("$here/debug.sh") || return 1
		kernel_version=$(cat "$kernel_tree/version")
		kernel_image=$kernel_tree/build/arch/x86/boot/bzImage
		kernel_modules=
		# The first report ends the machine: a warning, and what taints the kernel without one (bad page 5, oops 7, warning 9, lockup 14).
		kernel_append='panic_on_warn=1 panic_on_taint=0x42a0 watchdog_thresh=60 workqueue.watchdog_thresh=120'
		;;
	compat)
		"$here/fetch.sh" compat || return 1
		kernel_version=$(cat "$cache/compat/version")
		kernel_modules=$cache/compat/usr/lib/modules/$kernel_version
		kernel_image=$kernel_modules/vmlinuz
		;;
	*)
		echo "vm: no kernel is called $kernel_name: stock, kasan, compat" >&2
		return 1
		;;
	esac
}

# In the build folder of the driver in $1: make for the modules, with what follows as more arguments.
make_module() {
	copy=$1
	shift
	case $kernel_name in
	stock)
		# Without CONFIG_DEBUG_INFO_BTF_MODULES no pahole is needed. The headers name the compiler that Debian used.
		timeout -k 10 600 make -C "$cache/kernel/usr/src/linux-headers-$kernel_version" M="$copy" CONFIG_DEBUG_INFO_BTF_MODULES= "$@" modules
		;;
	kasan) timeout -k 10 600 make -C "$kernel_tree/src" O="$kernel_tree/build" ARCH=x86_64 M="$copy" "$@" modules ;;
	compat) timeout -k 10 600 "$here/compat.sh" "$copy" "$@" ;;
	esac
}

# The first report of a kernel in a file, with what follows it. Fails if there is none. Without it the driver's users would not see a lockdep report.
first_report() {
	first_line=$(grep -a -n -E -f "$here/guest/reports" "$1" | grep -a -v -E -f "$here/guest/not-reports" | head -n 1 | cut -d: -f1)
	[ -n "$first_line" ] || return 1
	tail -n "+$first_line" "$1" | head -n "${2:-60}"
}
