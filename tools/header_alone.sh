#!/usr/bin/env bash
# Each public header compiles alone, as C++20, with what users have: g++, and clang++-14 if it is there
# (clang++-19 otherwise). Usage: tools/header_alone.sh [HEADER...]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

one() {
    local compiler=$1 header=$2
    if [[ $header == *json_nlohmann* ]] && ! echo '#include <nlohmann/json.hpp>' |
        "$compiler" -x c++ -std=c++20 -fsyntax-only - 2>/dev/null; then
        echo "header_alone: $header is left out, nlohmann is not installed" >&2
        return 0
    fi
    printf '#include "%s"\n#include "%s"\n' "${header#include/}" "${header#include/}" |
        "$compiler" -x c++ -std=c++20 -fsyntax-only -Wall -Wextra -Wpedantic -Werror -Iinclude - || {
        echo "header_alone: $header does not compile alone with $compiler" >&2
        return 1
    }
}

if [[ ${1:-} == --one ]]; then
    one "$2" "$3"
    exit
fi

clang=clang++-14
command -v "$clang" >/dev/null || clang=clang++-19
if (($# > 0)); then headers=("$@"); else mapfile -t headers < <(find include -name '*.hpp' | sort); fi
status=0
for header in "${headers[@]}"; do
    printf '%s\0%s\0' g++ "$header" "$clang" "$header"
done | xargs -0 -r -n 2 -P "$(nproc)" "tools/header_alone.sh" --one || status=1
((status)) || echo "header_alone: ${#headers[@]} headers, with g++ and $clang: ok" >&2
exit "$status"
