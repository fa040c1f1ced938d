"""Rows of samples, and what is said of them."""

import statistics
from dataclasses import dataclass, field


@dataclass
class Row:
    client: str
    transport: str
    server: str
    in_flight: int
    bytes: int
    peer: bool = False
    samples: dict = field(default_factory=dict)  # figure -> values, one a round

    def add(self, cell):
        for figure in ("cpu_us", "wall_us", "p50_us", "p99_us", "p999_us", "rss_kb", "private_kb"):
            if cell.get(figure) is not None:
                self.samples.setdefault(figure, []).append(cell[figure])

    def median(self, figure):
        values = self.samples.get(figure)
        return statistics.median(values) if values else None

    def spread(self, figure):
        """Half of what lies between the least and the greatest, in percent of the median."""
        values = self.samples.get(figure)
        if not values or len(values) < 2:
            return None
        return (max(values) - min(values)) / 2 / statistics.median(values) * 100

    def as_json(self):
        return {"client": self.client, "transport": self.transport, "server": self.server,
                "in_flight": self.in_flight, "bytes": self.bytes, "peer": self.peer, "samples": self.samples}


class Table:
    def __init__(self):
        self.rows = []
        self.first_ms = {}  # (client, transport, server) -> values
        self.failures = {}  # (client, transport, server) -> text

    def add(self, client, transport, server, outcome):
        if outcome.first_ms is not None:
            self.first_ms.setdefault((client.name, transport, server), []).append(outcome.first_ms)
        for cell in outcome.cells:
            row = self.find(client.name, transport, server, cell["in_flight"], cell["bytes"])
            if row is None:
                row = Row(client.name, transport, server, cell["in_flight"], cell["bytes"], client.peer)
                self.rows.append(row)
            row.add(cell)
        if outcome.error:
            self.failures[client.name, transport, server] = outcome.error

    def find(self, client, transport, server, in_flight, size):
        for row in self.rows:
            if (row.client, row.transport, row.server, row.in_flight, row.bytes) == (client, transport, server,
                                                                                   in_flight, size):
                return row
        return None

    def value(self, figure, client, transport, in_flight, size=100, server="C++"):
        row = self.find(client, transport, server, in_flight, size)
        return row.median(figure) if row else None

    def ratio(self, figure, row, base):
        floor = self.value(figure, base, row.transport, row.in_flight, row.bytes, row.server)
        mine = row.median(figure)
        return mine / floor if floor and mine is not None else None

    def first(self, client, transport, server="C++"):
        values = self.first_ms.get((client, transport, server))
        return statistics.median(values) if values else None

    def rows_as_json(self):
        return {"rows": [row.as_json() for row in self.rows],
                "first_ms": [[*key, values] for key, values in self.first_ms.items()],
                "failures": [[*key, text] for key, text in self.failures.items()]}
