#!/usr/bin/env python3
"""Who may include whom. The table below is the law; CMakeLists.txt and docs/internals/modules.md
must say the same. Usage: tools/layers.py [--self-test]"""

import os
import re
import sys
from pathlib import Path

sys.dont_write_bytecode = True
import source_text as st
from source_text import Finding

# module: the modules that it may include, besides itself
MODULES = {
    "base": [],
    "observe": ["base"],
    "jsonrpc": ["base"],
    "schema": ["base"],
    "protocol": ["jsonrpc", "base"],
    "transport": ["jsonrpc", "observe", "base"],
    "client": ["protocol", "schema", "transport", "jsonrpc", "observe", "base"],
    "skills": ["client", "protocol", "jsonrpc", "base"],
    "connection": ["client", "protocol", "transport", "jsonrpc", "observe", "base"],
    "pool": ["connection", "client", "protocol", "transport", "jsonrpc", "observe", "base"],
    "guard": ["connection", "client", "protocol", "transport", "jsonrpc", "observe", "base"],
    "manager": ["guard", "pool", "connection", "client", "protocol", "transport", "jsonrpc", "observe", "base"],
    "exporters": ["observe", "base"],
    "config": ["manager", "pool", "connection", "client", "transport", "base"],
}

# Their rows are decided; their folders come with their first code.
RESERVED = {
    "auth": ["transport", "base"],
}

ROWS = MODULES | RESERVED

# What public headers may include besides the C++ standard library and haive/mcp/.
PUBLIC_ALLOWED = re.compile(r"boost/json(_fwd)?\.hpp|boost/json/.+\.hpp|boost/system/result\.hpp")
STANDARD = re.compile(r"[a-z][a-z0-9_]*")

# header: (what else it may include, why)
PUBLIC_EXCEPTIONS = {
    "include/haive/mcp/asio.hpp":
        (r"boost/asio/.+\.hpp", "the adapter for programs that run on Asio; nothing includes it"),
    "include/haive/mcp/transport/asio_loop.hpp":
        (r"boost/asio/(io_context|any_io_executor)\.hpp", "our Loop on a program's own io_context"),
    "include/haive/mcp/json_nlohmann.hpp":
        (r"nlohmann/.+\.hpp", "the adapter for programs that use nlohmann; nothing includes it"),
}

# Never in include/, by no exception: they cost seconds in every file that sees them.
HEAVY = re.compile(r"boost/asio\.hpp|boost/beast.*|CLI/.*|spdlog/.*|fmt/.*|simdjson.*")

# third party: the only modules that may include it
THIRD_PARTY = {
    re.compile(r"simdjson.*"): {"jsonrpc"},
    re.compile(r"spdlog/.*|fmt/.*"): {"exporters"},
    re.compile(r"CLI/.*"): set(),
    re.compile(r"nlohmann/.*"): set(),
    re.compile(r"curl/.*"): {"transport", "auth", "exporters"},
    re.compile(r"zlib\.h"): {"transport", "auth"},
    re.compile(r"openssl/.*"): {"transport", "auth", "skills", "exporters"},
    re.compile(r"yaml\.h"): {"skills"},
    re.compile(r"re2/.*"): {"schema"},
}

PURE = re.compile(
    r".*_(machine|score|schedule|sizing|plan|detector|table|queue|parser|codec|budget|pace)|backoff|route")
IMPURE_INCLUDE = re.compile(
    r"boost/asio.*|asio.*|spdlog/.*|unistd\.h|time\.h|signal\.h|sys/.*|netinet/.*|poll\.h"
    r"|thread|stop_token|mutex|shared_mutex|condition_variable|future|semaphore|latch|barrier"
    r"|random|iostream|fstream|filesystem")
# A pure file may see a class that has a mutex inside; it may not see the loop's machinery.
IMPURE_REACHED = re.compile(r"boost/asio.*|spdlog/.*|unistd\.h|sys/.*|netinet/.*|poll\.h|iostream|fstream")
IMPURE_NAME = re.compile(
    r"\basio\b|\bsteady_clock\s*::\s*now\b|\bsystem_clock\b|\bclock_gettime\b|\brandom_device\b"
    r"|\bspdlog\b|\bthis_thread\b|\b(nano|u)?sleep(_for|_until)?\s*\(")

