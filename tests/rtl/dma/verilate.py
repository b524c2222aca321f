# SPDX-License-Identifier: Apache-2.0
"""Verilates one bench for meson, which wants outputs beside each other, not in folders.

Usage: verilate.py VERILATOR WORK_DIR OUT_ARCHIVE OUT_HEADER PREFIX [verilator arguments]
Runs Verilator with --Mdir WORK_DIR and copies the archive and the class header to the places named.
"""
import pathlib
import shutil
import subprocess
import sys


def main():
    verilator, work, archive, header, prefix, *args = sys.argv[1:]
    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([verilator, '--cc', '--build', '-j', '2', '--assert', '--x-assign', 'unique', '--x-initial', 'unique',
                           '--prefix', prefix, '--Mdir', str(work), *args],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        sys.stderr.write(done.stdout)
        return 1
    shutil.copyfile(work / (prefix + '__ALL.a'), archive)
    shutil.copyfile(work / (prefix + '.h'), header)
    return 0


if __name__ == '__main__':
    sys.exit(main())
