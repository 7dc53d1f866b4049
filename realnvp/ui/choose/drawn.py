"""Points drawn by hand."""

from functools import partial

import streamlit as st

from realnvp.own.strokes import points_from_strokes
from realnvp.ui.choose.chosen import offer
from realnvp.ui.wire import browser_component

STROKES = "drawn_strokes"  # session state: a drawing outlives the dialog

_show = browser_component("drawing")


def show_canvas() -> None:
    def drawn() -> None:
        if (strokes := st.session_state["drawing"].drawn) is not None:
            st.session_state[STROKES] = strokes

    left, right = st.columns(2)
    with left:
        strokes = st.session_state.get(STROKES, [])
        _show("drawing", {"kind": "drawing", "strokes": strokes}, on_drawn_change=drawn)
        st.caption("Draw with mouse, pen or finger. With a keyboard: paste points under *File or paste*.")
    with right:
        strokes = st.session_state.get(STROKES, [])
        if strokes:
            offer(partial(points_from_strokes, strokes))
        else:
            st.markdown("Your drawing becomes points, each stroke in its colour. Where it is dark, points are likely.")
