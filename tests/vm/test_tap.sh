#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# How tap.awk and count_tests.py take what suites print: each kind of line, a suite that is killed, a kernel's report, a machine that dies;
# and what of a kernel's log is a report.
set -u
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# expect NAME STATUS COUNTS LINE...: reads what suites print; each LINE must be in the TAP or in what comes before the counts.
expect() {
	name=$1 want=$2 counts=$3
	shift 3
	cat >"$work/in"
	status=0
	awk -v raw="$work/raw" -v kernel=test -f "$here/tap.awk" <"$work/in" >"$work/out.tap" || status=$?
	cmp -s "$work/in" "$work/raw" || { echo "FAILED: $name: the log is not what was printed"; failed=1; }
	[ "$status" = "$want" ] || { echo "FAILED: $name: status $status"; failed=1; }
	python3 "$here/../../scripts/count_tests.py" "$work/out.tap" >"$work/counts"
	[ "$(tail -n 1 "$work/counts")" = "$counts" ] || { echo "FAILED: $name: $(tail -n 1 "$work/counts")"; failed=1; }
	for line in "$@"; do
		cat "$work/out.tap" "$work/counts" | grep -qxF -e "$line" || { echo "FAILED: $name: no line '$line' in:"; cat "$work/out.tap"; failed=1; }
	done
}

expect 'kinds of lines' 0 '4 passed, 0 failed, 2 skipped' 'ok 1 - a x: one' 'ok 2 - a x: two' 'ok 3 - a x: three # SKIP no chip' 'ok 4 - b' \
	'ok 5 - c # SKIP no model' '1..6' <<END
@@ plan tests/a x
@@ plan tests/b
@@ plan tests/c
@@ begin tests/a x
1..3
ok 1 - one
ok: two
ok 3 - three # SKIP no chip
@@ end 0 1
@@ begin tests/b 
@@ end 0 1
@@ begin tests/c
no model
@@ end 77 0
@@ done
END

expect 'failures' 1 '1 passed, 4 failed, 0 skipped' 'not ok 1 - a: one' '#     why' 'not ok 4 - b: status 137' 'not ok 5 - d: not run' \
	'FAILED: a: two' 'FAILED: d: not run' 'The first failure said:' '    #     why' <<END
@@ plan tests/a
@@ plan tests/b
@@ plan tests/d
@@ begin tests/a
why
not ok 1 - one
FAILED: two
@@ end 1 1
@@ begin tests/b
ok: three
@@ end 137 9
END

expect 'two machines that die' 1 '2 passed, 2 failed, 0 skipped' 'not ok 2 - b: the machine died under it' \
	'not ok 4 - kmemleak: the machine died under it' <<END
@@ begin tests/a
ok: one
@@ end 0 1
@@ begin tests/b
vm: no status came back
@@ begin tests/c
ok: two
@@ end 0 1
@@ leaks
END

expect 'a report' 1 '2 passed, 1 failed, 0 skipped' 'not ok 3 - the kernel reports nothing (after a)' '# BUG: KASAN: of' '# stack' <<END
@@ plan tests/a
@@ begin tests/a
ok: one
ok: two
@@ end 0 1
@@ report BUG: KASAN: of
@@ report stack
END

expect 'a machine that dies' 1 '1 passed, 1 failed, 0 skipped' 'not ok 2 - a: the machine died under it' '#     vm: no status' <<END
@@ plan tests/a
@@ begin tests/a
ok: one
vm: no status
END

# reported LINES FIRST: in a log of these lines, the report begins with the line FIRST; '' if there is none.
reported() {
	printf '%s\n' "$1" >"$work/log"
	first=$(first_report "$work/log" 1)
	[ "$first" = "$2" ] || { echo "FAILED: in '$1' the report is '$first'"; failed=1; }
}

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
oom='[    9.1] limits invoked oom-killer: gfp_mask=0xcc0(GFP_KERNEL), order=0, oom_score_adj=500'
reported "[    9.0] random: crng init done
$oom
[    9.2] Out of memory: Killed process 192 (limits) total-vm:1008kB" "$oom"
bug='[    9.1] BUG: KASAN: slab-use-after-free in quern_ring_push+0x1/0x2 [quern]'
reported "[    9.0] quern 0000:00:03.0: loaded
$bug" "$bug"
reported '[    0.1] DMA-API: preallocated 65536 debug entries
[    1.0] quern 0000:00:03.0: the firmware has failed: state dead, error 0x2; resetting the chip' ''
[ "$failed" = 0 ] || exit 1
echo 'tap: ok'
