#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare the imported graph, interpreted on the host, with TFLite's reference kernels: quantisation maths without any command.

usage: judge_front.py --run GRAPH-RUN [--seed N] [--first I] [--count N] [--models DIR]
example: judge_front.py --run build/tests/compiler/front/graph-run --seed 1 --first 17 --count 1

Random models come from tests/judge/layers.py; every third one is instead one of the operators below, with extreme scales. With --models the networks
there are compared too. Exit status 77 if TFLite is not installed.
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'judge'))
try:
    import numpy as np
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
except ImportError as err:
    print('SKIPPED: %s (see tests/judge/requirements.txt)' % err)
    sys.exit(77)
import layers
from layers import pick

NETWORKS = ['mlperf_tiny/ic_resnet8_int8', 'mlperf_tiny/vww_mbv1_025_int8', 'mlperf_tiny/kws_dscnn_int8', 'mlperf_tiny/ad_ae_int8']
BIG = ['mobilenet/tf2_mobilenet_v2_1.0_224_ptq']


def scale(rng, low=-3, high=0):
    return float(np.float32(10.0 ** rng.uniform(low, high)))


def ratio(rng, s, low=-1, high=1):
    return float(np.float32(s * 10.0 ** rng.uniform(low, high)))


class Special(layers.Builder):
    """One operator that layers.py does not draw, or draws in a narrower range."""

    def mean(self, x):
        _, h, w, c = x[1]
        axes = self.m.add_tensor('axes', (2,), 'int32', data=np.array(pick(self.rng, (1, 2), (2, 1), (-3, -2)), np.int32))
        keep = bool(self.rng.integers(2))
        y = self.tensor((1, 1, 1, c) if keep else (1, c), ratio(self.rng, x[2]))
        self.add('MEAN', [x[0], axes], y, keep_dims=keep)
        return y

    def unary(self, x):
        op = pick(self.rng, 'RELU', 'RELU6', 'LEAKY_RELU', 'HARD_SWISH', 'QUANTIZE')
        y = self.tensor(x[1], ratio(self.rng, x[2], -0.3 if op == 'HARD_SWISH' else -1))
        self.add(op, [x[0]], y, **({'alpha': float(np.float32(self.rng.uniform(0, 1.5)))} if op == 'LEAKY_RELU' else {}))
        return y

    def conv_relu(self, x):
        y = self.conv(x)
        z = self.tensor(y[1], y[2], y[3])
        self.add(pick(self.rng, 'RELU', 'RELU6'), [y[0]], z)
        return z

    def concat(self, x):
        axis = int(self.rng.integers(1, 4))
        parts, total = [x[0]], x[1][axis]
        for _ in range(int(self.rng.integers(1, 4))):
            shape = list(x[1])
            shape[axis] = int(self.rng.integers(1, 9))
            part = self.tensor(shape, x[2], x[3])
            self.m.inputs.append(part[0])
            parts.append(part[0])
            total += shape[axis]
        shape = list(x[1])
        shape[axis] = total
        y = self.tensor(shape, x[2], x[3])
        self.add('CONCATENATION', parts, y, axis=int(pick(self.rng, axis, axis - 4)))
        return y

    def broadcast(self, x):
        """A constant or one value a channel as second operand."""
        rng, c = self.rng, x[1][3]
        shape = pick(rng, (c,), (1,), (1, 1, 1, c), (1, x[1][1], 1, 1), (1, 1, x[1][2], c))
        data = rng.integers(-128, 128, shape).astype(np.int8)
        op = pick(rng, 'ADD', 'SUB', 'MUL')
        s = scale(rng)
        other = self.m.add_tensor('k', shape, scale=s, zero_point=layers.zero_point(rng), data=data)
        y = self.tensor(x[1], ratio(rng, x[2] * s * 100 if op == 'MUL' else max(x[2], s), -0.3, 1))
        self.add(op, [other, x[0]] if rng.integers(2) else [x[0], other], y, activation=layers.activation(rng))
        return y

    def softmax_wide(self, x):
        shape = (int(self.rng.integers(1, 6)), int(pick(self.rng, 1, 2, 10, 255, 1001)))
        x = self.tensor(shape, scale(self.rng, -4, 1.5))
        self.m.inputs[:] = [x[0]]
        y = self.tensor(shape, 1 / 256, -128)
        self.add('SOFTMAX', [x[0]], y, beta=pick(self.rng, 1.0, 0.5, 2.0))
        return y

    def pad_conv(self, x):
        return self.conv(self.pad(x), bool(self.rng.integers(2)))

    def dense_rows(self, x):
        """Several rows through one FULLY_CONNECTED."""
        rng, n_in, n_out = self.rng, layers.channels(self.rng), layers.channels(self.rng)
        x = self.tensor((int(rng.integers(2, 7)), n_in))
        self.m.inputs[:] = [x[0]]
        wt, bt, s = self.weights((n_out, n_in), 0, n_in, x, per_tensor=True)
        y = self.tensor((x[1][0], n_out), s)
        self.add('FULLY_CONNECTED', [x[0], wt, bt], y, activation=layers.activation(rng))
        return y


