#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds the module in a folder against the headers of the newest kernel, in the root that fetch.sh made for it.
# usage: compat.sh FOLDER [MAKE ARGUMENT...]
#
# In namespaces of its own, so that neither root nor anything mounted is left behind.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$here/lib.sh"
folder=$(cd "$1" && pwd)
shift

if [ "${QUERN_COMPAT_INSIDE:-}" = 1 ]; then
	mount --bind "$folder" "$cache/compat/module"
	mount -t proc proc "$cache/compat/proc"
	exec chroot "$cache/compat" /usr/bin/env -i PATH=/usr/bin:/usr/sbin HOME=/tmp LC_ALL=C \
		make -C "/usr/src/linux-headers-$(cat "$cache/compat/version")" M=/module "$@" modules
fi
exec env QUERN_COMPAT_INSIDE=1 unshare --map-root-user --mount --pid --fork --kill-child "$0" "$folder" "$@"
