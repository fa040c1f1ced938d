# One function for each verb. Sourced by ./dev, which has changed to the top of the repository.

verb_demo() {
    need build
    configure release
    build release apps/all
    exec build/release/apps/cli/haive-mcp demo "$@"
}

verb_test() {
    need test
    configure dev
    build dev
    run_tests dev "$@"
}

verb_build() {
    local preset=${1:-dev}
    case $preset in
        release) need build ;;
        asan | tsan | fuzz | coverage) need sanitize ;;
        *) need test ;;
    esac
    configure "$preset"
    build "$preset"
}

verb_bench() {
    need bench
    configure release -DHAIVE_MCP_BUILD_BENCH=ON
    build release apps/all bench/all
    exec bench/run.sh "$@"
}

verb_format() {
    need format
    if [[ ${1:-} != --check ]]; then
        run_clang_format -i
        return
    fi
    # One line for each file that differs, with the first place.
    run_clang_format --dry-run -Werror 2>&1 |
        sed -n 's/^\([^:]*:[0-9]*\):[0-9]*: error:.*/\1: format: .\/dev format would change this/p' |
        awk -F: '!seen[$1]++'
}

run_clang_format() {
    project_files '*.cpp' '*.hpp' '*.c' '*.h' | tr '\n' '\0' |
        xargs -0 -r clang-format-19 --style=file "$@"
}

verb_check() {
    need check
    local stage failed=()
    (($# > 0)) || set -- format layers tidy states headers clang-tidy
    for stage in "$@"; do
        say "check: $stage"
        check_stage "$stage" || failed+=("$stage")
    done
    ((${#failed[@]} == 0)) || die "check failed: ${failed[*]}"
    say "check: all is well"
}

check_stage() {
    case $1 in
        format) (verb_format --check) ;;
        layers) python3 tools/layers.py --self-test && python3 tools/layers.py ;;
        tidy) python3 tools/tidy.py --self-test && python3 tools/tidy.py ;;
        states) [[ ! -e tools/gen_states_doc.py ]] || python3 tools/gen_states_doc.py --check ;;
        headers) tools/header_alone.sh ;;
        clang-tidy) (configure dev && build dev) && python3 tools/clang_tidy.py build/dev ;;
        *) die "no stage '$1': format layers tidy states headers clang-tidy" ;;
    esac
}

# The sanitizers' own settings win over ours if the caller has set them.
verb_asan() {
    need sanitize
    configure asan
    build asan
    export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1:strict_string_checks=1}
    export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
    run_tests asan "$@"
}

verb_tsan() {
    need sanitize
    configure tsan
    build tsan
    export TSAN_OPTIONS=${TSAN_OPTIONS:-halt_on_error=1:second_deadlock_stack=1}
    run_tests tsan "$@"
}

verb_fuzz() {
    local seconds=60 target found=0
    if [[ ${1:-} =~ ^[0-9]+$ ]]; then
        seconds=$1
        shift
    fi
    need sanitize
    configure fuzz
    [[ -d build/fuzz/tests/fuzz ]] || die "there are no fuzz targets in tests/fuzz/ yet"
    build fuzz tests/fuzz/all
    for target in build/fuzz/tests/fuzz/*; do
        [[ -f $target && -x $target ]] || continue
        [[ -z ${1:-} || ${target##*/} == "$1" ]] || continue
        found=1
        fuzz_one "$target" "$seconds"
    done
    ((found)) || die "no fuzz target ${1:+named '$1' }in build/fuzz/tests/fuzz/"
}

# New inputs go to build/fuzz/corpus/NAME; the committed seeds in tests/fuzz/corpus/NAME are only read.
fuzz_one() {
    local target=$1 seconds=$2 name=${1##*/} seeds=()
    local grown=build/fuzz/corpus/$name
    mkdir -p "$grown" "build/fuzz/crashes/$name"
    [[ ! -d tests/fuzz/corpus/$name ]] || seeds=("tests/fuzz/corpus/$name")
    say "fuzzing $name for $seconds s"
    "$target" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
        -artifact_prefix="build/fuzz/crashes/$name/" "$grown" "${seeds[@]}"
}

verb_interop() {
    [[ -x tests/interop/run.sh ]] || die "there is no tests/interop/run.sh yet"
    need test
    command -v npm >/dev/null || need npm
    configure dev
    build dev interop_client interop_restart
    exec tests/interop/run.sh "$@"
}

verb_conformance() {
    need test
    command -v npm >/dev/null || need npm
    configure dev
    build dev conformance_client
    exec tests/conformance/run.sh "$@"
}

verb_clean() {
    rm -rf build
    say "removed build/"
}
