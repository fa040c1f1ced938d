#!/usr/bin/env python3
"""House rules that no compiler knows: banned calls, sizes, dead headers, links, paths.
Usage: tools/tidy.py [--self-test]. Findings fail; warnings are listed and do not."""

import os
import re
import sys
from pathlib import Path
from typing import NamedTuple

sys.dont_write_bytecode = True
import source_text as st
from source_text import Finding

FILE_LINES_WARN, FILE_LINES_MAX = 400, 800
FUNCTION_LINES_WARN = 70
COLUMNS_WARN, COLUMNS_MAX = 120, 120

LIBRARY = ("include/", "src/")
TEXT_SUFFIXES = st.CPP_SUFFIXES | {".md", ".py", ".sh", ".cmake", ".txt", ".json", ".yml", ".yaml"}
# Recorded or hostile inputs: they are what they are.
DATA = re.compile(r"tests/(fuzz/corpus|.*/(data|archives?|golden))/")


class Ban(NamedTuple):
    rule: str
    pattern: re.Pattern
    where: tuple[str, ...]
    except_for: str
    text: str


BANS = [
    Ban("system-clock", re.compile(r"\bsystem_clock\b(?!\s*(::\s*(time_point|duration)\b|[,>]))"), LIBRARY, "(include/haive/mcp|src)/base/clock.*",
        "wall time comes from base/clock"),
    Ban("rand", re.compile(r"(?<![.>])\bs?rand(_r)?\s*\("), LIBRARY + ("apps/", "tests/", "bench/"), "(?!)",
        "random numbers come from haive::mcp::Random"),
    Ban("random-device", re.compile(r"\brandom_device\b"), LIBRARY + ("tests/",), "src/base/.*",
        "seeds come from os_seed()"),
    Ban("sleep", re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|sleep)\s*\("), LIBRARY + ("tests/",),
        "(?!)", "wait for the event, or move the manual clock"),
    Ban("console", re.compile(r"\bstd\s*::\s*(cout|cerr|clog)\b|(?<![.>])\b(v?f?printf|puts|fputs|putchar|perror)\s*\("
                              r"|\bstd\s*::\s*print(ln)?\s*\("), LIBRARY, r"(?!)",
        "the library does not print; it emits events"),
]

UNFINISHED = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.~}*/-])/(?:ho" r"me|ro" r"ot|wo" r"rk)/")
MUST_RUN = ("dev", ".ci/run")


def is_text(name: str) -> bool:
    if DATA.match(name):
        return False
    return Path(name).suffix in TEXT_SUFFIXES or name in MUST_RUN or Path(name).name.startswith(".")


def check_bans(name: str, code: str) -> list[Finding]:
    found = []
    for ban in BANS:
        if name.startswith(ban.where) and not re.fullmatch(ban.except_for, name):
            for line, text in st.matches(code, ban.pattern):
                found.append(Finding(name, line, ban.rule, f"'{text}': {ban.text}"))
    return found


def check_lines(root: Path, name: str, text: str) -> list[Finding]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line:
            found.append(Finding(name, number, "tab", "a tab"))
        if line != line.rstrip():
            found.append(Finding(name, number, "trailing", "white space at the end"))
        if UNFINISHED.search(line):
            found.append(Finding(name, number, "unfinished", "finish it, or open an issue and name it"))
        if MACHINE_PATH.search(line):
            found.append(Finding(name, number, "machine-path", "a path of somebody's own machine"))
    if text and not text.endswith("\n"):
        found.append(Finding(name, text.count("\n") + 1, "trailing", "no newline at the end of the file"))
    if text.startswith("#!") and not os.access(root / name, os.X_OK):
        found.append(Finding(name, 1, "executable", "starts with #! and is not executable"))
    return found


def check_cpp(name: str, text: str, code: str) -> tuple[list[Finding], list[Finding]]:
    found, warnings = check_bans(name, code), []
    if Path(name).suffix in (".hpp", ".h") and not re.search(r"^#pragma once$", code, re.MULTILINE):
        found.append(Finding(name, 1, "pragma-once", "a header without #pragma once"))
    lines = text.count("\n")
    if lines > FILE_LINES_MAX:
        found.append(Finding(name, 1, "file-length", f"{lines} lines; the limit is {FILE_LINES_MAX}"))
    elif lines > FILE_LINES_WARN:
        warnings.append(Finding(name, 1, "file-length", f"{lines} lines; better under {FILE_LINES_WARN}"))
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > COLUMNS_MAX and "://" not in line and 'R"' not in line:
            found.append(Finding(name, number, "columns", f"{len(line)} columns; the limit is {COLUMNS_MAX}"))
        elif len(line) > COLUMNS_WARN:
            warnings.append(Finding(name, number, "columns", f"{len(line)} columns"))
    for number, length in functions(code):
        if length > FUNCTION_LINES_WARN:
            warnings.append(Finding(name, number, "function-length", f"{length} lines; better under {FUNCTION_LINES_WARN}"))
    return found, warnings


