#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Descriptions with a mistake are refused, and the generated files hold what the descriptions say. usage: test_contract.py"""
import pathlib
import tempfile
import unittest

import emit_c
import gen
import model

HERE = pathlib.Path(__file__).resolve().parent
TOP = '[contract]\nname = "t"\nmajor = 1\nminor = 0\n'


def contract(text):
    with tempfile.TemporaryDirectory() as tmp:
        path = pathlib.Path(tmp) / 't.toml'
        path.write_text(TOP + text)
        return model.Contract(path)


class Refuses(unittest.TestCase):
    def refuse(self, text):
        with self.assertRaises(model.ContractError):
            contract(text)

    def test_same_name(self):
        self.refuse('[[const]]\nname="A"\nvalue=1\ndoc=""\n[[const]]\nname="A"\nvalue=2\ndoc=""\n')

    def test_register_overlap(self):
        reg = '[[reg]]\nname="%s"\noffset=%d\naccess="ro"\ncore="ro"\ndoc=""\ncount=%d\n'
        self.refuse(reg % ('A', 0, 4) + reg % ('B', 12, 1))
        self.refuse(reg % ('A', 2, 1))

    def test_field_overlap(self):
        self.refuse('[[reg]]\nname="A"\noffset=0\naccess="ro"\ncore="ro"\ndoc=""\nfields=[{name="a",lsb=0,bits=4},{name="b",lsb=3,bits=1}]\n')
        self.refuse('[[reg]]\nname="A"\noffset=0\naccess="ro"\ncore="ro"\ndoc=""\nfields=[{name="a",lsb=30,bits=4}]\n')

    def test_struct(self):
        field = '{name="%s",type="%s"},'
        self.refuse('[[struct]]\nname="s"\nbytes=16\ndoc=""\nfields=[%s]\n' % (field % ('a', 'u16') + field % ('b', 'u32')))
        self.refuse('[[struct]]\nname="s"\nbytes=4\ndoc=""\nfields=[%s]\n' % (field % ('a', 'u32') + field % ('b', 'u32')))

    def test_command(self):
        cmd = '[[cmd]]\nname="%s"\nopcode=1\nunit="LOAD"\ndoc=""\nfields=[%s]\n'
        self.refuse(cmd % ('A', '') + cmd % ('B', ''))
        self.refuse(cmd % ('A', '{name="x",word=0,lsb=4,bits=8,doc=""},{name="y",word=0,lsb=8,bits=8,doc=""}'))
        self.refuse(cmd % ('A', '{name="x",word=16,lsb=0,bits=8,doc=""}'))


class Holds(unittest.TestCase):
    def setUp(self):
        self.contracts = model.load_all(HERE)

    def test_every_register_is_in_every_output(self):
        files = gen.outputs(self.contracts)
        for reg in self.contracts[0].regs:
            self.assertIn('QUERN_REG_%s' % reg['name'], files['include/quern/registers.h'])
            self.assertIn('REG_%s ' % reg['name'], files['hw-model/rtl/quern_pkg.sv'])
            self.assertIn('`%s`' % reg['name'], files['docs/registers.md'])

    def test_mask_covers_fields(self):
        for cmd in self.contracts[1].cmds:
            for f in cmd['fields']:
                self.assertTrue(cmd['mask'][f['word']] >> f['lsb'] & 1, '%s.%s' % (cmd['name'], f['name']))

    def test_bounds(self):
        self.assertEqual(emit_c.model_bounds({'bits': 8, 'signed': True}), (-128, 127))
        self.assertEqual(emit_c.model_bounds({'bits': 8, 'min': 1}), (1, 255))


if __name__ == '__main__':
    unittest.main()
