"""The runs of this server and of this session: which run a page shows, and starting another."""

from collections.abc import Callable

import streamlit as st

from realnvp.config import TrainingConfig
from realnvp.engine.engine import Engine, RunView
from realnvp.engine.report import Pace

TOKEN = "run"  # session state and query parameter: control over one's own run
BEFORE = "run_before"
UNSEEN = "run_unseen"  # the token of a run that was started and not drawn yet
POLL_SECONDS = 0.25
KEEP_ALIVE_SECONDS = 60


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The server's one engine; its workers start at the first call."""
    return Engine()


@st.cache_resource(show_spinner=False)
def shared_token() -> str:
    """The default run, trained once a server: what the app opens with. It is looked at, never steered."""
    return engine().submit(TrainingConfig(), leased=False)


def own_token() -> str | None:
    """The token of this session's run: from the session, or from the link after a reload; None without a run."""
    token = st.session_state.get(TOKEN) or st.query_params.get(TOKEN)
    if token is None:
        return None
    if engine().view(token) is None:
        st.session_state.pop(TOKEN, None)
        st.query_params.pop(TOKEN, None)
        st.toast("That run is no longer kept here. Press Train to start a new one.", icon=":material/info:")
        return None
    st.session_state[TOKEN] = token
    if st.query_params.get(TOKEN) != token:
        st.query_params[TOKEN] = token  # other pages drop it, and a reload needs it
    return token


def current_view() -> RunView:
    """The run that the pages show: one's own, or else the shared default run."""
    token = own_token()
    view = engine().view(token) if token else None
    return view or engine().view(shared_token())


def start(config: TrainingConfig, pace: Pace) -> None:
    """Trains a config from epoch 0 in place of the run shown, of which the loss and the numbers are kept."""
    st.session_state[BEFORE] = current_view()
    forget()
    token = engine().submit(config, pace=pace)
    st.session_state[TOKEN] = st.session_state[UNSEEN] = token
    st.query_params[TOKEN] = token


def forget() -> None:
    """Lets go of one's own run."""
    token = st.session_state.pop(TOKEN, None)
    st.query_params.pop(TOKEN, None)
    if token:
        engine().discard(token)


def view_before() -> RunView | None:
    """The run before the one shown."""
    return st.session_state.get(BEFORE)


def live(draw: Callable[[RunView], None], *, every: float = POLL_SECONDS) -> None:
    """Draws the run that the pages show, and again and again while news of it can come by itself."""
    going = current_view().going

    def show() -> None:
        view = current_view()
        if view.first and st.session_state.get(UNSEEN) == view.token:
            del st.session_state[UNSEEN]
            view = view.at_start()  # a run is seen from epoch 0, even where it has gone on before the page looked
        draw(view)
        if view.going != going:
            st.rerun()  # last: what a run of a fragment has not drawn again is taken away

    st.fragment(show, run_every=every if going else None)()


@st.fragment(run_every=KEEP_ALIVE_SECONDS)
def keep_alive() -> None:
    """Renews the lease of one's own run from any page, as long as the browser is there."""
    if token := st.session_state.get(TOKEN):
        engine().view(token)
