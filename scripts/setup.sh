#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Install what the build and the tests need: Debian or Ubuntu packages by apt, and the test judges from PyPI into a virtual environment
# under QUERN_CACHE. Asks nothing, says what it installs, does nothing when all is there.
# kernel: what building a kernel needs more. usage: setup.sh [build] [judge] [kernel]
set -eu

here=$(cd "$(dirname "$0")/.." && pwd)
cache=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}
packages='python3 python3-venv gcc g++ make meson ninja-build pkg-config ccache verilator yosys gcc-riscv64-unknown-elf libelf-dev libcmocka-dev nettle-dev libdrm-dev sparse zlib1g-dev'
kernel_packages='flex bison bc xz-utils libelf-dev'

missing_packages() {
	for name in "$@"; do
		# Of a package that it has never seen it says so and fails, which means the same: not installed.
		dpkg-query -W -f='${db:Status-Status}\n' "$name" 2>/dev/null | grep -qx installed || printf '%s ' "$name"
	done
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo -n "$@"
	else
		echo "setup: these need root: $*; run 'make setup' as root or install sudo" >&2
		exit 1
	fi
}

install_packages() {
	command -v dpkg-query >/dev/null || { echo "setup: this is not Debian or Ubuntu; install by hand: $*" >&2; exit 1; }
	missing=$(missing_packages "$@")
	[ -n "$missing" ] || return 0
	echo "setup: installing Debian packages: $missing"
	mkdir -p "$cache"
	log=$cache/setup-apt.log
	# A list of words.
	# shellcheck disable=SC2086
	if ! { as_root apt-get -q update && as_root env DEBIAN_FRONTEND=noninteractive apt-get -q install -y --no-install-recommends $missing; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		echo "setup: apt failed; the whole log is $log" >&2
		exit 1
	fi
}

install_judge() {
	venv=$cache/judge
	want=$here/tests/judge/requirements.txt
	cmp -s "$want" "$venv/requirements.txt" && return 0
	echo "setup: installing the test judges from PyPI into $venv: $(grep -v '^#' "$want" | tr '\n' ' ')"
	rm -rf "$venv"
	python3 -m venv "$venv"
	"$venv/bin/pip" install -q --disable-pip-version-check -r "$want"
	cp "$want" "$venv/requirements.txt"
}

[ $# -gt 0 ] || set -- build judge
for part in "$@"; do
	# shellcheck disable=SC2086 # lists of packages
	case $part in
	build) install_packages $packages ;;
	judge) install_judge ;;
	kernel) install_packages $kernel_packages ;;
	*) echo "usage: setup.sh [build] [judge] [kernel]" >&2; exit 2 ;;
	esac
done
