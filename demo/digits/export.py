# SPDX-License-Identifier: Apache-2.0
"""Post-training quantisation of the demo network, and its two file forms.

TFLite's scheme: activations int8 per tensor from the range seen on the training images, weights int8 symmetric per output channel, bias int32
with scale input * weight. The ONNX form carries the same integers between QuantizeLinear and DequantizeLinear nodes, in NCHW.
"""
import numpy as np
from tflite_writer import Model

INPUT_SCALE, INPUT_ZERO = 1 / 255, -128


def activation_range(values):
    """Scale and zero point of a tensor; the range always holds zero."""
    low, high = min(0.0, float(values.min())), max(0.0, float(values.max()))
    scale = (high - low) / 255 or 1.0
    return np.float32(scale).item(), int(np.clip(round(-128 - low / scale), -128, 127))


def quantise_input(images):
    return np.clip(np.round(images / INPUT_SCALE) + INPUT_ZERO, -128, 127).astype(np.int8)


def per_channel(weights, bias, axis, input_scale):
    """int8 weights, their scales, int32 bias."""
    others = tuple(i for i in range(weights.ndim) if i != axis)
    scales = (np.maximum(np.abs(weights).max(others), 1e-8) / 127).astype(np.float32)
    shape = [1] * weights.ndim
    shape[axis] = -1
    w = np.clip(np.round(weights / scales.reshape(shape)), -127, 127).astype(np.int8)
    return w, scales, np.round(bias / (input_scale * scales)).astype(np.int32)


def quantise(net):
    """{'act': name -> (scale, zero point), 'layer': name -> (weights, scales, bias)} with weights in TFLite's layouts."""
    act = {name: activation_range(value) for name, value in net.trace.items()}
    act['input'] = (INPUT_SCALE, INPUT_ZERO)
    act['pool'], act['mean'] = act['pw'], act['add']
    source = {'conv1': 'input', 'dw': 'conv1', 'pw': 'dw', 'conv2': 'pool', 'dense': 'mean'}
    layer = {}
    for name, before in source.items():
        weights, bias = getattr(net, name).params
        if name == 'dw':
            layer[name] = per_channel(weights[None], bias, 3, act[before][0])
        else:
            layer[name] = per_channel(weights, bias, 0, act[before][0])
    return {'act': act, 'layer': layer}


def to_tflite(q):
    m = Model('digits: 8x8 handwriting, trained on scikit-learn digits')

    def image(name, shape, key=None):
        scale, zero = q['act'][key or name]
        return m.add_tensor(name, shape, scale=scale, zero_point=zero)

    def weights(name, before):
        w, scales, bias = q['layer'][name]
        zeros = [0] * len(scales)
        axis = 3 if name == 'dw' else 0
        wt = m.add_tensor(name + '/weights', w.shape, scale=scales.tolist(), zero_point=zeros, axis=axis, data=w)
        bt = m.add_tensor(name + '/bias', bias.shape, 'int32', (scales * np.float32(q['act'][before][0])).tolist(), zeros, data=bias)
        return [wt, bt]

    x = image('input', (1, 8, 8, 1))
    conv1, dw, pw = image('conv1', (1, 8, 8, 16)), image('dw', (1, 8, 8, 16)), image('pw', (1, 8, 8, 32))
    pool, conv2, add = image('pool', (1, 4, 4, 32)), image('conv2', (1, 4, 4, 32)), image('add', (1, 4, 4, 32))
    mean = image('mean', (1, 1, 1, 32))
    flat = image('flat', (1, 32), 'mean')
    logits = image('logits', (1, 10))
    shape = m.add_tensor('flat/shape', (2,), 'int32', data=np.array([1, 32], np.int32))
    out = m.add_tensor('probabilities', (1, 10), scale=1 / 256, zero_point=-128)
    m.add_op('CONV_2D', [x] + weights('conv1', 'input'), [conv1], padding='SAME', activation='RELU')
    m.add_op('DEPTHWISE_CONV_2D', [conv1] + weights('dw', 'conv1'), [dw], padding='SAME', activation='RELU')
    m.add_op('CONV_2D', [dw] + weights('pw', 'dw'), [pw], padding='SAME', activation='RELU')
    m.add_op('MAX_POOL_2D', [pw], [pool], padding='VALID', stride=(2, 2), filter=(2, 2))
    m.add_op('CONV_2D', [pool] + weights('conv2', 'pool'), [conv2], padding='SAME', activation='RELU')
    m.add_op('ADD', [pool, conv2], [add], activation='RELU')
    m.add_op('AVERAGE_POOL_2D', [add], [mean], padding='VALID', stride=(4, 4), filter=(4, 4))
    m.add_op('RESHAPE', [mean, shape], [flat], new_shape=[1, 32])
    m.add_op('FULLY_CONNECTED', [flat] + weights('dense', 'mean'), [logits])
    m.add_op('SOFTMAX', [logits], [out])
    m.inputs, m.outputs = [x], [out]
    return m.tobytes()


