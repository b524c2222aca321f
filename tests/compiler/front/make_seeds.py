#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write small models, one or a few operators each, that tests start from: every operator that the front end imports, in its usual forms; and in
FOLDER/refused models that it must refuse, named by the exit status of quernc and a number.

usage: make_seeds.py FOLDER      (the standard library is enough)
example: make_seeds.py build/seeds
"""
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / 'judge'))
from tflite_writer import Model

RNG = random.Random(1)


def noise(count):
    return bytes(RNG.randrange(256) for _ in range(count))


def words(values):
    return struct.pack('<%di' % len(values), *values)


class Seed:
    """A chain of operators; x is the tensor that the next one reads."""

    def __init__(self, name, shape):
        self.m, self.name = Model(name), name
        self.x = self.image(shape)
        self.m.inputs = [self.x]
        self.shape = shape

    def image(self, shape, scale=0.1, zero=-3, dtype='int8'):
        return self.m.add_tensor('t%d' % len(self.m.tensors), shape, dtype=dtype, scale=scale, zero_point=zero)

    def op(self, name, shape, extra=(), scale=0.1, zero=-3, dtype='int8', **options):
        y = self.image(shape, scale, zero, dtype)
        self.m.add_op(name, [self.x, *extra], [y], **options)
        self.x, self.shape = y, shape
        return self

    def filter(self, shape, axis):
        n, size = shape[axis], 1
        for d in shape:
            size *= d
        w = self.m.add_tensor('w', shape, scale=[0.01 + 0.001 * i for i in range(n)], zero_point=[0] * n, axis=axis, data=noise(size))
        b = self.m.add_tensor('b', (n,), dtype='int32', scale=[0.001] * n, zero_point=[0] * n, data=words([RNG.randrange(-999, 999) for _ in range(n)]))
        return [w, b]

    def ints(self, shape, values):
        return [self.m.add_tensor('ints', shape, dtype='int32', data=words(values))]

    def conv(self, c, k=3, **options):
        n, h, w, depth = self.shape
        return self.op('CONV_2D', (n, h, w, c), self.filter((c, k, k, depth), 0), padding='SAME', **options)

    def save(self, folder):
        self.m.outputs = [self.x]
        (folder / (self.name + '.tflite')).write_bytes(self.m.tobytes())


def seeds():
    yield Seed('conv', (1, 6, 5, 3)).conv(8, activation='RELU')
    yield valid_conv()
    yield depthwise()
    yield dense()
    yield Seed('pool', (1, 6, 6, 8)).op('MAX_POOL_2D', (1, 3, 3, 8), filter=(2, 2), stride=(2, 2)).op(
        'AVERAGE_POOL_2D', (1, 3, 3, 8), filter=(3, 3), padding='SAME', activation='RELU6')
    yield residual('ADD')
    yield residual('SUB')
    yield residual('MUL')
    yield Seed('softmax', (1, 4, 1, 5)).op('SOFTMAX', (1, 4, 1, 5), scale=1 / 256, zero=-128)
    yield Seed('unary', (1, 3, 3, 4)).op('LOGISTIC', (1, 3, 3, 4), scale=1 / 256, zero=-128).op('TANH', (1, 3, 3, 4), scale=1 / 128, zero=0).op(
        'RELU', (1, 3, 3, 4)).op('RELU6', (1, 3, 3, 4)).op('LEAKY_RELU', (1, 3, 3, 4), alpha=0.1).op('HARD_SWISH', (1, 3, 3, 4))
    yield padded()
    yield mean()
    yield concat()
    yield resized()
    yield sliced()
    yield reshaped()
    yield quantised()
    yield network()


def valid_conv():
    s = Seed('conv_valid', (1, 9, 8, 4))
    return s.op('CONV_2D', (1, 3, 3, 5), s.filter((5, 3, 2, 4), 0), scale=0.2, padding='VALID', stride=(2, 2), dilation=(2, 3))


def depthwise():
    s = Seed('depthwise', (1, 6, 6, 4))
    s.op('DEPTHWISE_CONV_2D', (1, 3, 3, 4), s.filter((1, 3, 3, 4), 3), padding='SAME', stride=(2, 2))
    return s.op('DEPTHWISE_CONV_2D', (1, 3, 3, 8), s.filter((1, 1, 1, 8), 3), padding='VALID', depth_multiplier=2, activation='RELU6')


def dense():
    s = Seed('dense', (3, 10))
    s.op('FULLY_CONNECTED', (3, 7), s.filter((7, 10), 0), activation='RELU')
    return s.op('FULLY_CONNECTED', (3, 4), s.filter((4, 7), 0))


def residual(op):
    s = Seed(op.lower(), (1, 4, 4, 8))
    other = s.image((1, 4, 4, 8), 0.05, 7)
    s.m.inputs.append(other)
    s.op(op, (1, 4, 4, 8), [other], scale=0.3)
    k = s.m.add_tensor('k', (8,), scale=0.2, zero_point=1, data=noise(8))
    s.op(op, (1, 4, 4, 8), [k], scale=0.4, activation='RELU_N1_TO_1')
    one = s.m.add_tensor('one', (1,), scale=0.2, zero_point=1, data=noise(1))
    return s.op(op, (1, 4, 4, 8), [one], scale=0.5)


def padded():
    s = Seed('pad', (1, 4, 4, 3))
    s.op('PAD', (1, 6, 7, 3), s.ints((4, 2), [0, 0, 1, 1, 1, 2, 0, 0]))
    s.op('CONV_2D', (1, 4, 5, 2), s.filter((2, 3, 3, 3), 0), padding='VALID')
    return s.op('PAD', (1, 5, 5, 2), s.ints((4, 2), [0, 0, 0, 1, 0, 0, 0, 0]))


def resized():
    s = Seed('resize', (1, 3, 4, 5))
    s.op('RESIZE_NEAREST_NEIGHBOR', (1, 6, 12, 5), s.ints((2,), [6, 12]))
    return s.op('RESIZE_NEAREST_NEIGHBOR', (1, 12, 12, 5), s.ints((2,), [12, 12]), half_pixel_centers=True)


def sliced():
    s = Seed('slice', (1, 6, 7, 5))
    s.op('SLICE', (1, 4, 7, 3), s.ints((4,), [0, 1, 0, 2]) + s.ints((4,), [1, 4, -1, 3]))
    bounds = s.ints((4,), [0, 1, -5, 0]) + s.ints((4,), [0, 9, 7, 0])
    return s.op('STRIDED_SLICE', (1, 3, 5, 3), bounds + s.ints((4,), [1, 1, 1, 1]), end_mask=9)


def mean():
    s = Seed('mean', (1, 5, 4, 6))
    return s.op('MEAN', (1, 6), s.ints((2,), [1, 2]), keep_dims=False)


def concat():
    s = Seed('concat', (1, 3, 3, 4))
    other = s.image((1, 3, 3, 2))
    s.m.inputs.append(other)
    return s.op('CONCATENATION', (1, 3, 3, 6), [other], axis=3)


def reshaped():
    s = Seed('reshape', (1, 4, 4, 2))
    s.op('RESHAPE', (1, 32), s.ints((2,), [1, 32]), new_shape=(1, 32))
    return s.op('FULLY_CONNECTED', (1, 3), s.filter((3, 32), 0))


def quantised():
    s = Seed('quantize', (1, 4, 4, 3))
    s.op('QUANTIZE', (1, 4, 4, 3), scale=0.2, zero=9)
    return s.op('QUANTIZE', (1, 4, 4, 3), scale=0.2, zero=137, dtype='uint8')


def network():
    """A residual network in small: most passes have something to do."""
    s = Seed('network', (1, 8, 8, 3)).conv(8)
    skip = s.x
    s.op('RELU', s.shape).conv(8, activation='RELU')
    s.op('ADD', s.shape, [skip])
    s.op('PAD', (1, 10, 10, 8), s.ints((4, 2), [0, 0, 1, 1, 1, 1, 0, 0]))
    s.op('DEPTHWISE_CONV_2D', (1, 4, 4, 8), s.filter((1, 3, 3, 8), 3), padding='VALID', stride=(2, 2), activation='RELU6')
    s.op('AVERAGE_POOL_2D', (1, 1, 1, 8), filter=(4, 4))
    s.op('RESHAPE', (1, 8), s.ints((2,), [1, 8]), new_shape=(1, 8))
    s.op('FULLY_CONNECTED', (1, 5), s.filter((5, 8), 0))
    return s.op('SOFTMAX', (1, 5), scale=1 / 256, zero=-128)


def refused():
    """(exit status, model): valid files that need something the chip cannot do exactly (5) and files that contradict themselves (4)."""
    yield 5, Seed('float', (1, 4, 4, 3)).op('RELU', (1, 4, 4, 3), scale=None, zero=None, dtype='float32')
    yield 5, Seed('scale', (1, 4, 4, 3)).op('TANH', (1, 4, 4, 3), scale=1e-44)
    yield 5, Seed('scale', (1, 4, 4, 3)).op('LOGISTIC', (1, 4, 4, 3), scale=float('nan'))
    yield 5, Seed('scale', (1, 4, 4, 3)).op('LOGISTIC', (1, 4, 4, 3), scale=-1.0)
    yield 5, Seed('zero', (1, 4, 4, 3)).op('LOGISTIC', (1, 4, 4, 3), zero=200)
    yield 5, Seed('pool', (1, 4, 4, 3)).op('MAX_POOL_2D', (1, 2, 2, 3), scale=0.2, filter=(2, 2), stride=(2, 2))
    yield 5, Seed('softmax', (1, 5)).op('SOFTMAX', (1, 5), scale=1 / 128, zero=-128)
    yield 5, Seed('long', (1, 4096)).op('SOFTMAX', (1, 4096), scale=1 / 256, zero=-128)
    s = Seed('channels', (1, 4, 4, 3))
    yield 5, s.op('PAD', (1, 4, 4, 5), s.ints((4, 2), [0, 0, 0, 0, 0, 0, 0, 2]))
    s = Seed('axis', (1, 4, 4, 3))
    yield 5, s.op('MEAN', (1, 4, 3), s.ints((1,), [1]))
    yield 5, Seed('axis', (1, 4, 4, 3)).op('QUANTIZE', (1, 4, 4, 3), dtype='int16')
    yield 4, Seed('shape', (1, 4, 4, 3)).op('RELU', (1, 4, 4, 4))
    yield 4, Seed('window', (1, 4, 4, 3)).op('MAX_POOL_2D', (1, 2, 2, 3), filter=(0, 2), stride=(2, 2))
    yield 4, Seed('stride', (1, 4, 4, 3)).op('MAX_POOL_2D', (1, 2, 2, 3), filter=(2, 2), stride=(0, 2))
    s = Seed('weights', (1, 4, 4, 3))
    yield 4, s.op('CONV_2D', (1, 4, 4, 8), s.filter((8, 3, 3, 2), 0), padding='SAME')
    s = Seed('output', (1, 4, 4, 3))
    yield 4, s.op('CONV_2D', (1, 4, 3, 8), s.filter((8, 3, 3, 3), 0), padding='SAME')
    s = Seed('itself', (1, 4, 4, 3))
    s.m.add_op('RELU', [s.x], [s.x])
    yield 4, s
    s = Seed('nothing', (1, 4, 4, 3))
    lost = s.image((1, 4, 4, 3))
    yield 4, s.op('ADD', (1, 4, 4, 3), [lost])
    s = Seed('index', (1, 4, 4, 3))
    yield 4, s.op('ADD', (1, 4, 4, 3), [99])
    yield 5, Seed('empty', (1, 4, 4, 3))


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / 'refused').mkdir(exist_ok=True)
    for seed in seeds():
        seed.save(folder)
    for i, (status, seed) in enumerate(refused()):
        seed.name = '%d-%02d-%s' % (status, i, seed.name)
        seed.save(folder / 'refused')


main()
