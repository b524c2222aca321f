#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure the benchmark models on the RTL: cycles, traffic, simulation speed.

usage: bench.py --build DIR [--model NAME ...] [--device rtl:16x16] [--repeats N] [--json FILE] [--more]
       bench.py --build DIR --gate [--model NAME ...]      compare cycles with cycles.json
       bench.py --build DIR --update [--model NAME ...]    write them there
example: bench.py --build build --model resnet8 --device rtl:16x16,bus=4,latency=200

Each run is a fresh process, so that the job meets a cold TLB and a chip that scrubs first. Cycles are the chip's, from the
doorbell to the completion interrupt. Every output is compared with the functional model's, and repeated runs must take the
same cycles. On the board that quernc predicts for, the prediction is compared, too: of the job, and of every operator that takes
at least 1 % of it and 200 cycles. --more measures the networks of networks.py instead, which are of the same kinds. Standard library only.

Exit status: 0 all well, 1 a run failed, outputs or cycles differ, the gate is not met; 77 nothing to run.
"""
import argparse
import csv
import json
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile
import time

import networks

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
CYCLES = HERE / 'cycles.json'
TOLERANCE = 0.02
# The compiler's prediction: of a job, of an operator, and from which share of the job and how many cycles on an operator counts:
# what is shorter is mostly latency of the host.
PREDICT_JOB, PREDICT_OPERATOR, PREDICT_SHARE, PREDICT_CYCLES = 0.05, 0.15, 0.01, 200
LIMIT_S = 600
DTYPES = {'INT8': '|i1', 'UINT8': '|u1'}

# Name, file below the models folder (None: made here), goal in cycles, and what peers' own tools estimate for 256 MAC/cycle with weights in
# SRAM: Arm Vela 3.10 / 5.1 for Ethos-U55-256, 5.1 for U85-256. Goals and figures hold for 16x16 with a bus of 16 B/cycle and 100 cycles.
MODELS = {
    'resnet8': ('mlperf_tiny/ic_resnet8_int8.tflite', 62_000, 100_118, 85_092),
    'vww': ('mlperf_tiny/vww_mbv1_025_int8.tflite', 60_000, 137_916, 117_651),
    'kws': ('mlperf_tiny/kws_dscnn_int8.tflite', 20_000, 46_118, 40_347),
    'ad': ('mlperf_tiny/ad_ae_int8.tflite', 20_000, 40_293, 22_200),
    'mobilenet_v2': ('mobilenet/tf2_mobilenet_v2_1.0_224_ptq.tflite', 1_900_000, 3_499_465, 3_254_691),
    'resnet50': (None, 17_800_000, 28_090_039, 20_815_213),
    'digits': (ROOT / 'demo/digits/digits_int8.tflite', None, None, None),
}
FAST_BUS, SLOW_BUS = '16 B/cycle, 100 cycles', '4 B/cycle, 200 cycles'
# The slow bus may cost 1.6 times the goal; the autoencoder is all weights, 270,880 bytes: that over 4 B/cycle, and 15 %.
AD_SLOW_GOAL = 77_878
SUITE = [name for name in MODELS if name != 'digits']
COLUMNS = ('model', 'cycles', 'goal', 'of goal', 'predicted', 'worst operator', 'U55-256', 'U85-256', 'MAC util', 'read B', 'written B', 'compile s', 'sim s', 'kHz', 'MMAC/s')


class Failure(Exception):
    """A tool failed, or its results are not what they must be."""


def command(args):
    start = time.monotonic()
    try:
        run = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=LIMIT_S)
    except subprocess.TimeoutExpired as err:
        raise Failure('%s: not finished after %d s' % (args[0], LIMIT_S)) from err
    if run.returncode:
        raise Failure('%s: exit status %d: %s' % (pathlib.Path(args[0]).name, run.returncode, (run.stderr or run.stdout).strip()[-400:]))
    return run.stdout, time.monotonic() - start


def source_of(args, name):
    """The model's file, None if it is absent."""
    if name in networks.NETWORKS:
        path = args.work / (name + '.tflite')
        path.write_bytes(networks.build(name))
        return path
    file = MODELS[name][0]
    if file is None:
        path = args.build / 'resnet50.tflite'
        if not path.exists():
            command([sys.executable, HERE / 'resnet50.py', path])
        return path
    path = args.models / file
    return path if path.exists() else None


