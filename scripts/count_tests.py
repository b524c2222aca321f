#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print what meson's tests came to: the skipped ones by name, then 'N passed, N failed, N skipped'. usage: count_tests.py TESTLOG.json"""
import json
import sys


def main():
    results = [json.loads(line) for line in open(sys.argv[1])]
    skipped = [r['name'] for r in results if r['result'] == 'SKIP']
    passed = sum(r['result'] == 'OK' for r in results)
    for name in skipped:
        print('SKIPPED: %s' % name)
    print('%d passed, %d failed, %d skipped' % (passed, len(results) - passed - len(skipped), len(skipped)))


main()
