#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Networks of the usual kinds in int8 with random weights, for cycle counts and for comparison with TFLite's reference kernels.

usage: networks.py NAME OUT.tflite

build(name) gives the bytes of a model; NETWORKS names them. Topologies are real, weights are not. Standard library only.
"""
import argparse
import pathlib
import random
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'judge'))

from tflite_writer import Model  # noqa: E402 found by the path above

SCALE, ZERO = 0.05, -10


class Net:
    """A model under construction. A layer takes and returns (tensor index, shape)."""

    def __init__(self, name, shape):
        self.m, self.rng = Model(name + ', random weights'), random.Random(name)
        self.input = self.tensor(shape)

    def tensor(self, shape, scale=SCALE, zero=ZERO):
        return self.m.add_tensor('t%d' % len(self.m.tensors), shape, scale=scale, zero_point=zero), tuple(shape)

    def weights(self, shape, axis, fan_in):
        count = 1
        for d in shape:
            count *= d
        n = shape[axis]
        data = self.rng.randbytes(count).replace(b'\x80', b'\x00')
        scales = [0.9 / (74 * fan_in ** 0.5) * self.rng.uniform(0.8, 1.2) for _ in range(n)]
        bias = struct.pack('<%di' % n, *(self.rng.randrange(-500, 500) for _ in range(n)))
        w = self.m.add_tensor('w', shape, scale=scales, zero_point=[0] * n, axis=axis, data=data)
        return [w, self.m.add_tensor('b', (n,), 'int32', [s * SCALE for s in scales], [0] * n, data=bias)]

    def op(self, name, inputs, shape, scale=SCALE, zero=ZERO, **options):
        y = self.tensor(shape, scale, zero)
        self.m.add_op(name, inputs, [y[0]], **options)
        return y

    def out_hw(self, x, k, stride, dilation, padding):
        if padding == 'SAME':
            return -(-x[1][1] // stride[0]), -(-x[1][2] // stride[1])
        return tuple((x[1][1 + i] - (k[i] - 1) * dilation - 1) // stride[i] + 1 for i in range(2))

    def conv(self, x, k, out_c, stride=1, activation='RELU6', dilation=1, padding='SAME'):
        k, stride = (k if isinstance(k, tuple) else (k, k)), (stride if isinstance(stride, tuple) else (stride, stride))
        h, w = self.out_hw(x, k, stride, dilation, padding)
        c = x[1][3]
        return self.op('CONV_2D', [x[0]] + self.weights((out_c, *k, c), 0, k[0] * k[1] * c), (1, h, w, out_c), padding=padding, stride=stride,
                       dilation=(dilation, dilation), activation=activation)

    def dw(self, x, k=3, stride=1, activation='RELU6', dilation=1):
        k, stride = (k if isinstance(k, tuple) else (k, k)), (stride if isinstance(stride, tuple) else (stride, stride))
        h, w = self.out_hw(x, k, stride, dilation, 'SAME')
        c = x[1][3]
        return self.op('DEPTHWISE_CONV_2D', [x[0]] + self.weights((1, *k, c), 3, k[0] * k[1]), (1, h, w, c), padding='SAME', stride=stride,
                       dilation=(dilation, dilation), activation=activation, depth_multiplier=1)

    def add(self, x, y, activation='NONE'):
        return self.op('ADD', [x[0], y[0]], x[1], activation=activation)

    def pool(self, x, k, stride, kind='MAX_POOL_2D', padding='SAME'):
        h, w = self.out_hw(x, (k, k), (stride, stride), 1, padding)
        return self.op(kind, [x[0]], (1, h, w, x[1][3]), padding=padding, stride=(stride, stride), filter=(k, k))

    def concat(self, *xs):
        shape = (*xs[0][1][:3], sum(x[1][3] for x in xs))
        return self.op('CONCATENATION', [x[0] for x in xs], shape, axis=3)

    def upsample(self, x, factor=2):
        size = (x[1][1] * factor, x[1][2] * factor)
        s = self.m.add_tensor('size', (2,), 'int32', data=struct.pack('<2i', *size))
        return self.op('RESIZE_NEAREST_NEIGHBOR', [x[0], s], (1, *size, x[1][3]))

    def hard_swish(self, x):
        return self.op('HARD_SWISH', [x[0]], x[1])

    def leaky(self, x):
        return self.op('LEAKY_RELU', [x[0]], x[1], alpha=0.1)

    def scale_channels(self, x, squeeze):
        """Squeeze and excitation."""
        h, w, c = x[1][1:]
        s = self.op('AVERAGE_POOL_2D', [x[0]], (1, 1, 1, c), padding='VALID', stride=(h, w), filter=(h, w))
        s = self.conv(self.conv(s, 1, squeeze, activation='RELU'), 1, c, activation='NONE')
        s = self.op('LOGISTIC', [s[0]], s[1], 1 / 256, -128)
        return self.op('MUL', [x[0], s[0]], x[1])

    def classifier(self, x, classes):
        h, w, c = x[1][1:]
        x = self.op('AVERAGE_POOL_2D', [x[0]], (1, 1, 1, c), padding='VALID', stride=(h, w), filter=(h, w))
        shape = self.m.add_tensor('shape', (2,), 'int32', data=struct.pack('<2i', 1, c))
        x = self.op('RESHAPE', [x[0], shape], (1, c), new_shape=[1, c])
        x = self.op('FULLY_CONNECTED', [x[0]] + self.weights((classes, c), 0, c), (1, classes))
        # TFLite's own softmax stops at an assertion when more than 511 logits are equal, which random weights come close to.
        return self.op('SOFTMAX', [x[0]], x[1], 1 / 256, -128) if classes < 512 else x

    def finish(self, *outputs):
        self.m.inputs, self.m.outputs = [self.input[0]], [y[0] for y in outputs]
        return self.m.tobytes()


def mobilenet_v1(name, size, width, classes):
    n = Net(name, (1, size, size, 3))
    x = n.conv(n.input, 3, int(32 * width), 2)
    for c, s in ((64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), *((512, 1),) * 5, (1024, 2), (1024, 1)):
        x = n.conv(n.dw(x, 3, s), 1, int(c * width))
    return n.finish(n.classifier(x, classes))


def eighths(c):
    return max(8, int(c + 4) // 8 * 8)


def inverted(n, x, k, expand, out_c, stride, squeeze=0, act='RELU6'):
    swish = act == 'HARD_SWISH'
    y = n.conv(x, 1, expand, activation='NONE' if swish else act) if expand != x[1][3] else x
    y = n.hard_swish(y) if swish and expand != x[1][3] else y
    y = n.dw(y, k, stride, 'NONE' if swish else act)
    y = n.hard_swish(y) if swish else y
    y = n.scale_channels(y, squeeze) if squeeze else y
    y = n.conv(y, 1, out_c, activation='NONE')
    return n.add(x, y) if stride == 1 and x[1][3] == out_c else y


def mobilenet_v2(name, size, width, classes):
    n = Net(name, (1, size, size, 3))
    x = n.conv(n.input, 3, eighths(32 * width), 2)
    for t, c, repeat, s in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for i in range(repeat):
            x = inverted(n, x, 3, t * x[1][3], eighths(c * width), s if i == 0 else 1)
    return n.finish(n.classifier(n.conv(x, 1, 1280), classes))


def mobilenet_v3_small(name, size, classes):
    n = Net(name, (1, size, size, 3))
    x = n.hard_swish(n.conv(n.input, 3, 16, 2, 'NONE'))
    for k, e, c, se, act, s in ((3, 16, 16, 8, 'RELU', 2), (3, 72, 24, 0, 'RELU', 2), (3, 88, 24, 0, 'RELU', 1), (5, 96, 40, 24, 'HARD_SWISH', 2),
                                *((5, 240, 40, 64, 'HARD_SWISH', 1),) * 2, (5, 120, 48, 32, 'HARD_SWISH', 1), (5, 144, 48, 40, 'HARD_SWISH', 1),
                                (5, 288, 96, 72, 'HARD_SWISH', 2), *((5, 576, 96, 144, 'HARD_SWISH', 1),) * 2):
        x = inverted(n, x, k, e, c, s, se, act)
    return n.finish(n.classifier(n.hard_swish(n.conv(x, 1, 576, activation='NONE')), classes))


def efficientnet_lite0(name, size, classes):
    n = Net(name, (1, size, size, 3))
    x = n.conv(n.input, 3, 32, 2)
    for k, t, c, repeat, s in ((3, 1, 16, 1, 1), (3, 6, 24, 2, 2), (5, 6, 40, 2, 2), (3, 6, 80, 3, 2), (5, 6, 112, 3, 1), (5, 6, 192, 4, 2), (3, 6, 320, 1, 1)):
        for i in range(repeat):
            x = inverted(n, x, k, t * x[1][3], c, s if i == 0 else 1)
    return n.finish(n.classifier(n.conv(x, 1, 1280), classes))


def basic_block(n, x, c, stride):
    y = n.conv(n.conv(x, 3, c, stride, 'RELU'), 3, c, activation='NONE')
    if stride != 1 or x[1][3] != c:
        x = n.conv(x, 1, c, stride, 'NONE')
    return n.add(y, x, 'RELU')


def resnet18(name, size, classes):
    n = Net(name, (1, size, size, 3))
    x = n.pool(n.conv(n.input, 7, 64, 2, 'RELU'), 3, 2)
    for c, s in ((64, 1), (64, 1), (128, 2), (128, 1), (256, 2), (256, 1), (512, 2), (512, 1)):
        x = basic_block(n, x, c, s)
    return n.finish(n.classifier(x, classes))


def resnet_cifar(name, blocks):
    n = Net(name, (1, 32, 32, 3))
    x = n.conv(n.input, 3, 16, activation='RELU')
    for i, c in enumerate((16, 32, 64)):
        for j in range(blocks):
            x = basic_block(n, x, c, 2 if i and j == 0 else 1)
    return n.finish(n.classifier(x, 10))


def ds_cnn_large(name):
    n = Net(name, (1, 49, 10, 1))
    x = n.conv(n.input, (10, 4), 276, (2, 1), 'RELU')
    for s in ((2, 2), 1, 1, 1, 1):
        x = n.conv(n.dw(x, 3, s, 'RELU'), 1, 276, activation='RELU')
    return n.finish(n.classifier(x, 12))


def tc_resnet8(name):
    n = Net(name, (1, 98, 1, 40))
    x = n.conv(n.input, (3, 1), 16, activation='RELU')
    for c in (24, 32, 48):
        y = n.conv(n.conv(x, (9, 1), c, (2, 1), 'RELU'), (9, 1), c, activation='NONE')
        x = n.add(y, n.conv(x, 1, c, (2, 1), 'RELU'), 'RELU')
    return n.finish(n.classifier(x, 12))


def squeezenet(name, size, classes):
    n = Net(name, (1, size, size, 3))
    x = n.pool(n.conv(n.input, 3, 64, 2, 'RELU', padding='VALID'), 3, 2, padding='VALID')
    for i, (s, e) in enumerate(((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))):
        y = n.conv(x, 1, s, activation='RELU')
        x = n.concat(n.conv(y, 1, e, activation='RELU'), n.conv(y, 3, e, activation='RELU'))
        x = n.pool(x, 3, 2, padding='VALID') if i in (1, 3) else x
    return n.finish(n.classifier(n.conv(x, 1, classes, activation='RELU'), classes))


def tiny_yolo(name, size):
    """Darknet's small detector: leaky ReLU, route by concatenation, two scales of outputs."""
    n = Net(name, (1, size, size, 3))
    x, skip = n.input, None
    for i, c in enumerate((16, 32, 64, 128, 256, 512)):
        x = n.leaky(n.conv(x, 3, c, activation='NONE'))
        skip = x if i == 4 else skip
        x = n.pool(x, 2, 2 if i < 5 else 1)
    x = n.leaky(n.conv(x, 1, 256, activation='NONE'))
    large = n.conv(n.leaky(n.conv(x, 3, 512, activation='NONE')), 1, 255, activation='NONE')
    x = n.concat(n.upsample(n.leaky(n.conv(x, 1, 128, activation='NONE'))), skip)
    small = n.conv(n.leaky(n.conv(x, 3, 256, activation='NONE')), 1, 255, activation='NONE')
    return n.finish(large, small)


