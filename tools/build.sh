# Configure and build a preset. Sourced by ./dev.

# configure PRESET [cmake arguments]: only when there is no build tree yet, or the presets changed.
configure() {
    local preset=$1 tree=build/$1
    shift
    if (($# == 0)) && [[ -f $tree/build.ninja && ! CMakePresets.json -nt $tree/build.ninja ]]; then
        return
    fi
    say "configuring $tree"
    mkdir -p "$tree"
    if ! cmake --preset "$preset" "$@" >"$tree/configure.log" 2>&1; then
        cat "$tree/configure.log" >&2
        die "configuring $tree failed (log: $tree/configure.log)"
    fi
    touch "$tree/build.ninja"
}

# build PRESET [target...]
build() {
    local preset=$1
    shift
    say "building build/$preset${*:+ ($*)} on $(nproc) cores"
    cmake --build "build/$preset" -j"$(nproc)" "${@/#/--target=}"
}

# run_tests PRESET [ctest arguments]: says nothing after ctest, whose summary ends the output.
run_tests() {
    local preset=$1
    shift
    ctest --test-dir "build/$preset" -j2 --output-on-failure --no-tests=error "$@" </dev/null
}

# Files of the repository as a person sees it: tracked, or new and not ignored. Works in a tarball too.
project_files() {
    if git -c safe.directory='*' rev-parse --is-inside-work-tree >/dev/null 2>&1; then
        git -c safe.directory='*' ls-files -co --exclude-standard -- "$@" | while IFS= read -r file; do
            [[ ! -f $file ]] || printf '%s\n' "$file"
        done
    else
        local names=(-name "$1") pattern
        for pattern in "${@:2}"; do names+=(-o -name "$pattern"); done
        find . -path ./build -prune -o -type f \( "${names[@]}" \) -print | sed 's|^\./||'
    fi
}
