#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The kernel says nothing at all of the driver in normal use of the library and its tools, nor when they are used wrongly. In the guest.
set -u
failed=0

# quiet NAME STATUS COMMAND...: ends with this status, and the kernel's log is as long as before.
quiet() {
	name=$1 want=$2
	shift 2
	before=$(dmesg | wc -l)
	"$@" >out 2>&1
	status=$?
	if [ $status != "$want" ]; then
		echo "FAILED: quiet $name: status $status, not $want"
		tail -n 5 out
		failed=1
	elif [ "$(dmesg | wc -l)" != "$before" ]; then
		echo "FAILED: quiet $name: the kernel said"
		dmesg | tail -n "+$((before + 1))" | head -n 20
		failed=1
	else
		echo "ok: quiet $name"
	fi
}

# The level of the console, of which the default is warnings.
level=$(cut -f1 /proc/sys/kernel/printk)
[ "$level" -ge 4 ] || { echo "FAILED: quiet the console shows level $level only"; failed=1; }

digits=/usr/share/quern/digits
quiet 'accel-info' 0 accel-info accel0
quiet 'the digits' 0 demo-digits accel0 $digits.qn $digits
quiet 'no such device' 1 accel-info accel7
echo broken >broken.qn
quiet 'a broken program' 1 accel-run -d accel0 broken.qn
exit $failed
