#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the guest's root: busybox, the kernel's modules, our module and firmware, our programs with the libraries they need.
# usage: initramfs.sh BUILD_DIR OUT [CMD]
#
# QUERN_VM_FILES   more files for the guest's /usr/bin, separated by blanks
# QUERN_VM_MODULE  the driver; without it none is loaded
set -eu

build=$1
out=$2
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
kernel=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}/vm/kernel
version=$(cat "$kernel/version")
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

add_base() {
	mkdir -p "$root/bin" "$root/sbin" "$root/usr/bin" "$root/usr/lib/quern" "$root/dev" "$root/proc" "$root/sys" "$root/modules" "$root/lib64"
	cp "$kernel/bin/busybox" "$root/bin/busybox"
	for applet in $("$kernel/bin/busybox" --list); do
		[ "$applet" = busybox ] || ln -s /bin/busybox "$root/bin/$applet"
	done
	cp "$here/guest/init" "$root/init"
	${CC:-cc} -static -O2 -std=gnu11 -Wall -Wextra -I "$source/include" "$here/guest/bar.c" -o "$root/usr/bin/quern-bar"
}

# In the order of the list; the driver last.
add_modules() {
	grep -v '^#' "$here/modules" | while read -r name; do
		file=$(find "$kernel/lib/modules/$version" -name "$name.ko*" | head -n 1)
		case $file in
		*.xz) "$kernel/bin/busybox" xzcat "$file" >"$root/modules/$name.ko" ;;
		*.ko) cp "$file" "$root/modules/" ;;
		*) echo "vm: kernel $version has no module $name" >&2; exit 1 ;;
		esac
		echo "$name" >>"$root/modules/order"
	done
	if [ -n "${QUERN_VM_MODULE:-}" ]; then
		cp "$QUERN_VM_MODULE" "$root/modules/quern.ko"
		echo quern >>"$root/modules/order"
	fi
}

# The libraries of a program, all into one folder; the loader where programs look for it.
add_libraries() {
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
add_files
[ $# -lt 3 ] || printf '%s\n' "$3" >"$root/cmd"
(cd "$root" && find . | "$kernel/bin/busybox" cpio -o -H newc 2>/dev/null | gzip -1) >"$out.part"
mv "$out.part" "$out"