def write_inputs(args, program, name):
    """Random bytes, the same for each run of this script, in the program's order."""
    info = json.loads(command([args.build / 'bin/quern-objdump', '--info', '--tensors', '--json', program])[0])
    rng, paths = random.Random(name), []
    for tensor in info['tensors']:
        if tensor['kind'] != 'INPUT':
            continue
        if tensor['dtype'] not in DTYPES:
            raise Failure('input %s has type %s: only int8 and uint8 are made here' % (tensor['name'], tensor['dtype']))
        shape = '(%s,)' % ', '.join(str(d) for d in tensor['shape'])
        header = "{'descr': '%s', 'fortran_order': False, 'shape': %s}" % (DTYPES[tensor['dtype']], shape)
        header += ' ' * (-(11 + len(header)) % 64) + '\n'
        path = args.work / ('%s-in%d.npy' % (name, len(paths)))
        path.write_bytes(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header.encode() + rng.randbytes(tensor['bytes']))
        paths.append(path)
    return paths


def run_device(args, device, program, inputs, out):
    """One fresh process: the figures of its job, and the outputs by file name."""
    report = out.with_suffix('.json')
    command([args.build / 'bin/accel-run', '-q', '-d', device, program, '-i', ','.join(map(str, inputs)), '-o', out, '--json', report])
    return json.loads(report.read_text()), {p.name: p.read_bytes() for p in sorted(out.glob('*.npy'))}


def check_outputs(want, got, device):
    if want.keys() != got.keys() or not want:
        raise Failure('outputs of func are %s, of %s %s' % (sorted(want), device, sorted(got)))
    for name in want:
        bad = sum(a != b for a, b in zip(want[name], got[name]))
        if want[name] != got[name]:
            raise Failure('%s: %d bytes differ between func and %s' % (name, bad, device))


def prediction(args, program, inputs, result):
    """What quernc says against what the chip takes; {} on another board than the one it predicts for."""
    if result['bus'] != FAST_BUS:
        return {}
    out = program.with_suffix('.profile')
    command([args.build / 'bin/accel-run', '-q', '-d', args.device, program, '-i', ','.join(map(str, inputs)), '--profile', out])
    least = max(PREDICT_CYCLES, PREDICT_SHARE * result['cycles'])
    rows = [r for r in csv.DictReader((out / 'operators.csv').read_text().splitlines()) if int(r['cycles']) >= least]
    operators = [{'operator': int(r['operator']), 'kind': r['kind'], 'predicted': int(r['predicted_cycles']), 'cycles': int(r['cycles']),
                  'error': round(int(r['predicted_cycles']) / int(r['cycles']) - 1, 4)} for r in rows]
    return {'prediction_error': round(result['predicted_cycles'] / result['cycles'] - 1, 4), 'operators': operators}


def worst_operator(result):
    return max(result.get('operators', ()), key=lambda o: abs(o['error']), default=None)


def figures(args, name, compile_s, reports):
    """The object of bench.json. Cycles do not depend on the host, so time is the best of the runs."""
    runs = [r['runs'][0] for r in reports]
    best = min(runs, key=lambda r: r['wall_ns'])
    program, device = reports[0]['program'], reports[0]['device']
    sim_s = best['wall_ns'] / 1e9
    bus = dict(re.findall(r'(bus|latency)=(\d+)', device['name']))
    return {
        'model': name, 'config': '%dx%d' % (device['array'], device['array']),
        'bus': '%s B/cycle, %s cycles' % (bus.get('bus', '16'), bus.get('latency', '100')),
        'macs': program['macs'], 'cycles': best['cycles'], 'predicted_cycles': program['predicted_cycles'],
        'mac_utilisation': best['mac_utilisation'], 'bytes_read': best['rd_bytes'], 'bytes_written': best['wr_bytes'],
        'compile_s': round(compile_s, 3), 'start_s': round(min(r['device']['open_ns'] for r in reports) / 1e9, 4), 'sim_s': round(sim_s, 4),
        'sim_khz': round(best['cycles'] / sim_s / 1e3, 1), 'sim_mmac_per_s': round(program['macs'] / sim_s / 1e6, 1),
        'repeats': len(runs), 'build': args.version,
    }


