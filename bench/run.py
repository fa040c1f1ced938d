#!/usr/bin/env python3
"""./dev bench: measures haive-mcp, the physical limit and the official SDKs side by side, and writes what it found.

Parts (--only takes one or several, with commas):
    own        the budgets of calls: ours in every depth, over the bare loop
    idle       the budgets of idle connections: memory and the processor's time, 1 to 10,000 of them
    peers      every client on the same echo servers: stdio, Streamable HTTP of both eras
    fleet      many servers: start, one dead among them, four bad ones among a hundred
    reconnect  after kill -9
    micro      parsing, and reading the score
    scrape     metrics of 1,000 servers
A whole run writes docs/benchmarks/; a partial one writes build/bench/."""

import argparse
import json
import os
import platform
import subprocess
import sys
import time
from pathlib import Path

sys.dont_write_bytecode = True
BENCH = Path(__file__).resolve().parent
sys.path.insert(0, str(BENCH / "harness"))

import budgets  # noqa: E402
import clients  # noqa: E402
import parts  # noqa: E402
import pages  # noqa: E402
import report  # noqa: E402
from processes import Machine  # noqa: E402

PARTS = ("own", "idle", "peers", "fleet", "reconnect", "micro", "scrape")


def say(text):
    print(text, file=sys.stderr, flush=True)


def read_settings():
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="PART[,PART]", help="only these parts")
    parser.add_argument("--peers", default="", metavar="NAME[,NAME]",
                        help="only these peers; 'none' for none (default: all that can be had here)")
    parser.add_argument("--rounds", type=int, default=0, help="of each row (default: 5 of ours, 3 against peers)")
    parser.add_argument("--full", action="store_true", help="also the rest of the matrix: 256 calls of 1 MB at once, all sizes in the modern era, "
                             "the Node server with 256 in flight")
    parser.add_argument("--idle-seconds", type=float, default=30)
    parser.add_argument("--idle-count", type=int, default=10000, help="the most idle connections")
    parser.add_argument("--cores", type=int, default=1,
                        help="that both ends of a conversation share (default: 1; 0: all there are)")
    parser.add_argument("--build", type=Path, default=BENCH.parent / "build/release")
    parser.add_argument("--out", type=Path, help="where results go (default: see above)")
    settings = parser.parse_args()
    settings.parts = [part for part in settings.only.split(",") if part] or list(PARTS)
    unknown = [part for part in settings.parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are {', '.join(PARTS)}")
    settings.whole = settings.parts == list(PARTS)
    settings.readme = BENCH.parent / "README.md"
    if settings.out is None:
        settings.out = BENCH.parent / ("docs/benchmarks" if settings.whole else "build/bench")
    return settings


def first_line(command):
    try:
        return subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False).stdout.splitlines()[0].strip()
    except (OSError, IndexError):
        return "not there"


def machine_facts(cores):
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    system = next((line.split("=", 1)[1].strip('"') for line in Path("/etc/os-release").read_text().splitlines()
                   if line.startswith("PRETTY_NAME=")), platform.system())
    return {"cpu": cpu, "cores": os.cpu_count(), "cores_used": cores or os.cpu_count(), "kernel": platform.release(),
            "system": system, "compiler": first_line(["clang++-19", "--version"]), "node": first_line(["node", "--version"]),
            "date": time.strftime("%Y-%m-%d"),
            "commit": first_line(["git", "-C", str(BENCH.parent), "describe", "--always", "--dirty"])}


def main():
    settings = read_settings()
    run = parts.Run(settings.build, BENCH, Machine(settings.cores), settings, say)
    ours = clients.ours(settings.build)
    results = {"machine": machine_facts(settings.cores)}
    kept = []

    def show(lines):
        kept.extend(lines)
        for line in lines:
            print(line.text(), flush=True)

    if "own" in settings.parts:
        say("bench: ours, over the bare loop")
        table = parts.own(run, ours)
        results["own"] = table
        for transport, server, size in report.groups(table):
            print(f"\n{report.TRANSPORTS[transport]}, {report.size_text(size)}, {server} server")
            print(report.plain(*report.calls_table(table, transport, server, size)), flush=True)
        print()
        show(budgets.of_calls(table))
    if "idle" in settings.parts:
        say("bench: idle connections")
        results["idle"] = parts.idle(run)
        print("\n" + report.plain(*report.idle_table(results["idle"])))
        show(budgets.of_idle(results["idle"]))
    for name, part in (("fleet", parts.fleet), ("reconnect", parts.reconnect), ("micro", parts.micro),
                       ("scrape", parts.scrape)):
        if name in settings.parts:
            say(f"bench: {name}")
            results[name] = part(run)
            print("\n" + report.plain(*report.figures(name, results[name])), flush=True)
            show(budgets.of_part(name, results[name]))
    if "peers" in settings.parts:
        wanted = [name for name in settings.peers.split(",") if name]
        found = [] if wanted == ["none"] else clients.peers(BENCH, wanted)
        results["machine"]["peers"] = {peer.name: peer.version for peer in found}
        say(f"bench: against {', '.join(peer.name + ' ' + peer.version for peer in found) or 'nobody'}")
        table = parts.against_peers(run, ours, found)
        results["peers"] = table
        results["peer_fleets"] = parts.peer_fleets(run, found)
        for transport, server, size in report.groups(table):
            print(f"\n{report.TRANSPORTS[transport]}, {report.size_text(size)}, {server} server")
            print(report.plain(*report.calls_table(table, transport, server, size)))
        print("\n" + report.plain(*report.first_table(table)))
        print("\n" + report.plain(*report.lead_lines(table)), flush=True)
        show(budgets.of_lead(table))
    pages.write(settings, results, kept)
    say(f"bench: written to {settings.out}")
    return 0 if all(line.kept for line in kept) else 1


if __name__ == "__main__":
    sys.exit(main())
