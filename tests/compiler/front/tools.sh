#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command lines of quernc and quern-objdump: exit codes, outputs, messages of one line. usage: tools.sh QUERNC OBJDUMP SEED-FOLDER
set -eu
quernc=$1
objdump=$2
seeds=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
count=0

# expect STATUS COMMAND...: the exit status, one line on standard error if it is not 0, none if it is.
expect() {
	want=$1
	shift
	status=0
	"$@" >"$tmp/out" 2>"$tmp/err" || status=$?
	lines=$(wc -l <"$tmp/err")
	if [ "$status" != "$want" ] || { [ "$want" = 0 ] && [ "$lines" != 0 ]; } || { [ "$want" != 0 ] && [ "$lines" != 1 ]; }; then
		echo "FAILED: $*: exit status $status, want $want; standard error:"
		cat "$tmp/err"
		exit 1
	fi
	count=$((count + 1))
}

contains() {
	grep -q -e "$1" "$2" || { echo "FAILED: no '$1' in $2"; cat "$2"; exit 1; }
}

net=$seeds/network.tflite
expect 0 "$quernc" --help
contains 'example: quernc' "$tmp/out"
expect 0 "$quernc" --version
expect 0 "$quernc" "$net" -o "$tmp/a.qn"
expect 0 "$quernc" --config 16x16 --spm-kib 512 -o "$tmp/b.qn" "$net" --report "$tmp/report" --json "$tmp/json"
cmp "$tmp/a.qn" "$tmp/b.qn"
contains 'part of 5:DEPTHWISE_CONV_2D' "$tmp/report"
python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); assert r["compiled"] and len(r["operators"]) == 10' "$tmp/json"
expect 0 "$quernc" "$net" -o "$tmp/c.qn" -c 8x8 --report -
contains 'for 8x8 MACs' "$tmp/out"
expect 2 "$quernc"
expect 2 "$quernc" "$net"
expect 2 "$quernc" "$net" "$net" -o "$tmp/x.qn"
expect 2 "$quernc" "$net" -o "$tmp/x.qn" --config 12x12
expect 2 "$quernc" "$net" -o "$tmp/x.qn" --spm-kib 12a
expect 2 "$quernc" "$net" -o "$tmp/x.qn" --frobnicate
expect 2 "$quernc" "$net" -o
expect 3 "$quernc" "$tmp/absent.tflite" -o "$tmp/x.qn"
expect 3 "$quernc" "$net" -o "$tmp/no/such/folder.qn"
expect 3 "$quernc" "$tmp" -o "$tmp/x.qn"
expect 4 "$quernc" "$0" -o "$tmp/x.qn"
expect 4 "$quernc" "$tmp/a.qn" -o "$tmp/x.qn"
for model in "$seeds"/refused/*.tflite; do
	name=${model##*/}
	expect "${name%%-*}" "$quernc" "$model" -o "$tmp/x.qn"
done
[ ! -e "$tmp/x.qn" ] || { echo 'FAILED: a failed compilation left a program behind'; exit 1; }

expect 0 "$objdump" --help
expect 0 "$objdump" "$tmp/a.qn"
contains 'CONV .*; 0:CONV_2D' "$tmp/out"
contains 'region 2 INPUT' "$tmp/out"
contains 'END' "$tmp/out"
expect 0 "$objdump" --json "$tmp/a.qn"
python3 -c 'import json, sys; p = json.load(open(sys.argv[1])); assert len(p["commands"]) == p["ncmds"] and p["commands"][-1]["name"] == "END"' "$tmp/out"
expect 2 "$objdump"
expect 2 "$objdump" --frobnicate "$tmp/a.qn"
expect 3 "$objdump" "$tmp/absent.qn"
expect 4 "$objdump" "$net"
expect 4 "$objdump" "$objdump"
head -c 300 "$tmp/a.qn" >"$tmp/cut.qn"
expect 4 "$objdump" "$tmp/cut.qn"
echo "$count command lines as expected"
