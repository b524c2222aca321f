#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the kernel module against the headers of the kernel QUERN_VM_KERNEL, in a copy, so that the source tree stays clean. Prints its path.
# usage: module.sh BUILD_DIR [MAKE ARGUMENT...]
set -eu

build=$(cd "$1" && pwd)
shift
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
name=${QUERN_VM_KERNEL:-stock}
copy=$build/module-$name
log=$build/module-$name.log

use_kernel "$name" >&2
mkdir -p "$copy"
# Two machines that start at the same time build one module.
exec 9>"$copy/lock"
flock -w 900 9 || die "another build in $copy does not end"
# By content, so that only what has changed is compiled again, whatever the tree's times are.
(cd "$source" && find Kbuild driver include -type f \( -name '*.[ch]' -o -name Kbuild -o -name '*.mk' \) ! -name '*.mod.c') >"$copy/files"
while read -r file; do
	cmp -s "$source/$file" "$copy/$file" || { mkdir -p "$(dirname "$copy/$file")" && cp "$source/$file" "$copy/$file"; }
done <"$copy/files"
(cd "$copy" && find driver include -name '*.[ch]' ! -name '*.mod.c') | while read -r file; do
	[ -e "$source/$file" ] || rm "$copy/$file"
done
if ! make_module "$copy" ${QUERN_VM_CC:+CC="$QUERN_VM_CC"} "$@" >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	echo "vm: the module does not build for the kernel $name; the log is $log" >&2
	exit 1
fi
echo "$copy/driver/quern.ko"