_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b(?![^{]*\)\s*[\w\s]*$)")


def functions(code: str) -> list[tuple[int, int]]:
    """(first line, lines) of each outermost function body. By braces, so roughly."""
    found, stack, start = [], [], 0
    code = re.sub(r"^[ \t]*#.*(?:\\\n.*)*", "", code, flags=re.MULTILINE)
    inside = 0
    for match in re.finditer(r"[{};]", code):
        at, char = match.start(), match.group(0)
        head = code[start:at]
        if char == "{":
            is_function = not inside and "(" in head and not _SCOPE.search(head)
            stack.append((is_function, at))
            inside += is_function
        elif char == "}" and stack:
            was_function, opened = stack.pop()
            inside -= was_function
            if was_function:
                found.append((code.count("\n", 0, opened) + 1, code.count("\n", opened, at) + 1))
        if not inside:
            start = at + 1
    return found


def check_dead_headers(codes: dict[str, str]) -> list[Finding]:
    """Headers of the library that nobody includes; the umbrella headers are there for users."""
    used = {include.target for code in codes.values() for include in st.includes(code)}
    found = []
    for name in codes:
        match = re.fullmatch(r"(?:include|src)/(.+\.hpp)", name)
        umbrella = re.fullmatch(r"include/haive/mcp/[^/]+", name)
        if match and not umbrella and match.group(1) not in used:
            found.append(Finding(name, 1, "dead", "nobody includes this header"))
    return found


def slugs(markdown: str) -> set[str]:
    """The anchors that a page has, as GitHub makes them from its headings."""
    seen, found = {}, set()
    for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*$", without_fences(markdown), re.MULTILINE):
        text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading).lower()
        slug = re.sub(r"[^\w\- ]", "", text).replace(" ", "-")
        count = seen.get(slug, 0)
        seen[slug] = count + 1
        found.add(f"{slug}-{count}" if count else slug)
    return found | set(re.findall(r'<a (?:id|name)="([^"]+)"', markdown))


def without_fences(markdown: str) -> str:
    blank = lambda match: "\n" * match.group(0).count("\n")
    text = re.sub(r"^ *(```|~~~).*?^ *\1[^\n]*", blank, markdown, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "``", text)


def check_links(root: Path, name: str, text: str) -> list[Finding]:
    found = []
    plain = without_fences(text)
    for match in re.finditer(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)|^\[[^]]+\]:\s+(\S+)", plain, re.MULTILINE):
        target = match.group(1) or match.group(2)
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        line = plain.count("\n", 0, match.start()) + 1
        path, _, anchor = target.partition("#")
        there = (root / name).parent / path if path else root / name
        if path.startswith("/") or not there.exists():
            found.append(Finding(name, line, "link", f"'{target}' leads nowhere"))
        elif anchor and there.suffix == ".md" and anchor not in slugs(there.read_text()):
            found.append(Finding(name, line, "link", f"'{path or name}' has no heading '#{anchor}'"))
    return found


def check_all(root: Path) -> tuple[list[Finding], list[Finding]]:
    found, warnings, codes = [], [], {}
    for name in st.project_files(root):
        if not is_text(name) or st.is_binary(root, name):
            continue
        text = st.read(root, name)
        found += check_lines(root, name, text)
        if name.endswith(".md"):
            found += check_links(root, name, text)
        if Path(name).suffix in st.CPP_SUFFIXES:
            codes[name] = st.code_only(text)
            more, warned = check_cpp(name, text, codes[name])
            found, warnings = found + more, warnings + warned
    for name in MUST_RUN:
        if (root / name).exists() and not os.access(root / name, os.X_OK):
            found.append(Finding(name, 1, "executable", "is not executable"))
    return found + check_dead_headers(codes), warnings


