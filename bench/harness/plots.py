"""SVG plots of a run. Needs matplotlib (Debian: python3-matplotlib); without it there are none."""

OURS = "#1f6f8b"
BARE = "#b0b7bd"
PEER = "#c8553d"


def available():
    try:
        import matplotlib  # noqa: F401
    except ImportError:
        return False
    return True


def figure_style():
    import matplotlib

    matplotlib.use("svg")
    # Text stays text, and the same run gives the same bytes.
    matplotlib.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "haive-mcp", "font.size": 9,
                                "axes.spines.top": False, "axes.spines.right": False})


def colour_of(row):
    return BARE if row.client == "bare loop" else PEER if row.peer else OURS


def bars(table, figure, transport, flights, title, unit, path, wanted):
    """One panel for each number in flight: a bar a client, on a logarithmic scale, the figure written beside it."""
    import matplotlib.pyplot as plot

    figure_style()
    drawing, panels = plot.subplots(1, len(flights), figsize=(4.2 * len(flights), 0.42 * len(wanted) + 1.2),
                                    sharey=True, squeeze=False)
    for panel, flight in zip(panels[0], flights):
        rows = [table.find(name, transport, "C++", flight, 100) for name in wanted]
        rows = [row for row in rows if row is not None and row.median(figure)]
        if not rows:
            continue
        values = [row.median(figure) for row in rows]
        places = range(len(rows))
        panel.barh(list(places), values, color=[colour_of(row) for row in rows], height=0.7)
        panel.set_yticks(list(places), [row.client for row in rows])
        panel.invert_yaxis()
        panel.set_xscale("log")
        panel.set_xlim(min(values) / 2, max(values) * 4)
        for place, value in zip(places, values):
            panel.text(value * 1.1, place, f"{value:,.0f}" if value >= 100 else f"{value:.1f}", va="center")
        panel.set_title(f"{flight} in flight")
        panel.set_xlabel(unit)
    drawing.suptitle(title)
    drawing.tight_layout()
    drawing.savefig(path, metadata={"Date": None})
    plot.close(drawing)


def memory(table, transport, path, wanted):
    import matplotlib.pyplot as plot

    figure_style()
    rows = [table.find(name, transport, "C++", 32, 100) for name in wanted]
    rows = [row for row in rows if row is not None and row.median("rss_kb")]
    if not rows:
        return
    values = [row.median("rss_kb") / 1024 for row in rows]
    drawing, panel = plot.subplots(figsize=(6.5, 0.42 * len(rows) + 1.2))
    panel.barh(range(len(rows)), values, color=[colour_of(row) for row in rows], height=0.7)
    panel.set_yticks(range(len(rows)), [row.client for row in rows])
    panel.invert_yaxis()
    for place, value in enumerate(values):
        panel.text(value, place, f" {value:.0f}", va="center")
    panel.set_xlabel("MB")
    panel.set_title("Most memory resident, calls of 100 bytes")
    drawing.tight_layout()
    drawing.savefig(path, metadata={"Date": None})
    plot.close(drawing)
