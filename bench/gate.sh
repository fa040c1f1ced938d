#!/usr/bin/env bash
# ./dev gate [NAME...]: counts the instructions of one warm operation and holds them against bench/budget.txt.
#     HAIVE_GATE_PROFILE=FOLDER ./dev gate NAME    leaves callgrind's profile there, for callgrind_annotate
# Each operation is run N times and 2N times under callgrind; the difference is N operations and nothing else.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${HAIVE_GATE_PROGRAM:-$here/../build/dev/bench/operations/haive-bench-instructions}
budgets=$here/budget.txt
allowed=10  # per cent above and below

if [[ $(uname -m) != x86_64 ]]; then
    echo "gate: skipped: the budgets are for x86_64, this is $(uname -m)"
    exit 0
fi
# Which variant of a function a library picks for this CPU must not change the count.
export SIMDJSON_FORCE_IMPLEMENTATION=westmere
export GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,-AVX512F,-AVX512VL,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
profiles=${HAIVE_GATE_PROFILE:-$scratch}
# Debian 12's valgrind gives up on the debug information that clang 19 writes. The names of functions stay.
objcopy --strip-debug "$program" "$scratch/${program##*/}"
program=$scratch/${program##*/}

# instructions NAME TIMES: of one whole run.
instructions() {
    local name=$1 times=$2 log=$scratch/log
    if ! valgrind --tool=callgrind --callgrind-out-file="$profiles/$name.$times.callgrind" \
        "$program" "$name" "$times" >"$log" 2>&1; then
        tail -n 20 "$log" >&2
        echo "gate: $name could not be run under callgrind" >&2
        return 1
    fi
    sed -n 's/.*Collected : //p' "$log"
}

over=() under=() seen=0
printf '%-26s %12s %12s %8s\n' operation instructions budget change
while read -r name budget times; do
    [[ -n $name && $name != \#* ]] || continue
    (($# == 0)) || [[ " $* " == *" $name "* ]] || continue
    seen=1
    once=$(instructions "$name" "$times")
    twice=$(instructions "$name" $((times * 2)))
    each=$(((twice - once + times / 2) / times))
    change=$(((each - budget) * 1000 / budget))
    verdict=
    if ((each * 100 > budget * (100 + allowed))); then
        over+=("$name")
        verdict='  OVER'
    elif ((each * 100 < budget * (100 - allowed))); then
        under+=("$name")
        verdict='  lower the budget'
    fi
    printf '%-26s %12d %12d %+7.1f%%%s\n' "$name" "$each" "$budget" "${change%?}.${change: -1}" "$verdict"
done <"$budgets"

((seen)) || {
    echo "gate: nothing of that name in $budgets" >&2
    exit 2
}
((${#under[@]} == 0)) || echo "gate: cheaper by more than $allowed %: lower the budget in bench/budget.txt of ${under[*]}"
if ((${#over[@]} > 0)); then
    echo "gate: more than $allowed % above the budget: ${over[*]}" >&2
    echo "gate: HAIVE_GATE_PROFILE=FOLDER ./dev gate ${over[0]}, then callgrind_annotate FOLDER/*, tells where" >&2
    exit 1
fi
