#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Run judge_front.py with the interpreter that scripts/setup.sh made. usage: judge_front.sh ARGUMENTS OF judge_front.py
set -eu
cache=${QUERN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/quern}
python=$cache/judge/bin/python
[ -x "$python" ] || { echo "judge_front: $python is missing; run 'make setup'" >&2; exit 1; }
exec "$python" "$(dirname "$0")/judge_front.py" "$@"
