#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print what tests came to: the skipped and the failed ones by name, what the first failure said, and 'N passed, N failed, N skipped' last. A
test that prints TAP counts with each of its lines.
usage: count_tests.py TESTLOG.json|FILE.tap"""
import itertools
import json
import re
import sys

WORDS = 12  # lines of a failure's output
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


def meson_results(test):
    inner = tap_results(test['name'], test.get('stdout', '')) if any(word.endswith('/suites.sh') for word in test['command']) else []
    if not inner or test['result'] not in ('OK', 'SKIP') and all(result != 'FAIL' for _, result in inner):
        inner.append((test['name'], test['result']))
    return inner


def read_log(path):
    """(results, output) of each test in the log."""
    with open(path) as log:
        if path.endswith('.tap'):
            text = log.read()
            return [(tap_results('', text), text)]
        return [(meson_results(test), test.get('stdout', '') + test.get('stderr', '')) for test in map(json.loads, log)]


def last_words(text):
    """The end of the comments that follow a TAP output's first failure; of other output, its end."""
    lines = text.splitlines()
    for i, line in enumerate(lines):
        if line.startswith(('not ok', 'Bail out!')):
            rest = itertools.dropwhile(lambda line: not line.startswith('#'), lines[i:])
            lines = list(itertools.takewhile(lambda line: line.startswith('#'), rest))
            break
    return lines[-WORDS:]


def main():
    tests = read_log(sys.argv[1])
    results = [result for inner, _ in tests for result in inner]
    skipped = [name for name, result in results if result == 'SKIP']
    failed = [name for name, result in results if result not in ('OK', 'SKIP')]
    passed = len(results) - len(skipped) - len(failed)
    for name in skipped:
        print('SKIPPED: %s' % name)
    for name in failed:
        print('FAILED: %s' % name)
    for text in [output for inner, output in tests if any(result not in ('OK', 'SKIP') for _, result in inner)][:1]:
        print('The first failure said:')
        for line in last_words(text):
            print('    %s' % line)
    print('%d passed, %d failed, %d skipped' % (passed, len(failed), len(skipped)))


main()