def unet(name, size):
    n = Net(name, (1, size, size, 1))
    x, skips = n.input, []
    for c in (16, 32, 64):
        x = n.conv(n.conv(x, 3, c, activation='RELU'), 3, c, activation='RELU')
        skips.append(x)
        x = n.pool(x, 2, 2)
    x = n.conv(n.conv(x, 3, 128, activation='RELU'), 3, 128, activation='RELU')
    for skip in reversed(skips):
        c = skip[1][3]
        x = n.concat(n.conv(n.upsample(x), 3, c, activation='RELU'), skip)
        x = n.conv(n.conv(x, 3, c, activation='RELU'), 3, c, activation='RELU')
    y = n.conv(x, 1, 1, activation='NONE')
    return n.finish(n.op('LOGISTIC', [y[0]], y[1], 1 / 256, -128))


def conv_autoencoder(name):
    n = Net(name, (1, 64, 64, 1))
    x = n.input
    for c in (16, 32, 64):
        x = n.conv(x, 3, c, 2, 'RELU')
    for c in (32, 16, 8):
        x = n.conv(n.upsample(x), 3, c, activation='RELU')
    return n.finish(n.conv(x, 3, 1, activation='NONE'))


def dilated(name, size):
    """The context module of segmentation networks: 3x3 at growing distance."""
    n = Net(name, (1, size, size, 3))
    x = n.conv(n.conv(n.input, 3, 32, 2, 'RELU'), 3, 64, 2, 'RELU')
    for d in (1, 2, 4, 8):
        x = n.conv(n.dw(x, 3, dilation=d), 1, 64)
        x = n.conv(x, 3, 64, dilation=d)
    return n.finish(n.conv(x, 1, 19, activation='NONE'))


