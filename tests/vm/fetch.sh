#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the VM needs and the host may lack, into QUERN_CACHE/vm: QEMU with vfio-user-pci, a stock Debian 6.12 kernel with its headers, busybox.
#
# Debian packages are resolved, downloaded and verified by apt in private roots of its own and unpacked into prefixes; nothing is
# installed, no root is needed. The mirror is the one that the host's apt uses, or QUERN_DEBIAN_MIRROR. usage: fetch.sh [qemu] [kernel]
set -eu

cache=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}/vm
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
log=$cache/fetch.log

die() {
	echo "vm: $*" >&2
	exit 1
}

mirror() {
	if [ -n "${QUERN_DEBIAN_MIRROR:-}" ]; then
		echo "$QUERN_DEBIAN_MIRROR"
		return
	fi
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	apt-get indextargets --format '$(RELEASE) $(REPO_URI) $(COMPONENT)' 'Created-By: Packages' |
		awk -v release="$codename" '$1 == release && $3 == "main" && $2 ~ /debian/ { print $2; exit }'
}

# apt_root NAME SUITE...: an apt of its own, in which nothing is installed; sets APT_CONFIG.
apt_root() {
	root=$cache/apt/$1
	shift
	rm -rf "$root"
	mkdir -p "$root/etc/sources.list.d" "$root/etc/preferences.d" "$root/etc/apt.conf.d" "$root/state/lists/partial" \
		"$root/cache/archives/partial"
	: >"$root/state/status"
	for suite in "$@"; do
		printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n\n' "$uri" "$suite" "$keyring"
	done >"$root/etc/sources.list.d/debian.sources"
	cat >"$root/apt.conf" <<-END
		Dir::Etc "$root/etc";
		Dir::State "$root/state";
		Dir::State::status "$root/state/status";
		Dir::Cache "$root/cache";
		APT::Architecture "amd64";
		APT::Architectures "amd64";
		APT::Install-Recommends "false";
		APT::Sandbox::User "$(id -un)";
		Acquire::Languages "none";
		Acquire::Retries "3";
	END
	APT_CONFIG=$root/apt.conf
	export APT_CONFIG
	timeout 300 apt-get -q update >>"$log" 2>&1 || die "apt-get update failed; the log is $log"
}

# unpack DIR DEB...
unpack() {
	dir=$1
	shift
	mkdir -p "$dir"
	for deb in "$@"; do
		dpkg-deb -x "$deb" "$dir"
	done
}

# A prefix appears under its name only when it is complete. finish NAME
finish() {
	rm -rf "${cache:?}/$1"
	mv "$cache/$1.part" "$cache/$1"
	rm -rf "$cache/apt"
}

fetch_qemu() {
	[ ! -d "$cache/qemu" ] || return 0
	echo "vm: fetching QEMU from Debian trixie-backports into $cache/qemu (about 38 MB)"
	apt_root qemu trixie trixie-backports
	timeout 900 apt-get -q -y -t trixie-backports --download-only install qemu-system-x86 >>"$log" 2>&1 ||
		die "QEMU cannot be fetched; the log is $log"
	rm -rf "$cache/qemu.part"
	unpack "$cache/qemu.part" "$root"/cache/archives/*.deb
	finish qemu
}

# The meta package names the newest kernel of each suite.
newest_kernel() {
	apt-cache show linux-image-amd64 | sed -n 's/^Depends: linux-image-\(6\.12\.[^ ,]*\).*/\1/p' | head -n 1
}

fetch_kernel() {
	[ ! -d "$cache/kernel" ] || return 0
	echo "vm: fetching a Debian 6.12 kernel, its headers and busybox into $cache/kernel (about 125 MB)"
	apt_root kernel bookworm bookworm-backports
	version=$(newest_kernel)
	[ -n "$version" ] || die "bookworm-backports has no 6.12 kernel; the log is $log"
	(cd "$root/cache/archives" && timeout 900 apt-get -q download "linux-image-$version" "linux-headers-$version" \
		"linux-headers-${version%-amd64}-common" "linux-kbuild-${version%-amd64}" busybox-static) >>"$log" 2>&1 ||
		die "the kernel cannot be fetched; the log is $log"
	part=$cache/kernel.part
	rm -rf "$part"
	unpack "$part" "$root"/cache/archives/*.deb
	# The headers name their common part by the absolute path of an installed package.
	sed -i "s#/usr/src/linux-headers-#$cache/kernel/usr/src/linux-headers-#" "$part/usr/src/linux-headers-$version/Makefile"
	echo "$version" >"$part/version"
	finish kernel
}

mkdir -p "$cache"
exec 9>"$cache/lock"
flock 9
: >"$log"
[ $# -gt 0 ] || set -- qemu kernel
uri=
for part in "$@"; do
	[ ! -d "$cache/$part" ] || continue
	[ -n "$uri" ] || uri=$(mirror)
	[ -n "$uri" ] || die "no Debian mirror in the host's apt sources: set QUERN_DEBIAN_MIRROR"
	[ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
	case $part in
	qemu) fetch_qemu ;;
	kernel) fetch_kernel ;;
	*) die "usage: fetch.sh [qemu] [kernel]" ;;
	esac
done