OUTSIDE = ("apps", "examples", "bench", "tests")
MAY_SEE_PRIVATE = ("bench", "tests")


class Tree:
    """The C++ files below root, with comments gone, and where each include leads."""

    def __init__(self, root: Path):
        self.names = [n for n in st.project_files(root) if Path(n).suffix in st.CPP_SUFFIXES]
        self.code = {n: st.code_only(st.read(root, n)) for n in self.names}
        self.includes = {n: st.includes(code) for n, code in self.code.items()}

    def resolve(self, name: str, target: str) -> str | None:
        beside = os.path.normpath(f"{os.path.dirname(name)}/{target}")
        top = name.split("/", 1)[0]
        for candidate in (f"include/{target}", f"src/{target}", beside, f"{top}/{target}"):
            if candidate in self.code:
                return candidate
        return None

    def reached(self, name: str) -> dict[str, str]:
        """Every project file that `name` includes, however far; each with the way there."""
        found, todo = {name: name}, [name]
        while todo:
            here = todo.pop()
            for include in self.includes[here]:
                there = self.resolve(here, include.target)
                if there and there not in found:
                    found[there] = f"{found[here]} > {there}"
                    todo.append(there)
        return found


def module_of(name: str) -> str | None:
    """The module that a file belongs to; "" for the umbrella headers; None outside of the library."""
    match = re.match(r"(?:include/haive/mcp|src)/([^/]+)(/)?", name)
    if not match:
        return None
    return match.group(1) if match.group(2) else ""


def check_library_include(tree: Tree, name: str, include: st.Include) -> list[Finding]:
    module, found = module_of(name), []

    def bad(rule: str, text: str) -> None:
        found.append(Finding(name, include.line, rule, text))

    there = tree.resolve(name, include.target)
    if there is None or module_of(there) is None:
        if include.quoted or include.target.startswith("haive/"):
            bad("unknown-include", f"'{include.target}' is no header of this repository")
        for pattern, allowed in THIRD_PARTY.items():
            if name.startswith("src/") and pattern.fullmatch(include.target) and module not in allowed:
                bad("third-party", f"'{module}' may not use <{include.target}>")
        return found
    if there not in (f"include/{include.target}", f"src/{include.target}"):
        bad("include-path", f"say it from the top: \"{there.removeprefix('include/').removeprefix('src/')}\"")
    target = module_of(there)
    if name.startswith("include/") and there.startswith("src/"):
        bad("public-private", f"a public header may not include the private {there}")
    elif module and not target:
        bad("umbrella", f"{there} is for users; include the headers that are meant")
    elif module and target != module and target not in ROWS.get(module, []):
        bad("edge", f"'{module}' may not include '{target}' ({include.target})")
    return found


def check_public(name: str, include: st.Include) -> list[Finding]:
    target = include.target
    if HEAVY.fullmatch(target):
        return [Finding(name, include.line, "heavy", f"<{target}> may not be in a public header")]
    extra = PUBLIC_EXCEPTIONS.get(name, (r"(?!)", ""))[0]
    allowed = (target.startswith("haive/mcp/") or STANDARD.fullmatch(target)
               or PUBLIC_ALLOWED.fullmatch(target) or re.fullmatch(extra, target))
    if allowed:
        return []
    text = f"<{target}> is neither std, nor the JSON value, nor ours (PUBLIC_EXCEPTIONS in tools/layers.py)"
    return [Finding(name, include.line, "public-include", text)]


def check_pure(tree: Tree, name: str) -> list[Finding]:
    found = []
    for include in tree.includes[name]:
        if IMPURE_INCLUDE.fullmatch(include.target):
            found.append(Finding(name, include.line, "pure", f"a pure file may not include <{include.target}>"))
    for line, text in st.matches(tree.code[name], IMPURE_NAME):
        found.append(Finding(name, line, "pure", f"a pure file may not name '{text}'"))
    for there, way in tree.reached(name).items():
        for include in tree.includes[there] if there != name else []:
            if IMPURE_REACHED.fullmatch(include.target):
                found.append(Finding(name, 1, "pure-reach", f"reaches <{include.target}> by {way}"))
    return found


