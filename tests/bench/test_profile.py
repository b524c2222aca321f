#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""accel-run --profile on the RTL: its four files say the same, and what they say adds up.

usage: test_profile.py BUILD_DIR
The page's script runs in Node.js where there is one; a skip is printed otherwise.
"""
import csv
import json
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(sys.argv[1]).resolve()
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MODEL = ROOT / 'demo/digits/digits_int8.tflite'
SHAPE, BYTES = '(1, 8, 8, 1)', 64

# Of Perfetto's schema: Trace, TracePacket, TrackDescriptor, TrackEvent, DebugAnnotation.
PACKET, TIMESTAMP, SEQUENCE, EVENT, DESCRIPTOR = 1, 8, 10, 11, 60
UUID, NAME, PARENT, COUNTER = 1, 2, 5, 8
ANNOTATION, TYPE, TRACK, EVENT_NAME, VALUE = 4, 9, 11, 23, 30
BEGIN, END, COUNT = 1, 2, 4

# A browser's objects, as far as the page uses them.
BROWSER = '''
const fs = require('fs'), vm = require('vm'), byId = {}, handlers = {};
const html = fs.readFileSync(process.argv[1], 'utf8');
let drawn = 0;
const g = new Proxy({}, {get: (t, k) => k in t ? t[k] : () => { drawn++; }, set: (t, k, v) => (t[k] = v, true)});
const element = id => byId[id] ||= {style: {}, innerHTML: '', textContent: '', clientWidth: 1200, offsetWidth: 9, offsetHeight: 9, getContext: () => g,
    addEventListener: (n, f) => { handlers[id + n] = f; }, setPointerCapture() {}, querySelectorAll: () => [], scrollIntoView() {}};
vm.runInNewContext(html.slice(html.indexOf('<script>') + 8, html.lastIndexOf('</script>')), {
    document: {getElementById: element, documentElement: {}}, getComputedStyle: () => ({getPropertyValue: () => '#123'}), devicePixelRatio: 2,
    requestAnimationFrame: f => f(), addEventListener() {}, matchMedia: () => ({addEventListener() {}}), innerWidth: 1200, innerHeight: 800});
handlers.timelinewheel({offsetX: 500, deltaY: -300, preventDefault() {}});
const tips = new Set();
for (let y = 0; y < 300; y += 4) for (let x = 80; x < 1200; x += 10) {
    handlers.timelinepointermove({offsetX: x, offsetY: y, clientX: x, clientY: y});
    tips.add(byId.tip.innerHTML);
}
console.log(JSON.stringify({drawn, tips: [...tips], table: byId.table.innerHTML, roofline: byId.roofline.innerHTML, tiles: byId.tiles.innerHTML}));
'''


def varint(data, at):
    value = shift = 0
    while True:
        value |= (data[at] & 0x7f) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def fields(data):
    """(number, value) of each field of a protobuf message."""
    at, out = 0, []
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            if at + size > len(data):
                raise ValueError('field %d runs over the end' % (key >> 3))
            value, at = data[at:at + size], at + size
        else:
            raise ValueError('wire type %d' % (key & 7))
        out.append((key >> 3, value))
    return out


def run_tool(*args):
    return subprocess.run([str(a) for a in args], capture_output=True, text=True, timeout=120)


class Profile(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.tmp = tempfile.TemporaryDirectory()
        cls.dir = pathlib.Path(cls.tmp.name)
        header = ("{'descr': '|i1', 'fortran_order': False, 'shape': %s}\n" % SHAPE).encode()
        (cls.dir / 'in.npy').write_bytes(b'\x93NUMPY\x01\x00' + struct.pack('<H', len(header)) + header + bytes(range(BYTES)))
        run_tool(BUILD / 'bin/quernc', MODEL, '-o', cls.dir / 'm.qn').check_returncode()
        cls.done = cls.accel_run('rtl', '--profile', cls.dir / 'p', '--json', cls.dir / 'r.json', '--repeat', '2')
        cls.profile = json.loads((cls.dir / 'p/profile.json').read_text()) if cls.done.returncode == 0 else None

    @classmethod
    def tearDownClass(cls):
        cls.tmp.cleanup()

    @classmethod
    def accel_run(cls, device, *args):
        return run_tool(BUILD / 'bin/accel-run', '-q', '-d', device, cls.dir / 'm.qn', '-i', cls.dir / 'in.npy', *args)

    def test_nothing_is_lost_or_said(self):
        self.assertEqual((self.done.returncode, self.done.stdout, self.done.stderr), (0, '', ''))
        self.assertEqual(sorted(p.name for p in (self.dir / 'p').iterdir()), ['operators.csv', 'profile.html', 'profile.json', 'trace.pftrace'])
        self.assertEqual(self.profile['lost_events'], 0)

    def test_each_engines_cycles_add_up(self):
        for engine in self.profile['engines']:
            self.assertEqual(sum(engine['cycles']), self.profile['job_cycles'], engine)

    def test_it_is_the_first_run(self):
        first = json.loads((self.dir / 'r.json').read_text())['runs'][0]
        for key in ('cycles', 'job_cycles'):
            self.assertEqual(self.profile[key], first[key])
        self.assertEqual((self.profile['read_bytes'], self.profile['counters']['MX_BUSY']), (first['rd_bytes'], first['mx_busy']))

    def test_operators_cover_the_job(self):
        ops = self.profile['operators']
        self.assertEqual(sum(o['macs'] for o in ops), self.profile['macs'])
        self.assertEqual(self.profile['start'] + sum(o['cycles'] for o in ops), max(o['end'] for o in ops))
        self.assertLessEqual(max(o['end'] for o in ops), self.profile['end'])
        for e, engine in enumerate(self.profile['engines']):
            for cause in range(3):
                split = sum(o['causes'][e][cause] for o in ops)
                self.assertLessEqual(abs(split - engine['cycles'][cause]), 2 + 0.02 * engine['cycles'][cause], (engine['name'], cause))

    def test_spans_of_an_engine_do_not_overlap(self):
        program = json.loads(run_tool(BUILD / 'bin/quern-objdump', '--json', self.dir / 'm.qn').stdout)
        unit_commands = [c for c in program['commands'] if c['name'] not in ('NOP', 'BARRIER', 'YIELD', 'END')]
        self.assertEqual(len(self.profile['spans']), len(unit_commands))
        last = [0, 0, 0, 0]
        for engine, _, command, op, start, end, oldest in self.profile['spans']:
            self.assertLessEqual(max(start, last[engine]), oldest)
            self.assertLessEqual(oldest, end)
            self.assertEqual(op, program['commands'][command]['operator'])
            last[engine] = end

    def test_csv_has_the_same_operators(self):
        rows = list(csv.DictReader((self.dir / 'p/operators.csv').read_text().splitlines()))
        self.assertEqual([(r['name'], int(r['cycles']), int(r['predicted_cycles'])) for r in rows],
                         [(o['name'], o['cycles'], o['predicted_cycles']) for o in self.profile['operators']])
        self.assertEqual(sum(int(r['mx_busy']) for r in rows) // 100, self.profile['counters']['MX_BUSY'] // 100)

    def packets(self):
        for number, packet in fields((self.dir / 'p/trace.pftrace').read_bytes()):
            self.assertEqual(number, PACKET)
            packet = dict(fields(packet))
            self.assertEqual(packet[SEQUENCE], 1)
            yield packet

    def test_trace_describes_its_tracks(self):
        tracks = {}
        for packet in self.packets():
            if DESCRIPTOR in packet:
                track = dict(fields(packet[DESCRIPTOR]))
                self.assertNotIn(track[UUID], tracks)
                self.assertTrue(PARENT not in track or track[PARENT] in tracks)
                tracks[track[UUID]] = track
            else:
                event = dict(fields(packet[EVENT]))
                self.assertEqual(event[TYPE] == COUNT, COUNTER in tracks[event[TRACK]])
        names = [t[NAME].decode() for t in tracks.values()]
        for name in ('rtl:16x16', 'LOAD', 'MATRIX', 'VECTOR', 'MATRIX busy %', 'read bytes/cycle'):
            self.assertIn(name, names)

    def test_trace_has_each_command_once(self):
        open_slice, commands = {}, []
        for packet in self.packets():
            if EVENT not in packet:
                continue
            items = fields(packet[EVENT])
            event = dict(items)
            if event[TYPE] == BEGIN:
                notes = {n[10].decode(): n.get(3, n.get(6)) for n in (dict(fields(v)) for k, v in items if k == ANNOTATION)}
                self.assertNotIn(event[TRACK], open_slice)
                open_slice[event[TRACK]] = (packet[TIMESTAMP], notes)
                self.assertIn(notes['operator'].decode(), [o['name'] for o in self.profile['operators']])
            elif event[TYPE] == END:
                start, notes = open_slice.pop(event[TRACK])
                self.assertEqual(packet[TIMESTAMP] - start, notes['cycles'])
                commands.append((notes['command'], start, packet[TIMESTAMP]))
            else:
                self.assertLess(event[VALUE], 101)
        self.assertEqual(open_slice, {})
        self.assertEqual(sorted(commands), sorted((s[2], s[4], s[5]) for s in self.profile['spans']))

    def test_page_holds_the_profile_and_fetches_nothing(self):
        page = (self.dir / 'p/profile.html').read_text()
        start = page.index('const P = ') + len('const P = ')
        self.assertEqual(json.loads(page[start:page.index(';\nconst $')]), self.profile)
        for word in ('http:', 'https:', '//cdn', 'src=', '@import', 'fetch(', 'XMLHttpRequest', '<link'):
            self.assertNotIn(word, page)

    @unittest.skipUnless(shutil.which('node'), 'SKIPPED: no Node.js: the script of the page is not run')
    def test_page_draws(self):
        run = run_tool('node', '-e', BROWSER, self.dir / 'p/profile.html')
        self.assertEqual(run.returncode, 0, run.stderr)
        page = json.loads(run.stdout)
        self.assertGreater(page['drawn'], 100)
        for op in self.profile['operators']:
            self.assertIn(op['name'].replace('&', '&#38;'), page['table'])
        self.assertTrue(any('MATRIX command' in t and 'CONV_2D' in t for t in page['tips']), page['tips'])
        self.assertEqual(page['roofline'].count('<circle'), sum(o['macs'] > 0 and o['cycles'] > 0 for o in self.profile['operators']))

    def test_func_has_no_profile(self):
        run = self.accel_run('func', '--profile', self.dir / 'none')
        self.assertEqual((run.returncode, run.stderr), (1, 'accel-run: device func:16x16 cannot be profiled: use rtl\n'))
        self.assertFalse((self.dir / 'none').exists())

    def test_places_that_cannot_be_written(self):
        run = self.accel_run('rtl', '--profile', self.dir / 'in.npy')
        self.assertEqual(run.returncode, 1)
        self.assertIn('in.npy/operators.csv: cannot be written', run.stderr)


if __name__ == '__main__':
    unittest.main(argv=sys.argv[:1], verbosity=2)
