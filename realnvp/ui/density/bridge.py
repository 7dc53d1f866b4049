"""Why a thin bridge joins the parts of the data: shown on a line between them in latent space, and its image."""

import math

import numpy as np
import streamlit as st

from realnvp.datasets import Distribution, distribution
from realnvp.engine.view import RunView
from realnvp.figures.density import HEADROOM, log_density_figure
from realnvp.figures.latent import along_figure, with_bridge
from realnvp.figures.points import LATENT_VIEW, MOST_SVG_POINTS, points_figure
from realnvp.inside.density import DensityMap
from realnvp.inside.latent import BAND, Bridge, take_bridge
from realnvp.ui.data import plane_of, points_of
from realnvp.ui.density.numbers import density_words, percent
from realnvp.ui.inside import flow_of
from realnvp.ui.live_figure import Panel, live_figure
from realnvp.ui.words import HELP

PARTS = {
    "two_moons": "two moons",
    "circles": "two circles",
    "blobs": "blobs",
    "eight_gaussians": "Gaussians",
    "grid": "Gaussians",
    "pinwheel": "arms",
    "two_spirals": "spirals",
    "checkerboard": "squares",
    "rings": "rings",
}
ALSO = dict.fromkeys(
    ("circles", "rings"),
    " The cloud has no hole either, and each circle has one: the flow must cut it open, or fill it thinly.",
)
FULL = 0.05  # of the true density's peak: what is nowhere emptier on the way is no gap


def show_bridge(view: RunView, found: DensityMap) -> None:
    """One click away; not shown for data that are one part."""
    bridge = found.true and bridge_of(view.token, view.snapshot.epoch, view)
    if bridge is None:
        return
    parts = PARTS.get(view.config.dataset, "parts")
    with st.expander(f"Why a thin bridge joins the {parts}"):
        st.markdown(explanation(parts, bridge, found.peak) + ALSO.get(view.config.dataset, ""))
        show_figures(view, found, bridge)
        show_numbers(found, bridge)


@st.cache_resource(max_entries=16, show_spinner=False)
def bridge_of(token: str, epoch: int, _view: RunView) -> Bridge | None:
    return take_bridge(flow_of(_view), truth_of(_view), plane_of(_view))


def truth_of(view: RunView) -> Distribution | None:
    """The distribution that a run's data come from; None for a fixed set of points, of which nobody knows it."""
    config = view.config
    return None if config.fixed_points else distribution(config.dataset, config.noise, config.parts)


def explanation(parts: str, bridge: Bridge, peak: float) -> str:
    if math.exp(bridge.true.min()) > FULL * peak:
        return (
            f"With this much noise the {parts} run into each other: there is no empty gap between them, and nothing to "
            "bridge. With less noise there is."
        )
    return (
        f"The {parts} lie apart, but the latent cloud is in one piece, and f⁻¹ is continuous: **it can stretch and "
        f"squeeze, but not tear.** So the straight line between where the middles of the {parts} land has an unbroken "
        "image, which must cross the empty gap. All that training can do is to make the crossing thin, so that few "
        "samples fall into it."
    )


def show_figures(view: RunView, found: DensityMap, bridge: Bridge) -> None:
    snapshot = view.snapshot
    latent = points_figure(
        snapshot.latent[:MOST_SVG_POINTS], snapshot.labels[:MOST_SVG_POINTS], LATENT_VIEW, rings=True
    )
    data = log_density_figure(found.learned, found.view, HEADROOM * found.peak)
    line = bridge.line
    ends = np.abs(line.u[:, None] - np.linspace(0, 1, bridge.parts)).argmin(
        0
    )  # the points of the line that are middles
    latent = with_bridge(latent, line.latent, bridge.latent_sides, line.latent[ends])
    data = with_bridge(data, line.data, bridge.sides, line.data[ends])
    along = along_figure(bridge.length, bridge.learned, bridge.true)
    with st.container(key="bridge"):
        live_figure(
            [
                Panel("bridge-latent", "A straight line in latent space", HELP["bridge latent"], {"": latent}),
                Panel("bridge-data", "Its image in the data space", HELP["bridge data"], {"": data}),
                Panel("bridge-along", "Densities along the image", HELP["bridge along"], {"": along}),
            ],
            key="live_bridge",
            epoch=snapshot.epoch,
            run=view.token,
            points_of=points_of(view),
        )


def show_numbers(found: DensityMap, bridge: Bridge) -> None:
    gap = int(bridge.true.argmin())
    width = f"{bridge.widths[gap]:.1g} data units" if math.isfinite(bridge.widths[gap]) else "beyond all numbers"
    lowest = {"learned": density_words(bridge.learned.min()), "true": density_words(bridge.true.min())}
    with st.container(key="bridge_numbers", horizontal=True):
        for name, value in lowest.items():
            st.metric(f"Lowest {name} density on the way", f"{value} per unit area", help=HELP[f"lowest {name}"])
        st.metric("Width of the band in the gap", width, help=HELP["bridge width"].format(band=BAND))
        st.metric("Learned probability off the data", percent(found.true.learned_off_data), help=HELP["off the data"])
