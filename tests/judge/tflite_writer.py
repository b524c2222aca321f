# SPDX-License-Identifier: Apache-2.0
"""Write small .tflite models from Python, with the standard library only.

    m = Model('one layer')
    x = m.add_tensor('x', (1, 8, 8, 3), scale=0.5, zero_point=-3)
    w = m.add_tensor('w', (16, 3, 3, 3), scale=[0.01] * 16, zero_point=[0] * 16, axis=0, data=weights)
    b = m.add_tensor('b', (16,), dtype='int32', scale=[0.005] * 16, zero_point=[0] * 16, data=bias)
    y = m.add_tensor('y', (1, 8, 8, 16), scale=0.7, zero_point=4)
    m.add_op('CONV_2D', [x, w, b], [y], padding='SAME', stride=(1, 1), activation='RELU')
    m.inputs, m.outputs = [x], [y]
    open('one.tflite', 'wb').write(m.tobytes())

data is bytes or anything with tobytes(). FlatBuffers are written top down: a table, then what it points to, so that offsets are positive.
"""
import struct

DTYPES = {'float32': (0, 4), 'int32': (2, 4), 'uint8': (3, 1), 'int64': (4, 8), 'int16': (7, 2), 'int8': (9, 1)}
ACTIVATIONS = {'NONE': 0, 'RELU': 1, 'RELU_N1_TO_1': 2, 'RELU6': 3}
PADDINGS = {'SAME': 0, 'VALID': 1}
# name: (builtin code, options type, options builder or None)
OPS = {
    'ADD': (0, 11, lambda o: {0: act(o)}),
    'AVERAGE_POOL_2D': (1, 5, lambda o: pool(o)),
    'CONCATENATION': (2, 10, lambda o: {0: i32(o['axis']), 1: act(o)}),
    'CONV_2D': (3, 1, lambda o: conv(o, 3, {})),
    'DEPTHWISE_CONV_2D': (4, 2, lambda o: conv(o, 4, {3: i32(o.get('depth_multiplier', 1))})),
    'FULLY_CONNECTED': (9, 8, lambda o: {0: act(o)}),
    'LOGISTIC': (14, 0, None),
    'MAX_POOL_2D': (17, 5, lambda o: pool(o)),
    'MUL': (18, 21, lambda o: {0: act(o)}),
    'RELU': (19, 0, None),
    'RELU6': (21, 0, None),
    'RESHAPE': (22, 17, lambda o: {0: ints(o['new_shape'])}),
    'SOFTMAX': (25, 9, lambda o: {0: f32(o.get('beta', 1.0))}),
    'TANH': (28, 0, None),
    'PAD': (34, 22, lambda o: {}),
    'MEAN': (40, 27, lambda o: {0: ('?', bool(o.get('keep_dims', False)))}),
    'SUB': (41, 28, lambda o: {0: act(o)}),
    'RESIZE_NEAREST_NEIGHBOR': (97, 74, lambda o: {0: ('?', bool(o.get('align_corners', False))), 1: ('?', bool(o.get('half_pixel_centers', False)))}),
    'STRIDED_SLICE': (45, 32, lambda o: {0: i32(o.get('begin_mask', 0)), 1: i32(o.get('end_mask', 0))}),
    'SLICE': (65, 0, None),
    'LEAKY_RELU': (98, 75, lambda o: {0: f32(o['alpha'])}),
    'QUANTIZE': (114, 89, lambda o: {}),
    'HARD_SWISH': (117, 92, lambda o: {}),
}


def i32(v):
    return ('<i', v)


def f32(v):
    return ('<f', v)


def i8(v):
    return ('<b', v)


def ints(values):
    return Vector('<i', values)


def act(options):
    return i8(ACTIVATIONS[options.get('activation', 'NONE')])


def conv(options, at, extra):
    """Options of the two convolutions, which differ in where the activation stands and in the depth multiplier."""
    sy, sx = options.get('stride', (1, 1))
    dy, dx = options.get('dilation', (1, 1))
    return {0: i8(PADDINGS[options.get('padding', 'VALID')]), 1: i32(sx), 2: i32(sy), at: act(options), at + 1: i32(dx), at + 2: i32(dy), **extra}


def pool(options):
    sy, sx = options.get('stride', (1, 1))
    fy, fx = options['filter']
    return {0: i8(PADDINGS[options.get('padding', 'VALID')]), 1: i32(sx), 2: i32(sy), 3: i32(fx), 4: i32(fy), 5: act(options)}


class Vector:
    """Scalars (fmt), or tables and strings (fmt None)."""

    def __init__(self, fmt, values, align=4):
        self.fmt, self.values, self.align = fmt, list(values), align


