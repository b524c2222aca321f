#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Train the demo network on scikit-learn's digits (1,797 scans of real handwriting), quantise it to int8, write the model and the test data.

usage: train.py [--epochs N] [--seed N] [--out DIR]
example: pip install -r requirements.txt && ./train.py

Writes digits_int8.tflite, digits_int8_qdq.onnx, test_images.npy (held out, never trained on), test_labels.npy and test_outputs.npy: what
TFLite's reference kernels answer, byte for byte. Deterministic for one version of numpy.
"""
import argparse
import pathlib
import sys

import numpy as np
from sklearn.datasets import load_digits

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / 'tests' / 'judge'))

import export  # noqa: E402 found by the path above
import network  # noqa: E402 found by the path above

HELD_OUT = 360
BATCH = 32


def load(seed):
    """Images as N x 8 x 8 x 1 in 0..1 and labels, shuffled, held-out part first."""
    digits = load_digits()
    order = np.random.default_rng(seed).permutation(len(digits.target))
    images, labels = (digits.images / 16.0)[order][..., None], digits.target[order]
    return (images[HELD_OUT:], labels[HELD_OUT:]), (images[:HELD_OUT], labels[:HELD_OUT])


def train(images, labels, epochs, seed):
    rng = np.random.default_rng(seed)
    net = network.Network(rng)
    adam = network.Adam(net.trained, 3e-3)
    for epoch in range(epochs):
        adam.rate = 3e-3 * 0.5 * (1 + np.cos(np.pi * epoch / epochs)) + 1e-5
        order = rng.permutation(len(labels))
        total = 0
        for start in range(0, len(order), BATCH):
            rows = order[start:start + BATCH]
            loss, gradient = network.loss_gradient(net.forward(images[rows]), labels[rows])
            net.backward(gradient)
            adam.update()
            total += loss * len(rows)
        print('\repoch %d/%d loss %.4f' % (epoch + 1, epochs, total / len(order)), end='', file=sys.stderr)
    print(file=sys.stderr)
    return net


def reference(model, images):
    """Answers of TFLite's reference kernels."""
    from ai_edge_litert.interpreter import Interpreter, OpResolverType
    run = Interpreter(model_content=model, experimental_op_resolver_type=OpResolverType.BUILTIN_REF)
    run.allocate_tensors()
    out = []
    for image in images:
        run.set_tensor(run.get_input_details()[0]['index'], image[None])
        run.invoke()
        out.append(run.get_tensor(run.get_output_details()[0]['index'])[0].copy())
    return np.array(out)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    parser.add_argument('--epochs', type=int, default=60)
    parser.add_argument('--seed', type=int, default=7)
    parser.add_argument('--out', type=pathlib.Path, default=HERE)
    args = parser.parse_args()
    (images, labels), (test_images, test_labels) = load(args.seed)
    net = train(images, labels, args.epochs, args.seed)
    print('float accuracy on held-out images: %.2f %%' % (100 * (net.forward(test_images).argmax(1) == test_labels).mean()))
    net.forward(images)
    quantised = export.quantise(net)
    model = export.to_tflite(quantised)
    pixels = export.quantise_input(test_images)
    answers = reference(model, pixels)
    print('int8 accuracy on held-out images: %.2f %%' % (100 * (answers.argmax(1) == test_labels).mean()))
    (args.out / 'digits_int8.tflite').write_bytes(model)
    (args.out / 'digits_int8_qdq.onnx').write_bytes(export.to_onnx(quantised))
    np.save(args.out / 'test_images.npy', pixels)
    np.save(args.out / 'test_labels.npy', test_labels.astype(np.int8))
    np.save(args.out / 'test_outputs.npy', answers)


main()
