#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The demo through a real kernel: boot it with the RTL as its PCI device, load quern.ko, classify the digits through /dev/accel/accel0.
# usage: demo-vm.sh BUILD_DIR
set -eu
build=$1
here=$(cd "$(dirname "$0")/.." && pwd)
echo 'booting a stock Debian kernel; its PCI device is the chip, as RTL in another process'
"$here/tests/vm/vm.sh" "$build" 'uname -sr; demo-digits accel0 /usr/share/quern/digits.qn /usr/share/quern/digits'
echo 'demo-vm: ok'
