# SPDX-License-Identifier: Apache-2.0
"""Seeded random models of one or a few layers: shapes, strides, paddings, zero points and scales at the extremes.

random_model(rng) returns (name, model bytes). Weights, biases and scales are drawn so that outputs are neither all saturated nor all equal
most of the time, with a share of cases in which they are.
"""
import numpy as np
from tflite_writer import Model

ZERO_POINTS = (-128, -127, -1, 0, 1, 64, 127)


def pick(rng, *values):
    return values[rng.integers(len(values))]


def zero_point(rng):
    return int(pick(rng, *ZERO_POINTS) if rng.random() < 0.5 else rng.integers(-128, 128))


def activation(rng):
    return pick(rng, 'NONE', 'NONE', 'RELU', 'RELU6', 'RELU_N1_TO_1')


def channels(rng):
    return int(pick(rng, 1, 2, 3, 4, 7, 8, 15, 16, 17, 24, 31, 32, 33, 48, 64, 100, 130))


def image(rng, budget=12000):
    """Height, width, channels of about at most budget bytes; thin and flat ones too."""
    while True:
        h, w, c = int(rng.integers(1, 33)), int(rng.integers(1, 33)), channels(rng)
        if rng.random() < 0.1:
            h, w = pick(rng, (1, 200), (200, 1), (1, 1), (2, 130))
        if h * w * c <= budget:
            return h, w, c


