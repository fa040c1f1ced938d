#!/usr/bin/env bash
# Installs a build to a temporary prefix and builds and runs the programs beside this script against it,
# as a stranger would: with find_package and with Debian's own compiler.
# Usage: tests/consume/run.sh [BUILD_FOLDER [C++_COMPILER]]
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1:-$here/../../build/dev}" && pwd)
compiler=${2:-g++}

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cmake --install "$build" --prefix "$folder/prefix" >"$folder/install.log" || {
    cat "$folder/install.log" >&2
    exit 1
}
server=$folder/prefix/bin/haive-mcp-server
[[ -x $server ]] || server=

cmake -S "$here" -B "$folder/build" -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_COMPILER="$compiler" -DCMAKE_PREFIX_PATH="$folder/prefix" \
    -DHAIVE_MCP_SERVER="$server"
cmake --build "$folder/build" -j2
ctest --test-dir "$folder/build" --output-on-failure --no-tests=error
