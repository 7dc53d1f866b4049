"""Figures that move by themselves, with Plotly's own buttons and slider, for files that stand alone."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from realnvp.figures.layers import stage_view
from realnvp.figures.points import ACCENT, LATENT_VIEW, MOST_SVG_POINTS, Figure, data_view, points_figure
from realnvp.snapshot import Axes, FilmFrame, Journey, Snapshot

POINTS = MOST_SVG_POINTS
BETWEEN = 4  # frames a layer
FRAME_MILLISECONDS = {"layers": 120, "film": 200}


def layers_figure(journey: Journey, labels: np.ndarray) -> go.Figure:
    """The points (n, 2) before the first layer, after each, and on their way."""
    stages = journey.stages()
    figure = points_figure(stages[0][:POINTS], labels[: len(stages[0])][:POINTS], stage_view(stages), rings=True)
    frames = [go.Frame(name="0", data=[moved(stages[0])])]
    for k, (s, t, changed) in enumerate(zip(journey.s, journey.t, journey.changed, strict=True)):
        for step in range(1, BETWEEN + 1):
            u = step / BETWEEN
            points = stages[k].copy()
            points[:, changed] = points[:, changed] * np.exp(u * s) + u * t
            frames.append(go.Frame(name=f"{k + u:g}", data=[moved(points)]))
    layout = figure["layout"] | {"width": 560, "height": 640} | controls(frames, "after layer ", "layers")
    return go.Figure(
        data=figure["data"], layout=layout | {"margin": {"l": 40, "r": 10, "t": 10, "b": 110}}, frames=frames
    )


def film_figure(film: Sequence[FilmFrame], snapshot: Snapshot, axes: Axes, loss: Figure) -> go.Figure:
    """Latent points and new samples at each moment, and where on the loss curve it is."""
    view = data_view(snapshot.input[:1000], axes)
    latent = points_figure(film[0].latent[:POINTS], snapshot.labels[:POINTS], LATENT_VIEW, rings=True)
    samples = points_figure(film[0].samples[:POINTS], None, view, axes=axes)
    curve = loss["data"][0]
    epochs, values = np.asarray(curve["x"]), np.asarray(curve["y"])
    marker = {"type": "scatter", "mode": "markers", "marker": {"color": ACCENT, "size": 10}, "hoverinfo": "skip"}
    marker |= on_curve(film[0].epoch, epochs, values)
    loss = {"data": [*loss["data"], marker], "layout": loss["layout"]}
    parts = [(latent, (0.0, 0.29)), (samples, (0.36, 0.65)), (loss, (0.72, 1.0))]
    data, layout = [], {"shapes": [], "annotations": [], "showlegend": False, "height": 470}
    for k, (figure, domain) in enumerate(parts, start=1):
        data += [trace | {"xaxis": f"x{k}", "yaxis": f"y{k}"} for trace in figure["data"]]
        layout |= axes_at(figure["layout"], k, domain)
        for kind in ("shapes", "annotations"):
            layout[kind] += [at_axes(item, k) for item in figure["layout"].get(kind, [])]
    frames = [
        go.Frame(
            name=f"{moment.epoch}",
            data=[moved(moment.latent), moved(moment.samples), on_curve(moment.epoch, epochs, values)],
            traces=[0, 1, len(data) - 1],
        )
        for moment in film
    ]
    layout |= controls(frames, "epoch ", "film") | {"margin": {"l": 40, "r": 10, "t": 10, "b": 110}}
    return go.Figure(data=data, layout=layout, frames=frames)


def axes_at(layout: dict, k: int, domain: tuple[float, float]) -> dict:
    """A figure's axes as the k-th of several side by side."""
    x, y = layout["xaxis"] | {"domain": domain, "anchor": f"y{k}"}, layout["yaxis"] | {"anchor": f"x{k}"}
    if "scaleanchor" in y:
        y["scaleanchor"] = f"x{k}"
    return {f"xaxis{k}": x, f"yaxis{k}": y}


def at_axes(item: dict, k: int) -> dict:
    """A shape or an annotation on the k-th axes, whether it is placed by values or by parts of the plot."""
    x, y = f"x{k}", f"y{k}"
    return item | {"xref": f"{x} domain" if item.get("xref") == "paper" else x, "yref": y}


def controls(frames: Sequence[go.Frame], words: str, kind: str) -> dict:
    """Buttons that play and pause, and a slider that follows."""
    timing = {"frame": {"duration": FRAME_MILLISECONDS[kind], "redraw": False}, "transition": {"duration": 0}}
    now = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    buttons = [
        {"label": "Play", "method": "animate", "args": [None, timing | {"fromcurrent": True}]},
        {"label": "Pause", "method": "animate", "args": [[None], now]},
    ]
    below = {"y": -0.12, "yanchor": "top", "xanchor": "left", "pad": {"t": 20}}
    steps = [{"label": frame.name, "method": "animate", "args": [[frame.name], now]} for frame in frames]
    slider = {"steps": steps, "currentvalue": {"prefix": words}, "x": 0.3, "len": 0.7}
    return {
        "updatemenus": [
            {"type": "buttons", "direction": "left", "showactive": False, "buttons": buttons, "x": 0, **below}
        ],
        "sliders": [slider | below],
    }


def moved(points: np.ndarray) -> dict:
    """Points (n, 2) as part of a frame, to four digits."""
    x, y = ([float(f"{value:.4g}") for value in column] for column in points[:POINTS].T.tolist())
    return {"type": "scatter", "x": x, "y": y}


def on_curve(epoch: int, epochs: np.ndarray, values: np.ndarray) -> dict:
    """The point of the loss curve that is nearest to an epoch."""
    nearest = int(np.abs(epochs - epoch).argmin())
    return {"type": "scatter", "x": [int(epochs[nearest])], "y": [float(values[nearest])]}
