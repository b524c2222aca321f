#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2317 # check calls the functions
# The module and the device come and go: unloaded and loaded, unbound and bound, never while a file is open; nothing is left behind.
# Runs in the guest. usage: reload.sh
set -u
here=$(cd "$(dirname "$0")" && pwd)
module=/modules/quern.ko
node=/dev/accel/accel0
pci=/sys/bus/pci/drivers/quern
failed=0

check() {
	name=$1
	shift
	if "$@"; then
		echo "ok: reload $name"
	else
		echo "FAILED: reload $name"
		failed=1
	fi
}

# One good job in each of a few ways.
works() {
	"$here/jobs" a-submission-is-all-or-nothing counters-fit-together >/tmp/works || { cat /tmp/works; return 1; }
}

wait_for_node() {
	tries=50
	while [ ! -c $node ]; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || return 1
		sleep 0.1
	done
}

# Fences of jobs hold the module until the kernel has freed them, a moment after their file was closed.
unload() {
	tries=50
	# What refuses is shown by the last try.
	until rmmod quern 2>/dev/null; do
		tries=$((tries - 1))
		[ $tries -gt 0 ] || { rmmod quern; return 1; }
		sleep 0.1
	done
}

reload() {
	unload && [ ! -e $node ] && insmod $module && wait_for_node && works
}

reload_often() {
	for _ in 1 2 3 4 5; do
		reload || return 1
	done
}

# An open file holds the module.
held_by_a_file() {
	exec 5<>$node
	# To be refused is what is wanted.
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		rmmod quern 2>/dev/null && return 1
		sleep 0.1
	done
	exec 5>&-
	works && reload
}

rebind() {
	device=$(basename "$(echo $pci/0000:*)")
	for _ in 1 2 3 4 5; do
		echo "$device" >$pci/unbind || return 1
		[ ! -e $node ] || { echo '    the node is still there'; return 1; }
		echo "$device" >$pci/bind || return 1
		wait_for_node && works || return 1
	done
}

# Of the kernel's own; free pages go up and down by megabytes. The debug kernel has kmemleak, and counts DMA memory.
used_kib() {
	sleep 1
	awk '/^(Slab|VmallocUsed|Percpu|KernelStack|PageTables):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# The allocator keeps some; what ten times take in a row is a leak.
nothing_is_left() {
	reload_often || return 1
	before=$(used_kib)
	reload_often && reload_often || return 1
	lost=$(($(used_kib) - before))
	[ $lost -lt 1024 ] || { echo "    $lost KiB are gone"; return 1; }
}

warnings() {
	dmesg -r | grep '^<[0-4]>.*quern' >"/tmp/warnings.$1"
}

warnings before
check 'the device works' works
check 'unload and load' reload_often
check 'an open file holds the module' held_by_a_file
check 'unbind and bind' rebind
if [ -e /sys/kernel/debug/kmemleak ]; then
	echo 'skip: reload nothing is left: the debug kernel has kmemleak'
else
	check 'nothing is left' nothing_is_left
fi
warnings after
check 'no warning' diff /tmp/warnings.before /tmp/warnings.after
exit $failed
