#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""bench.py's own decisions: what the gate lets through, what counts as the same output, what figures come out of a report."""
import argparse
import contextlib
import io
import json
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import bench  # noqa: E402 found by the path above

DEVICE = 'rtl:16x16'


def report(cycles, wall_ns, name=DEVICE):
    return {'device': {'name': name, 'array': 16, 'open_ns': 20_000_000}, 'program': {'macs': 2560, 'predicted_cycles': 99},
            'runs': [{'cycles': cycles, 'wall_ns': wall_ns, 'mac_utilisation': 0.1, 'rd_bytes': 3, 'wr_bytes': 4}]}


class Bench(unittest.TestCase):
    def setUp(self):
        self.tmp = tempfile.TemporaryDirectory()
        self.addCleanup(self.tmp.cleanup)
        bench.CYCLES = pathlib.Path(self.tmp.name) / 'cycles.json'
        bench.CYCLES.write_text(json.dumps({DEVICE: {'kws': 10000}}))
        self.args = argparse.Namespace(device=DEVICE, version='v')

    def gate(self, *results):
        with contextlib.redirect_stdout(io.StringIO()) as text:
            well = bench.gate(self.args, [{'model': m, 'cycles': c} for m, c in results])
        return well, text.getvalue()

    def test_gate_lets_small_changes_through(self):
        for cycles in (9800, 10000, 10200):
            self.assertEqual(self.gate(('kws', cycles)), (True, ''))

    def test_gate_stops_large_changes_both_ways(self):
        self.assertIn('(+2.0 %)', self.gate(('kws', 10201))[1])
        for cycles in (9799, 10201, 20000):
            well, text = self.gate(('kws', cycles))
            self.assertFalse(well)
            self.assertIn('run bench.py --update', text)

    def test_gate_wants_every_model_on_every_device(self):
        self.assertFalse(self.gate(('vww', 1))[0])
        self.args.device = 'rtl:8x8'
        self.assertIn('rtl:8x8', self.gate(('kws', 10000))[1])

    def test_update_changes_only_what_was_measured(self):
        bench.update(self.args, [{'model': 'ad', 'cycles': 7}])
        self.assertEqual(json.loads(bench.CYCLES.read_text()), {DEVICE: {'kws': 10000, 'ad': 7}})

    def test_outputs_must_be_the_same_bytes(self):
        bench.check_outputs({'a': b'xy'}, {'a': b'xy'}, DEVICE)
        for got in ({'a': b'xz'}, {'a': b'x'}, {'b': b'xy'}, {}):
            with self.assertRaises(bench.Failure):
                bench.check_outputs({'a': b'xy'}, got, DEVICE)
        with self.assertRaises(bench.Failure):
            bench.check_outputs({}, {}, DEVICE)

    def test_figures_take_the_fastest_run(self):
        got = bench.figures(self.args, 'kws', 0.5, [report(100, 4000), report(100, 2000)])
        self.assertEqual((got['cycles'], got['sim_khz'], got['sim_mmac_per_s'], got['repeats']), (100, 50000.0, 1280.0, 2))
        self.assertEqual((got['config'], got['bus'], got['build']), ('16x16', '16 B/cycle, 100 cycles', 'v'))
        slow = bench.figures(self.args, 'kws', 0.5, [report(100, 1, 'rtl:16x16,bus=4,latency=200')])
        self.assertEqual(slow['bus'], '4 B/cycle, 200 cycles')
        self.assertEqual(bench.anchors(got), (20_000, 46_118, 40_347))
        self.assertEqual(bench.anchors(slow), (32_000, None, None))
        self.assertEqual(bench.anchors({**slow, 'config': '8x8'}), (None, None, None))

    def test_predictions_are_gated(self):
        good = {'model': 'kws', 'cycles': 100, 'predicted_cycles': 104, 'prediction_error': 0.04,
                'operators': [{'operator': 1, 'kind': 'ADD', 'predicted': 23, 'cycles': 20, 'error': 0.15}]}
        worse = [{'operator': 1, 'kind': 'ADD', 'predicted': 24, 'cycles': 20, 'error': 0.2}]
        with contextlib.redirect_stdout(io.StringIO()) as out:
            self.assertTrue(bench.predicted_well(good))
            self.assertTrue(bench.predicted_well({'model': 'kws', 'cycles': 100}))
            self.assertFalse(bench.predicted_well({**good, 'prediction_error': -0.06}))
            self.assertFalse(bench.predicted_well({**good, 'operators': worse}))
            self.assertTrue(bench.predicted_well({**good, 'model': 'unet_64', 'operators': worse}))
        self.assertEqual(out.getvalue().count('FAILED'), 2)

    def test_the_committed_file_has_every_gated_model(self):
        committed = json.loads((pathlib.Path(bench.__file__).parent / 'cycles.json').read_text())
        self.assertGreaterEqual(set(committed[DEVICE]), {'resnet8', 'vww', 'kws', 'ad', 'mobilenet_v2', 'digits'})


if __name__ == '__main__':
    unittest.main(verbosity=1)
