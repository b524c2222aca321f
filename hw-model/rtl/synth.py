#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Cells and longest paths of each block of the chip: synthesise the blocks of quern_top one by one with yosys and print a table.

Generic gates, no technology library and no mapping by abc: the numbers compare blocks and changes, they are not an area
nor a clock period. Paths are gates of at most two inputs, or a multiplexer, between registers, macros and ports.
The two blocks with arrays of multipliers stop at word level (adders, multipliers, multiplexers): gates take yosys minutes.
Their longest path is that of what is around the arrays (ARRAYS), which stay black boxes for it, as the core's multiplier does.
SRAM macros and clock gates stay black boxes and are counted apart. A block that exceeds its time is reported as such.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
BLOCKS = ['quern_ctrl', 'quern_regs', 'quern_mmu', 'quern_bus', 'quern_seq', 'quern_load', 'quern_store', 'quern_spm',
          'quern_matrix', 'quern_acc', 'quern_vector', 'quern_counters', 'quern_trace', 'quern_reset']
WORD_LEVEL = ['quern_matrix', 'quern_vector']
ARRAYS = {'quern_ctrl': ['quern_rv_muldiv'], 'quern_matrix': ['quern_mac'], 'quern_vector': ['quern_requant', 'quern_softmax', 'quern_lut']}


def closure(block):
    """The files of a block and of all that it instantiates, packages first: (macros, others)."""
    names = (HERE / 'filelist.txt').read_text(encoding='ascii').split()
    by_module = {pathlib.Path(name).stem: name for name in names}
    packages = [name for name in names if name.endswith('_pkg.sv')]
    found, todo = [], [block]
    while todo:
        module = todo.pop()
        if by_module[module] in found:
            continue
        found.append(by_module[module])
        text = (HERE / by_module[module]).read_text(encoding='utf-8')
        todo += [m for m in re.findall(r'^\s*(quern_\w+)\s+(?:#\(|\w+\s*\()', text, re.M) if m in by_module]
    macros = [name for name in found if name.startswith('prim/')]
    return macros, packages + [name for name in found if name not in macros]


def parameters(block, array):
    """What differs from the block's defaults, which are those of the 16x16 chip."""
    text = (HERE / f'{block}.sv').read_text(encoding='utf-8')
    header = text[text.index(f'module {block}'):text.index(');')]
    return f'-chparam N {array}' if array != 16 and re.search(r'parameter[^,\n]*\bN\b', header) else ''


def script(block, array):
    macros, files = closure(block)
    return '; '.join([
        *(['read_verilog -sv -lib ' + ' '.join(macros)] if macros else []),
        'read_verilog -sv -DSYNTHESIS ' + ' '.join(files),
        f'hierarchy -check -top {block} {parameters(block, array)}',
        'synth -noabc -run ' + ('begin:fine' if block in WORD_LEVEL else 'begin:check'),
        'check -assert',
        'stat',
    ])


def path_script(block, array):
    """Longest path between registers: macros are cut out, and arrays not looked into."""
    macros, files = closure(block)
    boxes = macros + [name for name in files if pathlib.Path(name).stem in ARRAYS.get(block, [])]
    packages = [name for name in files if name.endswith('_pkg.sv')]
    return '; '.join([
        'read_verilog -sv ' + ' '.join(packages),
        *(['read_verilog -sv -lib -DSYNTHESIS ' + ' '.join(boxes)] if boxes else []),
        'read_verilog -sv -DSYNTHESIS ' + ' '.join(name for name in files if name not in packages + boxes),
        f'hierarchy -check -top {block} {parameters(block, array)}',
        'synth -noabc -flatten -run begin:check',
        'delete t:*quern_*',
        'opt_clean',
        'ltp -noff',
    ])


def longest_path(block, array, limit):
    try:
        result = subprocess.run(['yosys', '-p', path_script(block, array)], cwd=HERE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return f'more than {limit} s'
    found = re.search(r'Longest topological path in .*?\(length=(\d+)\)', result.stdout)
    return found.group(1) + (' around the arrays' if block in ARRAYS else '') if found else 'failed'


def count(report, block):
    """Cells, flip-flops and macros of the block with all below it, from the last statistics in yosys' report."""
    mark = '=== design hierarchy ==='
    section = report[report.rfind(mark if mark in report else '==='):]
    total = flops = 0
    macros = {}
    for name, number in re.findall(r'^ +(\S+) +(\d+)$', section, re.M):
        if name.startswith('$') and not name.startswith('$paramod'):
            total += int(number)
            if re.match(r'\$_(SDFF|DFF|ALDFF|DLATCH)', name):
                flops += int(number)
        elif name != block and ('quern_sram' in name or 'quern_icg' in name):
            base = re.search(r'quern_(?:sram_[0-9a-z]+|icg)', name).group(0)
            macros[base] = macros.get(base, 0) + int(number)
    return total, flops, macros


def synthesise(block, array, limit):
    start = time.monotonic()
    try:
        result = subprocess.run(['yosys', '-p', script(block, array)], cwd=HERE, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, text=True, timeout=limit, check=False)
    except subprocess.TimeoutExpired:
        return f'| `{block}` | more than {limit} s | | | | |', True
    seconds = time.monotonic() - start
    if result.returncode:
        sys.stderr.write(result.stdout[-3000:])
        return f'| `{block}` | failed | | | | |', False
    cells, flops, macros = count(result.stdout, block)
    if closure(block)[0] and not macros:
        return f'| `{block}` | lost its macros | | | | |', False
    listed = ', '.join(f'{number} {name.removeprefix("quern_")}' for name, number in sorted(macros.items()))
    path = longest_path(block, array, limit)
    if block in WORD_LEVEL:
        return f'| `{block}` | {cells} (words) | | {path} | {listed} | {seconds:.0f} |', path != 'failed'
    return f'| `{block}` | {cells} | {flops} | {path} | {listed} | {seconds:.0f} |', path != 'failed'


def write_page(out, lines):
    """The table; what is written below it by hand, from the first second-level heading on, stays."""
    head = ('# Cells of the chip\n\nWritten by `make synth` (`hw-model/rtl/synth.py`). Generic gates of yosys before technology mapping, SRAM '
            'macros as black boxes: for comparison,\nnot an area. Longest path: gates of two inputs and multiplexers in a row, between registers, '
            'macros and ports.\n\n')
    old = out.read_text(encoding='utf-8') if out.exists() else ''
    rest = old[old.index('\n## '):] if '\n## ' in old else ''
    out.write_text(head + '\n'.join(lines) + '\n' + rest, encoding='utf-8')


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--array', type=int, default=16, help='N')
    parser.add_argument('--limit', type=int, default=90, help='seconds for each block')
    parser.add_argument('--out', help='also write the table to this file')
    parser.add_argument('blocks', nargs='*', default=BLOCKS)
    args = parser.parse_args()
    lines = [f'| block (N = {args.array}) | generic cells | of them flip-flops | longest path | macros | seconds |',
             '|---|---|---|---|---|---|']
    good = True
    print('\n'.join(lines))
    for block in args.blocks:
        line, ok = synthesise(block, args.array, args.limit)
        good = good and ok
        lines.append(line)
        print(line, flush=True)
    if args.out:
        write_page(pathlib.Path(args.out), lines)
    return 0 if good else 1


if __name__ == '__main__':
    sys.exit(main())
