"""The layers page: the points before the first coupling layer and after each, side by side."""

import streamlit as st

from realnvp.engine.engine import RunView
from realnvp.figures import LATENT_VIEW, MOST_SVG_POINTS, points_figure
from realnvp.snapshot import Journey
from realnvp.ui.live_figure import Panel, live_figure
from realnvp.ui.words import run_name


def show_stages(view: RunView) -> None:
    """One small panel a layer, of the run's newest snapshot."""
    st.markdown(f"**Layer by layer** · {run_name(view)}")
    if view.snapshot is None:
        st.markdown(":material/hourglass_top: The training process is starting; the first picture comes in a moment.")
        return
    journey = view.snapshot.journey
    panels = []
    for layer, points in enumerate(journey.stages()):
        title, help_text = stage_words(journey, layer)
        points = points[:MOST_SVG_POINTS]
        figure = points_figure(points, view.snapshot.labels[: len(points)], LATENT_VIEW, rings=layer == len(journey.s))
        panels.append(Panel(f"stage-{layer}", title, help_text, {"": figure}))
    with st.container(key="stages"):
        live_figure(panels, key=f"live_layers_{len(panels)}", epoch=view.snapshot.epoch)


def stage_words(journey: Journey, layer: int) -> tuple[str, str]:
    """Title and explanation of the panel after a layer (0: before the first)."""
    if layer == 0:
        return "Input", "The points before the first coupling layer."
    stays, moves = ("x₁", "x₂") if journey.changed[layer - 1] == 1 else ("x₂", "x₁")
    words = f"{stays} stayed as it was; {moves} was stretched and shifted, by amounts that {stays} decides."
    return f"Layer {layer}: {moves} moves", f"After layer {layer}. Here {words}"
