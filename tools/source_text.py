"""What the checking tools share: the list of files, C++ without its comments, findings, self-tests."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Callable, Iterable, NamedTuple

CPP_SUFFIXES = {".hpp", ".cpp", ".h", ".c", ".ipp"}


class Finding(NamedTuple):
    path: str
    line: int
    rule: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


def project_files(root: Path) -> list[str]:
    """Tracked files and new ones that are not ignored, relative to root; all files outside of git."""
    git = ["git", "-c", "safe.directory=*", "-C", str(root)]
    try:
        answer = subprocess.run(
            git + ["ls-files", "-coz", "--exclude-standard"], capture_output=True, check=True
        )
        names = answer.stdout.decode().split("\0")
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(root)) for p in root.rglob("*")]
        names = [n for n in names if not re.match(r"(build|\.git|\.cache)(/|$)", n)]
    return sorted({n for n in names if n and (root / n).is_file()})


def read(root: Path, name: str) -> str:
    return (root / name).read_bytes().decode("utf-8", errors="replace")


def is_binary(root: Path, name: str) -> bool:
    with (root / name).open("rb") as file:
        return b"\0" in file.read(4096)


_TOKENS = re.compile(
    r"""//[^\n]* | /\*.*?\*/
      | R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"
      | "(?:\\.|[^"\\\n])*" | (?<![0-9A-Fa-f])'(?:\\.|[^'\\\n])*'""",
    re.DOTALL | re.VERBOSE,
)


def code_only(text: str) -> str:
    """C++ with comments and the insides of literals blanked; every line keeps its number."""

    def blank(match: re.Match) -> str:
        token = match.group(0)
        line_start = text.rfind("\n", 0, match.start()) + 1
        if token[0] == '"' and re.match(r"\s*#\s*include\b", text[line_start : match.start()]):
            return token
        newlines = "\n" * token.count("\n")
        return newlines or ('""' if token[0] in "\"'R" else " ")

    return _TOKENS.sub(blank, text)


_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:"([^"\n]+)"|<([^>\n]+)>)', re.MULTILINE)


class Include(NamedTuple):
    line: int
    target: str
    quoted: bool


def includes(code: str) -> list[Include]:
    found = []
    for match in _INCLUDE.finditer(code):
        line = code.count("\n", 0, match.start(1 if match.group(1) else 2)) + 1
        found.append(Include(line, match.group(1) or match.group(2), match.group(1) is not None))
    return found


def matches(code: str, pattern: re.Pattern) -> Iterable[tuple[int, str]]:
    for match in pattern.finditer(code):
        yield code.count("\n", 0, match.start()) + 1, match.group(0).strip()


def report(tool: str, findings: list[Finding]) -> int:
    for finding in sorted(set(findings)):
        print(finding)
    print(f"{tool}: {len(set(findings))} findings" if findings else f"{tool}: ok", file=sys.stderr)
    return 1 if findings else 0


def plant(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if text.startswith("#!"):
            path.chmod(0o755)


Plant = tuple[str, dict[str, str]]


def self_test(tool: str, check: Callable[[Path], list[Finding]], clean: dict[str, str],
              plants: list[Plant], prepare: Callable[[Path, str], None] = lambda root, rule: None) -> int:
    """Every planted violation must give exactly its own rule; the clean tree must give none."""
    failures = 0
    for rule, files in [("", {})] + plants:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            plant(root, clean | files)
            prepare(root, rule)
            rules = {finding.rule for finding in check(root)}
        if rules != ({rule} if rule else set()):
            failures += 1
            print(f"{tool} --self-test: wanted {rule or 'nothing'}, got {sorted(rules)} for {files}")
    verdict = f"{failures} FAILED" if failures else "ok"
    print(f"{tool} --self-test: {len(plants) + 1} cases, {verdict}", file=sys.stderr)
    return 1 if failures else 0
