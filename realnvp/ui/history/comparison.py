"""Two to four runs side by side: pictures with the same axes, losses, and numbers. The address names them."""

from collections.abc import Sequence

import streamlit as st

from realnvp.engine.view import RunView
from realnvp.figures.comparison import LossCurve, losses_figure
from realnvp.figures.points import LATENT_VIEW, MOST_SVG_POINTS, Figure, points_figure
from realnvp.ui.data import axes_of, points_of
from realnvp.ui.history.head import show_head
from realnvp.ui.history.numbers import numbers_table
from realnvp.ui.history.planes import of_one_data, planes_of
from realnvp.ui.history.watch import there, watch
from realnvp.ui.live_figure import Panel, live_figure
from realnvp.ui.wire import stamp
from realnvp.ui.words import HELP, WAITING, name_of

COMPARE = "compare"  # query parameter: tokens with dots between them
MOST_COMPARED = 4
MOST_POINTS = 1500  # in one picture; where there are four, a browser has enough WebGL contexts for one row of such
LONGEST_TITLE = 40
SCALES = {"epochs": "Epochs", "seconds": "Seconds"}
DIFFERENT_DATA = (
    "These runs have learned different data: each picture of the data has its own axes, and NLLs of different data "
    "can't be compared."
)


def compare(tokens: Sequence[str]) -> None:
    """Has the page show these runs side by side."""
    st.query_params[COMPARE] = ".".join(tokens)


def show_comparison(text: str) -> None:
    asked = list(dict.fromkeys(text.split(".")))[:MOST_COMPARED]
    tokens = [view.token for view in there(asked)]
    show_head("Runs side by side", COMPARE, ".".join(tokens), help=HELP["compare"])
    if len(tokens) < len(asked):
        st.warning("Not all runs of this link are kept here any more.", icon=":material/info:")
    if len(tokens) < 2:
        st.markdown("It takes two runs to compare: go to all runs and select two to four.")
        return
    watch(tokens, draw)


def draw(views: list[RunView]) -> None:
    if any(view.snapshot is None for view in views):
        st.markdown(WAITING)
        return
    if not of_one_data(views):
        st.markdown(DIFFERENT_DATA)
    planes = planes_of(views)
    with st.container(key="comparison"):
        show_row(
            "Inverted, new samples",
            HELP["new samples"],
            views,
            [
                points_figure(view.snapshot.samples[:MOST_POINTS], None, plane, axes=axes_of(view.config))
                for view, plane in zip(views, planes, strict=True)
            ],
        )
        losses, numbers = st.columns([1.1, 1], gap="medium")
        with losses:
            show_losses(views)
        with numbers:
            st.html(numbers_table(views))
        show_row("Latent", HELP["latent"], views, [latent_figure(view) for view in views])
        show_row(
            "Input",
            HELP["compared input"],
            views,
            [
                points_figure(
                    view.snapshot.input[:MOST_SVG_POINTS],
                    view.snapshot.labels[:MOST_SVG_POINTS],
                    plane,
                    axes=axes_of(view.config),
                )
                for view, plane in zip(views, planes, strict=True)
            ],
        )


def latent_figure(view: RunView) -> Figure:
    snapshot = view.snapshot
    return points_figure(snapshot.latent[:MOST_SVG_POINTS], snapshot.labels[:MOST_SVG_POINTS], LATENT_VIEW, rings=True)


def show_row(title: str, help: str, views: list[RunView], figures: list[Figure]) -> None:
    """One picture of each run, under the runs' names and in their colours (see style.css)."""
    st.markdown(f"**{title}**", help=help)
    panels = [
        Panel(f"run-{k}", short(name_of(view)), "", {"": figure})
        for k, (view, figure) in enumerate(zip(views, figures, strict=True))
    ]
    names = [name_of(view) for view in views]
    live_figure(
        panels,
        key=f"compare_{stamp([title, names, [view.token for view in views]])}",
        epoch=sum(view.epoch for view in views),
        points_of=points_of(views[0]) if of_one_data(views) else "",
    )


def show_losses(views: list[RunView]) -> None:
    scale = st.segmented_control(
        "Loss over",
        list(SCALES),
        format_func=SCALES.get,
        default="epochs",
        required=True,
        key="loss_scale",
        help=HELP["compared losses"],
    )
    curves = [LossCurve(name_of(view), view.losses, view.seconds) for view in views]
    figure = losses_figure(curves, common_floor(views), over_seconds=scale == "seconds")
    live_figure([Panel("losses", "", "", {"": figure})], key="compared_losses", epoch=sum(view.epoch for view in views))


def common_floor(views: list[RunView]) -> float | None:
    """The entropy floor, where it is the same for all."""
    floors = {view.evaluation and view.evaluation.entropy for view in views}
    return floors.pop() if len(floors) == 1 else None


def short(name: str) -> str:
    return name if len(name) <= LONGEST_TITLE else f"{name[: LONGEST_TITLE - 1]}…"
