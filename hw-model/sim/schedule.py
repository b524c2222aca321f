# SPDX-License-Identifier: Apache-2.0
"""Write the schedule of a clock cycle for the shim: a header made from what Verilator's eval() would do.

eval() finds out in loops which clocks have risen and whether anything that it evaluated made another one rise, twice a cycle.
In this design the answer is known beforehand: every clock is the chip's, or the chip's gated by a latch that is open in its
low phase. So a cycle is: the latches take what the inputs and registers say (input, if an input has changed), the clocks whose
latches are set rise together (rising), once. The header has these two as functions that call the same generated functions in
the same order, some at a time in one function, for which it includes the generated sources.

write_schedule() checks that the generated code has this form and raises Unexpected if it has not; then the model is built without a schedule.
"""
import re

CLOCK = 'clk_i'
PART = 16   # functions that the C++ compiler makes one of: calls and tests saved against the code of idle blocks passed over


class Unexpected(Exception):
    """The generated code is not of the form that a fixed schedule needs."""


def body_of(text, name):
    match = re.search(r'^(?:VL_INLINE_OPT )?void Vquern_top___024root___%s\(Vquern_top___024root\* vlSelf\) \{\n(.*?)^\}' % name, text, re.M | re.S)
    if not match:
        raise Unexpected('no function ' + name)
    body = re.sub(r'#ifdef VL_DEBUG.*?#endif[^\n]*', '', match.group(1), flags=re.S)
    return re.sub(r'\s+', ' ', body.split('// Body', 1)[1]) if '// Body' in body else ''


def clocks_of(text):
    """Each trigger's latch (None: the chip's clock), in order."""
    body = body_of(text, 'eval_triggers__act')
    triggers = re.findall(r'vlSelf->__VactTriggered\.at\((\w+)U\) = (.*?);', body)
    latches = []
    for number, (index, expression) in enumerate(triggers):
        edge = re.fullmatch(r'\(\(IData\)\(vlSelf->(\w+)\) & \(~ \(IData\)\(vlSelf->__Vtrigrprev__TOP__\1\)\)\)', expression)
        if int(index, 0) != number or not edge:
            raise Unexpected('trigger %s is %s' % (index, expression))
        if edge.group(1) == CLOCK:
            latches.append(None)
            continue
        gate = set(re.findall(r'vlSelf->%s\s*= \(\(IData\)\(vlSelf->clk_i\)\s*& \(IData\)\(vlSelf->(\w+)\)\);' % edge.group(1), text))
        others = len(re.findall(r'vlSelf->%s\s*=[^=]' % edge.group(1), text))
        if len(gate) != 1 or others != len(re.findall(r'vlSelf->%s\s*= \(\(IData\)\(vlSelf->clk_i\)' % edge.group(1), text)):
            raise Unexpected('clock %s is not a gated one' % edge.group(1))
        latches.append(gate.pop())
    return latches


def steps_of(text, name, flags):
    """(mask of triggers, function) for each call."""
    body = body_of(text, name)
    steps = []
    pattern = r' ?if \((.*?)\) \{ Vquern_top___024root___(\w+)\(vlSelf\); (?:vlSelf->__Vm_traceActivity\[\w+U\] = 1U; )?\}'
    for condition, function in re.findall(pattern, body):
        rest = re.sub(r'vlSelf->%s\.at\(\w+U\)' % flags, '', condition)
        if rest.strip('()| '):
            raise Unexpected('%s is called if %s' % (function, condition))
        steps.append((sum(1 << int(i, 0) for i in set(re.findall(r'\.at\((\w+)U\)', condition))), function))
    if re.sub(pattern, '', body).strip() or not steps:
        raise Unexpected('%s does more than to call functions' % name)
    return steps


def inputs_of(text, root, functions):
    """Pins of one byte that the functions read; the clock's is constant."""
    read = set()
    for function in functions:
        read |= set(re.findall(r'vlSelf->(\w+)', body_of(text, function)))
    wide = read & set(re.findall(r'VL_IN(?:16|64|W)?\((\w+)', root))
    if wide:
        raise Unexpected('wide inputs reach combinational logic: %s' % ', '.join(sorted(wide)))
    return sorted(read & set(re.findall(r'VL_IN8\((\w+)', root)) - {CLOCK})


def sources(folder):
    """The generated files with what runs every cycle."""
    return sorted(p for p in folder.glob('Vquern_top___024root__*.cpp') if 'Slow' not in p.name)


def write_schedule(folder):
    text = '\n'.join(p.read_text() for p in sources(folder))
    latches = clocks_of(text)
    if latches.count(None) != 1:
        raise Unexpected('there is not exactly one clock')
    inputs, rising = steps_of(text, 'eval_ico', '__VicoTriggered'), steps_of(text, 'eval_nba', '__VnbaTriggered')
    pins = inputs_of(text, (folder / 'Vquern_top___024root.h').read_text(), [f for _, f in inputs])
    if len(pins) > 8:
        raise Unexpected('more than eight inputs reach combinational logic: %s' % ', '.join(pins))
    out = ['// Made by schedule.py from what Verilator generated.', '']
    out += ['#include "%s"' % p.name for p in sources(folder)]
    out += ['', '// seen: the pins as they were.']
    out += ['static inline void schedule_input(Vquern_top___024root *root, uint64_t *seen)', '{', '\tconst uint64_t pins =']
    out += ['\t\t(uint64_t)root->%s << %d%s' % (pin, 8 * i, ';' if i == len(pins) - 1 else ' |') for i, pin in enumerate(pins)]
    out += ['', '\tif (pins == *seen)', '\t\treturn;', '\t*seen = pins;']
    out += ['\tVquern_top___024root___%s(root);' % f for _, f in inputs]
    out += ['}', '']
    parts = [rising[i:i + PART] for i in range(0, len(rising), PART)]
    for number, part in enumerate(parts):
        out += ['__attribute__((flatten, noinline)) static void schedule_part%d(Vquern_top___024root *root, unsigned int clocks)' % number, '{']
        for mask, function in part:
            out += ['\tif (clocks & %#xu)' % mask, '\t\tVquern_top___024root___%s(root);' % function]
        out += ['}', '']
    out += ['// With the clock pin low.', 'static inline void schedule_rising(Vquern_top___024root *root)', '{', '\tconst unsigned int clocks =']
    out += ['\t\t%s%s' % ('%du' % (1 << i) if latch is None else 'root->%s * %du' % (latch, 1 << i), ';' if i == len(latches) - 1 else ' |')
            for i, latch in enumerate(latches)]
    out += ['']
    for number, part in enumerate(parts):
        mask = 0
        for clocks, _ in part:
            mask |= clocks
        out += ['\tif (clocks & %#xu)' % mask, '\t\tschedule_part%d(root, clocks);' % number]
    out += ['}', '']
    (folder / 'schedule.h').write_text('\n'.join(out))
