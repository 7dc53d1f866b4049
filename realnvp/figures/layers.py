"""What a coupling layer does, as figures."""

import numpy as np

from realnvp.figures.points import ACCENT, DIVERGING, GREY, MOST_SVG_POINTS, OKABE_ITO, Figure, points_figure
from realnvp.snapshot import Curves, View


def stage_view(stages: list[np.ndarray]) -> View:
    """A square view (x low, x high, y low, y high) of the latent space's middle and nearly all points of all stages."""
    reach = max(float(np.quantile(np.abs(stage), 0.998)) for stage in stages)
    reach = round(min(max(3.0, 1.08 * reach), 8.0), 2)
    return -reach, reach, -reach, reach


def layer_curves_figure(
    curves: Curves, kept: np.ndarray, s: np.ndarray, t: np.ndarray, changed: int, most: int = 150
) -> Figure:
    """s and t of a layer over the coordinate that stays, and at some of the points (n,) where they lie on them."""
    stays, moves = ("x₁", "x₂") if changed == 1 else ("x₂", "x₁")
    data = []
    for name, colour, curve, values in (("s", OKABE_ITO[4], curves.s, s), ("t", OKABE_ITO[2], curves.t, t)):
        line = {"color": colour, "width": 2}
        data.append({"type": "scatter", "mode": "lines", "name": name, "x": curves.kept, "y": curve, "line": line})
        marker = {"color": colour, "size": 5, "opacity": 0.35}
        points = {"x": kept[:most].copy(), "y": values[:most].copy(), "marker": marker}
        data.append({"type": "scatter", "mode": "markers", "hoverinfo": "skip", "showlegend": False, **points})
    layout = {
        "xaxis": {"title": {"text": f"{stays}, which stays", "standoff": 2}, "zeroline": False, "nticks": 6},
        "yaxis": {"title": {"text": f"s and t for {moves}", "standoff": 4}, "zeroline": True, "nticks": 6},
        "margin": {"l": 44, "r": 8, "t": 4, "b": 34},
        "showlegend": True,
        "legend": {"orientation": "h", "x": 1, "xanchor": "right", "y": 1, "bgcolor": "rgba(0,0,0,0)"},
        "hovermode": "x unified",
        "uirevision": f"{changed} {curves.kept[0]} {curves.kept[-1]}",
        "shapes": [],
    }
    return {"data": data, "layout": layout}


def log_det_figure(curves: Curves, points: np.ndarray, labels: np.ndarray, changed: int, view: View) -> Figure:
    """The log-det of a layer over the plane before it, as a colour map, and the points (n, 2) there."""
    figure = points_figure(points[:MOST_SVG_POINTS], labels[: min(len(points), MOST_SVG_POINTS)], view)
    across = curves.kept[::3]
    along = np.array(view[2:] if changed == 1 else view[:2], np.float32)
    values = np.tile(curves.s[::3], (2, 1))  # the same at every value of the coordinate that moves
    reach = max(float(np.abs(curves.s).max()), 0.1)
    rows = values if changed == 1 else values.T
    figure["data"].append(
        {
            "type": "heatmap",
            "x": across if changed == 1 else along,
            "y": along if changed == 1 else across,
            "z": rows.round(3).tolist(),
            "zmin": -reach,
            "zmax": reach,
            "zsmooth": "best",
            "colorscale": DIVERGING,
            "colorbar": {"thickness": 10, "title": {"text": "nats"}, "nticks": 5, "outlinewidth": 0},
            "hovertemplate": "log-det %{z:.2f} nats<extra></extra>",
        }
    )
    figure["data"][0]["hoverinfo"] = "skip"
    figure["layout"]["margin"] = {"l": 26, "r": 4, "t": 4, "b": 20}
    return figure


def contributions_figure(means: np.ndarray, layer: int) -> Figure:
    """The mean log-det (nats) of each layer as bars, with the layer in view (from 0) set off."""
    names = [f"{k + 1}" for k in range(len(means))]
    bars = {
        "type": "bar",
        "x": names,
        "y": means.astype(np.float64).round(4).tolist(),
        "marker": {"color": [ACCENT if k == layer else GREY for k in range(len(means))]},
        "hovertemplate": "layer %{x}: %{y:+.3f} nats<extra></extra>",
    }
    layout = {
        "xaxis": {"type": "category", "title": {"text": "layer", "standoff": 2}},
        "yaxis": {"title": {"text": "nats", "standoff": 4}, "nticks": 6},
        "margin": {"l": 44, "r": 8, "t": 4, "b": 34},
        "showlegend": False,
        "uirevision": f"{len(means)}",
        "shapes": [],
    }
    return {"data": [bars], "layout": layout}
