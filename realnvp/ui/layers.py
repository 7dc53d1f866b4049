"""The layers page: the way of the points through the flow as one animation, and what the layer in view does."""

import numpy as np
import streamlit as st

from realnvp.engine.view import RunView
from realnvp.figures.layers import contributions_figure, layer_curves_figure, log_det_figure, stage_view
from realnvp.figures.points import LATENT_VIEW, MOST_SVG_POINTS, Figure, points_figure
from realnvp.snapshot import Curves, Grid, Journey, Mesh
from realnvp.tracing import take_curves, take_grid, take_mesh
from realnvp.ui.data import plane_of, points_of
from realnvp.ui.inside import flow_of
from realnvp.ui.live_figure import Panel, density_coat, live_figure
from realnvp.ui.words import HELP, STANDARDISED


def show_layers(view: RunView) -> None:
    """The stage first; what the layer in view does, and all layers side by side, one click away."""
    grid, mesh, curves = looked_into(view.token, view.snapshot.epoch, view)
    show_stage(view, grid)
    density_coat(mesh, key="coat", run=view.token, epoch=view.snapshot.epoch)
    for title, show in (
        ("What this layer does", lambda: show_layer_in_view(view, curves)),
        ("All layers side by side", lambda: show_side_by_side(view)),
    ):
        with st.expander(title, on_change="rerun") as more:  # drawn when it is opened
            if more.open:
                show()


@st.cache_resource(max_entries=16, show_spinner=False)
def looked_into(token: str, epoch: int, _view: RunView) -> tuple[Grid, Mesh, list[Curves]]:
    """What the page needs of the flow of a run at an epoch."""
    flow, journey = flow_of(_view), _view.snapshot.journey
    curves = []
    for layer, stage in zip(flow.layers, journey.stages(), strict=False):
        kept = stage[:, 1 - int(layer.changed[0])]
        low, high = np.quantile(kept, [0.002, 0.998])
        room = 0.15 * (high - low)
        curves.append(take_curves(layer, float(low - room), float(high + room)))
    return take_grid(flow, plane_of(_view)), take_mesh(flow), curves


def show_stage(view: RunView, grid: Grid) -> None:
    snapshot = view.snapshot
    journey = snapshot.journey
    labels = snapshot.labels[: len(journey.points)]
    figure = points_figure(journey.points, labels, stage_view(journey.stages()), rings=True)
    with st.container(key="stage"):
        live_figure(
            [Panel("stage", "", "", {"": figure})],
            key=f"live_stage_{len(journey.s)}",
            epoch=snapshot.epoch,
            run=view.token,
            points_of=points_of(view),
            journey=journey,
            grid=grid,
        )
    words = "Between layers we slow the step down; the flow itself jumps. Keys: space plays, arrows go layer by layer."
    st.caption(words + STANDARDISED * view.config.fixed_points)


def show_layer_in_view(view: RunView, curves: list[Curves]) -> None:
    """Three plots, each with a figure for every layer: the browser shows that of the layer in view."""
    journey, labels = view.snapshot.journey, view.snapshot.labels
    means = journey.s.mean(1)
    shown: dict[str, dict[str, Figure]] = {"curves": {}, "log-det": {}, "contributions": {}}
    for k, (stage, curve, changed) in enumerate(zip(journey.stages(), curves, journey.changed, strict=False)):
        layer = f"{k + 1}"
        shown["curves"][layer] = layer_curves_figure(curve, stage[:, 1 - changed], journey.s[k], journey.t[k], changed)
        shown["log-det"][layer] = log_det_figure(curve, stage, labels, changed, stage_view([stage]))
        shown["contributions"][layer] = contributions_figure(means, k)
    titles = {
        "curves": "s and t of the layer in view",
        "log-det": "Its log-det over the plane",
        "contributions": "Mean log-det of each layer",
    }
    with st.container(key="layer_in_view"):
        live_figure(
            [Panel(name, titles[name], HELP[name], shown[name], by_layer=True) for name in titles],
            key=f"live_layer_{len(curves)}",
            epoch=view.snapshot.epoch,
            run=view.token,
            points_of=points_of(view),
        )
    log_normal = float(-0.5 * (journey.stages()[-1] ** 2).sum(1).mean() - np.log(2 * np.pi))
    layers, gaussian, total = st.columns(3)
    layers.metric("All layers' log-dets", f"{means.sum():+.3f} nats", help=HELP["contributions"])
    gaussian.metric("log N(z; 0, I)", f"{log_normal:+.3f} nats", help=HELP["mean log normal"])
    total.metric("Mean log-likelihood", f"{means.sum() + log_normal:+.3f} nats", help=HELP["mean log-likelihood"])


def show_side_by_side(view: RunView) -> None:
    """One small panel a layer; its title brings the stage there."""
    journey = view.snapshot.journey
    panels = []
    for layer, points in enumerate(journey.stages()):
        title, help_text = stage_words(journey, layer)
        points = points[:MOST_SVG_POINTS]
        figure = points_figure(points, view.snapshot.labels[: len(points)], LATENT_VIEW, rings=layer == len(journey.s))
        panels.append(Panel(f"stage-{layer}", title, help_text, {"": figure}, jump=layer))
    with st.container(key="stages"):
        live_figure(
            panels,
            key=f"live_layers_{len(panels)}",
            epoch=view.snapshot.epoch,
            run=view.token,
            points_of=points_of(view),
        )


def stage_words(journey: Journey, layer: int) -> tuple[str, str]:
    """Title and explanation of the panel after a layer (0: before the first)."""
    if layer == 0:
        return "Input", "The points before the first coupling layer. Press to bring the large picture here."
    stays, moves = ("x₁", "x₂") if journey.changed[layer - 1] == 1 else ("x₂", "x₁")
    words = f"{stays} stayed as it was; {moves} was stretched and shifted, by amounts that {stays} decides."
    return f"Layer {layer}: {moves} moves", f"After layer {layer}. Here {words} Press to bring the large picture here."
