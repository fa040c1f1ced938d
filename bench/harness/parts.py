"""What is measured: each function is one part of the run and fills its place in the results."""

import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

from clients import LARGE, MIDDLE, SMALL
from processes import Machine
from table import Table


class Run:
    """What all parts share."""

    def __init__(self, build, bench, machine, settings, say):
        self.build, self.bench, self.machine, self.settings, self.say = build, bench, machine, settings, say
        self.echo = str(build / "bench/haive-bench-echo")
        self.node = ["node", str(bench / "servers/node_echo.mjs")]

    def machine_of_all(self):
        """For what uses many processes at once: all cores."""
        return Machine(0)

    def program(self, name):
        return str(self.build / f"bench/haive-bench-{name}")

    @contextmanager
    def target(self, transport, server):
        """Yields what a client is pointed at, and what it needs in its environment."""
        command = [self.echo] if server == "C++" else self.node
        if transport == "stdio":
            yield [*command, "stdio"], {}
            return
        with ExitStack() as stack:
            environment = {}
            words = [*command, "http"]
            scheme = "http"
            if transport == "https":
                folder = stack.enter_context(tempfile.TemporaryDirectory())
                words = [*command, "https", folder]
                environment["BENCH_CA_FILE"] = str(Path(folder) / "certificate.pem")
                scheme = "https"
            port = stack.enter_context(self.machine.server(words))
            if server != "C++":  # the bare loop repeats what the C++ server was sent
                teller = stack.enter_context(self.machine.server([self.echo, "http"]))
                environment["BENCH_SAMPLE_URL"] = f"http://127.0.0.1:{teller}/mcp"
            yield f"{scheme}://127.0.0.1:{port}/mcp", environment


def side_by_side(run, table, clients, transport, server, plan, rounds):
    """Every client in turn, again and again: whatever the machine does meanwhile, it does to all of them.
    `plan`: (sizes, flights) pairs in the order of growing memory."""
    given_up = set()
    for round_number in range(rounds):
        for client in clients:
            if client.name in given_up:
                continue
            mode = "http-legacy" if transport == "https" else transport
            cells = [cell for sizes, flights in plan for cell in client.cells(transport, sizes, flights)]
            with run.target(transport, server) as (target, environment):
                outcome = client.run(run.machine, mode, cells, target, environment)
            table.add(client, transport, server, outcome)
            if outcome.error:
                given_up.add(client.name)
                run.say(f"  {client.name}, {transport}, {server}: {outcome.error}")
        run.say(f"  {transport}, {server} server: round {round_number + 1} of {rounds}")


def own(run, ours):
    """The budgets of the design: ours in every depth, over the bare loop, with both ends on one core."""
    table = Table()
    depths = [ours[name] for name in ("connection-raw", "bare", "client-raw", "manager-raw", "connection", "manager",
                                      "blocking")]
    few = [ours["connection-raw"]]
    rounds = run.settings.rounds or 5
    for transport in ("stdio", "http-legacy", "http-modern"):
        side_by_side(run, table, depths, transport, "C++", [([SMALL], [1, 32])], rounds)
    side_by_side(run, table, few, "https", "C++", [([SMALL], [1, 32])], rounds)
    return table


def against_peers(run, ours, peers):
    table = Table()
    clients = [ours[name] for name in ("bare", "client", "connection", "manager", "command")] + peers
    rounds = run.settings.rounds or 3
    full = run.settings.full
    everything = [([SMALL, MIDDLE], [1, 32, 256]), ([LARGE], [1, 32, 256] if full else [1, 32])]
    small = [([SMALL], [1, 32, 256] if full else [1, 32])]
    for transport in ("stdio", "http-legacy", "http-modern"):
        side_by_side(run, table, clients, transport, "C++", everything if full or transport != "http-modern" else small,
                     rounds)
        side_by_side(run, table, clients, transport, "Node", small, rounds if full else 1)
    return table


def idle(run):
    seconds = str(run.settings.idle_seconds)
    out = []
    for kind, counts in (("connections", (1, 100, 1000, 10000)), ("manager", (1000, 10000))):
        for count in counts:
            if count <= run.settings.idle_count:
                out += run.machine.line([run.program("idle"), kind, str(count), seconds])
    return out


def reconnect(run):
    return run.machine.line([run.program("reconnect"), "30", "--", run.echo, "stdio"])


def micro(run):
    """Operations inside the process, by Google Benchmark."""
    import json
    import subprocess

    text = subprocess.run([run.program("micro"), "--benchmark_format=json", "--benchmark_repetitions=5",
                           "--benchmark_report_aggregates_only=true"], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, check=True).stdout
    return [{"name": one["run_name"], "time": one["cpu_time"], "unit": one["time_unit"]}
            for one in json.loads(text)["benchmarks"] if one["aggregate_name"] == "median"]


def fleet(run):
    """Many servers; the program prints a figure a line (docs/benchmarks has their meaning)."""
    rounds = str(max(run.settings.rounds or 5, 7))  # the slowest of a hundred calls differs much from run to run
    return [line for line in run.machine_of_all().line([run.program("fleet"), "--rounds", rounds], 1200)
            if "figure" in line]


def scrape(run):
    return [line for line in run.machine.line([run.program("scrape")], 120) if "figure" in line]


def peer_fleets(run, peers):
    """Connect to 1, 25 and 100 servers at once and list the tools of each, as the SDK's documentation does it."""
    out = []
    for peer in peers:
        for _ in range(run.settings.rounds or 3):
            outcome = run.machine_of_all().drive([*peer.command, "fleet", "1,25,100", "--", run.echo, "stdio"], 180)
            if outcome.unsupported:
                break
            if outcome.error:
                run.say(f"  {peer.name}, fleet: {outcome.error}")
                break
            out += [{"client": peer.name} | cell for cell in outcome.cells]
    return out
