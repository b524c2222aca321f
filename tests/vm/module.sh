#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the kernel module against the fetched kernel's headers, in a copy, so that the source tree stays clean. Prints its path.
# usage: module.sh BUILD_DIR
set -eu

build=$(cd "$1" && pwd)
source=$(cd "$(dirname "$0")/../.." && pwd)
kernel=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}/vm/kernel
copy=$build/module
log=$build/module.log

"$(dirname "$0")/fetch.sh" kernel >&2
mkdir -p "$copy"
cp -Rpu "$source/Kbuild" "$source/driver" "$source/include" "$copy/"
# Without CONFIG_DEBUG_INFO_BTF_MODULES no pahole is needed. The headers name the compiler that Debian used.
if ! timeout 600 make -C "$kernel/usr/src/linux-headers-$(cat "$kernel/version")" M="$copy" CONFIG_DEBUG_INFO_BTF_MODULES= \
	${QUERN_VM_CC:+CC="$QUERN_VM_CC"} modules >"$log" 2>&1; then
	tail -n 30 "$log" >&2
	echo "vm: the module does not build; the log is $log" >&2
	exit 1
fi
find "$copy" -name quern.ko
