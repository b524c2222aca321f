#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Firmware images that a driver must not fall for, made from a good one.

images.py GOOD.bin FIRMWARE.elf HEADER.h OUT: into the folder OUT/images; and OUT/start: address and size of what the firmware does first
when it can report a trap and has not touched its variables yet.
HEADER is the generated messages.h. A name says what is to happen: "good-": it works; "boot-": it is well formed and does not start; all
others are refused without being started.
"""
import hashlib
import pathlib
import re
import shutil
import struct
import sys

NOP, LOOP, WFI, ILLEGAL, CSRW_MTVEC_T0 = 0x13, 0x6f, 0x10500073, 0, 0x30529073


def fields_of(header):
    """(name, offset, bytes) of struct quern_fw_image as the generated header has it."""
    body = re.search(r'struct quern_fw_image \{(.*?)\n\};', header, re.S).group(1)
    found, at = [], 0
    for kind, name, count in re.findall(r'^\s*(uint\d+_t) (\w+)(?:\[(\d+)\])?;', body, re.M):
        size = int(re.search(r'\d+', kind).group()) // 8
        assert at % size == 0, name
        found.append((name, at, size * int(count or 1)))
        at += found[-1][2]
    return found, at


class Image:
    def __init__(self, data, fields, header_bytes):
        self.data, self.fields, self.header_bytes = bytearray(data), {n: (o, b) for n, o, b in fields}, header_bytes

    def get(self, name):
        at, size = self.fields[name]
        return int.from_bytes(self.data[at:at + size], 'little')

    def changed(self, sign=True, payload=None, **values):
        """A copy with other fields or another payload; signed again unless that is what is wrong."""
        image = Image(self.data, [(n, o, b) for n, (o, b) in self.fields.items()], self.header_bytes)
        if payload is not None:
            image.data[self.header_bytes:] = payload
            values.setdefault('payload_bytes', len(payload))
        for name, value in values.items():
            at, size = self.fields[name]
            image.data[at:at + size] = (value % (1 << 8 * size)).to_bytes(size, 'little')
        if sign:
            at, size = self.fields['sha256']
            image.data[at:at + size] = bytes(size)
            image.data[at:at + size] = hashlib.sha256(image.data).digest()
        return bytes(image.data)


def truncated(good, header_bytes):
    lengths = [0, 1, 3, 4, header_bytes // 2, header_bytes - 1, header_bytes, header_bytes + 4, len(good.data) // 2, len(good.data) - 4, len(good.data) - 1]
    for length in lengths:
        yield f'short-{length}', bytes(good.data[:length])
    yield 'long-1', bytes(good.data) + b'\0'
    yield 'long-page', bytes(good.data) + bytes(4096)


def corrupt(good, header_bytes):
    for name, (at, size) in good.fields.items():
        data = bytearray(good.data)
        data[at] ^= 1
        yield f'flip-{name}', bytes(data)
    for at in (header_bytes, (header_bytes + len(good.data)) // 2, len(good.data) - 1):
        data = bytearray(good.data)
        data[at] ^= 0x80
        yield f'flip-at-{at}', bytes(data)
    yield 'zeros', bytes(len(good.data))
    yield 'text', b'This is no firmware.\n' * 100


def inconsistent(good):
    """Signed, but wrong."""
    for name in ('major', 'hw_major'):
        yield f'old-{name}', good.changed(**{name: good.get(name) - 1})
        yield f'new-{name}', good.changed(**{name: good.get(name) + 1})
    yield 'payload-0', good.changed(payload_bytes=0)
    yield 'payload-less', good.changed(payload_bytes=good.get('payload_bytes') - 4)
    yield 'payload-wraps', good.changed(payload_bytes=-4)
    yield 'header-0', good.changed(header_bytes=0)
    yield 'load-odd', good.changed(load_addr=2)
    yield 'load-high', good.changed(load_addr=0xfffffffc)
    yield 'load-wraps', good.changed(load_addr=-good.get('payload_bytes'))
    yield 'memory-less', good.changed(memory_bytes=good.get('payload_bytes') - 4)
    yield 'memory-more', good.changed(memory_bytes=0x7fffffff)
    yield 'too-big', good.changed(payload=bytes(1 << 20), memory_bytes=1 << 20)


def startable(good):
    """Images that are all right as files; what runs is the same word everywhere."""
    words = good.get('payload_bytes') // 4
    for name, word in (('loops', LOOP), ('sleeps', WFI), ('traps', ILLEGAL), ('runs-off', NOP)):
        yield f'boot-{name}', good.changed(payload=struct.pack('<I', word) * words)
    yield 'boot-tiny', good.changed(payload=struct.pack('<I', LOOP))
    yield 'good-again', good.changed()
    yield 'good-minor', good.changed(minor=good.get('minor') + 1)


def symbol(elf, *wanted):
    """Value of the first of these symbols, which may have a suffix of the compiler, of a 32-bit little-endian ELF file."""
    shoff, = struct.unpack_from('<I', elf, 0x20)
    shentsize, shnum = struct.unpack_from('<HH', elf, 0x2e)
    sections = [struct.unpack_from('<10I', elf, shoff + i * shentsize) for i in range(shnum)]
    for kind, at, size, link in [(s[1], s[4], s[5], s[6]) for s in sections]:
        if kind != 2:
            continue
        names = sections[link][4]
        for sym in range(at, at + size, 16):
            name, value = struct.unpack_from('<II', elf, sym)
            if elf[names + name:elf.index(b'\0', names + name)].split(b'.')[0].decode() in wanted:
                return value
    sys.exit(f'images.py: the firmware has none of {wanted}')


def start(good, elf):
    """(address, bytes) from behind the write of mtvec to the trap entry, which lies behind the start code."""
    payload, end = good.data[good.header_bytes:], symbol(elf, 'trap_entry')
    at = payload[:end].find(struct.pack('<I', CSRW_MTVEC_T0))
    if at < 0 or good.get('load_addr'):
        sys.exit('images.py: the start code is not what was expected')
    at = (at + 4 + 3) & ~3
    return at, (end & ~3) - at


def main():
    good_path, elf_path, header_path, out = [pathlib.Path(p) for p in sys.argv[1:]]
    fields, _ = fields_of(header_path.read_text())
    data = good_path.read_bytes()
    header_bytes = int.from_bytes(data[4:8] if fields[1][2] == 4 else data[4:6], 'little')
    good = Image(data, fields, header_bytes)
    assert good.changed() == data, 'the good image is not what was expected'
    folder = out / 'images'
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    elf = elf_path.read_bytes()
    for make in (truncated(good, header_bytes), corrupt(good, header_bytes), inconsistent(good), startable(good)):
        for name, image in make:
            (folder / name).write_bytes(image)
    (out / 'start').write_text('%u %u\n' % start(good, elf))


main()