class Qdq:
    """Builds the ONNX graph; every tensor that TFLite would store as int8 passes QuantizeLinear and DequantizeLinear."""

    def __init__(self, q):
        import onnx
        self.onnx, self.q, self.nodes, self.constants = onnx, q, [], []

    def constant(self, name, array):
        self.constants.append(self.onnx.numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def node(self, kind, inputs, output, **attributes):
        self.nodes.append(self.onnx.helper.make_node(kind, inputs, [output], output, **attributes))
        return output

    def requantise(self, name, key):
        scale, zero = self.q['act'][key]
        parts = [self.constant(name + '/scale', np.float32(scale)), self.constant(name + '/zero', np.int8(zero))]
        return self.node('DequantizeLinear', [self.node('QuantizeLinear', [name] + parts, name + '/q')] + parts, name + '/dq')

    def weights(self, name, before, to_onnx):
        w, scales, bias = self.q['layer'][name]
        zeros = np.zeros(len(scales), np.int8)
        parts = [self.constant(name + '/w', to_onnx(w)), self.constant(name + '/ws', scales), self.constant(name + '/wz', zeros)]
        wide = [self.constant(name + '/b', bias), self.constant(name + '/bs', scales * np.float32(self.q['act'][before][0]))]
        return [self.node('DequantizeLinear', parts, name + '/wdq', axis=0), self.node('DequantizeLinear', wide, name + '/bdq', axis=0)]

    def conv(self, name, x, before, to_onnx, **attributes):
        y = self.node('Conv', [x] + self.weights(name, before, to_onnx), name + '/conv', **attributes)
        return self.requantise(self.node('Relu', [y], name), name)


def to_onnx(q):
    g = Qdq(q)
    onnx = g.onnx
    x = g.requantise('input', 'input')
    same = {'kernel_shape': [3, 3], 'pads': [1, 1, 1, 1]}
    x = g.conv('conv1', x, 'input', lambda w: w.transpose(0, 3, 1, 2), **same)
    x = g.conv('dw', x, 'conv1', lambda w: w.transpose(3, 0, 1, 2), group=16, **same)
    x = g.conv('pw', x, 'dw', lambda w: w.transpose(0, 3, 1, 2), kernel_shape=[1, 1])
    x = g.requantise(g.node('MaxPool', [x], 'pool', kernel_shape=[2, 2], strides=[2, 2]), 'pool')
    y = g.conv('conv2', x, 'pool', lambda w: w.transpose(0, 3, 1, 2), **same)
    x = g.requantise(g.node('Relu', [g.node('Add', [x, y], 'sum')], 'add'), 'add')
    x = g.requantise(g.node('GlobalAveragePool', [x], 'mean'), 'mean')
    x = g.node('Flatten', [x], 'flat')
    x = g.requantise(g.node('Gemm', [x] + g.weights('dense', 'mean', lambda w: w), 'logits', transB=1), 'logits')
    g.node('Softmax', [x], 'probabilities')
    info = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(g.nodes, 'digits', [info('input', onnx.TensorProto.FLOAT, [1, 1, 8, 8])],
                                   [info('probabilities', onnx.TensorProto.FLOAT, [1, 10])], g.constants)
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', 13)], ir_version=8, producer_name='quern demo')
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)
