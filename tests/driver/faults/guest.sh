#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The guest's part of run.sh: guest.sh PROGRAM IMAGES.tar [TEST...]. Ends with a search for memory that nobody has any more, where the kernel can.
program=$1
mkdir -p /tmp/faults
tar -xf "$2" -C /tmp/faults || exit 1
shift 2
QUERN_FW_START=$(cat /tmp/faults/start)
export QUERN_FW_START QUERN_FW_IMAGES=/tmp/faults/images QUERN_FW_DEADLY=/tmp/faults/deadly.bin
[ ! -f /usr/bin/aer_inject.ko.xz ] || xzcat /usr/bin/aer_inject.ko.xz >/tmp/faults/aer_inject.ko
"$program" "$@"
status=$?
leaks=/sys/kernel/debug/kmemleak
if [ -w "$leaks" ]; then
	# What was freed late is no leak: the second look counts.
	echo scan >"$leaks"
	sleep 6
	echo scan >"$leaks"
	if [ -s "$leaks" ] && grep -q . "$leaks"; then
		head -n 60 "$leaks"
		echo 'FAILED: faults memory is lost'
		status=1
	else
		echo 'ok: faults no memory is lost'
	fi
fi
exit "$status"
