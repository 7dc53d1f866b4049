"""What a benchmark has measured, as a figure."""

from typing import TYPE_CHECKING

import plotly.graph_objects as go

from realnvp.figures.points import OKABE_ITO

if TYPE_CHECKING:  # the benchmark imports torch, which figures do without
    from realnvp.bench.table import Table


def measured_figure(table: "Table") -> go.Figure:
    """One curve, or one bar in each group, for each drawn column; both scales of curves are logarithmic."""
    if table.line:
        (label,) = table.labels
        places = [row[label] for row in table.rows]
        draw, scale = go.Scatter, {"type": "log"}
        below = {"type": "log", "title": label, "tickvals": places}
    else:
        places = ["<br>".join(str(row[label]) for label in table.labels) for row in table.rows]
        draw, scale, below = go.Bar, {}, {"type": "category"}
    figure = go.Figure([draw(x=places, y=[row[name] for row in table.rows], name=name) for name in table.drawn])
    return figure.update_layout(
        template="plotly_white",
        colorway=OKABE_ITO,
        margin={"t": 10},
        xaxis=below,
        yaxis={"title": table.unit, **scale},
    )