NETWORKS = {
    'mobilenet_v1_224': lambda name: mobilenet_v1(name, 224, 1.0, 1000),
    'mobilenet_v2_035_96': lambda name: mobilenet_v2(name, 96, 0.35, 1000),
    'mobilenet_v3_small_128': lambda name: mobilenet_v3_small(name, 128, 100),
    'efficientnet_lite0_128': lambda name: efficientnet_lite0(name, 128, 100),
    'resnet18_128': lambda name: resnet18(name, 128, 100),
    'resnet20_cifar': lambda name: resnet_cifar(name, 3),
    'resnet56_cifar': lambda name: resnet_cifar(name, 9),
    'ds_cnn_large': ds_cnn_large,
    'tc_resnet8': tc_resnet8,
    'squeezenet_128': lambda name: squeezenet(name, 128, 100),
    'tiny_yolo_128': lambda name: tiny_yolo(name, 128),
    'unet_64': lambda name: unet(name, 64),
    'conv_autoencoder_64': conv_autoencoder,
    'dilated_64': lambda name: dilated(name, 64),
}


def build(name):
    return NETWORKS[name](name)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('name', choices=list(NETWORKS))
    parser.add_argument('out', type=pathlib.Path)
    args = parser.parse_args()
    args.out.write_bytes(build(args.name))


if __name__ == '__main__':
    main()
