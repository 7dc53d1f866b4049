"""The density page: learned and true density on one colour scale, their difference, and numbers at a place."""

import streamlit as st
import torch

from realnvp.engine.engine import RunView
from realnvp.figures.density import (
    HEADROOM,
    density_figure,
    difference_figure,
    log_density_figure,
    log_difference_figure,
)
from realnvp.figures.points import data_view
from realnvp.inside.density import WORK, WORK_GOING, DensityMap, learned_log_prob, take_density_map
from realnvp.ui.density.bridge import show_bridge, truth_of
from realnvp.ui.density.latent import show_latent
from realnvp.ui.density.numbers import decimals_of, density_words, nats_words, percent, signed
from realnvp.ui.inside import flow_of
from realnvp.ui.live_figure import Click, Panel, live_figure
from realnvp.ui.runs import points_of
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
    return take_density_map(flow_of(_view), truth_of(_view), data_view(_view.snapshot.input[:1000]), work=work)


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
    """Learned, true and difference side by side; a click in any of them chooses the place to read."""
    peak = float(found.true.max())
    figure_of = log_density_figure if logs else density_figure
    difference = (
        log_difference_figure(found.learned, found.true, found.view, place)
        if logs
        else difference_figure(found.difference, found.view, peak, place)
    )

    def clicked(click: Click) -> None:
        st.session_state[PLACE] = (points_of(view), click.x, click.y)

    with st.container(key="densities"):
        live_figure(
            [
                Panel(
                    "learned",
                    "Learned",
                    HELP["learned density"],
                    {"": figure_of(found.learned, found.view, HEADROOM * peak, place)},
                ),
                Panel(
                    "true",
                    "True",
                    HELP["true density"],
                    {"": figure_of(found.true, found.view, HEADROOM * peak, place)},
                ),
                Panel("difference", "Learned minus true", HELP["density difference"], {"": difference}),
            ],
            key="live_densities",
            epoch=view.snapshot.epoch,
            run=view.token,
            on_click=clicked,
        )


def show_numbers(view: RunView, found: DensityMap, place: Point) -> None:
    """The integral over the view, and both densities at the place."""
    x = torch.tensor([place], dtype=torch.float64)
    learned, true = float(learned_log_prob(flow_of(view), x)), float(truth_of(view).log_prob(x))
    decimals = decimals_of(found.integral_error)
    at = f"({signed(place[0])}, {signed(place[1])})"
    with st.container(key="density_numbers", horizontal=True):
        st.metric(
            "Integral over the view",
            f"{found.integral:.{decimals}f}",
            f"true: {found.true_integral:.3f}",
            delta_color="off",
            delta_arrow="off",
            help=HELP["integral"],
        )
        st.metric(
            "Off the data",
            percent(found.off_data),
            f"true: {percent(found.true_off_data)}",
            delta_color="off",
            delta_arrow="off",
            help=HELP["off the data"],
        )
        for name, log_prob in (("Learned", learned), ("True", true)):
            st.metric(
                f"{name} density at {at}",
                f"{density_words(log_prob)} per unit area",
                f"log: {nats_words(log_prob)}",
                delta_color="off",
                delta_arrow="off",
                help=HELP[f"{name.lower()} density here"],
            )
