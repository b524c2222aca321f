# SPDX-License-Identifier: Apache-2.0
"""The demo network in float, with just enough of a training loop: numpy layers that know their gradient, and Adam.

Shapes are NHWC. The graph: conv 3x3 -> depthwise 3x3 -> pointwise -> max pool -> conv 3x3 + residual add -> average pool -> dense.
"""
import numpy as np


def windows(x, k, stride):
    """All k x k windows of a padded NHWC tensor: N, OH, OW, k, k, C (a view)."""
    view = np.lib.stride_tricks.sliding_window_view(x, (k, k), axis=(1, 2))
    return view[:, ::stride, ::stride].transpose(0, 1, 2, 4, 5, 3)


def pad_same(x, k):
    p = k // 2
    return np.pad(x, ((0, 0), (p, p), (p, p), (0, 0)))


class Conv:
    """SAME convolution of stride 1 with bias; weights OHWI."""

    def __init__(self, rng, k, cin, cout):
        self.k = k
        self.params = [rng.normal(0, np.sqrt(2 / (k * k * cin)), (cout, k, k, cin)), np.zeros(cout)]

    def forward(self, x):
        self.x = pad_same(x, self.k)
        return np.einsum('nhwijc,oijc->nhwo', windows(self.x, self.k, 1), self.params[0], optimize=True) + self.params[1]

    def backward(self, g):
        self.grads = [np.einsum('nhwo,nhwijc->oijc', g, windows(self.x, self.k, 1), optimize=True), g.sum((0, 1, 2))]
        flipped = self.params[0][:, ::-1, ::-1, :]
        return np.einsum('nhwijo,oijc->nhwc', windows(pad_same(g, self.k), self.k, 1), flipped, optimize=True)


class Depthwise:
    """SAME depthwise convolution with bias; weights HWC."""

    def __init__(self, rng, k, c):
        self.k = k
        self.params = [rng.normal(0, np.sqrt(2 / (k * k)), (k, k, c)), np.zeros(c)]

    def forward(self, x):
        self.x = pad_same(x, self.k)
        return np.einsum('nhwijc,ijc->nhwc', windows(self.x, self.k, 1), self.params[0], optimize=True) + self.params[1]

    def backward(self, g):
        self.grads = [np.einsum('nhwc,nhwijc->ijc', g, windows(self.x, self.k, 1), optimize=True), g.sum((0, 1, 2))]
        return np.einsum('nhwijc,ijc->nhwc', windows(pad_same(g, self.k), self.k, 1), self.params[0][::-1, ::-1], optimize=True)


class Relu:
    params = []

    def forward(self, x):
        self.mask = x > 0
        return x * self.mask

    def backward(self, g):
        return g * self.mask


class MaxPool:
    """2 x 2, stride 2."""
    params = []

    def forward(self, x):
        n, h, w, c = x.shape
        self.shape = x.shape
        tiles = x.reshape(n, h // 2, 2, w // 2, 2, c).transpose(0, 1, 3, 2, 4, 5).reshape(n, h // 2, w // 2, 4, c)
        self.best = tiles.argmax(3)
        return tiles.max(3)

    def backward(self, g):
        n, h, w, c = self.shape
        tiles = np.zeros((n, h // 2, w // 2, 4, c))
        np.put_along_axis(tiles, self.best[:, :, :, None], g[:, :, :, None], 3)
        return tiles.reshape(n, h // 2, w // 2, 2, 2, c).transpose(0, 1, 3, 2, 4, 5).reshape(n, h, w, c)


class AveragePool:
    """Over the whole image."""
    params = []

    def forward(self, x):
        self.shape = x.shape
        return x.mean((1, 2))

    def backward(self, g):
        n, h, w, c = self.shape
        return np.broadcast_to(g[:, None, None, :] / (h * w), self.shape)


class Dense:
    """Weights OI."""

    def __init__(self, rng, cin, cout):
        self.params = [rng.normal(0, np.sqrt(1 / cin), (cout, cin)), np.zeros(cout)]

    def forward(self, x):
        self.x = x
        return x @ self.params[0].T + self.params[1]

    def backward(self, g):
        self.grads = [g.T @ self.x, g.sum(0)]
        return g @ self.params[0]


class Network:
    """Runs the graph; `trace` holds every intermediate tensor of the last forward by name."""

    def __init__(self, rng):
        self.conv1, self.relu1 = Conv(rng, 3, 1, 16), Relu()
        self.dw, self.relu2 = Depthwise(rng, 3, 16), Relu()
        self.pw, self.relu3 = Conv(rng, 1, 16, 32), Relu()
        self.pool = MaxPool()
        self.conv2, self.relu4 = Conv(rng, 3, 32, 32), Relu()
        self.relu5 = Relu()
        self.mean = AveragePool()
        self.dense = Dense(rng, 32, 10)
        self.front = [self.conv1, self.relu1, self.dw, self.relu2, self.pw, self.relu3, self.pool]
        self.trained = [self.conv1, self.dw, self.pw, self.conv2, self.dense]

    def forward(self, x):
        t = self.trace = {'input': x}
        for names, layer in zip(('conv1', 'conv1', 'dw', 'dw', 'pw', 'pw', 'pool'), self.front):
            x = t[names] = layer.forward(x)
        t['conv2'] = self.relu4.forward(self.conv2.forward(x))
        t['add'] = self.relu5.forward(x + t['conv2'])
        t['mean'] = self.mean.forward(t['add'])
        t['logits'] = self.dense.forward(t['mean'])
        return t['logits']

    def backward(self, g):
        g = self.relu5.backward(self.mean.backward(self.dense.backward(g)))
        g = g + self.conv2.backward(self.relu4.backward(g))
        for layer in reversed(self.front):
            g = layer.backward(g)


class Adam:
    def __init__(self, layers, rate):
        self.layers, self.rate, self.step = layers, rate, 0
        self.m = [[np.zeros_like(p) for p in l.params] for l in layers]
        self.v = [[np.zeros_like(p) for p in l.params] for l in layers]

    def update(self):
        self.step += 1
        for layer, ms, vs in zip(self.layers, self.m, self.v):
            for p, g, m, v in zip(layer.params, layer.grads, ms, vs):
                m += 0.1 * (g - m)
                v += 0.001 * (g * g - v)
                p -= self.rate * (m / (1 - 0.9 ** self.step)) / (np.sqrt(v / (1 - 0.999 ** self.step)) + 1e-8)


def loss_gradient(logits, labels):
    """Cross entropy after softmax: mean loss and its gradient."""
    e = np.exp(logits - logits.max(1, keepdims=True))
    p = e / e.sum(1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -np.log(p[rows, labels]).mean()
    p[rows, labels] -= 1
    return loss, p / len(labels)
