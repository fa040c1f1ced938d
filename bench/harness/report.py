"""Tables for people: in the terminal, and as Markdown."""

import budgets

FIGURES = {"cpu_us": "CPU us/call", "wall_us": "wall us/call", "p50_us": "p50 us", "p99_us": "p99 us",
           "p999_us": "p99.9 us", "rss_kb": "peak MB", "private_kb": "private MB"}
TRANSPORTS = {"stdio": "stdio", "http-legacy": "Streamable HTTP, legacy era", "http-modern": "Streamable HTTP, modern era",
              "https": "Streamable HTTP over TLS"}


def number(value):
    if value is None:
        return "-"
    return f"{value:,.0f}" if value >= 1000 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def size_text(size):
    return "100 B" if size == 100 else "10 KB" if size == 10240 else "1 MB"


def markdown(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" + "--:|" * (len(header) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def names_of(table, transport, server):
    seen = []
    for row in table.rows:
        if row.transport == transport and row.server == server and row.client not in seen:
            seen.append(row.client)
    return seen


def groups(table):
    seen = []
    for row in table.rows:
        key = (row.transport, row.server, row.bytes)
        if key not in seen:
            seen.append(key)
    return seen


def calls_table(table, transport, server, size):
    """A line a client; CPU with its ratio to the bare loop, for each number in flight."""
    flights = sorted({row.in_flight for row in table.rows
                      if (row.transport, row.server, row.bytes) == (transport, server, size)})
    header = ["client"]
    for flight in flights:
        header += [f"CPU us ({flight})", "x bare", "calls/s", "p50 us", "p99 us", "p99.9 us"]
    header += ["peak MB", "private MB", "+- %"]
    lines = []
    for name in names_of(table, transport, server):
        words = [name]
        last = None
        spreads = []
        for flight in flights:
            row = table.find(name, transport, server, flight, size)
            if row is None:
                words += ["-"] * 6
                continue
            last = row
            ratio = table.ratio("cpu_us", row, "bare loop")
            wall = row.median("wall_us")
            words += [number(row.median("cpu_us")), number(ratio), number(1e6 / wall if wall else None),
                      number(row.median("p50_us")), number(row.median("p99_us")), number(row.median("p999_us"))]
            if row.spread("cpu_us") is not None:
                spreads.append(row.spread("cpu_us"))
        if last is None:
            continue
        megabytes = lambda figure: last.median(figure) / 1024 if last.median(figure) else None
        words += [number(megabytes("rss_kb")), number(megabytes("private_kb")), number(max(spreads) if spreads else None)]
        lines.append(words)
    return header, lines


def first_table(table):
    rows = []
    for (client, transport, server) in table.first_ms:
        if server == "C++":
            rows.append([client, TRANSPORTS[transport], number(table.first(client, transport))])
    return ["client", "transport", "start to first result, ms"], rows


def plain(header, rows):
    """The same for a terminal."""
    widths = [max(len(str(row[i])) for row in [header, *rows]) for i in range(len(header))]
    line = lambda row: row[0].ljust(widths[0]) + "  " + "  ".join(str(w).rjust(n) for w, n in zip(row[1:], widths[1:]))
    return "\n".join(line(row) for row in [header, *rows])


def lead_lines(table):
    out = []
    for transport in ("stdio", "http-legacy", "http-modern"):
        for figure, flight, mine, best, who, ratio in budgets.lead(table, transport):
            out.append([f"{TRANSPORTS[transport]}, {FIGURES[figure]} ({flight} in flight)",
                        number(mine / 1024 if figure.endswith("_kb") else mine),
                        number(best / 1024 if figure.endswith("_kb") else best), who, f"{ratio:.1f}x"])
    return ["against the best peer", "ours", "its", "which", "lead"], out


def idle_table(lines):
    rows = [[f"{line['count']:,} {'connections' if line['kind'] == 'connections' else 'servers of a manager'}",
             number(line["bytes_each"] - line["transport_bytes_each"]), number(line["bytes_each"]),
             f"{line['cpu_percent']:.3f}"] for line in lines]
    return ["idle, monitored", "bytes each", "with its in-memory transport", "% of a core"], rows


def figures(name, lines):
    rows = []
    for line in lines:
        if "figure" in line:
            rows.append([line["figure"].replace("_", " "), number(line["value"]), line.get("unit", "")])
        elif "time" in line:
            rows.append([line["name"], number(line["time"]), line["unit"]])
        else:
            rows += [[key.replace("_", " "), number(value), ""] for key, value in line.items()]
    return [name, "median", "unit"], rows


def summary(table):
    """One line a client, over both transports: what the README shows."""
    rows = []
    for name in names_of(table, "stdio", "C++"):
        if name in ("haive-mcp client", "haive-mcp bench"):
            continue
        words = [name]
        for transport in ("stdio", "http-legacy"):
            for flight in (1, 32):
                words.append(number(table.value("cpu_us", name, transport, flight)))
            wall = table.value("wall_us", name, transport, 32)
            words.append(number(1e6 / wall if wall else None))
        rss, private = (table.value(figure, name, "stdio", 256) for figure in ("rss_kb", "private_kb"))
        words += [f"{number(rss / 1024)} ({number(private / 1024)})" if rss and private else "-"]
        words.append(number(table.first(name, "stdio")))
        rows.append(words)
    return (["client", "stdio: CPU us (1)", "(32)", "calls/s (32)", "HTTP: CPU us (1)", "(32)", "calls/s (32)",
             "peak MB (private)", "first result, ms"], rows)
