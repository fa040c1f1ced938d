# Debian packages: what each verb needs, and how the missing ones get here. Sourced by ./dev.

packages_build=(clang-19 lld-19 cmake ninja-build ccache libboost1.81-dev libboost-json1.81-dev
    libsimdjson-dev libcurl4-openssl-dev libssl-dev zlib1g-dev libyaml-dev libre2-dev pkg-config libspdlog-dev libfmt-dev libcli11-dev)
packages_test=("${packages_build[@]}" g++ python3 procps libgtest-dev libgmock-dev
    librapidcheck-dev nlohmann-json3-dev)
packages_sanitize=("${packages_test[@]}" libclang-rt-19-dev)
packages_npm=(npm)
packages_gate=("${packages_test[@]}" binutils valgrind)
packages_bench=("${packages_build[@]}" python3 python3-matplotlib libbenchmark-dev)
packages_format=(clang-format-19 git)
packages_check=("${packages_test[@]}" "${packages_format[@]}" clang-tidy-19)

say() { echo "dev: $*" >&2; }
die() {
    say "$*"
    exit 1
}

# need SET: makes sure that the packages of packages_SET are installed.
need() {
    local -n wanted="packages_$1"
    if ! command -v dpkg-query >/dev/null; then
        say "no dpkg-query here, so this is not Debian; going on with the tools that are found." \
            "Needed: ${wanted[*]}"
        return
    fi
    local missing
    mapfile -t missing < <(missing_of "${wanted[@]}")
    ((${#missing[@]} == 0)) || install_packages "${missing[@]}"
}

installed_of() {
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
        sed -n 's/^installed //p' || true
}

missing_of() {
    local have name
    have=" $(installed_of "$@" | tr '\n' ' ') "
    for name in "$@"; do
        [[ $have == *" $name "* ]] || echo "$name"
    done
}

install_packages() {
    refuse_boost_conflict "$@"
    local root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || cannot_install "not root, and there is no sudo" "$@"
        root=(sudo)
        [[ -t 2 && -z ${CI:-} ]] || root=(sudo -n)
    fi
    command -v apt-get >/dev/null || cannot_install "there is no apt-get" "$@"
    local log=build/apt.log
    mkdir -p build
    say "installing $# missing Debian packages (log: $log): $*"
    local apt=("${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0)
    "${apt[@]}" update </dev/null >"$log" 2>&1 || say "apt-get update failed; trying with the lists of before"
    if ! "${apt[@]}" install --no-install-recommends "$@" </dev/null >>"$log" 2>&1; then
        tail -n 15 "$log" >&2
        cannot_install "apt-get failed, see $log" "$@"
    fi
}

cannot_install() {
    say "cannot install packages: $1"
    shift
    die "these are missing: $*"
}

# libboost1.81-dev and Debian's default libboost1.74-dev exclude each other: the choice is not ours.
refuse_boost_conflict() {
    [[ " $* " == *" libboost1.81-dev "* ]] || return 0
    [[ -n $(installed_of libboost1.74-dev) ]] || return 0
    say "libboost1.74-dev is installed and excludes libboost1.81-dev, which this project needs."
    say "Nothing was changed. To replace it (and whatever was installed on top of it):"
    die "    apt-get install libboost1.81-dev libboost-json1.81-dev libboost1.74-dev-"
}
