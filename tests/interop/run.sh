#!/usr/bin/env bash
# Our client against servers that nobody here wrote, from npm: installs them into a cache, starts each,
# runs tests/interop/client.cpp on it and writes docs/interoperability.md.
#   run.sh [NAME...]     only these rows (`restart`: the restarts), and no document
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
client=${INTEROP_CLIENT:-$root/build/dev/tests/interop/interop_client}
packages=(@modelcontextprotocol/server-everything@2026.8.31 @modelcontextprotocol/server@2.4.0 fastmcp@4.20.16 zod@4)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/haive-mcp/interop-2026.11
out=$(mktemp -d)
started=()

say() { echo "interop: $*" >&2; }

finish() {
    local pid
    for pid in "${started[@]}"; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$out"
}
trap finish EXIT

install() {
    [[ -f $cache/installed ]] || {
        command -v npm >/dev/null || { say "npm is missing: apt-get install npm"; exit 2; }
        say "installing ${packages[*]} into $cache"
        mkdir -p "$cache"
        (cd "$cache" && npm init -y >/dev/null &&
            npm install --no-audit --no-fund --loglevel=error "${packages[@]}" >&2)
        touch "$cache/installed"
    }
    cp "$here"/servers/*.mjs "$cache/"
}

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# listening PORT: waits until somebody listens there.
listening() {
    local i
    for ((i = 0; i < 300; i++)); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.1
    done
    say "nobody listens on port $1"
    return 1
}

# row NAME ERA WHERE...: one run of the client; its lines go to the table.
row() {
    local name=$1
    ((${#wanted[@]} == 0)) || [[ " ${wanted[*]} " == *" $name "* ]] || return 0
    timeout 240 "$client" "$@" | tee -a "$out/lines" || bad=$((bad + 1))
}

# served NAME ERA PATH COMMAND...: starts a server of HTTP on a free port, then its row.
served() {
    local name=$1 era=$2 path=$3 port
    shift 3
    ((${#wanted[@]} == 0)) || [[ " ${wanted[*]} " == *" $name "* ]] || return 0
    port=$(free_port)
    (cd "$cache" && PORT=$port exec timeout 600 "${@//PORT/$port}" >"$out/$name.log" 2>&1) &
    started+=($!)
    listening "$port"
    row "$name" "$era" "http://127.0.0.1:$port$path"
    kill "${started[-1]}" 2>/dev/null || true
}

# server-everything killed and started again, 20 times under load and 20 times between rounds of calls.
restarts() {
    ((${#wanted[@]} == 0)) || [[ " ${wanted[*]} " == *" restart "* ]] || return 0
    (cd "$cache" && timeout 900 "${client%/*}/interop_restart" 20 "$(free_port)" node "$everything" streamableHttp) |
        tee "$out/restarts" || bad=$((bad + 1))
}

document() {
    python3 - "$out/lines" "$out/restarts" "${packages[@]}" <<'PY'
import sys
rows = [line.rstrip("\n").split("\t") for line in open(sys.argv[1])]
names = list(dict.fromkeys(r[0] for r in rows))
features = list(dict.fromkeys(r[1] for r in rows))
cell = {(r[0], r[1]): (r[2], r[3] if len(r) > 3 else "") for r in rows}
print("# Interoperability")
print()
print("Every feature that a server has, used through the library by `tests/interop/client.cpp`, against servers that")
print("nobody here wrote: " + ", ".join(f"`{p}`" for p in sys.argv[3:] if not p.startswith("zod")) + ".")
print("\"-\": the server does not have it. Made by `./dev interop`; do not edit.")
print()
print("| | " + " | ".join(f"`{n}`" for n in names) + " |")
print("|---" * (len(names) + 1) + "|")
for f in features:
    texts = []
    for n in names:
        how, seen = cell.get((n, f), ("absent", ""))
        texts.append(seen if f == "protocol" else {"ok": "yes", "absent": "-"}.get(how, how))
    print(f"| {f} | " + " | ".join(texts) + " |")
print()
print("## Restarts")
print()
print("`server-everything` (streamableHttp) under `tests/interop/restart.cpp`:")
print()
print("```")
print(open(sys.argv[2]).read().strip())
print("```")
PY
}

main() {
    wanted=("$@")
    bad=0
    [[ -x $client ]] || { say "no client at $client: build it first (./dev build)"; exit 2; }
    install
    local everything=node_modules/@modelcontextprotocol/server-everything/dist/index.js
    row everything-stdio auto stdio node "$cache/$everything" stdio
    served everything-http auto /mcp node "$everything" streamableHttp
    served everything-sse sse /sse node "$everything" sse
    served dual-era-modern auto /mcp node dual_era.mjs PORT
    served dual-era-legacy legacy /mcp node dual_era.mjs PORT
    served fastmcp-http auto /mcp node fastmcp.mjs PORT
    restarts
    ((${#wanted[@]})) || document >"$root/docs/interoperability.md"
    say "$(grep -c $'\tok\t' "$out/lines") features used, $(grep -c FAILED "$out/lines" || true) failed"
    ((bad == 0))
}

main "$@"
