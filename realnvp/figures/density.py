"""Densities as figures."""

from typing import Any

import numpy as np
from plotly.colors import sample_colorscale

from realnvp.figures.points import Figure
from realnvp.snapshot import View

LOWEST = -7.0  # nats: what is lower has the lowest colour of the log scale
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


def density_figure(density: np.ndarray, view: View, highest: float, mark: tuple[float, float] | None = None) -> Figure:
    """A density per unit area (rows, columns), lowest row first, on a scale from 0 to ``highest``; a place marked."""
    colours = {"zmin": 0, "zmax": highest, "colorscale": density_colourscale()}
    return heatmap(density, view, mark, "density per unit area", "%{z:.3f} per unit area", colours)


def log_density_figure(
    density: np.ndarray, view: View, highest: float, mark: tuple[float, float] | None = None
) -> Figure:
    """The log of a density (rows, columns) on a scale from LOWEST to the log of ``highest``, nats."""
    colours = {"zmin": LOWEST, "zmax": float(np.log(highest)), "colorscale": density_colourscale()}
    return heatmap(log_density(density), view, mark, "log density, nats", "log density %{z:.2f} nats", colours)


def difference_figure(difference: np.ndarray, view: View, reach: float, mark: tuple[float, float]) -> Figure:
    """Learned minus true density (rows, columns) per unit area, on a scale from -``reach`` to ``reach``."""
    colours = {"zmin": -reach, "zmax": reach, "colorscale": DIFFERENCES}
    return heatmap(difference, view, mark, "density per unit area", "%{z:+.3f} per unit area", colours)


def log_difference_figure(learned: np.ndarray, true: np.ndarray, view: View, mark: tuple[float, float]) -> Figure:
    """Log of learned minus log of true density, nats; what is below the scale of the two counts as its lowest value."""
    colours = {"zmin": -4, "zmax": 4, "colorscale": DIFFERENCES}
    difference = log_density(learned) - log_density(true)
    return heatmap(difference, view, mark, "log density, nats", "%{z:+.2f} nats", colours)


def log_density(density: np.ndarray) -> np.ndarray:
    """Log of a density, nats, not below LOWEST."""
    return np.log(np.maximum(density, np.float32(np.exp(LOWEST))))


def heatmap(
    values: np.ndarray, view: View, mark: tuple[float, float] | None, unit: str, reading: str, colours: dict[str, Any]
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
            "hovertemplate": f"x₁ %{{x:.2f}}<br>x₂ %{{y:.2f}}<br>{reading}<extra></extra>",
        }
    ]
    if mark is not None:
        marker = {"size": 9, "color": "#ffffff", "line": {"color": "#1f2430", "width": 2.5}}
        place = {"x": [mark[0]], "y": [mark[1]], "marker": marker}
        data.append({"type": "scatter", "mode": "markers", "hoverinfo": "skip", **place})
    axis = {"zeroline": False, "showgrid": False, "nticks": 6, "ticks": "", "constrain": "domain"}
    layout = {
        "xaxis": {**axis, "range": [x_low, x_high]},
        "yaxis": {**axis, "range": [y_low, y_high], "scaleanchor": "x"},
        "margin": {"l": 26, "r": 8, "t": 4, "b": 66},
        "showlegend": False,
        "hovermode": "closest",
        "uirevision": f"{view}",
        "shapes": [],
    }
    return {"data": data, "layout": layout}
