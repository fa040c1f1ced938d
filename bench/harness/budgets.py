"""The promises of the design (section 7), and whether this run keeps them."""

from dataclasses import dataclass


@dataclass
class Budget:
    what: str
    value: float | None
    limit: float
    unit: str

    at_least: bool = False

    @property
    def kept(self):
        if self.value is None:
            return False
        return self.value >= self.limit if self.at_least else self.value <= self.limit

    def words(self):
        """(what, figure, limit, verdict)"""
        value = "not measured" if self.value is None else f"{self.value:,.2f} {self.unit}"
        sign = ">=" if self.at_least else "<="
        return self.what, value, f"{sign} {self.limit:,g} {self.unit}", "ok" if self.kept else "MISSED"

    def text(self):
        what, value, limit, verdict = self.words()
        return f"{what:<68} {value:>14}   {limit:<12} {verdict}"


def quotient(a, b):
    return a / b if a is not None and b else None


def of_calls(table):
    cpu = lambda client, transport, flight: table.value("cpu_us", client, transport, flight)
    p50 = lambda client, transport, flight: table.value("p50_us", client, transport, flight)
    connection = "connection, JSON text"
    above = None
    if p50(connection, "stdio", 1) is not None and p50("client, JSON text", "stdio", 1) is not None:
        above = p50(connection, "stdio", 1) - p50("client, JSON text", "stdio", 1)
    return [
        Budget("CPU of a sequential stdio call, over the bare loop",
               quotient(cpu(connection, "stdio", 1), cpu("bare loop", "stdio", 1)), 3, "x"),
        Budget("CPU of a pipelined stdio call (32 in flight)", cpu(connection, "stdio", 32), 6, "us"),
        Budget("connection, health and verdict above the bare client, p50", above, 2, "us"),
        *[Budget(f"CPU of an HTTP call, over the bare loop ({flight} in flight)",
                 quotient(cpu(connection, "http-legacy", flight), cpu("bare loop", "http-legacy", flight)), 3, "x")
          for flight in (1, 32)],
        *[Budget(f"CPU of an HTTP call over TLS, over the plain one ({flight} in flight)",
                 quotient(cpu(connection, "https", flight), cpu(connection, "http-legacy", flight)), 1.7, "x")
          for flight in (1, 32)],
    ]


def of_idle(lines):
    out = []
    for line in lines:
        if line["kind"] == "connections" and line["count"] == 10000:
            own = line["bytes_each"] - line["transport_bytes_each"]
            out.append(Budget("memory of an idle monitored connection, its transport aside", own, 4096, "B"))
            out.append(Budget("10,000 idle monitored connections", line["cpu_percent"], 2, "%"))
    return out


def of_part(name, lines):
    """Programs that print their own limits."""
    return [Budget(f"{name}: {line['figure'].replace('_', ' ')}", line["value"], line["budget"], line.get("unit", ""))
            for line in lines if "budget" in line]


def best_peer(table, figure, transport, flight):
    best = None
    for row in table.rows:
        if row.peer and (row.transport, row.server, row.in_flight, row.bytes) == (transport, "C++", flight, 100):
            value = row.median(figure)
            if value is not None and (best is None or value < best[0]):
                best = (value, row.client)
    return best


def lead(table, transport):
    """Ours against the best of the peers: (figure, in flight, ours, the best peer's, who, ratio)."""
    out = []
    for figure, flight in (("cpu_us", 1), ("cpu_us", 32), ("cpu_us", 256), ("wall_us", 1), ("wall_us", 32),
                           ("wall_us", 256), ("rss_kb", 256), ("private_kb", 256)):
        mine = table.value(figure, "haive-mcp connection", transport, flight)
        best = best_peer(table, figure, transport, flight)
        if mine and best:
            out.append((figure, flight, mine, best[0], best[1], best[0] / mine))
    return out


def of_lead(table):
    """The lead that is promised, against the best of those that were measured in this run."""
    limits = {("cpu_us", "stdio"): 4, ("cpu_us", "http-legacy"): 3, ("rss_kb", "stdio"): 10, ("rss_kb", "http-legacy"): 10,
              ("wall_us", "stdio"): 5}
    names = {"cpu_us": "CPU per call", "rss_kb": "peak memory", "wall_us": "calls per second"}
    out = []
    for transport in ("stdio", "http-legacy"):
        for figure, flight, _, _, who, ratio in lead(table, transport):
            limit = limits.get((figure, transport))
            if limit is None or (figure == "wall_us" and flight == 1):
                continue
            out.append(Budget(f"{transport}, {flight} in flight: lead in {names[figure]} over {who}", ratio, limit, "x", True))
    return out
