"""What a run leaves behind: results.json, README.md and SVG plots."""

import json

import budgets
import plots
import report

HEAD = """# Benchmarks

Made by `./dev bench` on {date} (commit {commit}); nothing here is written by hand. {cpu}, {cores} cores of which
{cores_used} used, {system}, kernel {kernel}, {compiler}, Node {node}.

Everybody drives the same servers with the same calls: `echo` with texts of which no two are alike, by a number of
callers at a time. Rows are measured in turn, round after round, and medians are shown: what the machine did meanwhile,
it did to all of them. Client and server share one core, so that work is compared and not the waking of another core;
rates are those of both together. CPU is the client process's own, user and system, all its threads; "x bare" is its
ratio to a bare loop that writes and reads the very bytes that our client does and parses nothing. "+- %" is half the
distance between the least and the greatest round. The C++ server does as little as it can; the Node server is plain
Node without an SDK. "peak MB" is the most memory that was resident, the pages of shared libraries included; "private MB"
is what of it is the process's alone (anonymous pages), after the last calls of the row.
"""

PEER_NAMES = "Peers: {peers}. Each is a small driver in `bench/peers/`, written as the SDK's documentation shows, with its defaults."


def write(settings, results, kept):
    settings.out.mkdir(parents=True, exist_ok=True)
    raw = {key: value.rows_as_json() if hasattr(value, "rows_as_json") else value for key, value in results.items()}
    raw["budgets"] = [dict(zip(("what", "value", "limit", "verdict"), line.words())) for line in kept]
    (settings.out / "results.json").write_text(json.dumps(raw, indent=1) + "\n")
    pictures = draw(settings.out, results) if plots.available() else []
    (settings.out / "README.md").write_text(page(results, kept, pictures))
    if settings.whole and "peers" in results:
        put_into_readme(settings.readme, results)


BEGIN, END = "<!-- made by ./dev bench -->", "<!-- up to here -->"


def put_into_readme(path, results):
    """The summary's table goes between two marks; the rest of the file is a person's."""
    text = path.read_text()
    before, rest = text.split(BEGIN, 1)
    _, after = rest.split(END, 1)
    machine = results["machine"]
    peers = ", ".join(f"{name} {version}" for name, version in machine["peers"].items())
    table = report.markdown(*report.summary(results["peers"]))
    path.write_text(f"{before}{BEGIN}\n\n{table}\n\nMeasured on {machine['date']}, {machine['cpu']}, one core for both "
                    f"ends. Peers: {peers}.\n\n{END}{after}")


def draw(folder, results):
    table = results.get("peers")
    if table is None:
        return []
    wanted = [name for name in report.names_of(table, "stdio", "C++")
              if name not in ("haive-mcp client", "haive-mcp bench")]
    made = []
    for transport, title in (("stdio", "stdio"), ("http-legacy", "Streamable HTTP")):
        plots.bars(table, "cpu_us", transport, (1, 32), f"CPU per call over {title}: echo of 100 bytes", "microseconds",
                   folder / f"cpu_{transport}.svg", wanted)
        plots.memory(table, transport, folder / f"memory_{transport}.svg", wanted)
        made += [f"cpu_{transport}.svg", f"memory_{transport}.svg"]
    return made


def section(title, *tables):
    return [f"\n## {title}\n"] + [report.markdown(*table) + "\n" for table in tables if table[1]]


def page(results, kept, pictures):
    lines = [HEAD.format(**results["machine"])]
    peers = results["machine"].get("peers")
    if peers:
        lines.append(PEER_NAMES.format(peers=", ".join(f"{name} {version}" for name, version in peers.items())) + "\n")
    if kept:
        lines += section("Promises", (["what", "measured", "promised", ""], [list(line.words()) for line in kept]))
    if "peers" in results:
        table = results["peers"]
        lines += section("In short", report.summary(table))
        lines += section("Against the best peer", report.lead_lines(table))
        lines += [f"![{name}]({name})\n" for name in pictures]
        for transport, server, size in report.groups(table):
            lines += section(f"{report.TRANSPORTS[transport]}, {report.size_text(size)}, {server} server",
                             report.calls_table(table, transport, server, size))
        lines += section("Start", report.first_table(table))
        failed = [[client, report.TRANSPORTS[transport], server, text]
                  for (client, transport, server), text in table.failures.items()]
        lines += section("What could not be measured", (["client", "transport", "server", "because"], failed))
    if results.get("peer_fleets"):
        lines += section("Connect and list, the peers", peer_fleet_table(results["peer_fleets"]))
    if "own" in results:
        table = results["own"]
        for transport, server, size in report.groups(table):
            lines += section(f"Ours in depth: {report.TRANSPORTS[transport]}, {report.size_text(size)}",
                             report.calls_table(table, transport, server, size))
    if "idle" in results:
        lines += section("Idle", report.idle_table(results["idle"]))
    for name in ("fleet", "reconnect", "micro", "scrape"):
        if results.get(name):
            lines += section(name.capitalize(), report.figures(name, results[name]))
    return "\n".join(lines)


def peer_fleet_table(lines):
    import statistics

    keys = sorted({(line["client"], line["servers"]) for line in lines})
    median = lambda client, servers, figure: statistics.median(
        [line[figure] for line in lines if (line["client"], line["servers"]) == (client, servers)])
    return (["client, servers", "all listed, ms", "own CPU, ms", "MB"],
            [[f"{client}, {servers}", report.number(median(client, servers, "ms")),
              report.number(median(client, servers, "cpu_ms")), report.number(median(client, servers, "rss_kb") / 1024)]
             for client, servers in keys])
