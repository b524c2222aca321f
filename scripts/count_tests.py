#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print what tests came to: the skipped ones by name, then 'N passed, N failed, N skipped'. A test that prints TAP counts with each of its lines.
usage: count_tests.py TESTLOG.json|FILE.tap"""
import json
import re
import sys

TAP_LINE = re.compile(r'(not )?ok\b *\d* *(?:- )?(.*?)(?: # (SKIP)\b *(.*))?$')


def tap_results(name, text):
    """(test's name, 'OK', 'FAIL' or 'SKIP') of each line; none if it is no TAP."""
    results = []
    for line in text.splitlines():
        match = TAP_LINE.match(line)
        if match:
            bad, test, skip, why = match.groups()
            results.append((': '.join(part for part in (name, test, why) if part), 'SKIP' if skip else 'FAIL' if bad else 'OK'))
        elif line.startswith('1..0'):
            results.append(('%s: %s' % (name, line.partition('SKIP ')[2]), 'SKIP'))
        elif line.startswith('Bail out!'):
            results.append((name, 'FAIL'))
    return results


def meson_results(lines):
    results = []
    for line in lines:
        test = json.loads(line)
        inner = tap_results(test['name'], test.get('stdout', '')) if any(word.endswith('/suites.sh') for word in test['command']) else []
        results += inner
        if not inner or test['result'] not in ('OK', 'SKIP') and all(result != 'FAIL' for _, result in inner):
            results.append((test['name'], test['result']))
    return results


def main():
    with open(sys.argv[1]) as log:
        results = tap_results('', log.read()) if sys.argv[1].endswith('.tap') else meson_results(log)
    skipped = [name for name, result in results if result == 'SKIP']
    passed = sum(result == 'OK' for _, result in results)
    for name in skipped:
        print('SKIPPED: %s' % name)
    print('%d passed, %d failed, %d skipped' % (passed, len(results) - passed - len(skipped), len(skipped)))


main()
