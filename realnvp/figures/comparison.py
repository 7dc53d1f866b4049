"""Runs beside each other as figures: their losses in one plot, and how good they are over a setting."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from realnvp.figures.loss import curve_trace, floor_line, loss_range, thin
from realnvp.figures.points import ACCENT, OKABE_ITO, Figure, short_name

SPREAD = 8  # from this ratio of the largest value to the smallest on, a scale is logarithmic


@dataclass(frozen=True)
class LossCurve:
    """The training loss of a run."""

    name: str
    losses: np.ndarray  # (epoch,) nats
    seconds: float  # spent in training


@dataclass(frozen=True)
class Measured:
    """How good the run of one value of a setting is."""

    value: float | str
    nats: float  # KL gap, or held-out NLL
    error: float  # its standard error, nats
    final: bool  # whether the run is over


def losses_figure(curves: Sequence[LossCurve], floor: float | None, *, over_seconds: bool) -> Figure:
    """The losses (nats) of several runs over epochs, or over seconds of training; the entropy floor dashed.

    Seconds are spread evenly over a run's epochs. The i-th curve has the i-th colour of Okabe and Ito.
    """
    traces, last = [], 0.0
    for curve, colour in zip(curves, OKABE_ITO, strict=False):
        epochs, losses = thin(curve.losses)
        seconds_per_epoch = curve.seconds / max(len(curve.losses), 1)
        place = epochs * seconds_per_epoch if over_seconds else epochs
        traces.append(curve_trace(place, losses, short_name(curve.name, 24), colour, 1.8))
        last = max(last, curve.seconds if over_seconds else len(curve.losses))
    low, high = loss_range([curve.losses for curve in curves], floor)
    words = "seconds of training" if over_seconds else "epoch"
    layout = {
        "xaxis": {"range": [0, last or 1], "nticks": 6, "zeroline": False, "title": {"text": words, "standoff": 2}},
        "yaxis": {
            "range": [low, high],
            "nticks": 5,
            "zeroline": False,
            "title": {"text": "loss (nats)", "standoff": 4},
        },
        "margin": {"l": 44, "r": 8, "t": 6, "b": 34},
        "showlegend": True,
        "legend": {"x": 0.99, "xanchor": "right", "y": 0.98, "yanchor": "top", "bgcolor": "rgba(0,0,0,0)"},
        "hovermode": "closest" if over_seconds else "x unified",
        "uirevision": f"{over_seconds} {last:.3g}",
        **floor_line(floor),
    }
    return {"data": traces, "layout": layout}


def sweep_figure(setting: str, values: Sequence[float | str], measured: Sequence[Measured], quantity: str) -> Figure:
    """How good runs are (``quantity``, nats) over the values of a setting, with a standard error either way.

    ``values`` are all that are to come, so that the axis stands still. Runs that are not over are hollow.
    """
    numbers = all(isinstance(value, int | float) for value in values)
    logarithmic = numbers and min(values) > 0 and max(values) / min(values) >= SPREAD
    places = {value: value if numbers else k for k, value in enumerate(values)}
    x = [places[one.value] for one in measured]
    trace = {
        "type": "scatter",
        "mode": "lines+markers" if numbers else "markers",
        "x": x,
        "y": [one.nats for one in measured],
        "error_y": {
            "type": "data",
            "array": np.array([one.error for one in measured], np.float64),
            "thickness": 1.2,
            "width": 4,
        },
        "line": {"color": ACCENT, "width": 1.6},
        "marker": {
            "color": ACCENT,
            "size": 9,
            "symbol": ["circle" if one.final else "circle-open" for one in measured],
        },
        "customdata": [[value_words(one.value), one.error] for one in measured],
        "hovertemplate": f"{setting} %{{customdata[0]}}<br>%{{y:.3f}} ± %{{customdata[1]:.3f}} nats<extra></extra>",
    }
    ends = [
        math.log10(place) if logarithmic else float(place) for place in (min(places.values()), max(places.values()))
    ]
    room = 0.06 * (ends[1] - ends[0]) or 0.5
    layout = {
        "xaxis": {
            "type": "log" if logarithmic else "linear",
            "range": [ends[0] - room, ends[1] + room],
            "tickvals": list(places.values()),
            "ticktext": [value_words(value) for value in values],
            "minor": {"ticks": ""},
            "zeroline": False,
            "title": {"text": setting, "standoff": 4},
        },
        "yaxis": nats_axis(measured, quantity),
        "margin": {"l": 58, "r": 12, "t": 8, "b": 42},
        "showlegend": False,
        "hovermode": "closest",
        "uirevision": f"{values}",
    }
    return {"data": [trace], "layout": layout}


def nats_axis(measured: Sequence[Measured], quantity: str) -> Figure:
    """A logarithmic axis where all values and their errors lie above 0 and far from each other; else a linear one."""
    lows = [one.nats - one.error for one in measured]
    highs = [one.nats + one.error for one in measured]
    axis = {"zeroline": False, "title": {"text": f"{quantity} (nats)", "standoff": 4}}
    if not measured:
        return {**axis, "range": [0, 1], "nticks": 5}
    low, high = min(lows), max(highs)
    if low > 0 and high / low >= SPREAD:
        ends = [math.log10(low), math.log10(high)]
        room = 0.08 * (ends[1] - ends[0])
        decades = range(math.floor(ends[0]), math.ceil(ends[1]) + 1)
        ticks = [digit * 10.0**decade for decade in decades for digit in (1, 2, 5)]
        words = [f"{tick:g}" for tick in ticks]
        return {**axis, "type": "log", "range": [ends[0] - room, ends[1] + room], "tickvals": ticks, "ticktext": words}
    if quantity == "KL gap":  # of which 0 is the best there can be
        low = min(0.0, low)
    room = 0.1 * max(high - low, 0.01)
    return {**axis, "range": [low - room * (low != 0), high + room], "nticks": 6}


def value_words(value: float | str) -> str:
    """A setting's value as people write it."""
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
