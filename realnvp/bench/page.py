"""The tables as one HTML page with plots, which needs no network."""

import html
from collections.abc import Sequence

from realnvp.bench.table import Table
from realnvp.figures.measured import measured_figure

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
            parts.append(
                measured_figure(table).to_html(full_html=False, include_plotlyjs=script, default_height="420px")
            )
            script = False
        head, *rows = table.cells()
        parts.append("<table>" + row_html("th", head) + "".join(row_html("td", row) for row in rows) + "</table>")
        parts.append(f"<p>{html.escape(table.note)}</p>")
    return "\n".join(parts)


def row_html(tag: str, cells: Sequence[str]) -> str:
    return "<tr>" + "".join(f"<{tag}>{html.escape(cell)}</{tag}>" for cell in cells) + "</tr>"
