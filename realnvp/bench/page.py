"""The tables as one HTML page with plots, which needs no network."""

import html
from collections.abc import Sequence

import plotly.graph_objects as go

from realnvp.bench.table import Table
from realnvp.figures.points import OKABE_ITO

HEAD = """<!doctype html><html lang="en"><meta charset="utf-8"><title>RealNVP playground, measured</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:13px;display:block;overflow-x:auto}
td,th{padding:.2rem .6rem;text-align:right;border-bottom:1px solid #ddd}</style>"""


def page(tables: Sequence[Table], machine: str) -> str:
    """A whole page: what was measured, and on what machine."""
    parts = [HEAD, f"<h1>Measured</h1><p>{html.escape(machine)}</p>"]
    script = True  # plotly.js comes with the first plot
    for table in tables:
        parts.append(f"<h2>{html.escape(table.title)}</h2>")
        if table.rows and table.drawn:
            parts.append(plot(table).to_html(full_html=False, include_plotlyjs=script, default_height="420px"))
            script = False
        head, *rows = table.cells()
        parts.append("<table>" + row_html("th", head) + "".join(row_html("td", row) for row in rows) + "</table>")
        parts.append(f"<p>{html.escape(table.note)}</p>")
    return "\n".join(parts)


def row_html(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"


def plot(table: Table) -> go.Figure:
    """One curve, or one bar in each group, for each drawn column; both scales of curves are logarithmic."""
    if table.line:
        (label,) = table.labels
        places = [row[label] for row in table.rows]
    else:
        label = ""
        places = ["<br>".join(f"{name} {row[name]}" for name in table.labels) for row in table.rows]
    traces = []
    for column in table.drawn:
        values = [row[column] for row in table.rows]
        traces.append(
            go.Scatter(x=places, y=values, name=column) if table.line else go.Bar(x=places, y=values, name=column)
        )
    figure = go.Figure(traces)
    kind = "log" if table.line else None
    figure.update_layout(
        template="plotly_white",
        colorway=OKABE_ITO,
        xaxis={"title": label, "type": kind},
        yaxis={"title": table.unit, "type": kind},
    )
    return figure
