#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write a file as a C array that ends in a zero byte. usage: embed.py NAME IN OUT.h"""
import pathlib
import sys

name, source, out = sys.argv[1:]
data = pathlib.Path(source).read_bytes() + b'\0'
rows = [', '.join(str(b) for b in data[i:i + 24]) for i in range(0, len(data), 24)]
pathlib.Path(out).write_text('static const unsigned char %s[] = {\n\t%s,\n};\n' % (name, ',\n\t'.join(rows)))
