#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Check the documentation: every link to a file resolves, every table row has its header's columns, every top-level folder has a README.

usage: check_docs.py
Prints one line a mistake, as file:line: what; exits with 1 if there is one.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
LINK = re.compile(r'\[[^\]]*\]\(([^)#\s]+)(#[^)]*)?\)')


def tracked():
    out = subprocess.run(['git', '-C', str(ROOT), 'ls-files', '--cached', '--others', '--exclude-standard'], capture_output=True, text=True, check=True)
    return [ROOT / name for name in out.stdout.splitlines() if (ROOT / name).is_file()]


def columns(line):
    return len(re.sub(r'`[^`]*`', '', line.replace('\\|', '')).strip().strip('|').split('|'))


def check_page(path):
    """Yield (line number, mistake)."""
    width = None
    fenced = False
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if line.startswith('```'):
            fenced = not fenced
        if fenced:
            continue
        for target, _ in LINK.findall(line):
            if '://' not in target and not (path.parent / target).exists():
                yield number, 'link to %s, which does not exist' % target
        if line.startswith('|'):
            width = width or columns(line)
            if columns(line) != width:
                yield number, 'table row has %d columns, its header %d' % (columns(line), width)
        else:
            width = None


def missing_readmes(files):
    folders = sorted({f.relative_to(ROOT).parts[0] for f in files if len(f.relative_to(ROOT).parts) > 1})
    return [d for d in folders if not d.startswith('.') and not (ROOT / d / 'README.md').exists()]


def main():
    files = tracked()
    bad = ['%s/: has no README.md' % d for d in missing_readmes(files)]
    for page in sorted(f for f in files if f.suffix == '.md'):
        bad += ['%s:%d: %s' % (page.relative_to(ROOT), number, what) for number, what in check_page(page)]
    for line in bad:
        print(line, file=sys.stderr)
    if bad:
        sys.exit('docs: %d mistakes' % len(bad))
    print('docs: ok')


main()
