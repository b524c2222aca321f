#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the debug kernel from Debian's kernel source and debug.config, once for each combination of these and the compiler. Prints its folder.
# usage: debug.sh
#
# In the folder: build/ (kernel, what modules are built against), src/ (what of the source modules need), version.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
[ ! -d /usr/lib/ccache ] || export PATH="/usr/lib/ccache:$PATH"
lines=1740 # of the build, for the progress

# Every option that is asked for must be in the kernel's own configuration; one that depends on another disappears silently.
check_config() {
	grep -E '^(# )?CONFIG_' "$here/debug.config" | while read -r line; do
		case $line in
		'# '*)
			name=${line#\# }
			! grep -q "^${name%% *}=" "$1" || die "the debug kernel has ${name%% *}, against debug.config"
			;;
		*) grep -qxF "$line" "$1" || die "the debug kernel has no $line: see debug.config" ;;
		esac
	done
}

# What is left out is of other processors, or large and of no driver that is built.
unpack_source() {
	mkdir -p "$tree/src" "$tree/build"
	tar -xJf "$cache/source/usr/src/linux-source-6.12.tar.xz" -C "$tree/src" --strip-components=1 --exclude='*/drivers/gpu/drm/amd/include' \
		--exclude='*/Documentation/*.rst' --exclude='*/arch/*/boot/dts' --exclude='*/sound/*.[ch]' --exclude='*/drivers/net/*/*.[ch]' \
		--exclude='*/drivers/media/*.[ch]'
	cat "$here/debug.kconfig" >>"$tree/src/drivers/accel/Kconfig"
}

kernel_make() {
	make -C "$tree/src" O="$tree/build" ARCH=x86_64 KBUILD_BUILD_TIMESTAMP=@0 KBUILD_BUILD_USER=quern KBUILD_BUILD_HOST=quern "$@"
}

configure() {
	kernel_make -s tinyconfig
	"$tree/src/scripts/kconfig/merge_config.sh" -m -O "$tree/build" "$tree/build/.config" "$here/debug.config"
	kernel_make -s olddefconfig
	check_config "$tree/build/.config"
}

# With "[i/n]" for scripts/progress.sh.
compile() {
	{ kernel_make -j "${JOBS:-$(nproc)}" bzImage modules 2>&1 || echo failed >"$tree/failed"; } |
		awk -v n="$lines" '/^  [A-Z]+ / { i += i < n; printf "[%d/%d] %s\n", i, n, $0; fflush(); next } { print; fflush() }'
	[ ! -e "$tree/failed" ]
}

# Modules need headers, scripts and symbols; the rest is 1.5 GB.
prune() {
	find "$tree/src" -mindepth 1 -maxdepth 1 ! -name Makefile ! -name Kbuild ! -name include ! -name arch ! -name scripts ! -name tools -exec rm -rf {} +
	find "$tree/src/arch" -mindepth 1 -maxdepth 1 ! -name x86 -exec rm -rf {} +
	find "$tree/src/tools" -mindepth 1 -maxdepth 1 ! -name testing -exec rm -rf {} +
	find "$tree/build" -path "$tree/build/scripts" -prune -o -path "$tree/build/tools" -prune -o \( -name '*.o' -o -name '*.a' -o -name '.*.cmd' \) -type f -exec rm -f {} +
}

if [ "${1:-}" = steps ]; then
	tree=$2
	rm -rf "$tree"
	unpack_source
	configure
	compile
	kernel_make -s kernelrelease >"$tree/release"
	prune
	sed -n '/^[0-9]/p' "$tree/release" >"$tree/version.part"
	mv "$tree/version.part" "$tree/version"
	exit
fi
"$here/fetch.sh" source >&2
key=$(cat "$here/debug.config" "$here/debug.kconfig" "$cache/source/version" | { cat; gcc --version | head -n 1; } | sha256sum | cut -c 1-12)
tree=$cache/debug-$key
if [ ! -e "$tree/version" ]; then
	exec 8>"$cache/debug.lock"
	flock -w 3600 8 || die 'another build of the debug kernel does not end'
	if [ ! -e "$tree/version" ]; then
		echo 'vm: building the debug kernel (KASAN, lockdep, fault injection ...), about 6 minutes on two cores, once' >&2
		timeout -k 10 3000 "$source/scripts/progress.sh" 'building the debug kernel' "$0" steps "$tree" >&2 || die 'the debug kernel does not build'
		# Those of earlier configurations that nobody has used for a month.
		find "$cache" -maxdepth 1 -name 'debug-*' -mtime +30 -exec rm -rf {} +
	fi
	exec 8>&-
fi
touch "$tree"
echo "$tree"
