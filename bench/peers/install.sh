#!/usr/bin/env bash
# Installs the drivers of the official SDK clients into a cache, each with the version that its manifest pins.
#     install.sh [NAME...]      all of them without a name
# Prints for each usable one, on a line: NAME<TAB>VERSION<TAB>COMMAND, to which the driver's arguments are appended.
# One line on the error output for each that is skipped, and why. What is installed already is not touched.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
caches=${XDG_CACHE_HOME:-$HOME/.cache}/haive-mcp
maven_dependency=org.apache.maven.plugins:maven-dependency-plugin:2.8
all=(typescript_1 typescript_2 python go rust java)

# What a driver is made from; a change of it installs anew.
sources_of() {
    case $1 in
        typescript_*) printf '%s\n' "$here/$1/package.json" "$here/$1/main.mjs" "$here/typescript/driver.mjs" ;;
        python) printf '%s\n' "$here/python/requirements.txt" "$here/python/driver.py" ;;
        go) printf '%s\n' "$here/go/go.mod" "$here/go/go.sum" "$here/go/main.go" ;;
        rust) printf '%s\n' "$here/rust/Cargo.toml" "$here/rust/src/main.rs" ;;
        java) printf '%s\n' "$here/java/pom.xml" "$here/java/Driver.java" ;;
    esac
}

version_of() {
    case $1 in
        typescript_*) sed -n 's|.*"@modelcontextprotocol/[a-z]*": "\([^"]*\)".*|\1|p' "$here/$1/package.json" ;;
        python) sed -n 's/^mcp==//p' "$here/python/requirements.txt" ;;
        go) sed -n 's|.*modelcontextprotocol/go-sdk v||p' "$here/go/go.mod" ;;
        rust) sed -n 's/^rmcp.*version = "=\([^"]*\)".*/\1/p' "$here/rust/Cargo.toml" ;;
        java) sed -n 's|.*<mcp.version>\(.*\)</mcp.version>.*|\1|p' "$here/java/pom.xml" ;;
    esac
}

tools_of() {
    case $1 in
        typescript_*) printf '%s\n' node npm ;;
        python) echo python3 ;;
        go) echo go ;;
        rust) echo cargo ;;
        java) printf '%s\n' javac mvn ;;
    esac
}

# Node warns of what the SDK leaves behind, thousands of times; printing that is not the SDK's own cost.
command_of() {
    case $1 in
        typescript_*) echo "node --no-warnings $2/main.mjs" ;;
        python) echo "$2/venv/bin/python $2/driver.py" ;;
        go | rust) echo "$2/driver" ;;
        java) echo "java @$2/arguments" ;;
    esac
}

# In the peer's folder of the cache, where its sources lie already. Chained by &&: the caller asks how it went,
# and there `set -e` has no say.
install() {
    case $1 in
        typescript_*) npm install --no-audit --no-fund --no-package-lock --loglevel=error ;;
        python)
            python3 -m venv venv &&
                venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
            ;;
        go) go build -trimpath -o driver . ;;
        rust) # the build's own files are half a gigabyte that nothing needs again
            cargo build --release --quiet --target-dir target &&
                mv target/release/haive-mcp-bench-rust driver && rm -rf target
            ;;
        java)
            mvn --batch-mode --quiet "$maven_dependency:copy-dependencies" -DincludeScope=runtime \
                -DoutputDirectory=jars &&
                javac -cp 'jars/*' -d classes Driver.java && echo "-cp $PWD/classes:$PWD/jars/* Driver" >arguments
            ;;
    esac
}

skip() {
    echo "bench: no $1 row: $2" >&2
}

# Each source goes to where it lies below its peer's own folder; the shared driver beside the others.
copy_sources() {
    local name=$1 folder=$2 source below
    shift 2
    for source in "$@"; do
        below=${source#"$here/$name/"}
        [[ $below != "$source" ]] || below=$(basename "$source")
        mkdir -p "$(dirname "$folder/$below")"
        cp "$source" "$folder/$below"
    done
}

peer() {
    local name=$1 tool version folder stamp
    local -a sources tools
    mapfile -t sources < <(sources_of "$name")
    mapfile -t tools < <(tools_of "$name")
    [[ ${#sources[@]} -gt 0 ]] || { skip "$name" "there is no such peer"; return; }
    for tool in "${tools[@]}"; do
        command -v "$tool" >/dev/null || { skip "$name" "$tool is not installed"; return; }
    done
    version=$(version_of "$name")
    folder=$caches/bench-$name-$version
    stamp=$(sha256sum <(cat "${sources[@]}"))
    stamp=${stamp%% *}
    if [[ $(cat "$folder/installed" 2>/dev/null) != "$stamp" ]]; then
        mkdir -p "$folder"
        rm -f "$folder/installed"
        copy_sources "$name" "$folder" "${sources[@]}"
        if ! (cd "$folder" && install "$name") >"$folder/install.log" 2>&1; then
            skip "$name" "it does not install here: $(grep -i -m 1 error "$folder/install.log" | cut -c 1-120)"
            return
        fi
        echo "$stamp" >"$folder/installed"
    fi
    printf '%s\t%s\t%s\n' "$name" "$version" "$(command_of "$name" "$folder")"
}

[[ $# -gt 0 ]] || set -- "${all[@]}"
for name in "$@"; do peer "$name"; done
