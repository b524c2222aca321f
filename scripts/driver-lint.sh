#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What kernel maintainers run over a driver, each clean or the script fails: checkpatch --strict, kernel-doc, gcc with W=1 and sparse over
# quern.ko and its KUnit suites, and the interface's layout on 32 and 64 bits. checkpatch and kernel-doc are those of Debian's linux-source-6.12.
# Needs sparse and the packages that tests/vm/fetch.sh gets. QUERN_VM=skip leaves it out. usage: driver-lint.sh BUILD_DIR
set -eu

source=$(cd "$(dirname "$0")/.." && pwd)
build=$(cd "$1" && pwd)
cache=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}/vm
log=$build/driver-lint.log
uapi=include/uapi/drm/quern_accel.h
failed=0

fail() {
	echo "driver-lint: $1" >&2
	failed=1
}

# Of the kernel's 1.5 GB only what is run here. Under its name only when it is complete.
tools() {
	tools=$cache/lint-$(cat "$cache/source/version")
	[ ! -d "$tools" ] || return 0
	rm -rf "$tools.part"
	mkdir -p "$tools.part"
	tar -xJf "$cache/source/usr/src/linux-source-6.12.tar.xz" -C "$tools.part" --strip-components=1 --wildcards '*/scripts/checkpatch.pl' \
		'*/scripts/spelling.txt' '*/scripts/const_structs.checkpatch' '*/scripts/kernel-doc'
	mv "$tools.part" "$tools"
}

sources() {
	find driver "$uapi" -name '*.[ch]' ! -path 'driver/example/*' | LC_ALL=C sort
}

# The compat header is where versions are compared. In tables of tests a macro's argument is a field's name, and has no side effects.
check_patch() {
	# quern_compat.h is there to ask for the kernel's version, and the macros of the tests take names of types and fields.
	for file in $(sources); do
		case $file in
		driver/quern_compat.h) ignore='--ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON' ;;
		driver/tests/*) ignore='--ignore MACRO_ARG_REUSE' ;;
		*) ignore= ;;
		esac
		# A list of words.
		# shellcheck disable=SC2086
		perl "$tools/scripts/checkpatch.pl" --strict --no-tree --terse --show-types --no-summary $ignore -f "$file" || echo "$file"
	done >"$log"
	[ ! -s "$log" ] || { cat "$log" >&2; fail 'checkpatch --strict has something to say'; }
}

check_doc() {
	# A list of files without blanks.
	# shellcheck disable=SC2046
	perl "$tools/scripts/kernel-doc" -none -Werror $(sources) >"$log" 2>&1 || { cat "$log" >&2; fail 'kernel-doc has something to say'; }
}

# build NAME MAKE-ARGUMENT...: in a copy, so that the source tree stays clean. Every warning of gcc and sparse is an error: then a file that is
# built is clean, and only files that changed are looked at again.
build() {
	copy=$build/driver-lint-$1
	shift
	mkdir -p "$copy"
	cp -Rpu Kbuild driver include "$copy/"
	(cd "$copy" && find driver include -name '*.[ch]' ! -name '*.mod.c') | while read -r file; do
		[ -e "$file" ] || rm "$copy/$file"
	done
	if ! timeout -k 10 600 make -C "$cache/kernel/usr/src/linux-headers-$(cat "$cache/kernel/version")" M="$copy" CONFIG_DEBUG_INFO_BTF_MODULES= \
		W=1 C=1 CF=-Wsparse-error "$@" modules >"$log" 2>&1; then
		grep -E 'warning|error' "$log" >&2 || tail -n 30 "$log" >&2
		fail 'gcc W=1 or sparse has something to say'
	fi
}

# No structure has padding that the compiler put there, so that 32-bit programs see the same ones.
check_layout() {
	for bits in 32 64; do
		gcc "-m$bits" -xc -fsyntax-only -Wpadded -Wpacked -Werror -isystem /usr/include/libdrm -isystem "/usr/include/$(gcc -print-multiarch)" \
			"$uapi" || fail "structures of $uapi have holes"
	done
}

[ "${QUERN_VM:-}" != skip ] || { echo 'driver-lint: skipped, since QUERN_VM=skip and it needs a kernel'; exit 77; }
cd "$source"
command -v sparse >/dev/null || { echo 'driver-lint: sparse is missing; run make setup' >&2; exit 1; }
tests/vm/fetch.sh kernel source >&2
tools
check_patch
check_doc
check_layout
build stock KCFLAGS=-Werror
# The kernel whose headers these are has no KUnit, so that its symbols are missing at the end.
build kunit CONFIG_KUNIT=m "KCFLAGS=-Werror -DCONFIG_KUNIT_MODULE=1" KBUILD_MODPOST_WARN=1
[ $failed = 0 ] || exit 1
echo "driver-lint: $(sources | wc -l) files: checkpatch, kernel-doc, layout, gcc W=1 and sparse are silent"
