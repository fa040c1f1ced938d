#!/usr/bin/env bash
# ./dev bench: hands over to the harness, with the Python that has Debian's packages.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=/usr/bin/python3
[[ -x $python ]] || python=python3
exec "$python" "$here/run.py" "$@"
