"""Points as figures; colours and views."""

import math
from typing import Any

import numpy as np

from realnvp.snapshot import Axes, View

Figure = dict[str, Any]

# Okabe & Ito's palette, which people with any colour vision can tell apart; grey for its black, which dark pages hide.
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#999999")
NEUTRAL = "#8a90a0"  # points that have no class
ACCENT = "#4c6fe0"  # the loss curve
GREY = "#9aa0ad"
# Shrinks, stays, grows: blue to orange, which people with any colour vision can tell apart.
DIVERGING = [[0, "#0072B2"], [0.5, "#f3f3f3"], [1, "#D55E00"]]
LATENT_VIEW = (-3.7, 3.7, -3.7, 3.7)
MOST_SVG_POINTS = 400
PLANE = Axes()


def points_figure(
    points: np.ndarray, labels: np.ndarray | None, view: View, *, axes: Axes = PLANE, rings: bool = False
) -> Figure:
    """Points (n, 2) coloured by class label (n,), or neutral; ``view`` = (x low, x high, y low, y high).

    ``rings`` adds the circles that hold 39%, 86% and 99% of a standard Gaussian: 1, 2 and 3 sigma.
    """
    many = len(points) > 3000
    marker: dict[str, Any] = {"size": 2.6 if many else 4, "opacity": 0.55 if many else 0.8}
    if labels is None:
        marker["color"] = NEUTRAL
    else:
        marker |= {"color": labels, "colorscale": class_colours(), "cmin": 0, "cmax": len(OKABE_ITO) - 1}
    trace = {
        "type": "scattergl" if len(points) > MOST_SVG_POINTS else "scatter",  # a browser has few WebGL contexts
        "mode": "markers",
        "meta": "samples" if labels is None else "held-out",  # the i-th is the same point in every picture
        "x": np.ascontiguousarray(points[:, 0], np.float32),
        "y": np.ascontiguousarray(points[:, 1], np.float32),
        "marker": marker,
        "hovertemplate": f"{place_words(axes)}<extra></extra>",
    }
    layout = {
        **axes_layout(view, axes),
        "showlegend": False,
        "hovermode": "closest",
        "uirevision": f"{view}",  # a zoom lasts as long as the view is the same
        "shapes": [ring(sigma) for sigma in (1, 2, 3)] if rings else [],
    }
    return {"data": [trace], "layout": layout}


def axes_layout(view: View, axes: Axes = PLANE) -> dict[str, Any]:
    """Axes and margins of a plot of the data: coordinates of one unit equally long, others by their names."""
    x_low, x_high, y_low, y_high = view
    axis: dict[str, Any] = {"zeroline": False, "nticks": 6, "ticks": ""}
    x, y = {**axis, "range": [x_low, x_high]}, {**axis, "range": [y_low, y_high]}
    if axes.equal:
        return {"xaxis": x, "yaxis": {**y, "scaleanchor": "x"}, "margin": {"l": 26, "r": 6, "t": 4, "b": 20}}
    for each, name in zip((x, y), axes.names, strict=True):
        each["title"] = {"text": short_name(name), "standoff": 3}
    return {"xaxis": x, "yaxis": y, "margin": {"l": 52, "r": 6, "t": 4, "b": 36}}


def place_words(axes: Axes) -> str:
    """What hovering says of a place, as a Plotly template."""
    digits = ".2f" if axes.equal else ".4~g"
    return f"{short_name(axes.names[0])} %{{x:{digits}}}<br>{short_name(axes.names[1])} %{{y:{digits}}}"


def short_name(name: str, most: int = 32) -> str:
    """A column's name as plain text in a plot, where < would begin a tag and a long one would not fit."""
    short = name if len(name) <= most else f"{name[: most - 1]}…"
    return short.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("%", "&#37;")


def class_colours() -> list[list[Any]]:
    last = len(OKABE_ITO) - 1
    return [[i / last, colour] for i, colour in enumerate(OKABE_ITO)]


def ring(sigma: int) -> dict[str, Any]:
    line = {"color": NEUTRAL, "width": 1, "dash": "dot" if sigma == 3 else "solid"}
    return {"type": "circle", "x0": -sigma, "x1": sigma, "y0": -sigma, "y1": sigma, "line": line, "opacity": 0.7}


def data_view(points: np.ndarray, axes: Axes = PLANE) -> View:
    """A view (x low, x high, y low, y high) that holds the points (n, 2) but for lone far ones, with some room."""
    points = points.astype(np.float64)
    most_low, most_high = np.quantile(points, [0.02, 0.98], axis=0)
    far = most_high - most_low
    low = np.maximum(points.min(0), most_low - far)
    high = np.minimum(points.max(0), most_high + far)
    span = np.maximum(high - low, 1e-30)
    room = 0.12 * (span.max() if axes.equal else span)
    decimals = [2, 2] if axes.equal else [3 - math.ceil(math.log10(part)) for part in span]
    (x_low, y_low), (x_high, y_high) = low - room, high + room
    x, y = decimals
    return (*(round(float(v), d) for v, d in ((x_low, x), (x_high, x), (y_low, y), (y_high, y))),)
