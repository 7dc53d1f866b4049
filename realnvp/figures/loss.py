"""The loss curve as a figure."""

from typing import Any

import numpy as np

from realnvp.figures.points import ACCENT, GREY, NEUTRAL, OKABE_ITO, Figure

MOST_CURVE_POINTS = 600
HELD_OUT = OKABE_ITO[4]


def loss_figure(
    losses: np.ndarray, epochs: int, floor: float | None, before: np.ndarray | None, held_out: np.ndarray | None = None
) -> Figure:
    """The training loss (nats) of each epoch so far, of ``epochs`` in all; the run before in grey, the floor dashed.

    Of a fixed set of points also the held-out loss: epochs and losses (m, 2), with its lowest point marked.
    """
    curves = []
    if before is not None and len(before):
        curves.append(curve_trace(*thin(before), "the run before", GREY, 1.2) | {"showlegend": False})
    curves.append(curve_trace(*thin(losses), "training loss", ACCENT, 1.8))
    all_losses = [c for c in (losses, before) if c is not None and len(c)]
    if held_out is not None and len(held_out):
        checked, values = held_out.T
        curves.append(curve_trace(checked.astype(np.int32), values.copy(), "held-out loss", HELD_OUT, 2.2))
        curves.append(lowest_trace(*held_out[values.argmin()]))
        all_losses.append(values)
    last = max(epochs, 0 if before is None else len(before))
    low, high = loss_range(all_losses, floor)
    layout = {
        "xaxis": {"range": [0, last], "nticks": 6, "zeroline": False, "title": {"text": "epoch", "standoff": 2}},
        "yaxis": {
            "range": [low, high],
            "nticks": 5,
            "zeroline": False,
            "title": {"text": "loss (nats)", "standoff": 4},
        },
        "margin": {"l": 44, "r": 8, "t": 4 if held_out is None else 18, "b": 32},
        "showlegend": held_out is not None,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "yanchor": "bottom"},
        "hovermode": "x unified",
        "uirevision": f"{last}",
        **floor_line(floor),
    }
    return {"data": curves, "layout": layout}


def floor_line(floor: float | None) -> dict[str, Any]:
    """The part of a layout that draws the entropy floor (nats), or none."""
    if floor is None:
        return {"shapes": [], "annotations": []}
    line = {"color": NEUTRAL, "width": 1.4, "dash": "dash"}
    words = {
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "y": floor,
        "yanchor": "bottom",
        "showarrow": False,
        "text": f"entropy floor {floor:.3f}",
        "font": {"size": 11, "color": NEUTRAL},
    }
    return {
        "shapes": [{"type": "line", "xref": "paper", "x0": 0, "x1": 1, "y0": floor, "y1": floor, "line": line}],
        "annotations": [words],
    }


def curve_trace(epochs: np.ndarray, values: np.ndarray, name: str, colour: str, width: float) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": epochs,
        "y": values,
        "line": {"color": colour, "width": width},
        "hovertemplate": "%{y:.3f} nats",
    }


def lowest_trace(epoch: float, loss: float) -> dict[str, Any]:
    marker = {"color": HELD_OUT, "size": 9, "symbol": "diamond", "line": {"color": "#ffffff", "width": 1}}
    words = {"name": "lowest held-out loss", "showlegend": False, "hovertemplate": "%{y:.3f} nats"}
    return {"type": "scatter", "mode": "markers", "x": [epoch], "y": [loss], "marker": marker, **words}


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
