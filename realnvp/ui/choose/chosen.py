"""What all sources of the dialog end in: a choice, which closes it."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from realnvp.engine.report import Pace
from realnvp.figures.points import data_view, points_figure
from realnvp.point_store import keep
from realnvp.points import BadData, PointSet
from realnvp.ui.data import axes_of_points
from realnvp.ui.dialogs import close_dialog
from realnvp.ui.live_figure import Panel, live_figure
from realnvp.ui.runs import start
from realnvp.ui.settings import choose_dataset, draft
from realnvp.ui.words import HELP, plain

SHOWN = 3000  # points of a preview


def offer(make: Callable[[], PointSet]) -> None:
    """The points that a source makes, what there is to know of them, and the buttons that take them; or why not."""
    try:
        points = make()
    except BadData as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    show_preview(points)
    with st.container(horizontal=True):
        if st.button("Use and train", type="primary", icon=":material/play_arrow:", key="use_and_train"):
            take(points, train=True)
        if st.button("Use", help=HELP["use points"], key="use_points"):
            take(points, train=False)
    for finding in points.findings:
        st.markdown(f":material/info: {plain(finding)}")


def show_preview(points: PointSet) -> None:
    axes = axes_of_points(points)
    some = np.random.default_rng(0).permutation(len(points.points))[:SHOWN]
    shown = points.points[some].astype(np.float32)
    figure = points_figure(shown, points.labels[some], data_view(shown, axes), axes=axes)
    with st.container(key="own_preview"):
        title = f"{len(points.points):,} points"
        live_figure([Panel("preview", title, HELP["own preview"], {"": figure})], key="live_preview", epoch=0)
    if points.classes:
        st.caption("Colours: " + ", ".join(plain(name) for name in points.classes))


def take(points: PointSet, *, train: bool) -> None:
    """Makes these points the data of the next run, and closes the dialog."""
    try:
        choose_dataset(keep(points))
    except BadData as error:
        st.warning(plain(str(error)), icon=":material/warning:")
        return
    close(train=train)


def close(*, train: bool = False) -> None:
    close_dialog()
    if train:
        start(draft(), st.session_state.get("pace") or Pace.FULL)
    st.rerun()
