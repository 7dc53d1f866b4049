"""What every page has around it: the workers, the style, and a sign of life for the run."""

import threading
import time
from contextlib import suppress
from pathlib import Path

import streamlit as st

from realnvp.engine.engine import Engine
from realnvp.ui.live_figure import preload
from realnvp.ui.opening import take_link
from realnvp.ui.owner import keep_owner
from realnvp.ui.runs import engine, keep_alive, shared_token, store
from realnvp.ui.streamlit_mends import mend

FRAME_OPEN = "frame_open"
ON_THE_WAY = "on_the_way"
STYLE = Path(__file__).with_name("style.css")
ICON = Path(__file__).with_name("icon.png")


def open_frame() -> None:
    """Called by app.py before the page: starts the workers and, after a detour, goes on to the page asked for."""
    mend()
    engine()
    st.session_state[FRAME_OPEN] = True
    if ON_THE_WAY in st.session_state:
        page, query = st.session_state.pop(ON_THE_WAY)
        st.switch_page(page, query_params=query)
    take_link()
    st.html(STYLE)
    preload()
    keep_owner()
    if notice := store().notice:
        st.warning(notice, icon=":material/save:")
    prepare_to_look_inside(engine(), shared_token())
    keep_alive()


@st.cache_resource(show_spinner=False)
def prepare_to_look_inside(_engine: Engine, first_run: str) -> None:
    """Imports torch beside the pages, for those that look inside a flow; not before the first pictures are there."""

    def prepare() -> None:
        while (view := _engine.view(first_run)) and not view.status.over:
            time.sleep(0.5)
        with suppress(Exception):  # the server may end in the middle; a page that fails to import it says so itself
            import realnvp.ui.inside  # noqa: F401

    threading.Thread(target=prepare, daemon=True, name="prepare_to_look_inside").start()


def require_frame(page: str) -> None:
    """Called first by each page: a page that was opened without app.py around it goes through app.py.

    On a fresh server a direct link to a page runs that page alone, for Streamlit takes the folder ``pages/`` for its
    older kind of multipage app until st.navigation has run once.
    """
    if FRAME_OPEN not in st.session_state:
        st.session_state[ON_THE_WAY] = (page, st.query_params.to_dict())
        st.switch_page("app.py")
