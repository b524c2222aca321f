#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Write ResNet-50 v1.5 in int8 with random weights: the real topology for cycle counts, of no use for accuracy.

usage: resnet50.py OUT.tflite [--seed N]
example: resnet50.py build/resnet50.tflite

v1.5 has the stride of a stage in its 3x3 convolution. 4,089,184,256 MACs. Standard library only.
"""
import argparse
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'judge'))

from tflite_writer import Model  # noqa: E402 found by the path above

STAGES = ((3, 64, 1), (4, 128, 2), (6, 256, 2), (3, 512, 2))  # blocks, width, stride
SCALE, ZERO = 0.05, -10


class ResNet:
    def __init__(self, seed):
        self.m, self.rng, self.macs = Model('resnet50 v1.5, random weights'), random.Random(seed), 0

    def tensor(self, shape, scale=SCALE, zero=ZERO):
        return self.m.add_tensor('t%d' % len(self.m.tensors), shape, scale=scale, zero_point=zero), shape

    def weights(self, shape):
        """Random int8 in [-127, 127], per-channel scales that keep the output in range, zero-mean bias."""
        count, fan_in = 1, 1
        for d in shape:
            count *= d
        for d in shape[1:]:
            fan_in *= d
        data = self.rng.randbytes(count).replace(b'\x80', b'\x00')
        scales = [0.9 / (74 * fan_in ** 0.5) * self.rng.uniform(0.8, 1.2) for _ in range(shape[0])]
        bias = struct.pack('<%di' % shape[0], *(self.rng.randrange(-500, 500) for _ in range(shape[0])))
        zeros = [0] * shape[0]
        w = self.m.add_tensor('w', shape, scale=scales, zero_point=zeros, axis=0, data=data)
        b = self.m.add_tensor('b', shape[:1], 'int32', [s * SCALE for s in scales], zeros, data=bias)
        return [w, b]

    def conv(self, x, k, out_c, stride=1, activation='RELU'):
        index, (_, h, w, c) = x
        y = self.tensor((1, -(-h // stride), -(-w // stride), out_c))
        self.m.add_op('CONV_2D', [index] + self.weights((out_c, k, k, c)), [y[0]], padding='SAME', stride=(stride, stride), activation=activation)
        self.macs += y[1][1] * y[1][2] * out_c * k * k * c
        return y

    def bottleneck(self, x, width, stride, project):
        y = self.conv(self.conv(self.conv(x, 1, width), 3, width, stride), 1, 4 * width, activation='NONE')
        shortcut = self.conv(x, 1, 4 * width, stride, 'NONE') if project else x
        out = self.tensor(y[1])
        self.m.add_op('ADD', [y[0], shortcut[0]], [out[0]], activation='RELU')
        return out

    def build(self):
        m = self.m
        x = first = self.tensor((1, 224, 224, 3))
        x = self.conv(x, 7, 64, 2)
        y = self.tensor((1, 56, 56, 64))
        m.add_op('MAX_POOL_2D', [x[0]], [y[0]], padding='SAME', stride=(2, 2), filter=(3, 3))
        for blocks, width, stride in STAGES:
            for i in range(blocks):
                y = self.bottleneck(y, width, stride if i == 0 else 1, i == 0)
        mean = self.tensor((1, 1, 1, 2048))
        m.add_op('AVERAGE_POOL_2D', [y[0]], [mean[0]], padding='VALID', stride=(7, 7), filter=(7, 7))
        shape = m.add_tensor('shape', (2,), 'int32', data=struct.pack('<2i', 1, 2048))
        flat, logits = self.tensor((1, 2048)), self.tensor((1, 1000))
        m.add_op('RESHAPE', [mean[0], shape], [flat[0]], new_shape=[1, 2048])
        m.add_op('FULLY_CONNECTED', [flat[0]] + self.weights((1000, 2048)), [logits[0]])
        self.macs += 1000 * 2048
        out = self.tensor((1, 1000), 1 / 256, -128)
        m.add_op('SOFTMAX', [logits[0]], [out[0]])
        m.inputs, m.outputs = [first[0]], [out[0]]
        return m.tobytes()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('out', type=pathlib.Path)
    parser.add_argument('--seed', type=int, default=1)
    args = parser.parse_args()
    net = ResNet(args.seed)
    args.out.write_bytes(net.build())
    print('%s: %d MACs' % (args.out, net.macs))


if __name__ == '__main__':
    main()
