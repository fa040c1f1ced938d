"""Who is measured: the bare loop, ours in several depths, the command, and the official SDKs."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from processes import Cell, Outcome

SMALL, MIDDLE, LARGE = 100, 10 * 1024, 1024 * 1024

# Calls of a cell, by how fast the client is; enough for a second or so of each.
CALLS = {
    ("fast", "stdio"): {SMALL: {1: 20000, 32: 100000, 256: 100000}, MIDDLE: {1: 4000, 32: 8000, 256: 8000},
                        LARGE: {1: 60, 32: 96, 256: 256}},
    ("slow", "stdio"): {SMALL: {1: 2000, 32: 4000, 256: 4000}, MIDDLE: {1: 400, 32: 800, 256: 800},
                        LARGE: {1: 16, 32: 64, 256: 256}},
    ("fast", "http"): {SMALL: {1: 15000, 32: 40000, 256: 40000}, MIDDLE: {1: 4000, 32: 8000, 256: 8000},
                       LARGE: {1: 60, 32: 96, 256: 256}},
    ("slow", "http"): {SMALL: {1: 500, 32: 1000, 256: 1000}, MIDDLE: {1: 200, 32: 400, 256: 400},
                       LARGE: {1: 16, 32: 64, 256: 256}},
}


@dataclass
class Client:
    name: str
    command: list
    speed: str = "slow"
    version: str = ""
    peer: bool = False
    blocked: int = 0  # in flight at most; 0: any

    def cells(self, transport, sizes, flights):
        calls = CALLS[self.speed, "stdio" if transport == "stdio" else "http"]
        return [Cell(flight, size, calls[size][flight]) for size in sizes for flight in flights
                if not self.blocked or flight <= self.blocked]

    def run(self, machine, transport, cells, target, environment, limit=180):
        words = ["--", *target] if transport == "stdio" else [target]
        listed = ",".join(cell.word() for cell in cells)
        return machine.drive([*self.command, transport, listed, *words], limit, environment)


class Command(Client):
    """`haive-mcp bench`: a process for each cell, and the same arguments each time."""

    def run(self, machine, transport, cells, target, environment, limit=180):
        outcome = Outcome()
        era = "modern" if transport == "http-modern" else "legacy"
        for cell in cells:
            text = json.dumps({"text": "x" * cell.bytes})
            if len(text) > 100000:
                continue  # longer than an argument of a process may be
            command = [*self.command, "bench", *([] if transport == "stdio" else [target]), "echo", "--args", text,
                       "--calls", str(cell.calls), "--concurrency", str(cell.in_flight), "--era", era, "--json"]
            command += ["--", *target] if transport == "stdio" else []
            run = machine.drive(command, limit, environment)
            if run.error:
                outcome.error = run.error
                break
            said = run.cells[0]
            outcome.cells.append({"in_flight": cell.in_flight, "bytes": cell.bytes, "calls": said["calls"],
                                  "cpu_us": said["cpu_us_per_call"], "wall_us": 1e6 / said["calls_per_second"],
                                  "p50_us": said["p50"] * 1e6, "p99_us": said["p99"] * 1e6,
                                  "p999_us": said["p999"] * 1e6, "rss_kb": None})
        return outcome


def ours(build):
    driver = str(build / "bench/haive-bench-driver")

    def of(kind, name, **more):
        return Client(name, [driver, kind], "fast", **more)

    return {
        "bare": of("bare", "bare loop"),
        "client": of("client", "haive-mcp client"),
        "connection": of("connection", "haive-mcp connection"),
        "manager": of("manager", "haive-mcp manager + pool"),
        "blocking": of("blocking", "haive-mcp, blocking calls", blocked=32),
        "client-raw": of("client-raw", "client, JSON text"),
        "connection-raw": of("connection-raw", "connection, JSON text"),
        "manager-raw": of("manager-raw", "manager + pool, JSON text"),
        "command": Command("haive-mcp bench", [str(build / "apps/cli/haive-mcp")], "fast"),
    }


def peers(folder, wanted):
    """The SDKs that can be had here; bench/peers/install.sh says which and puts them into a cache."""
    script = folder / "peers/install.sh"
    run = subprocess.run([str(script), *wanted], stdout=subprocess.PIPE, text=True, check=False)
    found = []
    for line in run.stdout.splitlines():
        name, version, command = line.split("\t")
        found.append(Client(f"{name}", command.split(" "), "slow", version, peer=True))
    if run.returncode != 0:
        print("bench: some peers could not be installed", file=sys.stderr)
    return found


def cache_folder():
    return Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "haive-mcp"
