#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the guest's root: busybox, the kernel's modules, our module and firmware, our programs with the libraries they need.
# usage: initramfs.sh BUILD_DIR OUT [CMD]
#
# QUERN_VM_FILES   more files for the guest's /usr/bin, separated by blanks
# QUERN_VM_KERNEL  whose modules
# QUERN_VM_MODULE  the driver; without it none is loaded. Other modules beside it or below are its unit tests
# QUERN_VM_SUITES  a list as suites, with programs for the guest
set -eu

build=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
busybox=$cache/kernel/bin/busybox
use_kernel "${QUERN_VM_KERNEL:-stock}"
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
# Users other than root get in.
chmod 755 "$root"

add_base() {
	mkdir -p "$root/bin" "$root/sbin" "$root/usr/bin" "$root/usr/lib/quern" "$root/dev" "$root/proc" "$root/sys" "$root/modules/tests" "$root/lib64" "$root/t"
	cp "$busybox" "$root/bin/busybox"
	for applet in $("$busybox" --list); do
		[ "$applet" = busybox ] || ln -s /bin/busybox "$root/bin/$applet"
	done
	cp "$here/guest/init" "$root/init"
	cp "$here/guest/suites" "$root/usr/bin/quern-suites"
	cp "$here/guest/reports" "$here/guest/not-reports" "$root/usr/lib/quern/"
	echo "${QUERN_VM_KERNEL:-stock}" >"$root/usr/lib/quern/kernel"
	${CC:-cc} -static -O2 -std=gnu11 -Wall -Wextra -I "$source/include" "$here/guest/bar.c" -o "$root/usr/bin/quern-bar"
}

# In the order of the list; the driver last. The debug kernel has all but the driver built in.
add_modules() {
	: >"$root/modules/order"
	[ -z "$kernel_modules" ] || grep -v '^#' "$here/modules" | while read -r name; do
		file=$(find "$kernel_modules" -name "$name.ko*" | head -n 1)
		case $file in
		*.xz) "$busybox" xzcat "$file" >"$root/modules/$name.ko" ;;
		*.ko) cp "$file" "$root/modules/" ;;
		*) echo "vm: kernel $kernel_version has no module $name" >&2; exit 1 ;;
		esac
		echo "$name" >>"$root/modules/order"
	done
	if [ -n "${QUERN_VM_MODULE:-}" ]; then
		cp "$QUERN_VM_MODULE" "$root/modules/quern.ko"
		echo quern >>"$root/modules/order"
		find "$(dirname "$QUERN_VM_MODULE")" -name '*.ko' ! -name quern.ko -exec cp {} "$root/modules/tests/" \;
	fi
}

# The libraries of a program, all into one folder; the loader where programs look for it.
add_libraries() {
	# A static program has none, which ldd takes for an error.
	ldd "$1" 2>/dev/null | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p; s/^[[:space:]]*\(\/[^ ]*ld-linux[^ ]*\) .*/\1/p' | while read -r library; do
		case $library in
		*ld-linux*) cp -Ln "$library" "$root/lib64/" ;;
		*) cp -Ln "$library" "$root/usr/lib/quern/" ;;
		esac
	done
}

add_payload() {
	grep -v '^#' "$here/payload" | while read -r tree from to; do
		[ "$tree" = build ] && from=$build/$from || from=$source/$from
		[ -e "$from" ] || continue
		mkdir -p "$(dirname "$root/$to")"
		cp -rL "$from" "$root/$to"
		[ -d "$from" ] || add_libraries "$from"
	done
	if [ -x "$build/bin/quernc" ]; then
		"$build/bin/quernc" "$source/demo/digits/digits_int8.tflite" -o "$root/usr/share/quern/digits.qn"
	fi
}

# Under the paths that they have below the build folder or the source tree.
add_suites() {
	[ -n "${QUERN_VM_SUITES:-}" ] || return 0
	cp "$QUERN_VM_SUITES" "$root/usr/lib/quern/suites"
	grep -v '^#' "$QUERN_VM_SUITES" | while read -r where kernels seconds program arguments; do
		case $where in guest*) ;; *) continue ;; esac
		file=$build/$program
		[ -e "$file" ] || file=$source/$program
		if [ ! -e "$file" ]; then
			echo "vm: the suite $program ($kernels, $seconds s, arguments: $arguments) is neither built nor in the source tree" >&2
			continue
		fi
		mkdir -p "$(dirname "$root/t/$program")"
		cp "$file" "$root/t/$program"
		add_libraries "$file"
	done
}

# Files that the caller names, into usr/bin.
add_files() {
	for file in ${QUERN_VM_FILES:-}; do
		cp "$file" "$root/usr/bin/"
		add_libraries "$file"
	done
}

add_base
add_modules
add_payload
add_suites
add_files
[ $# -lt 3 ] || printf '%s\n' "$3" >"$root/cmd"
# Not compressed: an emulated kernel with sanitizers unpacks slowly.
(cd "$root" && find . | "$busybox" cpio -o -H newc --quiet) >"$out.part"
mv "$out.part" "$out"
