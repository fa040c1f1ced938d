# promtool, for the tests of what metrics endpoints serve. Sourced by ./dev.

# fetch_promtool: puts it into build/tools unless there is one. Debian has it only in `prometheus`, whose installation
# starts a server; so the package is fetched, checked by apt against its signed lists, and the one program taken out.
# Without it, tests that need it say so and are skipped.
fetch_promtool() {
    [[ ! -x build/tools/promtool ]] && ! command -v promtool >/dev/null || return 0
    mkdir -p build/tools
    local folder log=build/promtool.log
    folder=$(mktemp -d build/tools/promtool.XXXXXX)
    say "taking promtool out of Debian's package prometheus (nothing is installed; log: $log)"
    if take_promtool "$folder" </dev/null >"$log" 2>&1; then
        mv "$folder/usr/bin/promtool" build/tools/promtool
    else
        say "there is no promtool to be had here; the tests that need it are skipped"
    fi
    rm -rf "$folder"
}

take_promtool() (
    cd "$1"
    apt-get -q download prometheus && dpkg-deb --fsys-tarfile prometheus_*.deb | tar -xf - ./usr/bin/promtool
)
