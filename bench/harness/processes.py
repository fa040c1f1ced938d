"""Runs the programs that measure: on one core, with a limit of time, and reads what they print."""

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Cell:
    """So many calls of so many bytes, so many at once."""

    in_flight: int
    bytes: int
    calls: int

    def word(self):
        return f"{self.in_flight}:{self.bytes}:{self.calls}"


@dataclass
class Outcome:
    """What one run of a driver gave: the time to its first answer and a line for each cell."""

    first_ms: float | None = None
    cells: list = field(default_factory=list)
    error: str = ""
    unsupported: bool = False


def private_kb(pid):
    """Memory that is this process's alone now: not the pages of libraries, which others share."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("RssAnon:")), None)
    except (OSError, ValueError):
        return None


class Machine:
    """Where the measured processes run. Both ends of a conversation share a core unless told otherwise: what is compared
    is work, and not how this machine wakes another core today."""

    def __init__(self, cores):
        available = sorted(os.sched_getaffinity(0))
        self.cores = set(available[-cores:]) if cores else set(available)

    def start(self, command, **how):
        return subprocess.Popen(command, preexec_fn=lambda: os.sched_setaffinity(0, self.cores), **how)

    def drive(self, command, limit, extra_environment=None):
        """One run of a driver (bench/README.md has its contract)."""
        outcome = Outcome()
        began = time.monotonic()
        process = self.start(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                             env=os.environ | (extra_environment or {}))
        watchdog = Watchdog(process, limit)
        with process:
            for line in process.stdout:
                if line.strip() == "first":
                    outcome.first_ms = (time.monotonic() - began) * 1000
                elif line.startswith("{"):
                    outcome.cells.append(json.loads(line) | {"private_kb": private_kb(process.pid)})
            stderr = process.stderr.read().strip()
        watchdog.stop()
        outcome.unsupported = process.returncode == 3
        if process.returncode != 0:
            reason = f"no end within {limit} s" if watchdog.fired else f"exit status {process.returncode}"
            outcome.error = f"{reason}: {stderr.splitlines()[-1][:300] if stderr else 'said nothing'}"
        return outcome

    def line(self, command, limit=600):
        """What a program that measures one thing prints: JSON objects, a line each."""
        run = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=limit, check=False,
                             preexec_fn=lambda: os.sched_setaffinity(0, self.cores))
        if run.returncode != 0:
            print(f"bench: {' '.join(map(str, command))} failed ({run.returncode})", file=sys.stderr)
        return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]

    @contextmanager
    def server(self, command):
        """A server that prints its port and ends with its stdin."""
        process = self.start(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        try:
            port = process.stdout.readline().split()
            if not port:
                raise RuntimeError(f"{command[0]} did not start")
            yield int(port[-1])
        finally:
            process.stdin.close()
            try:
                process.wait(5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


class Watchdog:
    """Ends a process that does not end by itself."""

    def __init__(self, process, limit):
        import threading

        self.fired = False
        self._process = process
        self._timer = threading.Timer(limit, self._end)
        self._timer.daemon = True
        self._timer.start()

    def _end(self):
        self.fired = True
        self._process.kill()

    def stop(self):
        self._timer.cancel()
