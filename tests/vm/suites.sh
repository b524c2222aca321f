#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs the driver's suites on a kernel and prints TAP; status 0 if all passed.
# usage: suites.sh BUILD_DIR stock|kasan|compat [PATTERN]     PATTERN: an extended regular expression for the lines of tests/vm/suites
#
# QUERN_VM=skip   skips all, says so
# QUERN_VM_SLOW   multiplies the bounds of time, on a busy machine (1)
# QUERN_SEED      what suites with random input start from (1)
set -u

build=$(cd "$1" && pwd) || exit 2
kernel=$2
pattern=${3:-.}
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
work=$(mktemp -d)
raw=$build/vm-$kernel.log
QUERN_SEED=${QUERN_SEED:-1}
QUERN_KERNEL=$kernel
QUERN_VM_KERNEL=$kernel
QUERN_VM_CPUS=${QUERN_VM_CPUS:-2}
export QUERN_SEED QUERN_KERNEL QUERN_VM_KERNEL QUERN_VM_CPUS CMOCKA_MESSAGE_OUTPUT=TAP
children=
factor=1
mb=1024
[ "$kernel" != kasan ] || { factor=3 mb=2048; }
factor=$((factor * ${QUERN_VM_SLOW:-1}))
export QUERN_VM_MB="${QUERN_VM_MB:-$mb}"

stop() {
	# A list of words; some may have ended.
	# shellcheck disable=SC2086
	[ -z "$children" ] || kill $children 2>/dev/null
	# What reads the output ends with it.
	exec >/dev/null 2>&1 6>&-
	wait
	exit 130
}
trap 'rm -rf "$work"' EXIT
trap stop INT TERM HUP

# Without a kernel, QEMU or module nothing can be tested: an error, not a skip.
bail() {
	echo "Bail out! $*"
	exit 1
}

# The lines of the list that run on this kernel, of the kinds that the regular expression $1 matches.
select_suites() {
	grep -v '^#' "$here/suites" | awk -v kind="^($1)\$" -v kernel="$kernel" \
		'$1 ~ kind && ("," $2 "," ~ "," kernel "," || $2 == "all")' | grep -E -- "$pattern"
}

# In the background, so that a signal is not held back.
bounded() {
	seconds=$1
	shift
	timeout -k 30 "$seconds" "$@" </dev/null &
	child=$!
	children="$second $child"
	wait "$child"
	status=$?
	children=$second
	return "$status"
}

# Sets sum: the bound of a machine that runs the suites of the list $1.
bound_of() {
	sum=$(awk -v factor="$factor" '{ sum += $3 * factor } END { print sum + 120 * factor }' "$1")
}

# The suites of the list $1, in one machine.
guest_suites() {
	[ -s "$1" ] || return 0
	bound_of "$1"
	QUERN_VM_SUITES=$1 QUERN_VM_TIMEOUT=$sum bounded $((sum + 120)) "$here/vm.sh" "$build" "quern-suites $QUERN_SEED $factor" 2>&1
}

# What runs beside the first machine. Its output waits for the end of the first's.
second=
start_second_lane() {
	(
		trap stop INT TERM HUP
		guest_suites "$work/guest2"
		host_suites
	) >"$work/second" 2>&1 &
	second=$!
	children=$second
}

show_second_lane() {
	wait "$second"
	second=
	children=
	cat "$work/second"
}

host_suites() {
	while read -r where kernels seconds program arguments <&4; do
		echo "@@ begin $program $arguments"
		script=$source/$program
		[ -x "$script" ] || script=$build/$program
		start=$(date +%s)
		# A list of words.
		# shellcheck disable=SC2086
		bounded $((seconds * factor)) "$script" "$build" $arguments 2>&1
		status=$?
		[ "$status" != 124 ] || echo "not ended after $((seconds * factor)) s ($where, $kernels)"
		echo "@@ end $status $(($(date +%s) - start))"
	done 4<"$work/host"
}

if [ "${QUERN_VM:-}" = skip ]; then
	echo "1..0 # SKIP QUERN_VM=skip: the driver's suites do not run on the $kernel kernel"
	exit 0
fi
exec 7>"$build/vm-$kernel.lock"
flock -w 3600 7 || bail "another run in $build does not end"
"$here/fetch.sh" qemu kernel >&2 || bail "QEMU or the kernel cannot be fetched; QUERN_VM=skip leaves these tests out"
use_kernel "$kernel" >&2 || bail "no $kernel kernel; QUERN_VM=skip leaves these tests out"
QUERN_VM_MODULE=$("$here/module.sh" "$build") || bail "the driver does not build for the $kernel kernel ($kernel_version)"
export QUERN_VM_MODULE
echo "# $kernel: $kernel_version; output in $raw"
if [ "$kernel" = kasan ]; then
	select_suites guest >"$work/guest"
	select_suites guest2 >"$work/guest2"
else
	select_suites 'guest2?' >"$work/guest"
fi
select_suites host >"$work/host"
[ -s "$work/guest" ] || [ -s "$work/guest2" ] || [ -s "$work/host" ] || bail "no suite of tests/vm/suites is for the $kernel kernel and matches $pattern"
mkfifo "$work/fifo"
# mawk reads ahead unless it is told not to; others do not know the option.
interactive=
! awk -W version </dev/null 2>&1 | grep -q mawk || interactive='-W interactive'
# An option and its value, or nothing.
# shellcheck disable=SC2086
awk $interactive -v raw="$raw" -v kernel="$kernel" -f "$here/tap.awk" <"$work/fifo" &
tap=$!
exec 6>"$work/fifo"
{
	cat "$work"/guest* "$work/host" | sed -E 's/^([^ ]+ +){3}/@@ plan /'
	if [ "$kernel" = kasan ]; then
		start_second_lane
		guest_suites "$work/guest"
		show_second_lane
	else
		guest_suites "$work/guest"
		host_suites
	fi
} >&6
exec 6>&-
wait "$tap"
