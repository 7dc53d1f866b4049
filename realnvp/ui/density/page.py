"""The density page: learned and true density on one colour scale, their difference, and numbers at a place."""

import streamlit as st
import torch

from realnvp.engine.view import RunView
from realnvp.figures.density import (
    HEADROOM,
    density_figure,
    difference_figure,
    log_density_figure,
    log_difference_figure,
)
from realnvp.figures.points import points_figure
from realnvp.inside.density import WORK, WORK_GOING, DensityMap, learned_log_prob, take_density_map
from realnvp.ui.data import axes_of, plane_of, points_of
from realnvp.ui.density.bridge import show_bridge, truth_of
from realnvp.ui.density.latent import show_latent
from realnvp.ui.density.numbers import decimals_of, density_words, nats_words, percent, signed
from realnvp.ui.inside import flow_of
from realnvp.ui.live_figure import Click, Panel, live_figure
from realnvp.ui.words import HELP

PLACE = "density_place"  # session state: (the distribution, x1, x2) clicked last

Point = tuple[float, float]


def show_density(view: RunView) -> None:
    """The pictures and their numbers first; the latent space and the bridge one click away."""
    found, place = density_map(view), place_of(view)
    logs = show_scale()
    show_maps(view, found, place, logs)
    show_numbers(view, found, place)
    show_latent(view)
    show_bridge(view, found)


def density_map(view: RunView) -> DensityMap:
    return _density_map(view.token, view.snapshot.epoch, WORK_GOING if view.going else WORK, view)


@st.cache_resource(max_entries=16, show_spinner=False)
def _density_map(token: str, epoch: int, work: int, _view: RunView) -> DensityMap:
    return take_density_map(flow_of(_view), truth_of(_view), plane_of(_view), work=work)


def place_of(view: RunView) -> Point:
    """The place clicked last in the pictures of this distribution; at first the first held-out point."""
    of, x1, x2 = st.session_state.get(PLACE) or ("", 0.0, 0.0)
    return (x1, x2) if of == points_of(view) else tuple(view.snapshot.input[0].tolist())


def show_scale() -> bool:
    """The choice of the colours' scale: whether it is that of the log-density."""
    scales = {False: "Density", True: "Log density"}
    with st.container(horizontal=True, vertical_alignment="center", key="density_scale_row"):
        logs = st.segmented_control(
            "Colours show",
            list(scales),
            format_func=scales.get,
            default=False,
            required=True,
            key="density_scale",
            persist_state="session",
            label_visibility="collapsed",
            help=HELP["density scale"],
        )
        st.caption("Click anywhere in a picture to read the densities there.")
    return bool(logs)


def show_maps(view: RunView, found: DensityMap, place: Point, logs: bool) -> None:
    """Learned and, where it is known, true density and their difference; a click chooses the place to read."""
    axes, highest = axes_of(view.config), HEADROOM * found.peak
    figure_of = log_density_figure if logs else density_figure
    learned = figure_of(found.learned, found.view, highest, place, axes=axes)
    panels = [Panel("learned", "Learned", HELP["learned density"], {"": learned})]
    if found.true is None:
        snapshot = view.snapshot
        points = points_figure(snapshot.input, snapshot.labels, found.view, axes=axes)
        panels.append(Panel("points", "Your points", HELP["input of points"], {"": points}))
    else:
        true = found.true.density
        difference = (
            log_difference_figure(found.learned, true, found.view, place)
            if logs
            else difference_figure(found.learned - true, found.view, found.peak, place)
        )
        panels += [
            Panel("true", "True", HELP["true density"], {"": figure_of(true, found.view, highest, place)}),
            Panel("difference", "Learned minus true", HELP["density difference"], {"": difference}),
        ]

    def clicked(click: Click) -> None:
        st.session_state[PLACE] = (points_of(view), click.x, click.y)

    with st.container(key="densities"):
        live_figure(
            panels,
            key=f"live_densities_{len(panels)}",
            epoch=view.snapshot.epoch,
            run=view.token,
            on_click=clicked,
        )


def show_numbers(view: RunView, found: DensityMap, place: Point) -> None:
    """The integral over the view, and both densities at the place."""
    x = torch.tensor([place], dtype=torch.float64)
    densities = {"Learned": float(learned_log_prob(flow_of(view), x))}
    true, note = found.true, {"delta_color": "off", "delta_arrow": "off"}
    if true is not None:
        densities["True"] = float(truth_of(view).log_prob(x))
    decimals = decimals_of(found.integral_error)
    at = ", ".join(signed(value) if axes_of(view.config).equal else f"{value:.4g}" for value in place)
    with st.container(key="density_numbers", horizontal=True):
        st.metric(
            "Integral over the view",
            f"{found.integral:.{decimals}f}",
            true and f"true: {true.integral:.3f}",
            help=HELP["integral"],
            **note,
        )
        if true is not None:
            st.metric(
                "Off the data",
                percent(true.learned_off_data),
                f"true: {percent(true.off_data)}",
                help=HELP["off the data"],
                **note,
            )
        for name, log_prob in densities.items():
            st.metric(
                f"{name} density at ({at})",
                f"{density_words(log_prob)} per unit area",
                f"log: {nats_words(log_prob)}",
                help=HELP[f"{name.lower()} density here"],
                **note,
            )
    if true is None:
        st.caption(HELP["no truth"])
