# SPDX-License-Identifier: Apache-2.0
"""The contracts as checked Python objects. Every mistake a description can hold is refused here, so emitters need not look."""
import tomllib

TYPES = {'u8': 1, 's8': 1, 'u16': 2, 's16': 2, 'u32': 4, 's32': 4, 'u64': 8, 's64': 8, 'f32': 4}
NAMES = ['registers', 'commands', 'messages', 'program']
CMD_WORDS = 16


class ContractError(Exception):
    """A description that cannot be generated from."""


class Contract:
    """One TOML file: consts, enums, regs, cmds, structs, each a list of dicts as written there plus what is derived."""

    def __init__(self, path):
        with open(path, 'rb') as f:
            data = tomllib.load(f)
        self.name = data['contract']['name']
        self.major = data['contract']['major']
        self.minor = data['contract']['minor']
        self.consts = data.get('const', [])
        self.enums = data.get('enum', [])
        self.regs = data.get('reg', [])
        self.cmds = data.get('cmd', [])
        self.header = data.get('header', [{'fields': []}])[0]['fields']
        self.structs = data.get('struct', [])
        self.check_names()
        self.check_regs()
        self.resolve_cmds()
        self.resolve_structs()

    def check_names(self):
        for kind, rows in (('const', self.consts), ('enum', self.enums), ('reg', self.regs), ('cmd', self.cmds), ('struct', self.structs)):
            names = [r['name'] for r in rows]
            twice = {n for n in names if names.count(n) > 1}
            if twice:
                raise ContractError('%s: %s named twice: %s' % (self.name, kind, ' '.join(sorted(twice))))

    def check_regs(self):
        taken = {}
        for r in self.regs:
            r.setdefault('count', 1)
            r.setdefault('stride', 4)
            r.setdefault('fields', [])
            if r['offset'] % 4:
                raise ContractError('register %s: offset not a multiple of 4' % r['name'])
            for i in range(r['count']):
                at = r['offset'] + i * r['stride']
                if at in taken:
                    raise ContractError('registers %s and %s share offset %#x' % (taken[at], r['name'], at))
                taken[at] = r['name']
            check_overlap(r['name'], [(0, f['lsb'], f['bits'], f['name']) for f in r['fields']], 1)

    def resolve_cmds(self):
        by_name = {c['name']: c for c in self.cmds}
        codes = [c['opcode'] for c in self.cmds]
        if len(set(codes)) != len(codes):
            raise ContractError('commands: an opcode is used twice')
        for c in self.cmds:
            if 'same_fields_as' in c:
                c['fields'] = by_name[c['same_fields_as']]['fields']
            check_overlap(c['name'], [(f['word'], f['lsb'], f['bits'], f['name']) for f in self.header + c['fields']], CMD_WORDS)
            c['mask'] = used_mask(self.header_of(c) + c['fields'])

    def header_of(self, cmd):
        """Header fields that a command may use: sequencer commands take no tokens."""
        return [f for f in self.header if cmd['unit'] != 'SEQ' or f['name'] == 'opcode']

    def resolve_structs(self):
        for s in self.structs:
            at = 0
            for f in s['fields']:
                f.setdefault('count', 1)
                size = TYPES[f['type']]
                if at % size:
                    raise ContractError('%s.%s is not naturally aligned' % (s['name'], f['name']))
                f['offset'] = at
                at += size * f['count']
            if at > s['bytes']:
                raise ContractError('struct %s is longer than %d bytes' % (s['name'], s['bytes']))
            s['pad'] = s['bytes'] - at


def used_mask(fields):
    """Per word, the bits that some field names."""
    words = [0] * CMD_WORDS
    for f in fields:
        words[f['word']] |= ((1 << f['bits']) - 1) << f['lsb']
    return words


def check_overlap(owner, fields, nwords):
    """Refuse fields (word, lsb, bits, name) that overlap or leave their word."""
    words = [0] * nwords
    for word, lsb, bits, name in fields:
        mask = ((1 << bits) - 1) << lsb
        if word >= nwords or lsb + bits > 32 or words[word] & mask:
            raise ContractError('%s.%s overlaps another field or leaves its word' % (owner, name))
        words[word] |= mask


def load_all(folder):
    """All contracts, in a fixed order."""
    return [Contract(folder / (n + '.toml')) for n in NAMES]