def check_outside(tree: Tree, name: str) -> list[Finding]:
    if name.startswith(MAY_SEE_PRIVATE):
        return []
    found = []
    for include in tree.includes[name]:
        there = tree.resolve(name, include.target)
        if there and there.startswith("src/"):
            text = f"{there} is private; programs use <haive/mcp/...>"
            found.append(Finding(name, include.line, "private-outside", text))
    return found


def check_cmake(root: Path, tree: Tree) -> list[Finding]:
    """The haive_module() rows: the same edges, lowest first, and one for every folder with code."""
    name = "CMakeLists.txt"
    text, found, seen = st.read(root, name), [], []
    for match in re.finditer(r"^\s*haive_module\(\s*(\w+)\s*([^)]*)\)", text, re.MULTILINE):
        module, edges = match.group(1), [e for e in match.group(2).split() if e != "EDGES"]
        line = text.count("\n", 0, match.start()) + 1
        if module not in ROWS:
            found.append(Finding(name, line, "cmake", f"module '{module}' has no row in tools/layers.py"))
        elif set(edges) != set(ROWS[module]):
            want = " ".join(ROWS[module])
            found.append(Finding(name, line, "cmake", f"'{module}' has the edges '{' '.join(edges)}', the table says '{want}'"))
        for edge in set(edges) - set(seen):
            found.append(Finding(name, line, "cmake-order", f"'{edge}' is not defined above '{module}'"))
        seen.append(module)
    used = {module_of(n) for n in tree.names} - {None, ""}
    for module in sorted((used & ROWS.keys() | MODULES.keys()) - set(seen)):
        found.append(Finding(name, 1, "cmake", f"there is no haive_module({module} ...)"))
    return found


def check_page(root: Path) -> list[Finding]:
    """The table of docs/internals/modules.md: rows of | `module` | `edge`, `edge` | ... |"""
    name, found, rows = "docs/internals/modules.md", [], {}
    if not (root / name).exists():
        return found
    for line, text in enumerate(st.read(root, name).splitlines(), 1):
        match = re.match(r"\|\s*`(\w+)`\s*\|([^|]*)\|", text)
        if match:
            module, edges = match.group(1), re.findall(r"`(\w+)`", match.group(2))
            rows[module] = edges
            if set(edges) != set(ROWS.get(module, ["?"])):
                want = " ".join(ROWS.get(module, ["(no such module)"]))
                found.append(Finding(name, line, "page", f"'{module}': tools/layers.py says '{want}'"))
    for module in sorted(ROWS.keys() - rows.keys()):
        found.append(Finding(name, 1, "page", f"'{module}' has no row in the table"))
    return found


def check(root: Path) -> list[Finding]:
    tree, found = Tree(root), []
    for name in tree.names:
        module = module_of(name)
        if module is None:
            if name.startswith(OUTSIDE):
                found += check_outside(tree, name)
            continue
        if module and module not in ROWS:
            found.append(Finding(name, 1, "unknown-module", f"'{module}' has no row in tools/layers.py"))
            continue
        for include in tree.includes[name]:
            found += check_library_include(tree, name, include)
            if name.startswith("include/") and f"src/{include.target}" not in tree.code:
                found += check_public(name, include)
        if PURE.fullmatch(Path(name).stem):
            found += check_pure(tree, name)
    return found + check_cmake(root, tree) + check_page(root)


