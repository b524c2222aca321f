#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compile the demo network and classify the held-out images on the RTL. usage: demo.sh BUILD_DIR
set -eu
build=$1
here=$(cd "$(dirname "$0")/.." && pwd)
"$build/bin/quernc" "$here/demo/digits/digits_int8.tflite" -o "$build/digits.qn"
echo "compiled demo/digits/digits_int8.tflite to $build/digits.qn"
echo
timeout 300 "$build/bin/demo-digits" rtl "$build/digits.qn" "$here/demo/digits"
echo "(make demo-vm does the same through a real Linux kernel and our driver)"
echo "demo: ok"
