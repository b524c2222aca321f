#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compile and link the firmware, then check its stack: build.sh GCC OUT.elf TMPDIR SRCDIR INCDIR FLAGS SOURCES...
set -eu
gcc=$1 out=$2 tmp=$3 src=$4 inc=$5 flags=$6
shift 6
# A cached object comes without the .ci file that stack.py reads.
export CCACHE_DISABLE=1
mkdir -p "$tmp"
rm -f "$tmp"/*.o "$tmp"/*.ci
objects=
for file in "$@"; do
	object=$tmp/$(basename "$file").o
	# FLAGS is a list of words.
	# shellcheck disable=SC2086
	"$gcc" $flags -I"$inc" -I"$src/src" -c "$file" -o "$object"
	objects="$objects $object"
done
# FLAGS and objects are lists of words.
# shellcheck disable=SC2086
"$gcc" $flags -T "$src/src/fw.lds" -Wl,--gc-sections -Wl,--fatal-warnings -Wl,--no-warn-rwx-segments $objects -o "$out"
stack=$(sed -n 's/^__stack_bytes = \([0-9]*\);/\1/p' "$src/src/fw.lds")
python3 "$src/tool/stack.py" "$stack" "$tmp"/*.ci
