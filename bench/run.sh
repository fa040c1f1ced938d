#!/usr/bin/env bash
# ./dev bench: installs the peer clients into a cache where npm and its registry can be had, then measures.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
bench=$here/../build/release/bench/haive-mcp-bench
typescript=2.4.0
cache=${XDG_CACHE_HOME:-$HOME/.cache}/haive-mcp/bench-typescript-$typescript

install_typescript() {
    [[ -f $cache/installed ]] && return
    command -v npm >/dev/null || return 1
    mkdir -p "$cache"
    (cd "$cache" && npm init -y >/dev/null &&
        npm install --no-audit --no-fund --loglevel=error "@modelcontextprotocol/client@$typescript" >&2) || return 1
    touch "$cache/installed"
}

if install_typescript; then
    cp "$here/peers/typescript.mjs" "$cache/"
    set -- --typescript "node $cache/typescript.mjs" "$@"
else
    echo "bench: no TypeScript row: npm or its registry is not to be had here" >&2
fi
exec "$bench" "$@"
