"""What the pages that look inside a flow have in common: the flow of the run shown, and its name."""

from collections.abc import Callable

import streamlit as st
import torch

from realnvp.engine.view import RunView
from realnvp.flow import RealNVP
from realnvp.training import trained_flow
from realnvp.ui.runs import live
from realnvp.ui.share.dialog import share_button, show_share_dialog_if_open
from realnvp.ui.words import WAITING, run_name

POLL_SECONDS = 2.0  # while the run goes: a look inside takes more than a new picture does

torch.set_num_threads(1)  # the server's share; training has processes of its own


def show_inside(title: str, draw: Callable[[RunView], None]) -> None:
    """Draws a page about the flow of the run shown, under its name; anew while the run goes."""
    with st.container(key="title_row", horizontal=True, vertical_alignment="center"):
        name = st.container(width="stretch")
        share_button()

    def show(view: RunView) -> None:
        with name:
            st.markdown(f"**{title}** · {run_name(view)}")
        if view.snapshot is None:
            st.markdown(WAITING)
        else:
            draw(view)

    show_share_dialog_if_open()
    live(show, every=POLL_SECONDS)


def flow_of(view: RunView) -> RealNVP:
    """The plain flow with the weights of the run's newest snapshot, on the CPU in float32."""
    return _flow(view.token, view.snapshot.epoch, view)


@st.cache_resource(max_entries=16, show_spinner=False)
def _flow(token: str, epoch: int, _view: RunView) -> RealNVP:
    return trained_flow(_view.config, _view.snapshot.weights).requires_grad_(False)
