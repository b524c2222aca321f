#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library exports exactly the reviewed list, each name under LIBACCEL_0, and the header declares the same.
# Usage: symbols.sh LIBRARY LIST HEADER
set -eu
have=$(nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | sort)
want=$(sed 's/$/@@LIBACCEL_0/' "$2" | sort)
if [ "$have" != "$want" ]; then
	echo "exported names are not those of $2:"
	printf '%s\n' "$have" >"${TMPDIR:-/tmp}/have.$$"
	# They differ, so diff fails; the exit below is this script's.
	printf '%s\n' "$want" | diff "${TMPDIR:-/tmp}/have.$$" - || true
	rm -f "${TMPDIR:-/tmp}/have.$$"
	exit 1
fi
if ! grep -oE '\baccel_[a-z_]+\(' "$3" | tr -d '(' | sort -u | diff - "$2"; then
	echo "$3 does not declare what $2 lists"
	exit 1
fi
readelf -d "$1" | grep -q 'SONAME.*\[libaccel\.so\.0\]' || { echo "the soname is not libaccel.so.0"; exit 1; }
echo "$(printf '%s\n' "$have" | wc -l) names"