class Builder:
    """A model under construction; `last` is the tensor that the next layer reads."""

    def __init__(self, rng):
        self.rng, self.m, self.name = rng, Model('random'), []

    def tensor(self, shape, scale=None, zero=None):
        scale = float(np.float32(10.0 ** self.rng.uniform(-3, 0))) if scale is None else scale
        zero = zero_point(self.rng) if zero is None else zero
        t = self.m.add_tensor('t%d' % len(self.m.tensors), shape, scale=scale, zero_point=zero)
        return (t, tuple(shape), scale, zero)

    def weights(self, shape, axis, fan_in, x, per_tensor=False):
        """Weight and bias tensors; the output scale that suits them."""
        rng = self.rng
        w = rng.integers(-127, 128, shape, dtype=np.int8)
        if rng.random() < 0.05:
            w[...] = pick(rng, -127, 127)
        n = shape[axis]
        scales = [float(np.float32(10.0 ** rng.uniform(-3, -1)))] * n if per_tensor else [float(np.float32(10.0 ** rng.uniform(-3, -1))) for _ in range(n)]
        wt = self.m.add_tensor('w', shape, scale=scales[:1] if per_tensor else scales, zero_point=[0] * (1 if per_tensor else n), axis=axis, data=w)
        wide = [float(np.float32(s) * np.float32(x[2])) for s in scales]
        bias = rng.integers(-2000, 2000, n, dtype=np.int32) * int(pick(rng, 1, 1, 1, 100))
        bt = self.m.add_tensor('b', (n,), 'int32', wide[:1] if per_tensor else wide, [0] * (1 if per_tensor else n), data=bias)
        typical = max(wide) * 75 * 75 * max(1.0, fan_in) ** 0.5 / 60
        return wt, bt, float(np.float32(typical * 10.0 ** rng.uniform(-1, 1)))

    def window(self, h, w, biggest=7):
        rng = self.rng
        kh, kw = int(rng.integers(1, biggest + 1)), int(rng.integers(1, biggest + 1))
        if rng.random() < 0.5:
            kh = kw = int(pick(rng, 1, 3, 3, 5))
        padding = pick(rng, 'SAME', 'VALID')
        if padding == 'VALID':
            kh, kw = min(kh, h), min(kw, w)
        return kh, kw, padding, (int(rng.integers(1, 4)), int(rng.integers(1, 4)))

    @staticmethod
    def out_size(size, k, stride, padding, dilation=1):
        if padding == 'SAME':
            return -(-size // stride)
        return (size - ((k - 1) * dilation + 1)) // stride + 1

    def conv(self, x, depthwise=False):
        rng = self.rng
        _, h, w, c = x[1]
        kh, kw, padding, stride = self.window(h, w)
        dilation = (1, 1)
        if rng.random() < 0.15 and kh > 1 and kw > 1 and stride == (1, 1):
            dilation = (2, 2)
            if padding == 'VALID' and ((kh - 1) * 2 + 1 > h or (kw - 1) * 2 + 1 > w):
                dilation = (1, 1)
        mult = int(pick(rng, 1, 1, 1, 2, 3)) if depthwise else 1
        out_c = c * mult if depthwise else channels(rng)
        if depthwise:
            wt, bt, scale = self.weights((1, kh, kw, out_c), 3, kh * kw, x)
        else:
            while out_c * kh * kw * c > 150000:
                out_c = max(1, out_c // 2)
                kh, kw = max(1, kh - 1), max(1, kw - 1)
            wt, bt, scale = self.weights((out_c, kh, kw, c), 0, kh * kw * c, x)
        oh, ow = self.out_size(h, kh, stride[0], padding, dilation[0]), self.out_size(w, kw, stride[1], padding, dilation[1])
        y = self.tensor((1, oh, ow, out_c), scale)
        options = dict(padding=padding, stride=stride, dilation=dilation, activation=activation(rng))
        if depthwise:
            options['depth_multiplier'] = mult
        self.add('DEPTHWISE_CONV_2D' if depthwise else 'CONV_2D', [x[0], wt, bt], y, **options)
        return y

    def add(self, op, inputs, y, **options):
        self.m.add_op(op, inputs, [y[0]], **options)
        self.name.append(op)

    def dense(self, x):
        n_in = int(np.prod(x[1]))
        n_out = channels(self.rng)
        wt, bt, scale = self.weights((n_out, n_in), 0, n_in, x, per_tensor=self.rng.random() < 0.5)
        y = self.tensor((1, n_out), scale)
        self.add('FULLY_CONNECTED', [x[0], wt, bt], y, activation=activation(self.rng))
        return y

    def pool(self, x):
        rng = self.rng
        _, h, w, c = x[1]
        kh, kw, padding, stride = self.window(h, w)
        y = self.tensor((1, self.out_size(h, kh, stride[0], padding), self.out_size(w, kw, stride[1], padding), c), x[2], x[3])
        self.add(pick(rng, 'AVERAGE_POOL_2D', 'MAX_POOL_2D'), [x[0]], y, padding=padding, stride=stride, filter=(kh, kw), activation=activation(rng))
        return y

    def eltwise(self, x):
        other = self.tensor(x[1])
        self.m.inputs.append(other[0])
        op = pick(self.rng, 'ADD', 'ADD', 'SUB', 'MUL')
        grow = x[2] * other[2] * 100 if op == 'MUL' else max(x[2], other[2])
        y = self.tensor(x[1], float(np.float32(grow * 10.0 ** self.rng.uniform(-0.5, 0.7))))
        self.add(op, [x[0], other[0]], y, activation=activation(self.rng))
        return y

    def softmax(self, x):
        if x[1][-1] > 500:  # TFLite's own assertion on the shift fails from 512 equal elements on
            return self.table(x)
        y = self.tensor(x[1], 1 / 256, -128)
        self.add('SOFTMAX', [x[0]], y, beta=1.0)
        return y

    def table(self, x):
        op = pick(self.rng, 'LOGISTIC', 'TANH')
        y = self.tensor(x[1], 1 / 256, -128) if op == 'LOGISTIC' else self.tensor(x[1], 1 / 128, 0)
        self.add(op, [x[0]], y)
        return y

    def pad(self, x):
        amounts = self.rng.integers(0, 4, (2, 2))
        paddings = np.array([[0, 0], amounts[0], amounts[1], [0, 0]], np.int32)
        p = self.m.add_tensor('paddings', (4, 2), 'int32', data=paddings)
        _, h, w, c = x[1]
        y = self.tensor((1, h + int(amounts[0].sum()), w + int(amounts[1].sum()), c), x[2], x[3])
        self.add('PAD', [x[0], p], y)
        return y

    def resize(self, x):
        _, h, w, c = x[1]
        size = (h * int(self.rng.integers(1, 4)), w * int(self.rng.integers(1, 4)))
        if size[0] * size[1] * c > 60000:
            size = (h, w)
        s = self.m.add_tensor('size', (2,), 'int32', data=np.array(size, np.int32))
        y = self.tensor((1, *size, c), x[2], x[3])
        self.add('RESIZE_NEAREST_NEIGHBOR', [x[0], s], y, half_pixel_centers=bool(self.rng.random() < 0.5))
        return y

    def slice(self, x):
        begin = [0] + [int(self.rng.integers(0, d)) for d in x[1][1:]]
        size = [1] + [int(self.rng.integers(1, d - b + 1)) for d, b in zip(x[1][1:], begin[1:])]
        operands = [begin, size]
        strided = self.rng.random() < 0.5
        if strided:
            operands = [begin, [b + s for b, s in zip(begin, size)], [1, 1, 1, 1]]
        tensors = [self.m.add_tensor('p', (4,), 'int32', data=np.array(v, np.int32)) for v in operands]
        y = self.tensor(tuple(size), x[2], x[3])
        self.add('STRIDED_SLICE' if strided else 'SLICE', [x[0], *tensors], y)
        return y

    def reshape(self, x):
        n = int(np.prod(x[1]))
        shape = pick(self.rng, (1, n), (1, 1, 1, n), (1, n, 1, 1))
        s = self.m.add_tensor('shape', (len(shape),), 'int32', data=np.array(shape, np.int32))
        y = self.tensor(shape, x[2], x[3])
        self.add('RESHAPE', [x[0], s], y, new_shape=shape)
        return y

    def layer(self, x):
        """One more random layer behind x."""
        rng = self.rng
        if len(x[1]) != 4:
            return pick(rng, self.dense, self.softmax, self.eltwise, self.table)(x)
        roll = rng.random()
        for share, make in ((0.34, self.conv), (0.54, lambda t: self.conv(t, True)), (0.66, self.pool), (0.78, self.eltwise), (0.84, self.dense),
                            (0.88, self.pad), (0.92, self.softmax), (0.94, self.table), (0.965, self.resize), (0.985, self.slice), (1.01, self.reshape)):
            if roll < share:
                return make(x)
        raise AssertionError('shares must cover all rolls')


def random_model(rng):
    b = Builder(rng)
    h, w, c = image(rng)
    x = b.tensor((1, h, w, c))
    b.m.inputs.append(x[0])
    for _ in range(int(pick(rng, 1, 1, 1, 2, 3))):
        if len(x[1]) == 4 and np.prod(x[1]) > 40000:
            break
        x = b.layer(x)
    b.m.outputs = [x[0]]
    return ' > '.join(b.name), b.m.tobytes()


def random_input(rng, shape):
    """int8 noise, with a share of constant and extreme tensors."""
    roll = rng.random()
    if roll < 0.1:
        return np.full(shape, pick(rng, -128, 127, 0), np.int8)
    return rng.integers(-128, 128, shape).astype(np.int8)
