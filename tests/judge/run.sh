#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run judge.py with the interpreter that scripts/setup.sh made. usage: run.sh ARGUMENTS OF judge.py
set -eu
cache=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}
python=$cache/judge/bin/python
[ -x "$python" ] || { echo "judge: $python is missing; run 'make setup'" >&2; exit 1; }
exec "$python" "$(dirname "$0")/judge.py" "$@"