def measure(args, name, source):
    program = args.work / (name + '.qn')
    config = re.match(r'rtl:(\d+x\d+)', args.device).group(1)
    compile_s = command([args.build / 'bin/quernc', source, '-o', program, '--config', config])[1]
    inputs = write_inputs(args, program, name)
    _, want = run_device(args, 'func:' + config, program, inputs, args.work / (name + '-func'))
    reports = []
    for _ in range(args.repeats or (1 if name == 'resnet50' or name in networks.NETWORKS else 3)):
        report, got = run_device(args, args.device, program, inputs, args.work / (name + '-rtl'))
        check_outputs(want, got, args.device)
        reports.append(report)
    cycles = sorted({r['runs'][0]['cycles'] for r in reports})
    if len(cycles) > 1:
        raise Failure('cycles are not the same in each run: %s' % cycles)
    result = figures(args, name, compile_s, reports)
    return {**result, **prediction(args, program, inputs, result)}


def anchors(result):
    """Goal and peers' figures for this configuration, None where there are none."""
    _, goal, u55, u85 = MODELS.get(result['model'], (None, None, None, None))
    if result['config'] != '16x16' or goal is None:
        return None, None, None
    if result['bus'] == SLOW_BUS:
        return AD_SLOW_GOAL if result['model'] == 'ad' else goal * 8 // 5, None, None
    return (goal, u55, u85) if result['bus'] == FAST_BUS else (None, None, None)


def table_row(result):
    goal, u55, u85 = anchors(result)

    def count(n):
        return '{:,}'.format(n).replace(',', ' ') if n else '-'
    worst = worst_operator(result)
    return (result['model'], count(result['cycles']), count(goal), '%.2f' % (result['cycles'] / goal) if goal else '-',
            '%+.1f %%' % (100 * result['prediction_error']) if 'prediction_error' in result else '-',
            '%+.1f %% %d:%s' % (100 * worst['error'], worst['operator'], worst['kind']) if worst else '-', count(u55), count(u85),
            '%.1f %%' % (100 * result['mac_utilisation']), count(result['bytes_read']), count(result['bytes_written']), '%.2f' % result['compile_s'],
            '%.3f' % result['sim_s'], '%.0f' % result['sim_khz'], '%.1f' % result['sim_mmac_per_s'])


def print_table(args, results):
    rows = [COLUMNS] + [table_row(r) for r in results]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    print('\n%s, bus %s, build %s; peers: estimates of their own tools, weights in SRAM' % (args.device, results[0]['bus'], args.version))
    for row in rows:
        print('  '.join(cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths))).rstrip())


def gate(args, results):
    """Complain about every model whose cycles moved by more than TOLERANCE. Returns whether none did."""
    committed, well = json.loads(CYCLES.read_text()).get(args.device, {}), True
    for r in results:
        want = committed.get(r['model'])
        if want is None:
            print('FAILED: %s on %s is not in %s: add it with --update' % (r['model'], args.device, CYCLES.name))
            well = False
        elif abs(r['cycles'] - want) > TOLERANCE * want:
            print('FAILED: %s takes %d cycles on %s, %s says %d (%+.1f %%): if that is meant, run bench.py --update' % (
                r['model'], r['cycles'], args.device, CYCLES.name, want, 100 * (r['cycles'] / want - 1)))
            well = False
        well = predicted_well(r) and well
    return well


