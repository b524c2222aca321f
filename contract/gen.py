#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write every generated file of the contracts, or check that they are current.

usage: gen.py [--check] [--list]
example: contract/gen.py && git diff --stat

Reads contract/*.toml; one emitter a language lives in contract/emit_*.py. `--check` exits with 1 and names the files
that differ from what would be written.
"""
import argparse
import pathlib
import sys

import emit_c
import emit_md
import emit_sv
import model

ROOT = pathlib.Path(__file__).resolve().parent.parent


def outputs(contracts):
    """Path relative to the repository -> text, for all generated files."""
    files = {'hw-model/rtl/quern_pkg.sv': emit_sv.package(contracts)}
    for c in contracts:
        files['include/quern/%s.h' % c.name] = emit_c.header(c)
    files['include/quern/cmd_table.h'] = emit_c.cmd_table(contracts)
    files['docs/registers.md'] = emit_md.registers(contracts)
    files['docs/messages.md'] = emit_md.messages(contracts)
    files['docs/commands.md'] = emit_md.commands(contracts)
    files['docs/program-format.md'] = emit_md.program(contracts)
    return files


def stale(files):
    """The generated files whose text on disk differs."""
    names = []
    for name, text in files.items():
        path = ROOT / name
        if not path.is_file() or path.read_text() != text:
            names.append(name)
    return names


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--check', action='store_true', help='write nothing; exit 1 if a file is stale')
    parser.add_argument('--list', action='store_true', help='print the generated files')
    args = parser.parse_args()
    try:
        files = outputs(model.load_all(ROOT / 'contract'))
    except model.ContractError as err:
        sys.exit('gen.py: %s' % err)
    names = stale(files)
    if args.list:
        print('\n'.join(files))
    elif args.check:
        if names:
            sys.exit('stale, run contract/gen.py: %s' % ' '.join(names))
    else:
        for name in names:
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(files[name])
            print('wrote', name)


if __name__ == '__main__':
    main()
