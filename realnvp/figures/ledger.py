"""One point's path through the flow, and the ledger of its log-density, as figures."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import numpy as np

from realnvp.figures.points import ACCENT, MOST_SVG_POINTS, NEUTRAL, OKABE_ITO, Figure, points_figure
from realnvp.snapshot import View

GROWS, SHRINKS = OKABE_ITO[4], OKABE_ITO[0]  # as in the colour maps of log-dets
MOST_NUMBERED = 12  # layers of which each has its number and its value at its bar
UNITS_BAR = -1  # number of the bar of the standardising
LATENT_REACH, PATH_REACH = 2.3, 5.0  # of the picture: at least, and at most for the sake of a path
FLOAT32_DIGITS = 7


@dataclass(frozen=True)
class Column:
    """A ledger in nats, rounded so that it adds up exactly as it is shown.

    The running sums and the total are rounded, and each part is the step between two of them: so a part is less than
    one unit of its last digit away from its own value.
    """

    log_normal: Decimal
    units: Decimal  # log-det of the standardising, 0 where the data are taken as they are
    log_dets: tuple[Decimal, ...]
    running: tuple[Decimal, ...]  # running[k] = units + log_dets[0] + ... + log_dets[k]
    log_prob: Decimal  # log_normal + running[-1]

    def bars(self) -> list["Bar"]:
        """The standardising where there is any, log N(z), the layers in turn, each on top of the one before; the total.

        Bar 0 is log N(z), bar k is layer k, and the one after the last layer is log p(x); the standardising is bar -1.
        """
        units = [(UNITS_BAR, "log-det of standardising", self.units)] if self.units else []
        layers = [(k, f"log-det of layer {k}", value) for k, value in enumerate(self.log_dets, 1)]
        bars, end = [], Decimal(0)
        for number, name, value in [*units, (0, "log N(z; 0, I)", self.log_normal), *layers]:
            bars.append(Bar(number, name, value, end, end + value))
            end += value
        return [*bars, Bar(len(layers) + 1, "log p(x)", self.log_prob, Decimal(0), self.log_prob)]


@dataclass(frozen=True)
class Bar:
    """One bar of a ledger, in nats."""

    number: int
    name: str
    value: Decimal
    start: Decimal
    end: Decimal


def ledger_column(running: Sequence[float], log_prob: float, decimals: int, *, units: float = 0.0) -> Column:
    """The column of a point from its running log-dets, with the units' at their start, and its log-density: nats."""
    sums = [rounded(value, decimals) for value in (units, *running)]
    total = rounded(log_prob, decimals)
    parts = [after - before for before, after in pairwise(sums)]
    return Column(total - sums[-1], sums[0], tuple(parts), tuple(sums[1:]), total)


def rounded(value: float, decimals: int) -> Decimal:
    return Decimal(value).quantize(Decimal(1).scaleb(-decimals)) + 0  # + 0: no "-0.00"


def digits_for(values: Sequence[float], most: int = 4) -> int:
    """Decimals that float32, with its seven digits, can answer for in all of these values."""
    largest = max(abs(value) for value in values)
    before_the_point = math.floor(math.log10(largest)) + 1 if largest >= 1 else 1
    return max(0, min(most, FLOAT32_DIGITS - before_the_point))


def shown(value: float) -> Decimal:
    """A number of float32 with four decimals, or as many as it has."""
    return rounded(value, digits_for([value]))


def path_view(points: np.ndarray, path: np.ndarray) -> View:
    """A view of the points (n, 2), of the latent space's middle and of the path, the same for most points.

    A path may leave it: where no data have been a flow can throw a point thousands of units away.
    """
    ends = np.concatenate([points, path.clip(-PATH_REACH, PATH_REACH), [[-LATENT_REACH] * 2, [LATENT_REACH] * 2]])
    low, high = ends.min(0), ends.max(0)
    low, high = np.floor(2 * (low - 0.1)) / 2, np.ceil(2 * (high + 0.1)) / 2
    return float(low[0]), float(high[0]), float(low[1]), float(high[1])


