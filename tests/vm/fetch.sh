#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the VM needs and the host may lack, into QUERN_CACHE/vm: QEMU with vfio-user-pci, a stock Debian 6.12 kernel with its headers, busybox;
# source: what the debug kernel is made of; compat: the newest kernel, with a root in which modules for it can be built.
#
# Debian packages are resolved, downloaded and verified by apt in private roots of its own and unpacked into prefixes; nothing is
# installed, no root is needed. The mirror is the one that the host's apt uses, or QUERN_DEBIAN_MIRROR. usage: fetch.sh [qemu] [kernel] [source] [compat]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
log=$cache/fetch.log

mirror() {
	if [ -n "${QUERN_DEBIAN_MIRROR:-}" ]; then
		echo "$QUERN_DEBIAN_MIRROR"
		return
	fi
	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	# shellcheck disable=SC2016 # apt's own names
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

# The newest 6.12 of the suites that have one.
fetch_source() {
	echo "vm: fetching Debian's source of kernel 6.12 into $cache/source (about 150 MB)"
	apt_root source bookworm bookworm-backports trixie
	(cd "$root/cache/archives" && timeout 900 apt-get -q download linux-source-6.12) >>"$log" 2>&1 ||
		die "linux-source-6.12 cannot be fetched; the log is $log"
	rm -rf "$cache/source.part"
	unpack "$cache/source.part" "$root"/cache/archives/*.deb
	apt-cache show linux-source-6.12 | sed -n 's/^Version: //p' | head -n 1 >"$cache/source.part/version"
	finish source
}

# The newest kernel after 6.12, and a root with the compiler and tools of its suite, in which modules for it are built: Debian made them with a newer
# C library than the host may have.
fetch_compat() {
	echo "vm: fetching the newest Debian kernel and what builds modules for it into $cache/compat (about 210 MB)"
	apt_root compat trixie trixie-backports
	version=$(apt-cache show linux-image-amd64 | sed -n 's/^Depends:.*linux-image-\([7-9]\.[^ ,]*\).*/\1/p' | head -n 1)
	[ -n "$version" ] || die "trixie-backports has no kernel after 6.12; the log is $log"
	timeout 900 apt-get -q -y -t trixie-backports --download-only install "linux-headers-$version" base-files make binutils bash dash coreutils sed grep \
		mawk findutils tar gzip xz-utils perl-base >>"$log" 2>&1 || die "the headers of kernel $version cannot be fetched; the log is $log"
	(cd "$root/cache/archives" && timeout 900 apt-get -q download "linux-binary-$version" "linux-modules-$version") >>"$log" 2>&1 ||
		die "kernel $version cannot be fetched; the log is $log"
	part=$cache/compat.part
	rm -rf "$part"
	# The links bin, lib, ... into usr come first.
	unpack "$part" "$root"/cache/archives/base-files_*.deb "$root"/cache/archives/*.deb
	ln -sf mawk "$part/usr/bin/awk"
	mkdir -p "$part/proc" "$part/dev" "$part/tmp" "$part/module"
	echo "$version" >"$part/version"
	finish compat
}

mkdir -p "$cache"
[ $# -gt 0 ] || set -- qemu kernel
complete=1
for part in "$@"; do
	[ -d "$cache/$part" ] || complete=
done
[ -z "$complete" ] || exit 0
exec 9>"$cache/lock"
flock -w 1800 9 || die 'another download does not end'
: >"$log"
uri=
for part in "$@"; do
	[ ! -d "$cache/$part" ] || continue
	[ -n "$uri" ] || uri=$(mirror)
	[ -n "$uri" ] || die "no Debian mirror in the host's apt sources: set QUERN_DEBIAN_MIRROR"
	[ -r "$keyring" ] || die "$keyring is missing: install debian-archive-keyring"
	case $part in
	qemu) fetch_qemu ;;
	kernel) fetch_kernel ;;
	source) fetch_source ;;
	compat) fetch_compat ;;
	*) die "usage: fetch.sh [qemu] [kernel] [source] [compat]" ;;
	esac
done
