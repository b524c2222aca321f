#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compile models with quernc, run them on our devices, and compare every output byte with TFLite's reference kernels.

usage: judge.py --bin DIR [--device func --device rtl] models [--models DIR] [--inputs N]
       judge.py --bin DIR [--device func ...] layers [--seed N] [--first I] [--count N]
       judge.py --bin DIR [--device func ...] networks [NAME ...]      those of tests/bench/networks.py
       judge.py --bin DIR [--device func ...] file MODEL.tflite [--inputs N]
example: judge.py --bin build/bin --device func layers --seed 1 --first 37 --count 1

`models` runs the four MLPerf Tiny models and skips, with exit status 77, only when they are absent. Closes with 'N passed, N failed, N skipped'.
"""
import argparse
import concurrent.futures
import json
import pathlib
import subprocess
import sys
import tempfile

import numpy as np

import layers

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'bench'))

import networks  # noqa: E402 found by the path above

LIMIT_S = 120
SUITE = ['mlperf_tiny/ic_resnet8_int8.tflite', 'mlperf_tiny/vww_mbv1_025_int8.tflite', 'mlperf_tiny/kws_dscnn_int8.tflite',
         'mlperf_tiny/ad_ae_int8.tflite']
SAMPLES = {'kws_dscnn_int8.tflite': 'kws_sample_int8.npy'}


class Reference:
    """TFLite with its reference kernels, no delegate."""

    def __init__(self, model):
        from ai_edge_litert.interpreter import Interpreter, OpResolverType
        self.run = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
        self.run.allocate_tensors()
        self.inputs, self.outputs = self.run.get_input_details(), self.run.get_output_details()

    def __call__(self, tensors):
        for detail, tensor in zip(self.inputs, tensors):
            self.run.set_tensor(detail['index'], tensor)
        self.run.invoke()
        return [self.run.get_tensor(d['index']).copy() for d in self.outputs]


class Failure(Exception):
    """A model did not compile, did not run, or gave other bytes."""


def command(args):
    run = subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=LIMIT_S)
    if run.returncode:
        raise Failure('%s: exit status %d: %s' % (pathlib.Path(args[0]).name, run.returncode, (run.stderr or run.stdout).strip()[-400:]))
    return run.stdout


def compile_model(args, model, folder):
    source, program = folder / 'model.tflite', folder / 'model.qn'
    source.write_bytes(model)
    command([args.bin / 'quernc', source, '-o', program, '--config', args.config])
    return program


def run_device(bin_dir, device, program, tensors, folder):
    """Outputs in program order, as accel-run writes them, and the cycles of the job (0 where the device has none)."""
    names = []
    for i, tensor in enumerate(tensors):
        np.save(folder / ('in%d.npy' % i), tensor)
        names.append(str(folder / ('in%d.npy' % i)))
    out = folder / ('out-' + device.replace(':', '-'))
    report = folder / 'run.json'
    command([bin_dir / 'accel-run', '-d', device, program, '-i', ','.join(names), '-o', out, '--json', report])
    return [np.load(p) for p in sorted(out.glob('*.npy'))], json.loads(report.read_text())['runs'][0]['cycles']


def compare(want, got, what):
    if len(want) != len(got):
        raise Failure('%s: %d outputs, expected %d' % (what, len(got), len(want)))
    for w, g in zip(want, got):
        if w.shape != g.shape or w.dtype != g.dtype:
            raise Failure('%s: output is %s %s, expected %s %s' % (what, g.dtype, g.shape, w.dtype, w.shape))
        bad = np.argwhere(w != g)
        if len(bad):
            at = tuple(bad[0])
            raise Failure('%s: %d of %d bytes differ, first at %s: %d, expected %d' % (what, len(bad), w.size, list(map(int, at)), g[at], w[at]))


def repeat(bin_dir, device, program, tensors, folder, cycles):
    """A fresh process must take the same cycles."""
    _, again = run_device(bin_dir, device, program, tensors, folder)
    if again != cycles:
        raise Failure('%s: %d cycles, then %d for the same job' % (device, cycles, again))


def check(args, model, rounds):
    """Compile once; for each round of inputs compare all devices with the reference."""
    reference = Reference(model)
    with tempfile.TemporaryDirectory() as tmp:
        folder = pathlib.Path(tmp)
        program = compile_model(args, model, folder)
        for number, make in enumerate(rounds):
            tensors = [make(d) for d in reference.inputs]
            want = reference(tensors)
            for device in args.device:
                got, cycles = run_device(args.bin, device, program, tensors, folder)
                compare(want, got, '%s, input %d' % (device, number))
                if number == 0 and cycles:
                    repeat(args.bin, device, program, tensors, folder, cycles)


def noise(seed):
    rng = np.random.default_rng(seed)
    return lambda detail: layers.random_input(rng, detail['shape']).view(detail['dtype'])


def check_file(args, path):
    rounds = [noise([args.seed, i]) for i in range(args.inputs)]
    sample = path.parent / SAMPLES.get(path.name, 'none')
    if sample.exists():
        rounds[0] = lambda detail: np.load(sample).reshape(detail['shape'])
    check(args, path.read_bytes(), rounds)
    return '%s, %d inputs' % (path.name, args.inputs)


def check_network(args, name):
    try:
        check(args, networks.build(name), [noise([args.seed, 0])])
    except Failure as err:
        raise Failure('%s: %s' % (name, err)) from err
    return name


def check_layer(args, index):
    rng = np.random.default_rng([args.seed, index])
    name, model = layers.random_model(rng)
    try:
        check(args, model, [lambda detail: layers.random_input(rng, detail['shape'])])
    except Failure as err:
        raise Failure('%s: %s; replay: tests/judge/judge.py --bin BIN %s layers --seed %d --first %d --count 1' % (
            name, err, ' '.join('--device ' + d for d in args.device), args.seed, index))
    return name


def run_all(jobs, workers):
    """Run the jobs, print what failed, return (passed, failed)."""
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(workers) as pool:
        for future in concurrent.futures.as_completed([pool.submit(*job) for job in jobs]):
            try:
                text = future.result()
                passed += 1
                if len(jobs) < 20:
                    print('ok: %s' % text, flush=True)
            except (Failure, subprocess.TimeoutExpired, ValueError, RuntimeError) as err:
                failed += 1
                print('FAILED: %s' % err, flush=True)
    return passed, failed


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0], epilog='example: judge.py --bin build/bin --device func layers --count 50')
    parser.add_argument('--bin', type=pathlib.Path, required=True, help='folder with quernc and accel-run')
    parser.add_argument('--device', action='append', help='func, rtl, rtl:8x8 ...; may be given more than once')
    parser.add_argument('--config', default='16x16', help='chip to compile for')
    parser.add_argument('--workers', type=int, default=2)
    sub = parser.add_subparsers(dest='mode', required=True)
    for name in ('models', 'layers', 'networks', 'file'):
        mode = sub.add_parser(name)
        mode.add_argument('--seed', type=int, default=1)
        mode.add_argument('--inputs', type=int, default=20)
        if name == 'models':
            mode.add_argument('--models', type=pathlib.Path, default=pathlib.Path('../shared/models'))
        if name == 'layers':
            mode.add_argument('--first', type=int, default=0)
            mode.add_argument('--count', type=int, default=500)
        if name == 'networks':
            mode.add_argument('names', nargs='*', metavar='NAME', help=', '.join(networks.NETWORKS))
        if name == 'file':
            mode.add_argument('path', type=pathlib.Path)
    args = parser.parse_args()
    args.device = args.device or ['func']
    return args


def main():
    args = arguments()
    skipped = 0
    if args.mode == 'models':
        files = [args.models / name for name in SUITE]
        there = [f for f in files if f.exists()]
        skipped = len(files) - len(there)
        for f in set(files) - set(there):
            print('SKIPPED: %s is absent; set QUERN_MODELS to the folder that holds it' % f)
        jobs = [(check_file, args, f) for f in there]
    elif args.mode == 'layers':
        jobs = [(check_layer, args, i) for i in range(args.first, args.first + args.count)]
    elif args.mode == 'networks':
        jobs = [(check_network, args, name) for name in args.names or networks.NETWORKS]
    else:
        jobs = [(check_file, args, args.path)]
    passed, failed = run_all(jobs, args.workers)
    print('%d passed, %d failed, %d skipped' % (passed, failed, skipped))
    if failed:
        sys.exit(1)
    sys.exit(77 if skipped and not passed else 0)


if __name__ == '__main__':
    main()