def special_model(rng):
    b = Special(rng)
    h, w, c = layers.image(rng, 4000)
    x = b.tensor((1, h, w, c), scale(rng, -3, 0.5))
    b.m.inputs.append(x[0])
    x = pick(rng, b.mean, b.unary, b.unary, b.conv_relu, b.concat, b.broadcast, b.broadcast, b.softmax_wide, b.pad_conv, b.dense_rows)(x)
    b.m.outputs = [x[0]]
    return ' > '.join(b.name), b.m.tobytes()


class Failure(Exception):
    """The graph and TFLite disagree."""


def reference(model):
    run = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    run.allocate_tensors()
    return run


def random_bytes(rng, detail):
    if detail['dtype'] == np.uint8:
        return rng.integers(0, 256, detail['shape']).astype(np.uint8)
    return layers.random_input(rng, detail['shape'])


def check(args, model, rng, folder):
    """True if compared; a refusal (exit status 5) is returned as its message."""
    source, given, got = folder / 'm.tflite', folder / 'in.bin', folder / 'out.bin'
    source.write_bytes(model)
    run = reference(model)
    tensors = [random_bytes(rng, d) for d in run.get_input_details()]
    given.write_bytes(b''.join(t.tobytes() for t in tensors))
    done = subprocess.run([args.run, source, given, got], capture_output=True, text=True, timeout=300)
    if done.returncode == 5:
        return done.stderr.strip()
    if done.returncode:
        raise Failure('graph-run: exit status %d: %s' % (done.returncode, done.stderr.strip()[-300:]))
    for detail, tensor in zip(run.get_input_details(), tensors):
        run.set_tensor(detail['index'], tensor)
    run.invoke()
    want = b''.join(run.get_tensor(d['index']).tobytes() for d in run.get_output_details())
    have = got.read_bytes()
    if want != have:
        a, b = np.frombuffer(want, np.int8), np.frombuffer(have, np.int8)
        bad = np.flatnonzero(a != b) if a.size == b.size else [0]
        raise Failure('%d of %d bytes differ, the first at %d: %d, want %d' % (len(bad), a.size, bad[0], b[bad[0]], a[bad[0]]))
    return True


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--run', required=True, help='the graph-run program')
    parser.add_argument('--seed', type=int, default=1)
    parser.add_argument('--first', type=int, default=0)
    parser.add_argument('--count', type=int, default=300)
    parser.add_argument('--models', type=pathlib.Path, help='folder with real networks')
    parser.add_argument('--big', action='store_true', help='with MobileNetV2, some seconds more')
    return parser.parse_args()


def run_case(args, kind, what, folder):
    """0 same bytes, 1 differ, 2 not compared."""
    rng = np.random.default_rng([args.seed, what if kind == 'random' else 0])
    name, model = (special_model if what % 3 == 0 else layers.random_model)(rng) if kind == 'random' else (what.name, what.read_bytes())
    try:
        result = check(args, model, rng, folder)
    except Failure as err:
        print('FAILED: %s: %s; replay: judge_front.py --run RUN --seed %d --first %s --count 1' % (name, err, args.seed, what))
        return 1
    except (RuntimeError, ValueError) as err:
        result = 'TFLite: %s' % str(err).split('\n')[0]
    if result is not True:
        print('not compared: %s: %s' % (name, result))
    return 0 if result is True else 2


def in_child(args, job, folder):
    """TFLite aborts the process on some models: each case has its own."""
    sys.stdout.flush()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            code = run_case(args, *job, folder)
            sys.stdout.flush()
        finally:
            os._exit(code)
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        print('not compared: TFLite aborted on %s' % job[1])
        return 2
    return os.WEXITSTATUS(status)


def main():
    args = arguments()
    jobs = [('random', i) for i in range(args.first, args.first + args.count)]
    names = NETWORKS + (BIG if args.big else [])
    jobs += [('file', args.models / (n + '.tflite')) for n in names if args.models and (args.models / (n + '.tflite')).exists()]
    with tempfile.TemporaryDirectory() as tmp:
        codes = [in_child(args, job, pathlib.Path(tmp)) for job in jobs]
    passed, failed, refused = (codes.count(c) for c in (0, 1, 2))
    print('%d passed, %d failed, %d not compared' % (passed, failed, refused))
    sys.exit(1 if failed or not passed or refused * 5 > passed else 0)


main()
