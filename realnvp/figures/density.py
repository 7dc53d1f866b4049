"""Densities as figures."""

from typing import Any

import numpy as np
from plotly.colors import sample_colorscale

from realnvp.figures.points import PLANE, Figure, axes_layout, place_words
from realnvp.snapshot import Axes, View

Place = tuple[float, float]

LOWEST = -7.0  # nats: what is lower has the lowest colour of the log scale
SPAN = 9.0  # nats: what the log scale reaches down from its top where units differ
SHADES = 24
HEADROOM = 1.5  # a colour scale of densities ends at so many times the true peak


def density_shades(n: int) -> list[str]:
    """Colours for low to high density: viridis, of which the lowest fade into the page's background."""
    return [
        f"color-mix(in srgb, {colour} {shade:.0%}, var(--st-background-color))"
        for colour, shade in zip(sample_colorscale("Viridis", n), opacities(n), strict=True)
    ]


def density_colourscale() -> list[list[Any]]:
    """The same for Plotly, which lets the background through instead: where there is nothing, all of it."""
    colours = sample_colorscale("Viridis", SHADES)
    return [
        [i / (SHADES - 1), colour.replace("rgb(", "rgba(").replace(")", f", {opacity:.2f})")]
        for i, (colour, opacity) in enumerate(zip(colours, opacities(SHADES, least=0.04), strict=True))
    ]


def opacities(n: int, least: float = 0.25) -> list[float]:
    """From ``least`` to 1, which is reached after a third."""
    return [least + (1 - least) * min(1, 3 * i / n) for i in range(n)]


# Too little, right, too much: blue to orange, with the page's background between them.
DIFFERENCES = [
    [0, "rgba(0,114,178,1)"],
    [0.5, "rgba(0,114,178,0)"],
    [0.5, "rgba(213,94,0,0)"],
    [1, "rgba(213,94,0,1)"],
]


def density_figure(
    density: np.ndarray, view: View, highest: float, mark: Place | None = None, *, axes: Axes = PLANE
) -> Figure:
    """A density per unit area (rows, columns), lowest row first, on a scale from 0 to ``highest``; a place marked."""
    colours = {"zmin": 0, "zmax": highest, "colorscale": density_colourscale()}
    reading = "%{z:.3f} per unit area" if axes.equal else "%{z:.3~g} per unit area"
    return heatmap(density, view, mark, "density per unit area", reading, colours, axes)


def log_density_figure(
    density: np.ndarray, view: View, highest: float, mark: Place | None = None, *, axes: Axes = PLANE
) -> Figure:
    """The log of a density (rows, columns), nats, up to that of ``highest``; from LOWEST where the axes are equal."""
    top = float(np.log(highest))
    lowest = LOWEST if axes.equal else top - SPAN
    colours = {"zmin": lowest, "zmax": top, "colorscale": density_colourscale()}
    logs = log_density(density, lowest)
    return heatmap(logs, view, mark, "log density, nats", "log density %{z:.2f} nats", colours, axes)


def difference_figure(difference: np.ndarray, view: View, reach: float, mark: Place) -> Figure:
    """Learned minus true density (rows, columns) per unit area, on a scale from -``reach`` to ``reach``."""
    colours = {"zmin": -reach, "zmax": reach, "colorscale": DIFFERENCES}
    return heatmap(difference, view, mark, "density per unit area", "%{z:+.3f} per unit area", colours)


def log_difference_figure(learned: np.ndarray, true: np.ndarray, view: View, mark: Place) -> Figure:
    """Log of learned minus log of true density, nats; what is below the scale of the two counts as its lowest value."""
    colours = {"zmin": -4, "zmax": 4, "colorscale": DIFFERENCES}
    difference = log_density(learned) - log_density(true)
    return heatmap(difference, view, mark, "log density, nats", "%{z:+.2f} nats", colours)


def log_density(density: np.ndarray, lowest: float = LOWEST) -> np.ndarray:
    """Log of a density, nats, not below ``lowest``."""
    return np.log(np.maximum(density, np.float32(np.exp(lowest))))


def heatmap(
    values: np.ndarray,
    view: View,
    mark: Place | None,
    unit: str,
    reading: str,
    colours: dict[str, Any],
    axes: Axes = PLANE,
) -> Figure:
    """Values of the cells (rows, columns) of a view, lowest row first. Each row is an array: so they travel packed."""
    x_low, x_high, y_low, y_high = view
    rows, columns = values.shape
    dx, dy = (x_high - x_low) / columns, (y_high - y_low) / rows
    data: list[dict[str, Any]] = [
        {
            "type": "heatmap",
            "x0": x_low + dx / 2,
            "dx": dx,
            "y0": y_low + dy / 2,
            "dy": dy,
            "z": list(values.astype(np.float32)),
            **colours,
            "colorbar": {
                "orientation": "h",
                "yref": "container",
                "y": 0,
                "yanchor": "bottom",
                "ypad": 2,
                "thickness": 9,
                "nticks": 6,
                "outlinewidth": 0,
                "title": {"text": unit, "side": "top"},
            },
            "hovertemplate": f"{place_words(axes)}<br>{reading}<extra></extra>",
        }
    ]
    if mark is not None:
        marker = {"size": 9, "color": "#ffffff", "line": {"color": "#1f2430", "width": 2.5}}
        place = {"x": [mark[0]], "y": [mark[1]], "marker": marker}
        data.append({"type": "scatter", "mode": "markers", "hoverinfo": "skip", **place})
    layout = axes_layout(view, axes)
    for axis in ("xaxis", "yaxis"):
        layout[axis] |= {"showgrid": False, "constrain": "domain"}
    layout["margin"] |= {"r": 8, "b": layout["margin"]["b"] + 46}
    layout |= {
        "showlegend": False,
        "hovermode": "closest",
        "uirevision": f"{view}",
        "shapes": [],
    }
    return {"data": data, "layout": layout}