def path_figure(points: np.ndarray, labels: np.ndarray, path: np.ndarray, opened: int | None) -> Figure:
    """The way of one point, path (layers + 1, 2), over the faded held-out points (n, 2).

    Each layer moves one coordinate, so each step is level or upright. ``opened`` (from 0) is the layer set off.
    """
    points, labels = points[:MOST_SVG_POINTS], labels[:MOST_SVG_POINTS]
    figure = points_figure(points, labels, path_view(points, path), rings=True)
    figure["data"][0]["marker"] |= {"size": 3.5, "opacity": 0.4}
    figure["data"][0]["hoverinfo"] = "skip"
    del figure["data"][0]["hovertemplate"]
    layers = len(path) - 1
    x, y = path[:, 0].astype(float).tolist(), path[:, 1].astype(float).tolist()
    if opened is not None:
        step = slice(opened, opened + 2)
        line = {"color": ACCENT, "width": 9}
        trace = {"type": "scatter", "mode": "lines", "x": x[step], "y": y[step], "line": line, "opacity": 0.35}
        figure["data"].append(trace | {"hoverinfo": "skip"})
    figure["data"].append(
        {
            "type": "scatter",
            "mode": "lines+markers+text",
            "x": x,
            "y": y,
            "text": station_names(path, apart=0.05 * float(np.ptp(figure["layout"]["yaxis"]["range"]))),
            "textposition": ["top right", *["top right"] * (layers - 1), "bottom left"],
            "customdata": ["x, before the first layer", *[f"after layer {k}" for k in range(1, layers)], "z, the end"],
            "line": {"color": ACCENT, "width": 2},
            "marker": {
                "color": ACCENT,
                "size": [13, *[6] * (layers - 1), 13],
                "symbol": ["circle-open", *["circle"] * (layers - 1), "diamond"],
                "line": {"width": [2.5, *[0] * (layers - 1), 0], "color": ACCENT},
                "opacity": 1,
            },
            "hovertemplate": "%{customdata}<br>x₁ %{x:.4f}<br>x₂ %{y:.4f}<extra></extra>",
        }
    )
    return figure


def station_names(path: np.ndarray, apart: float) -> list[str]:
    """x, the layers' numbers and z, but for layers after which the point is too near one that has its name."""
    names = ["<b>x</b>", *[""] * (len(path) - 2), "<b>z</b>"]
    named = [path[0], path[-1]]
    for k in range(1, len(path) - 1):
        if min(float(np.linalg.norm(path[k] - place)) for place in named) >= apart:
            names[k] = f"{k}"
            named.append(path[k])
    return names


def ledger_figure(column: Column, opened: int | None) -> Figure:
    """The ledger as bars in nats: each on top of the one before, and what they add up to; ``opened`` is set off."""
    parts = column.bars()
    layers, first = len(column.log_dets), parts[0].number
    last = layers + 1
    colours = {0: NEUTRAL, last: ACCENT}
    bars = {
        "type": "bar",
        "x": [bar.number for bar in parts],
        "y": [float(bar.end - bar.start) for bar in parts],
        "base": [float(bar.start) for bar in parts],
        "width": 0.72,
        "marker": {
            "color": [colours.get(bar.number, GROWS if bar.value >= 0 else SHRINKS) for bar in parts],
            "opacity": [1 if opened in (None, bar.number) else 0.45 for bar in parts],
        },
        "text": [f"{bar.value:+}".replace("-", "\N{MINUS SIGN}") for bar in parts] if layers <= MOST_NUMBERED else [],
        "textposition": "outside",
        "textangle": 0,
        "cliponaxis": False,
        "customdata": [[bar.name, f"{bar.value:+}"] for bar in parts],
        "hovertemplate": "%{customdata[0]}<br>%{customdata[1]} nats<extra></extra>",
    }
    line = {"color": NEUTRAL, "width": 1, "dash": "dot"}
    ends = [float(bar.end) for bar in parts[:-1]]
    each = max(1, math.ceil(layers / MOST_NUMBERED))
    ticks = [*range(first, 1), *range(each, last - (each > 1), each), last]
    named = {UNITS_BAR: "units", 0: "log<br>N(z)", last: "log<br>p(x)"}
    low, high = min(0.0, *ends), max(0.0, *ends)
    room = 0.12 * max(high - low, 0.1)
    layout = {
        "xaxis": {
            "range": [first - 0.6, last + 0.6],
            "tickvals": ticks,
            "ticktext": [named.get(k, f"{k}") for k in ticks],
            "tickangle": 0,
            "zeroline": False,
            "showgrid": False,
            "title": {"text": "layer", "standoff": 2},
        },
        "yaxis": {
            "range": [low - room, high + room],
            "title": {"text": "nats", "standoff": 4},
            "nticks": 6,
            "zeroline": True,
            "zerolinecolor": NEUTRAL,
        },
        "margin": {"l": 46, "r": 8, "t": 6, "b": 44},
        "showlegend": False,
        "hovermode": "closest",
        "uniformtext": {"mode": "hide", "minsize": 8},
        "uirevision": f"{layers} {low:.3g} {high:.3g}",
        "shapes": [
            {"type": "line", "x0": k + 0.36, "x1": k + 0.64, "y0": end, "y1": end, "line": line}
            for k, end in enumerate(ends, first)
        ],
    }
    return {"data": [bars], "layout": layout}
