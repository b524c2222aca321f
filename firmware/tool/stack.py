#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print the worst stack of the firmware from GCC's call graphs; refuse recursion, indirect calls and a stack over the limit.

usage: stack.py LIMIT_BYTES FILE.ci ...
example: stack.py 2048 build/firmware/*.ci
"""
import re
import sys


def read(paths):
    """Function -> own frame in bytes, function -> callees."""
    frame, calls = {}, {}
    for path in paths:
        text = open(path).read()
        for title, label in re.findall(r'node: \{ title: "([^"]+)" label: "([^"]+)"', text):
            size = re.search(r'(\d+) bytes \((\w+)', label)
            if size:
                if size.group(2) != 'static':
                    sys.exit('stack.py: %s has a frame of unbounded size' % title)
                frame[short(title)] = int(size.group(1))
        for source, target in re.findall(r'edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', text):
            calls.setdefault(short(source), set()).add(short(target))
    return frame, calls


def short(title):
    """Static functions carry their file before the name; names are unique in the firmware."""
    return title.split(':')[-1]


def worst(name, frame, calls, path):
    if name in path:
        sys.exit('stack.py: recursion: %s' % ' -> '.join(path + [name]))
    if name == '__indirect_call':
        sys.exit('stack.py: %s calls through a pointer, so the stack has no bound' % path[-1])
    deepest = max((worst(c, frame, calls, path + [name]) for c in sorted(calls.get(name, ()))), key=lambda r: r[0], default=(0, []))
    return frame.get(name, 0) + deepest[0], [name] + deepest[1]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    frame, calls = read(sys.argv[2:])
    total, chain = worst('fw_main', frame, calls, [])
    crash, _ = worst('fw_crash', frame, calls, [])
    print('firmware: worst stack %d bytes of %s (%s); trap path %d' % (total, sys.argv[1], ' > '.join(chain), crash))
    if max(total, crash) > int(sys.argv[1]):
        sys.exit('stack.py: over the limit')


main()
