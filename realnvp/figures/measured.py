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