class Writer:
    """Appends FlatBuffer objects to a buffer; each method returns where its object starts."""

    def __init__(self):
        self.out = bytearray(8)
        self.out[4:8] = b'TFL3'

    def pad(self, align, ahead=0):
        while (len(self.out) + ahead) % align:
            self.out.append(0)

    def point(self, slot, target):
        struct.pack_into('<I', self.out, slot, target - slot)

    def any(self, value):
        if isinstance(value, dict):
            return self.table(value)
        if isinstance(value, str):
            return self.string(value)
        return self.vector(value)

    def string(self, text):
        data = text.encode()
        self.pad(4)
        start = len(self.out)
        self.out += struct.pack('<I', len(data)) + data + b'\0'
        return start

    def vector(self, v):
        if isinstance(v, (bytes, bytearray)):
            self.pad(16, 4)
            start = len(self.out)
            self.out += struct.pack('<I', len(v)) + v
            return start
        self.pad(max(4, struct.calcsize(v.fmt or '<I')), 4)
        start = len(self.out)
        self.out += struct.pack('<I', len(v.values))
        if v.fmt:
            for value in v.values:
                self.out += struct.pack(v.fmt, value)
            return start
        slots = [len(self.out) + 4 * i for i in range(len(v.values))]
        self.out += bytes(4 * len(slots))
        for slot, value in zip(slots, v.values):
            self.point(slot, self.any(value))
        return start

    def table(self, fields):
        """vtable, then the table with all scalars and slots, largest first so that each is aligned, then what the slots point to."""
        fields = {k: v for k, v in fields.items() if v is not None}
        order = sorted(fields, key=lambda k: -size_of(fields[k]))
        offsets, at = {}, 4
        for k in order:
            at += -at % size_of(fields[k])
            offsets[k] = at
            at += size_of(fields[k])
        entries = max(fields, default=-1) + 1
        self.pad(8, 4 + 2 * entries)
        vtable = len(self.out)
        self.out += struct.pack('<HH', 4 + 2 * entries, at) + b''.join(struct.pack('<H', offsets.get(i, 0)) for i in range(entries))
        start = len(self.out)
        self.out += struct.pack('<i', start - vtable) + bytes(at - 4)
        for k in order:
            if isinstance(fields[k], tuple):
                struct.pack_into(fields[k][0], self.out, start + offsets[k], fields[k][1])
        for k in sorted(fields):
            if not isinstance(fields[k], tuple):
                self.point(start + offsets[k], self.any(fields[k]))
        return start


def size_of(value):
    return struct.calcsize(value[0]) if isinstance(value, tuple) else 4


class Model:
    def __init__(self, description=''):
        self.description = description
        self.tensors, self.buffers, self.codes, self.ops = [], [b''], [], []
        self.inputs, self.outputs = [], []

    def add_tensor(self, name, shape, dtype='int8', scale=None, zero_point=None, axis=0, data=None):
        """A tensor's index. scale and zero_point are numbers or, per channel along axis, lists."""
        buffer = 0
        if data is not None:
            raw = data if isinstance(data, (bytes, bytearray)) else data.tobytes()
            expect = DTYPES[dtype][1]
            for d in shape:
                expect *= d
            if len(raw) != expect:
                raise ValueError('tensor %s: %d bytes of data, its shape needs %d' % (name, len(raw), expect))
            buffer = len(self.buffers)
            self.buffers.append(bytes(raw))
        quant = None
        if scale is not None:
            scales = list(scale) if isinstance(scale, (list, tuple)) else [scale]
            zeros = list(zero_point) if isinstance(zero_point, (list, tuple)) else [zero_point or 0]
            quant = {2: Vector('<f', scales), 3: Vector('<q', zeros), 6: i32(axis)}
        self.tensors.append({0: ints(shape), 1: i8(DTYPES[dtype][0]), 2: ('<I', buffer), 3: name, 4: quant})
        return len(self.tensors) - 1

    def add_op(self, name, inputs, outputs, **options):
        code, kind, build = OPS[name]
        if code not in self.codes:
            self.codes.append(code)
        op = {0: ('<I', self.codes.index(code)), 1: ints(inputs), 2: ints(outputs)}
        if build:
            op[3] = ('<B', kind)
            op[4] = build(options)
        self.ops.append(op)

    def tobytes(self):
        codes = [{0: i8(min(c, 127)), 2: i32(1), 3: i32(c)} for c in self.codes]
        graph = {0: Vector(None, self.tensors), 1: ints(self.inputs), 2: ints(self.outputs), 3: Vector(None, self.ops), 4: 'main'}
        buffers = [{0: b} if b else {} for b in self.buffers]
        w = Writer()
        w.point(0, w.table({0: ('<I', 3), 1: Vector(None, codes), 2: Vector(None, [graph]), 3: self.description, 4: Vector(None, buffers)}))
        return bytes(w.out)