def predicted_well(result):
    """Complain about predictions that are further off than promised. Returns whether none is. Operators are only promised for the models."""
    well = abs(result.get('prediction_error', 0)) <= PREDICT_JOB
    if not well:
        print('FAILED: %s: quernc predicts %d cycles, the chip takes %d (%+.1f %%)' % (
            result['model'], result['predicted_cycles'], result['cycles'], 100 * result['prediction_error']))
    for o in result.get('operators', ()):
        if abs(o['error']) > PREDICT_OPERATOR:
            print(('note' if result['model'] in networks.NETWORKS else 'FAILED') + ': %s, operator %d %s: quernc predicts %d cycles, the chip takes %d (%+.1f %%)' % (
                result['model'], o['operator'], o['kind'], o['predicted'], o['cycles'], 100 * o['error']))
            well = well and result['model'] in networks.NETWORKS
    return well


def update(args, results):
    committed = json.loads(CYCLES.read_text()) if CYCLES.exists() else {}
    here = committed.setdefault(args.device, {})
    here.update({r['model']: r['cycles'] for r in results})
    committed[args.device] = {m: here[m] for m in MODELS if m in here}
    CYCLES.write_text(json.dumps(committed, indent=2) + '\n')


def build_version():
    """Commit, with + if the tree has changes; empty outside git."""
    run = subprocess.run(['git', '-C', str(ROOT), 'describe', '--always', '--abbrev=10', '--dirty=+'], capture_output=True, text=True)
    return run.stdout.strip()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0], epilog='example: bench.py --build build --model resnet8')
    parser.add_argument('--build', type=pathlib.Path, required=True, help='build folder, with bin/ and lib/')
    parser.add_argument('--models', type=pathlib.Path, default=ROOT.parent / 'shared/models', help='folder of the models (QUERN_MODELS)')
    parser.add_argument('--model', action='append', choices=list(MODELS) + list(networks.NETWORKS), metavar='NAME',
                        help='may be given more than once; default: the six benchmark models')
    parser.add_argument('--device', default='rtl:16x16', help='such as rtl:16x16,bus=4,latency=200')
    parser.add_argument('--repeats', type=int, default=0, help='fresh runs of each model; default 3, of resnet50 1')
    parser.add_argument('--json', type=pathlib.Path, help='write the results there')
    parser.add_argument('--more', action='store_true', help='the networks of networks.py: %s' % ', '.join(networks.NETWORKS))
    parser.add_argument('--gate', action='store_true', help='fail where cycles differ from cycles.json by more than 2 %%')
    parser.add_argument('--update', action='store_true', help='write the cycles to cycles.json')
    args = parser.parse_args()
    if not re.match(r'rtl:\d+x\d+(,|$)', args.device):
        parser.error('--device %s: name the size, as in rtl:16x16' % args.device)
    args.build, args.version = args.build.resolve(), build_version()
    return args


def run_all(args):
    """Returns results, number failed, number skipped."""
    results, failed, skipped = [], 0, 0
    for name in args.model or (networks.NETWORKS if args.more else SUITE):
        source = source_of(args, name)
        if source is None:
            print('SKIPPED: %s: %s is absent; set QUERN_MODELS to the folder that holds it' % (name, args.models / MODELS[name][0]), flush=True)
            skipped += 1
            continue
        try:
            results.append(measure(args, name, source))
            print('%s: %d cycles, same bytes as func, %d run(s)' % (name, results[-1]['cycles'], results[-1]['repeats']), flush=True)
        except Failure as err:
            print('FAILED: %s: %s' % (name, err), flush=True)
            failed += 1
    return results, failed, skipped


def main():
    args = arguments()
    with tempfile.TemporaryDirectory() as work:
        args.work = pathlib.Path(work)
        results, failed, skipped = run_all(args)
    if results:
        print_table(args, results)
    if args.json:
        args.json.write_text(json.dumps(results, indent=2) + '\n')
    if args.update:
        update(args, results)
    if args.gate and not gate(args, results):
        failed += 1
    elif not args.gate and not all([predicted_well(r) for r in results]):
        failed += 1
    print('%d measured, %d failed, %d skipped' % (len(results), failed, skipped))
    if failed:
        sys.exit(1)
    sys.exit(77 if skipped and (args.gate or not results) else 0)


if __name__ == '__main__':
    main()
