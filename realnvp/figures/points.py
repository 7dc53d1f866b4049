"""Points as figures; colours and views."""

from typing import Any

import numpy as np

from realnvp.snapshot import View

Figure = dict[str, Any]

# Okabe & Ito's palette, which people with any colour vision can tell apart.
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000")
NEUTRAL = "#8a90a0"  # points that have no class
ACCENT = "#4c6fe0"  # the loss curve
GREY = "#9aa0ad"
# Shrinks, stays, grows: blue to orange, which people with any colour vision can tell apart.
DIVERGING = [[0, "#0072B2"], [0.5, "#f3f3f3"], [1, "#D55E00"]]
LATENT_VIEW = (-3.7, 3.7, -3.7, 3.7)
MOST_SVG_POINTS = 400


def points_figure(points: np.ndarray, labels: np.ndarray | None, view: View, *, rings: bool = False) -> Figure:
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
        "hovertemplate": "x₁ %{x:.2f}<br>x₂ %{y:.2f}<extra></extra>",
    }
    x_low, x_high, y_low, y_high = view
    axis = {"zeroline": False, "nticks": 6, "ticks": ""}
    layout = {
        "xaxis": {**axis, "range": [x_low, x_high]},
        "yaxis": {**axis, "range": [y_low, y_high], "scaleanchor": "x"},
        "margin": {"l": 26, "r": 6, "t": 4, "b": 20},
        "showlegend": False,
        "hovermode": "closest",
        "uirevision": f"{view}",  # a zoom lasts as long as the view is the same
        "shapes": [ring(sigma) for sigma in (1, 2, 3)] if rings else [],
    }
    return {"data": [trace], "layout": layout}


def class_colours() -> list[list[Any]]:
    last = len(OKABE_ITO) - 1
    return [[i / last, colour] for i, colour in enumerate(OKABE_ITO)]


def ring(sigma: int) -> dict[str, Any]:
    line = {"color": NEUTRAL, "width": 1, "dash": "dot" if sigma == 3 else "solid"}
    return {"type": "circle", "x0": -sigma, "x1": sigma, "y0": -sigma, "y1": sigma, "line": line, "opacity": 0.7}


def data_view(points: np.ndarray) -> View:
    """A view (x low, x high, y low, y high) that holds the points (n, 2), with some room."""
    low, high = points.min(0), points.max(0)
    room = 0.12 * (high - low).max()
    (x_low, y_low), (x_high, y_high) = (low - room).round(2).tolist(), (high + room).round(2).tolist()
    return x_low, x_high, y_low, y_high