def self_test() -> int:
    cmake = "".join(f"haive_module({m} EDGES {' '.join(e)})\n" for m, e in MODULES.items())
    clean = {
        "CMakeLists.txt": cmake,
        "include/haive/mcp/base/error.hpp": "#include <string>\n#include <boost/system/result.hpp>\n",
        "include/haive/mcp/client/client.hpp": '#include "haive/mcp/base/error.hpp"\n',
        "include/haive/mcp/client.hpp": '#include "haive/mcp/client/client.hpp"\n',
        "include/haive/mcp/asio.hpp": "#include <boost/asio/awaitable.hpp>\n",
        "src/base/loop_driver.hpp": "#include <boost/asio/io_context.hpp>\n",
        "src/base/timer_queue.hpp": '#include <vector>\n#include "haive/mcp/base/error.hpp"\n'
                                    '// asio, steady_clock::now, sleep(1)\nauto s = "system_clock";\n',
        "src/connection/connection.cpp": '#include "connection/connection_machine.hpp"\n#include <thread>\n',
        "src/connection/connection_machine.hpp": "#include <haive/mcp/client/client.hpp>\n",
        "src/jsonrpc/message_codec.cpp": "#include <simdjson.h>\n",
        "apps/cli/main.cpp": '#include <haive/mcp/client.hpp>\n#include "cli/table.hpp"\n',
        "apps/cli/table.hpp": "#include <CLI/CLI.hpp>\n",
        "tests/unit/base/timer_queue_test.cpp": '#include "base/timer_queue.hpp"\n',
    }
    public, private = "include/haive/mcp/base/x.hpp", "src/base/x.cpp"
    pure = "src/connection/health_score.cpp"
    plants = [
        ("edge", {"include/haive/mcp/base/x.hpp": "#include <haive/mcp/client/client.hpp>\n"}),
        ("edge", {private: '#include "connection/connection_machine.hpp"\n'}),
        ("public-private", {public: '#include "base/timer_queue.hpp"\n'}),
        ("umbrella", {private: '#include "haive/mcp/client.hpp"\n'}),
        ("unknown-include", {private: '#include "base/not_there.hpp"\n'}),
        ("unknown-module", {"src/misc/x.cpp": "int x;\n"}),
        ("include-path", {"src/base/deep/x.cpp": '#include "../timer_queue.hpp"\n',
                          "src/base/deep/y.cpp": '#include "base/timer_queue.hpp"\n'}),
        ("third-party", {private: "#include <simdjson.h>\n"}),
        ("third-party", {private: "#include <spdlog/spdlog.h>\n"}),
        ("heavy", {public: "#include <boost/asio.hpp>\n"}),
        ("heavy", {"include/haive/mcp/asio.hpp": "#include <boost/asio.hpp>\n"}),
        ("heavy", {public: "#include <CLI/CLI.hpp>\n"}),
        ("public-include", {public: "#include <boost/asio/awaitable.hpp>\n"}),
        ("public-include", {public: "#include <unistd.h>\n"}),
        ("private-outside", {"apps/cli/x.cpp": '#include "base/timer_queue.hpp"\n'}),
        ("private-outside", {"examples/x.cpp": '#include "base/timer_queue.hpp"\n'}),
        ("cmake", {"CMakeLists.txt": cmake.replace("jsonrpc EDGES base", "jsonrpc EDGES base observe")}),
        ("cmake", {"CMakeLists.txt": cmake.replace("haive_module(config", "# haive_module(config")}),
        ("cmake", {"src/auth/auth.cpp": "int x;\n"}),
        ("cmake-order", {"CMakeLists.txt": "".join(reversed(cmake.splitlines(keepends=True)))}),
        ("page", {"docs/internals/modules.md": "| `base` | `client` |\n"}),
        ("pure-reach", {"src/base/call_table.cpp": '#include "base/loop_driver.hpp"\n'}),
    ]
    plants += [("pure", {pure: f"#include <{header}>\n"}) for header in (
        "boost/asio/post.hpp", "thread", "mutex", "random", "iostream", "fstream", "unistd.h", "sys/wait.h")]
    plants += [("pure", {f"src/connection/{stem}.cpp": f"auto x = {name};\n"}) for stem, name in (
        ("backoff", "std::chrono::steady_clock::now()"), ("route", "std::chrono::system_clock::time_point()"),
        ("reload_plan", "clock_gettime(0, 0)"), ("call_table", "std::random_device()()"),
        ("probe_schedule", "boost::asio::any_io_executor()"), ("pool_sizing", "usleep(5)"),
        ("era_detector", "sleep(5)"), ("sse_parser", "std::this_thread::get_id()"),
        ("lease_queue", "spdlog::level::info"), ("retry_budget", "nanosleep(a, b)"))]
    return st.self_test("layers", check, clean, plants)


if __name__ == "__main__":
    if sys.argv[1:] == ["--self-test"]:
        sys.exit(self_test())
    sys.exit(st.report("layers", check(Path(__file__).resolve().parent.parent)))
