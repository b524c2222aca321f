#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The image tool: the image's hash and sizes are right, and wrong input is refused with one line."""
import hashlib
import pathlib
import struct
import subprocess
import sys
import tempfile

HEADER = struct.Struct('<IIHHHHIIII32s')
HEADER_BYTES = 128


def refused(tool, elf, out):
    run = subprocess.run([tool, elf, '-o', out, '--version', '1.0'], capture_output=True, text=True, timeout=20)
    assert run.returncode == 1 and run.stderr.count('\n') == 1, (run.returncode, run.stderr)


def main():
    tool, elf, image = sys.argv[1:]
    data = pathlib.Path(image).read_bytes()
    fields = HEADER.unpack_from(data)
    assert fields[0] == 0x57465251 and fields[1] == HEADER_BYTES, 'magic'
    assert fields[7] == len(data) - HEADER_BYTES, 'payload size'
    unsigned = data[:HEADER.size - 32] + bytes(32) + data[HEADER.size:]
    assert fields[10] == hashlib.sha256(unsigned).digest(), 'hash'
    with tempfile.TemporaryDirectory() as tmp:
        good = pathlib.Path(elf).read_bytes()
        bad = pathlib.Path(tmp) / 'bad.elf'
        out = str(pathlib.Path(tmp) / 'out.bin')
        for cut in (0, 3, 51, 52, 60, 100):
            bad.write_bytes(good[:cut])
            refused(tool, str(bad), out)
        bad.write_bytes(good[:18] + b'\x3e\x00' + good[20:])
        refused(tool, str(bad), out)
        refused(tool, str(pathlib.Path(tmp) / 'missing.elf'), out)
        refused(tool, elf, '/dev/full')
    print('image: ok')


main()