def show_warnings(warnings: list[Finding]) -> None:
    for rule in sorted({warning.rule for warning in warnings}):
        these = sorted(warning for warning in warnings if warning.rule == rule)
        shown = these if rule != "columns" else these[:5]
        for warning in shown:
            print(f"{warning.path}:{warning.line}: warning: {rule}: {warning.text}")
        if len(shown) < len(these):
            print(f"({len(these) - len(shown)} more warnings: {rule})")


def self_test() -> int:
    once = "#pragma once\n"
    clean = {
        "dev": "#!/bin/sh\n",
        "README.md": "# One\n\n## Two words\n\n[a](docs/x.md#three) [b](#two-words) [c](https://example.org/x)\n"
                     "```\n[d](nowhere.md)\n```\nsee `[e](nowhere.md)`\n",
        "docs/x.md": "# Three\n[up](../README.md)\n",
        "include/haive/mcp/client.hpp": once,
        "include/haive/mcp/base/a.hpp": once,
        "src/observe/event.cpp": "std::chrono::system_clock::time_point when;\n",
        "src/base/a.cpp": '#include "haive/mcp/base/a.hpp"\n// std::cout, sleep(1), rand()\n'
                          'int n = snprintf(b, 3, "std::cerr");\nauto r = self.rand();\n',
        "src/base/clock.cpp": "auto t = std::chrono::system_clock::now();\nstd::random_device d;\n",
        "apps/cli/main.cpp": "int main() { std::cout << 1; sleep(1); }\n",
        "tests/fuzz/corpus/sse/1.txt": "\tFIX" "ME  ",
    }
    source, test = "src/client/x.cpp", "tests/unit/x_test.cpp"
    header = "src/client/x.hpp"
    plants = [
        ("system-clock", {source: "auto t = std::chrono::system_clock::now();\n"}),
        ("rand", {source: "int r = rand();\n"}),
        ("rand", {test: "int r = std::rand();\n"}),
        ("random-device", {source: "std::random_device d;\n"}),
        ("sleep", {test: "std::this_thread::sleep_for(x);\n"}),
        ("sleep", {test: "usleep(5);\n"}),
        ("sleep", {source: "::sleep(5);\n"}),
        ("console", {source: "void f() { std::cout << 1; }\n"}),
        ("console", {source: "void f() { std::cerr << 1; }\n"}),
        ("console", {source: 'void f() { std::printf("x"); }\n'}),
        ("console", {source: 'void f() { fprintf(stderr, "x"); }\n'}),
        ("file-length", {source: "int x;\n" * 801}),
        ("columns", {source: "int " + "x" * 120 + ";\n"}),
        ("unfinished", {source: "// TO" "DO later\n"}),
        ("unfinished", {"docs/y.md": "FIX" "ME\n"}),
        ("dead", {header: once}),
        ("dead", {"include/haive/mcp/base/b.hpp": once}),
        ("link", {"docs/y.md": "[a](nowhere.md)\n"}),
        ("link", {"docs/y.md": "[a](../README.md#three)\n"}),
        ("link", {"docs/y.md": "[a]: nowhere.md\n"}),
        ("tab", {source: "\tint x;\n"}),
        ("trailing", {"docs/y.md": "text \n"}),
        ("trailing", {source: "int x;"}),
        ("pragma-once", {header: "int x;\n", source: '#include "client/x.hpp"\n'}),
        ("executable", {"dev": "# nothing\n"}),
        ("executable", {"tools/x.sh": "#!/bin/sh\n"}),
        ("machine-path", {"docs/y.md": "see /ho" "me/me/x\n"}),
        ("machine-path", {source: 'auto p = "/wo' 'rk/x";\n'}),
    ]

    def prepare(root: Path, rule: str) -> None:
        if rule == "executable":
            for name in ("dev", "tools/x.sh"):
                if (root / name).exists():
                    (root / name).chmod(0o644)

    bad = st.self_test("tidy", lambda root: check_all(root)[0], clean, plants, prepare)
    body = "int f(int a)\n{\n" + "    a++;\n" * 70 + "}\n"
    lengths = [length for _, length in functions("namespace x {\nstruct Y {\n" + body + "};\n}\nint g() { return 1; }\n")]
    if lengths != [72, 1]:
        print(f"tidy --self-test: function lengths are {lengths}, wanted [72, 1]")
        return 1
    return bad


def main() -> int:
    if sys.argv[1:] == ["--self-test"]:
        return self_test()
    found, warnings = check_all(Path(__file__).resolve().parent.parent)
    show_warnings(warnings)
    return st.report("tidy", found)


if __name__ == "__main__":
    sys.exit(main())
