#!/usr/bin/env python3
"""Writes docs/internals/states.md, which the program states_doc prints from the transition table.
Usage: tools/gen_states_doc.py [--check] [--program FILE]
--check: writes nothing, shows how the page differs and fails then. Without --program the one of build/dev is
brought up to date first."""

import argparse
import difflib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/internals/states.md"
TREE = ROOT / "build/dev"


def built_program() -> Path:
    """Configures build/dev if it is not there yet; a ready program costs ninja a look at its inputs."""
    if not (TREE / "build.ninja").exists():
        run(["cmake", "--preset", "dev"])
    run(["cmake", "--build", str(TREE), "--target", "states_doc"])
    return TREE / "tools/states_doc/states_doc"


def run(command: list[str]) -> None:
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if answer.returncode != 0:
        sys.exit(f"{answer.stdout}{answer.stderr}gen_states_doc: '{' '.join(command)}' failed")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--program", type=Path)
    options = parser.parse_args()

    program = options.program or built_program()
    answer = subprocess.run([str(program)], capture_output=True, text=True)
    if answer.returncode != 0:
        sys.exit(f"{answer.stderr}gen_states_doc: {program} failed")
    if not options.check:
        PAGE.write_text(answer.stdout)
        return 0
    committed = PAGE.read_text() if PAGE.exists() else ""
    if committed == answer.stdout:
        return 0
    name = str(PAGE.relative_to(ROOT))
    lines = difflib.unified_diff(committed.splitlines(), answer.stdout.splitlines(), name, "the transition table", "", "", 0, "")
    print("\n".join(list(lines)[:40]))
    print(f"{name}:1: states: does not say what the transition table says: run tools/gen_states_doc.py and commit")
    return 1


if __name__ == "__main__":
    sys.exit(main())
