"""What is put into the latent space, and where it lands, as figures."""

from typing import Any

import numpy as np

from realnvp.figures.density import LOWEST
from realnvp.figures.points import ACCENT, OKABE_ITO, Figure
from realnvp.snapshot import View

PIECES = OKABE_ITO[4], OKABE_ITO[2], OKABE_ITO[5], OKABE_ITO[3]  # of a curve, in order; the same in both spaces
BRIDGE = OKABE_ITO[4]
LEAST_SHOWN = -16.0  # nats, of the densities along the bridge


def with_curve(figure: Figure, curve: np.ndarray, u: np.ndarray) -> Figure:
    """A curve (n, 2) over a figure, its quarters by u (n,) from 0 to 1 in four colours."""
    traces = []
    for k, colour in enumerate(PIECES):
        piece = curve[(u >= k / len(PIECES)) & (u <= (k + 1) / len(PIECES))]
        traces.append(line_trace(piece, colour, 3))
    return over(figure, *traces)


def with_path(figure: Figure, stages: np.ndarray) -> Figure:
    """The way of one point (layers + 1, 2) over a figure: an open ring where it begins, a full disc where it ends."""
    names = ["latent point z", *(f"layer {k} undone" for k in range(len(stages) - 1, 0, -1))]
    symbols = ["circle-open", *["circle"] * (len(stages) - 1)]
    sizes = [13, *[6] * (len(stages) - 2), 13][: len(stages)]
    trace = line_trace(stages, BRIDGE, 2) | {
        "mode": "lines+markers",
        "text": names,
        "marker": {"symbol": symbols, "size": sizes, "color": BRIDGE, "line": {"width": 2.5, "color": BRIDGE}},
        "hoverinfo": "all",
        "hovertemplate": "%{text}<br>(%{x:.2f}, %{y:.2f})<extra></extra>",
    }
    return over(figure, trace)


def with_bridge(figure: Figure, line: np.ndarray, sides: np.ndarray, ends: np.ndarray) -> Figure:
    """A line and the sides (2, n, 2) of a band around it over a figure; the ends (parts, 2) in the parts' colours."""
    band = line_trace(np.concatenate([sides[0], sides[1][::-1]]), BRIDGE, 1)
    band |= {"fill": "toself", "fillcolor": "rgba(213,94,0,0.35)"}
    marker = {"size": 13, "color": list(OKABE_ITO[: len(ends)]), "line": {"color": "#ffffff", "width": 2}}
    dots = line_trace(ends, BRIDGE, 1) | {"mode": "markers", "marker": marker}
    return over(figure, band, line_trace(line, BRIDGE, 2.5), dots)


def over(figure: Figure, *traces: dict[str, Any]) -> Figure:
    return {**figure, "data": [*figure["data"], *traces]}


def line_trace(points: np.ndarray, colour: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": np.ascontiguousarray(points[:, 0], np.float32),
        "y": np.ascontiguousarray(points[:, 1], np.float32),
        "line": {"color": colour, "width": width},
        "hoverinfo": "skip",
    }


def along_figure(length: np.ndarray, learned: np.ndarray, true: np.ndarray) -> Figure:
    """Learned and true log-density (n,), nats, along the image of a line, over its length so far (n,), data units."""
    data = []
    for name, colour, values in (("learned", ACCENT, learned), ("true", OKABE_ITO[1], true)):
        line = {"color": colour, "width": 2}
        shown = np.maximum(values, 4 * LEAST_SHOWN).astype(np.float32)
        hover = {"customdata": np.exp(values.astype(np.float64)).tolist(), "hovertemplate": "%{customdata:.2~g}"}
        data.append({"type": "scatter", "mode": "lines", "name": name, "x": length, "y": shown, "line": line, **hover})
    top = float(max(learned.max(), true.max(), 0)) + 1
    layout = {
        "xaxis": {"title": {"text": "along the image (data units)", "standoff": 2}, "zeroline": False, "nticks": 6},
        "yaxis": {
            "title": {"text": "log density (nats)", "standoff": 4},
            "range": [max(LEAST_SHOWN, min(LOWEST, float(true.min()) - 1)), min(top, 12)],
            "zeroline": False,
            "nticks": 6,
        },
        "margin": {"l": 44, "r": 8, "t": 26, "b": 34},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "hovermode": "x unified",
        "uirevision": f"{length[-1]:.3g}",
        "shapes": [],
    }
    return {"data": data, "layout": layout}


def widened(view: View, points: np.ndarray) -> View:
    """A view that also holds points (n, 2), as far as they lie no further from it than it is wide."""
    x_low, x_high, y_low, y_high = view
    low, high = np.array([x_low, y_low]), np.array([x_high, y_high])
    far = high - low
    near = points[np.isfinite(points).all(1)]
    near = np.clip(near, low - far, high + far)
    room = 0.04 * far
    if len(near):
        low = np.where(near.min(0) < low, near.min(0) - room, low)
        high = np.where(near.max(0) > high, near.max(0) + room, high)
    return (*map(float, (low[0], high[0], low[1], high[1])),)
