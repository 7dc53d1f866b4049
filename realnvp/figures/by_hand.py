"""A coupling shaped by hand, as figures."""

import numpy as np

from realnvp.figures.layers import layer_curves_figure
from realnvp.figures.points import OKABE_ITO, Figure, points_figure
from realnvp.snapshot import Curves

CELL = OKABE_ITO[3]
LINE = "rgba(128,136,150,0.5)"


def reach_of(stages: list[np.ndarray], cells: np.ndarray) -> float:
    """Half the side of the view: it holds nearly all points (n, 2) and the cell (k, 2) at all stages, up to 8.

    So no step changes it, and areas can be compared.
    """
    reach = max(float(np.quantile(np.abs(stage), 0.998)) for stage in stages)
    return round(min(max(2.2, 1.08 * reach, 1.04 * float(np.abs(cells).max())), 8.0), 2)


def plane_figure(points: np.ndarray, labels: np.ndarray, grid: np.ndarray, cell: np.ndarray, reach: float) -> Figure:
    """Points (n, 2) on a grid, whose lines (m, 2) have NaN between them, and the outline of a cell (k, 2)."""
    figure = points_figure(points, labels, (-reach, reach, -reach, reach))
    figure["data"][0] |= {"zorder": 1, "hoverinfo": "skip", "hovertemplate": None}
    quiet = {"type": "scatter", "mode": "lines", "hoverinfo": "skip"}
    closed = np.concatenate([cell, cell[:1]])
    figure["data"] += [
        {**quiet, "x": column(grid, 0), "y": column(grid, 1), "line": {"color": LINE, "width": 1}},
        {
            **quiet,
            "x": column(closed, 0),
            "y": column(closed, 1),
            "zorder": 2,
            "line": {"color": CELL, "width": 2},
            "fill": "toself",
            "fillcolor": "rgba(204,121,167,0.45)",
        },
    ]
    for axis, name in (("xaxis", "x₁"), ("yaxis", "x₂")):
        figure["layout"][axis] |= {"title": {"text": name, "standoff": 2}}
    figure["layout"]["margin"] = {"l": 40, "r": 6, "t": 4, "b": 34}
    return figure


def shapes_figure(
    curves: Curves, kept: np.ndarray, s: np.ndarray, t: np.ndarray, changed: int, cell: float, reach: float
) -> Figure:
    """s and t over the coordinate that stays, dots where the points lie, and a line where the cell is."""
    figure = layer_curves_figure(curves, kept, s, t, changed, most=60)
    most = max(1.6, 1.1 * float(max(np.abs(curves.s).max(), np.abs(curves.t).max())))
    figure["layout"]["xaxis"] |= {"range": [-reach, reach]}
    figure["layout"]["yaxis"] |= {"range": [-most, most], "title": None}
    line = {"color": CELL, "width": 2}
    here = {"type": "line", "yref": "paper", "x0": cell, "x1": cell, "y0": 0, "y1": 1, "line": line}
    margin = {"l": 30, "r": 6, "t": 4, "b": 34}
    figure["layout"] |= {"shapes": [here], "margin": margin, "uirevision": f"{changed}", "showlegend": False}
    return figure


def column(vertices: np.ndarray, which: int) -> np.ndarray:
    return np.ascontiguousarray(vertices[:, which], np.float32)
