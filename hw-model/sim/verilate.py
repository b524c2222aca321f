#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Make an archive of the Verilated chip and its shim: verilate.py [options] file.sv ... (see --help).

Verilator writes C++ and a makefile, make compiles them. The parts that run every cycle are optimised, the rest (set-up,
debugging aids) is compiled for build time.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

import schedule


def parse_args():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--verilator', required=True)
    parser.add_argument('--array', type=int, required=True, help='N')
    parser.add_argument('--spm-kib', type=int, required=True)
    parser.add_argument('--debug', action='store_true', help='assertions and FST waveforms')
    parser.add_argument('--trace', action='store_true', help='FST waveforms only')
    parser.add_argument('--march', default='', help='-march of the C++ compiler')
    parser.add_argument('--shim', required=True, help='C++ file compiled with the model')
    parser.add_argument('--dir', required=True, help='folder for generated files')
    parser.add_argument('--out', required=True, help='archive')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('sources', nargs='+')
    return parser.parse_args()


def run(command, **kwargs):
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **kwargs)
    if result.returncode:
        sys.exit(f'{result.stdout[-20000:]}\nfailed: {command[0]}')


def verilate(args, folder):
    command = [args.verilator, '--cc', '-O3', '--top-module', 'quern_top', '--prefix', 'Vquern_top', '--Mdir', folder,
               f'-GN={args.array}', f'-GSPM_KIB={args.spm_kib}', '--no-timing', '-Wno-fatal',
               '--unroll-stmts', '300',   # loops over lanes stay loops, which the C++ compiler vectorises
               '--output-split', '40000']
    if args.debug:
        # Clocks of idle blocks run on, so that a difference to the other build shows a clock that stopped too early.
        command += ['-DQUERN_CLOCKS_RUN', '--assert', '--x-assign', 'unique', '--x-initial', 'unique']
    else:
        command += ['--noassert', '--x-assign', 'fast', '--x-initial', 'fast']
    if args.debug or args.trace:
        command += ['--trace-fst', '--trace-structs']
    run(command + args.sources)


def make_schedule(args, folder):
    """Whether there is one: another version of Verilator may generate other code, which runs all the same, slower."""
    if args.debug:
        return False
    try:
        schedule.write_schedule(folder)
    except schedule.Unexpected as err:
        print(f'warning: simulation will be slow: what {args.verilator} generates does not fit schedule.py: {err}', file=sys.stderr)
        return False
    return True


def compile_model(args, folder, scheduled):
    tune = ['-march=' + args.march] if args.march else []
    # With AVX-512, GCC spills to mask registers all over the control logic: 10 to 15 % slower.
    if args.march == 'native' and 'avx512f' in cpu_flags():
        tune.append('-mno-avx512f')
    # Assertions and tracing make the debug build slow anyway: save build time.
    fast = ['-O1'] if args.debug else ['-O3', *tune]
    flags = ['-fPIC', '-fvisibility=hidden', '-fvisibility-inlines-hidden', '-std=gnu++17',
             f'-DQUERN_ARRAY={args.array}', f'-DQUERN_SPM_KIB={args.spm_kib}']
    if args.debug or args.trace:
        flags.append('-DQUERN_TRACE')
    if args.debug:
        flags.append('-DQUERN_DEBUG')
    if scheduled:
        flags.append('-DQUERN_SCHEDULE')
    env = dict(os.environ)
    cache = ['ccache'] if shutil.which('ccache') else []
    if cache:
        env['OBJCACHE'] = 'ccache'
    run(['make', '-C', folder, '-f', 'Vquern_top.mk', '-j', str(args.jobs), '-s', '--no-print-directory',
         'OPT_FAST=' + ' '.join(fast), 'OPT_SLOW=-O1', 'OPT_GLOBAL=' + ' '.join(['-O2', *tune]),
         'CXXFLAGS=' + ' '.join(flags), *objects(folder, schedule.sources(folder) if scheduled else [])], env=env)
    root = subprocess.run([args.verilator, '--getenv', 'VERILATOR_ROOT'], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()
    # With a schedule the shim includes the parts that run every cycle.
    run([*cache, os.environ.get('CXX', 'g++'), *flags, *fast, '-I' + str(folder), '-isystem', root + '/include',
         '-isystem', root + '/include/vltstd', '-c', args.shim, '-o', folder / 'model.o'])


def cpu_flags():
    try:
        return pathlib.Path('/proc/cpuinfo').read_text(encoding='ascii', errors='replace')
    except OSError:
        return ''


def objects(folder, included):
    """Object files of the model and of the run-time library, as the classes makefile lists them, without sources that the shim includes."""
    names = re.findall(r'^\t(\w+) \\$', (folder / 'Vquern_top_classes.mk').read_text(), re.M)
    return [name + '.o' for name in names if name not in {source.stem for source in included}]


def main():
    args = parse_args()
    folder = pathlib.Path(args.dir).resolve()
    # Verilator names files after what is in them: those of the last run must not be found.
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    verilate(args, folder)
    compile_model(args, folder, make_schedule(args, folder))
    out = pathlib.Path(args.out)
    out.unlink(missing_ok=True)
    run(['ar', 'rcs', str(out), *sorted(str(p) for p in folder.glob('*.o'))])


if __name__ == '__main__':
    main()
