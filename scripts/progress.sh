#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run ninja (or any command that prints "[i/n]" lines) with a progress bar on a terminal and one line elsewhere; print the output only when it
# fails. usage: progress.sh WHAT COMMAND ...
set -eu
what=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT INT TERM
start=$(date +%s)
status=0
if [ -t 2 ]; then
	{ "$@" 2>&1 || echo $? >"$log.status"; } | tee "$log" | awk -v what="$what" '
		match($0, /^\[[0-9]+\/[0-9]+\]/) {
			split(substr($0, 2, RLENGTH - 2), part, "/")
			done = int(30 * part[1] / part[2])
			bar = sprintf("%*s", done, ""); gsub(/ /, "#", bar)
			printf "\r%s [%-30s] %d/%d", what, bar, part[1], part[2] >"/dev/stderr"
		}
		END { printf "\r%60s\r", "" >"/dev/stderr" }'
	[ ! -f "$log.status" ] || { status=$(cat "$log.status"); rm -f "$log.status"; }
else
	"$@" >"$log" 2>&1 || status=$?
fi
if [ "$status" != 0 ]; then
	[ -f "$log" ] && grep -v '^\[[0-9]*/[0-9]*\] ' "$log" | tail -n 60 >&2
	echo "$what failed ($*)" >&2
	exit "$status"
fi
echo "$what: ok in $(($(date +%s) - start)) s"
