"""Arrays -> Plotly figures, as plain dictionaries {"data": ..., "layout": ...}. No torch, no Streamlit.

Fonts, grid colours and sizes are the page's: the live figure sets them for the light and the dark theme.
"""

from typing import Any

import numpy as np

Figure = dict[str, Any]

# Okabe & Ito's palette, which people with any colour vision can tell apart.
OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#D55E00", "#56B4E9", "#F0E442", "#000000")
NEUTRAL = "#8a90a0"  # points that have no class
ACCENT = "#4c6fe0"  # the loss curve
GREY = "#9aa0ad"
LATENT_VIEW = (-3.7, 3.7, -3.7, 3.7)
MOST_CURVE_POINTS = 600
MOST_SVG_POINTS = 400


def points_figure(
    points: np.ndarray, labels: np.ndarray | None, view: tuple[float, float, float, float], *, rings: bool = False
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


def data_view(points: np.ndarray) -> tuple[float, float, float, float]:
    """A view (x low, x high, y low, y high) that holds the points (n, 2), with some room."""
    low, high = points.min(0), points.max(0)
    room = 0.12 * (high - low).max()
    (x_low, y_low), (x_high, y_high) = (low - room).round(2).tolist(), (high + room).round(2).tolist()
    return x_low, x_high, y_low, y_high


def loss_figure(losses: np.ndarray, epochs: int, floor: float | None, before: np.ndarray | None) -> Figure:
    """The training loss (nats) of each epoch so far, of ``epochs`` in all; the run before in grey, the floor dashed."""
    curves = []
    if before is not None and len(before):
        curves.append(curve_trace(before, "the run before", GREY, 1.2))
    curves.append(curve_trace(losses, "training loss", ACCENT, 1.8))
    last = max(epochs, 0 if before is None else len(before))
    low, high = loss_range([c for c in (losses, before) if c is not None and len(c)], floor)
    layout = {
        "xaxis": {"range": [0, last], "nticks": 6, "zeroline": False, "title": {"text": "epoch", "standoff": 2}},
        "yaxis": {
            "range": [low, high],
            "nticks": 5,
            "zeroline": False,
            "title": {"text": "loss (nats)", "standoff": 4},
        },
        "margin": {"l": 44, "r": 8, "t": 4, "b": 32},
        "showlegend": False,
        "hovermode": "x unified",
        "uirevision": f"{last}",
        "shapes": [],
        "annotations": [],
    }
    if floor is not None:
        line = {"color": NEUTRAL, "width": 1.4, "dash": "dash"}
        layout["shapes"] = [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": floor, "y1": floor, "line": line}]
        layout["annotations"] = [
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "right",
                "y": floor,
                "yanchor": "bottom",
                "showarrow": False,
                "text": f"entropy floor {floor:.3f}",
                "font": {"size": 11, "color": NEUTRAL},
            }
        ]
    return {"data": curves, "layout": layout}


def curve_trace(losses: np.ndarray, name: str, colour: str, width: float) -> dict[str, Any]:
    epochs, values = thin(losses)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": epochs,
        "y": values,
        "line": {"color": colour, "width": width},
        "hovertemplate": "%{y:.3f} nats",
    }


def thin(losses: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Epochs (from 1) and losses; a long curve as the medians of equal stretches of epochs."""
    stretch = -(-len(losses) // MOST_CURVE_POINTS)
    if stretch <= 1:
        return np.arange(1, len(losses) + 1, dtype=np.int32), losses.astype(np.float64)
    whole = len(losses) // stretch
    medians = np.median(losses[: whole * stretch].reshape(whole, stretch), axis=1)
    return np.arange(1, whole + 1, dtype=np.int32) * stretch, medians.astype(np.float64)


def loss_range(curves: list[np.ndarray], floor: float | None) -> tuple[float, float]:
    """Limits that show the curves but for lone spikes: a spike of an epoch or two must not flatten all the rest."""
    tops, lows = [], [] if floor is None else [floor]
    for losses in curves:
        finite = losses[np.isfinite(losses)].astype(np.float64)
        if len(finite) == 0:
            continue
        smooth = np.median(np.lib.stride_tricks.sliding_window_view(finite, min(5, len(finite))), axis=1)
        tops.append(smooth.max())
        lows.append(smooth.min())
    low, high = min(lows, default=0.0), max(tops, default=3.0)
    room = 0.08 * max(high - low, 0.1)
    return round(low - room, 3), round(high + room, 3)
