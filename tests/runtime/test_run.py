#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""accel-run: what it writes, and that every failure is one line and an exit status.

    test_run.py ACCEL_RUN MAKE_PROGRAM [DEVICE]
"""
import json
import os
import pathlib
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import time
import unittest

ACCEL_RUN, MAKE_PROGRAM = map(os.path.realpath, sys.argv[1:3])
DEVICE = sys.argv[3] if len(sys.argv) > 3 else 'func'
DATA = bytes((i * 7 + 3) % 256 for i in range(96))
PATIENCE_S = 60


def npy(descr="'|i1'", shape='(1, 4, 8, 3)', data=DATA, order='False'):
    text = ("{'descr': %s, 'fortran_order': %s, 'shape': %s, }\n" % (descr, order, shape)).encode()
    return b'\x93NUMPY\x01\x00' + struct.pack('<H', len(text)) + text + data


class Run(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.dir = pathlib.Path(self.tmp.name)
        for kind in ('good', 'wide', 'endless', 'fault'):
            subprocess.run([MAKE_PROGRAM, kind, self.dir / (kind + '.qn')], check=True)
        (self.dir / 'in.npy').write_bytes(npy())
        self.out = self.dir / 'out'

    def tearDown(self):
        self.tmp.cleanup()

    def start(self, *args, **kwargs):
        kwargs.setdefault('stdout', subprocess.PIPE)
        return subprocess.Popen([ACCEL_RUN, '-d', DEVICE] + [str(a) for a in args], stderr=subprocess.PIPE, text=True, cwd=self.dir, **kwargs)

    def run_tool(self, *args, **kwargs):
        process = self.start(*args, **kwargs)
        stdout, stderr = process.communicate(timeout=PATIENCE_S)
        return process.returncode, stdout, stderr

    def succeed(self, *args):
        status, stdout, stderr = self.run_tool(*args)
        self.assertEqual((status, stderr), (0, ''))
        return stdout

    def fail_with(self, text, *args, status=1, **kwargs):
        got, _, stderr = self.run_tool(*args, **kwargs)
        self.assertEqual(got, status, stderr)
        self.one_line(stderr, text)

    def one_line(self, stderr, text):
        self.assertTrue(stderr.startswith('accel-run: ') and stderr.count('\n') == 1 and stderr.endswith('\n'), stderr)
        self.assertIn(text, stderr)

    def nothing_written(self):
        self.assertEqual(list(self.out.glob('*')) if self.out.exists() else [], [])

    def test_writes_outputs_and_figures(self):
        stdout = self.succeed('good.qn', '-i', 'in.npy', '-o', 'out', '--json', 'r.json', '--repeat', '3')
        self.assertEqual([p.name for p in self.out.iterdir()], ['00-out_0.npy'])
        written = (self.out / '00-out_0.npy').read_bytes()
        self.assertEqual(written[-96:], DATA)
        self.assertIn(b"'shape': (96,)", written)
        self.assertEqual((len(written) - 96) % 64, 0)
        self.assertIn('MACs', stdout)
        report = json.loads((self.dir / 'r.json').read_text())
        self.assertEqual((report['schema'], report['program']['name'], len(report['runs'])), (1, 'tiny', 3))
        self.assertEqual(report['program']['macs'], 1000)
        if report['device']['has_cycles']:
            self.assertGreater(report['runs'][0]['cycles'], report['runs'][0]['job_cycles'])

    def test_quiet_help_version(self):
        self.assertEqual(self.succeed('-q', 'good.qn', '-i', 'in.npy'), '')
        self.assertIn('Example:', self.succeed('--help'))
        self.assertRegex(self.succeed('--version'), r'^accel-run \(quern\) \d+\.\d+\.\d+\n$')

    def test_bad_usage(self):
        for args, text in [([], 'give one program'), (['a', 'b'], 'give one program'), (['--nope', 'a'], 'unknown option'),
                           (['--repeat', '0', 'a'], '--repeat 0'), (['--repeat', '-1', 'a'], '--repeat -1'), (['--timeout', 'x', 'a'], '--timeout x'),
                           (['--timeout', 'nan', 'a'], '--timeout nan'), (['a', '-i', ','.join(['x'] * 15)], 'more than 14')]:
            self.fail_with(text, *args, status=2)

    def test_bad_programs(self):
        (self.dir / 'text.qn').write_text('hello')
        whole = (self.dir / 'good.qn').read_bytes()
        (self.dir / 'short.qn').write_bytes(whole[:-1])
        for name, text in [('none.qn', 'No such file'), ('text.qn', 'does not begin as an ELF file'), ('short.qn', 'truncated'), ('.', 'not a regular file')]:
            self.fail_with(text, name, '-i', 'in.npy')
        self.fail_with('program needs a 32x32 array, device %s:16x16 has 16x16: recompile with quernc --config 16x16' % DEVICE, 'wide.qn', '-i', 'in.npy')
        self.fail_with('PAGE_INVALID in unit LOAD at command 0', 'fault.qn', '-i', 'in.npy', '-o', 'out')
        self.fail_with('in operator 0:LOAD', 'fault.qn', '-i', 'in.npy', '-o', 'out')
        self.nothing_written()

    def test_bad_inputs(self):
        good = npy()
        cases = [(npy(shape='(4, 8, 3)'), "has shape (4, 8, 3), input 'in' needs (1, 4, 8, 3)"),
                 (npy("'<f4'", data=DATA * 4), "holds float32, input 'in' needs int8: quantise it first (scale 0.5, zero point -3)"),
                 (npy("'>f4'", data=DATA * 4), "its type is '>f4'"), (npy(order='True'), 'Fortran'), (good[:-1], 'it has 95'), (good[:40], 'truncated'),
                 (b'', 'not a .npy file'), (b'\x93NUMPY\x09\x00', 'unknown version')]
        for data, text in cases:
            (self.dir / 'bad.npy').write_bytes(data)
            self.fail_with(text, 'good.qn', '-i', 'bad.npy', '-o', 'out')
        self.fail_with('No such file', 'good.qn', '-i', 'none.npy')
        self.fail_with('not a regular file', 'good.qn', '-i', '/dev/zero')
        self.fail_with("has 1 inputs ('in'), 0 files are given", 'good.qn')
        self.fail_with('2 files are given', 'good.qn', '-i', 'in.npy,in.npy')
        self.nothing_written()

    def test_bad_devices(self):
        self.fail_with("no device 'fancy'", '-d', 'fancy', 'good.qn')
        self.fail_with('kernel driver', '-d', 'accel0', 'good.qn')

    def test_a_full_disk_loses_nothing(self):
        self.succeed('good.qn', '-i', 'in.npy', '-o', 'out')
        before = (self.out / '00-out_0.npy').read_bytes()
        self.fail_with('cannot be written', 'good.qn', '-i', 'in.npy', '-o', 'out',
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100)))
        self.assertEqual([p.name for p in self.out.iterdir()], ['00-out_0.npy'])
        self.assertEqual((self.out / '00-out_0.npy').read_bytes(), before)
        self.fail_with('/dev/full: cannot be written: No space left', 'good.qn', '-i', 'in.npy', '--json', '/dev/full')
        with open('/dev/full', 'w') as full:
            self.fail_with('standard output', 'good.qn', '-i', 'in.npy', stdout=full)

    def test_places_that_cannot_be_written(self):
        (self.dir / 'file').write_text('')
        self.fail_with('cannot be made', 'good.qn', '-i', 'in.npy', '-o', 'missing/out')
        self.fail_with('cannot be written', 'good.qn', '-i', 'in.npy', '-o', 'file')
        self.fail_with('cannot be written', 'good.qn', '-i', 'in.npy', '--json', 'missing/r.json')

    def interrupt(self, number):
        process = self.start('endless.qn', '-i', 'in.npy', '-o', 'out', start_new_session=True)
        time.sleep(1)
        process.send_signal(number)
        _, stderr = process.communicate(timeout=PATIENCE_S)
        self.one_line(stderr, 'interrupted, nothing was written')
        self.nothing_written()
        return process.returncode

    def test_interrupts_end_it_cleanly(self):
        self.assertEqual(self.interrupt(signal.SIGINT), 130)
        self.assertEqual(self.interrupt(signal.SIGTERM), 143)

    def test_timeout(self):
        self.fail_with('not finished after 0.3 s', '--timeout', '0.3', 'endless.qn', '-i', 'in.npy', '-o', 'out')
        self.nothing_written()

    def test_many_at_once(self):
        busy = [subprocess.Popen([sys.executable, '-c', 'while True: pass'], preexec_fn=lambda: os.nice(5)) for _ in range(4)]
        try:
            runs = [self.start('good.qn', '-i', 'in.npy', '-o', 'out%d' % i) for i in range(8)]
            for process in runs:
                stdout, stderr = process.communicate(timeout=PATIENCE_S)
                self.assertEqual((process.returncode, stderr), (0, ''), stdout)
        finally:
            for process in busy:
                process.kill()
                process.wait()


if __name__ == '__main__':
    sys.exit(not unittest.main(argv=sys.argv[:1], exit=False, verbosity=1).result.wasSuccessful())
