#!/usr/bin/env python3
"""clang-tidy-19 over the sources of the library and the programs, two at a time or as many as there
are cores. A file that passed is not looked at again until it, a header of ours that it includes, the
rules or its command changes. Usage: tools/clang_tidy.py BUILD_FOLDER [PATH_PART...]"""

import hashlib
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.dont_write_bytecode = True
import source_text as st

ROOT = Path(__file__).resolve().parent.parent
COVERED = re.compile(r"(src|apps|examples)/.*\.cpp")


def headers_of(build: Path) -> dict[str, list[Path]]:
    """What each object was made from, as ninja noted it."""
    answer = subprocess.run(["ninja", "-C", str(build), "-t", "deps"], capture_output=True, text=True)
    deps, current = {}, []
    for line in answer.stdout.splitlines():
        if line.startswith("    "):
            path = (build / line.strip()).resolve()
            if path.is_relative_to(ROOT):
                current.append(path)
        elif ": #deps" in line:
            current = deps[line.split(": #deps")[0]] = []
    return deps


def fingerprint(entry: dict, headers: list[Path]) -> str:
    digest = hashlib.sha256(entry["command"].encode())
    for path in [ROOT / ".clang-tidy", Path(entry["file"])] + sorted(headers):
        digest.update(path.read_bytes() if path.exists() else b"gone")
    return digest.hexdigest()


def run_one(build: Path, entry: dict, headers: list[Path]) -> str:
    """The complaints about one file; nothing when it is clean or was clean as it is."""
    name = str(Path(entry["file"]).relative_to(ROOT))
    stamp = build / "clang-tidy" / (name.replace("/", "+") + ".ok")
    mark = fingerprint(entry, headers)
    if headers and stamp.exists() and stamp.read_text() == mark:
        return ""
    command = ["clang-tidy-19", "--quiet", "-p", str(build), entry["file"]]
    answer = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    if answer.returncode == 0:
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(mark)
        return ""
    return answer.stdout.replace(f"{ROOT}/", "") or answer.stderr


def main() -> int:
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    build, wanted = Path(sys.argv[1]).resolve(), sys.argv[2:]
    known = set(st.project_files(ROOT))
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        name = os.path.relpath(entry["file"], ROOT)
        if name in known and COVERED.fullmatch(name) and (not wanted or any(w in name for w in wanted)):
            entries.setdefault(name, entry)
    deps = headers_of(build)
    with ThreadPoolExecutor(max(2, os.cpu_count() or 2)) as pool:
        jobs = [pool.submit(run_one, build, e, deps.get(e.get("output", ""), [])) for e in entries.values()]
        complaints = [text for text in (job.result() for job in jobs) if text]
    print("\n".join(complaints), end="")
    print(f"clang-tidy: {len(entries)} files, {len(complaints)} with findings", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
