"""The runs of this server and of this session: which run a page shows, and starting another."""

import time
from collections.abc import Callable

import streamlit as st

from realnvp.config import TrainingConfig
from realnvp.engine.engine import Engine
from realnvp.engine.report import Pace
from realnvp.engine.view import RunView
from realnvp.store.run import StoredRun, config_to_text
from realnvp.store.store import Store
from realnvp.ui.owner import owner

TOKEN = "run"  # session state and query parameter: the run that is shown
OPENING = "opening_config"  # what a link asks for, and what Reset goes back to
BEFORE = "run_before"
WATCHED = "runs_watched"  # tokens of other runs that this session waits for
POLLED = "run_polled"  # whether the page shown before asked for news by itself
UNSEEN = "run_unseen"  # the token of a run that was started and not drawn yet
POLL_SECONDS = 0.25
SENDING_SECONDS = 0.1
FIRST_SECONDS = 0.25  # until news follow the first picture of a run: of two at once a browser draws the second alone
KEEP_ALIVE_SECONDS = 60
MOST_SHARED = 50  # configs of links whose runs are shared by those who open them


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Where the server's runs last."""
    return Store()


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The server's one engine; its workers start at the first call."""
    return Engine(store=store())


def _is_there(token: str) -> bool:
    return engine().view(token) is not None


def _let_go(token: str) -> None:
    engine().discard(token)


def shared_token(config: TrainingConfig | None = None) -> str:
    """The run of a config that is trained once for all who open it: of the default config, or of a link.

    It is looked at, never steered. The default run is kept as long as the server lives.
    """
    return trained_for_all(config or TrainingConfig())


@st.cache_resource(
    show_spinner=False,
    max_entries=MOST_SHARED,
    validate=_is_there,
    on_release=_let_go,
    hash_funcs={TrainingConfig: config_to_text},
)
def trained_for_all(config: TrainingConfig) -> str:
    return engine().submit(config, leased=config != TrainingConfig())


def opening_token() -> str:
    """The shared run that this session opened with."""
    return shared_token(st.session_state.get(OPENING))


def find(token: str) -> RunView | None:
    """A run by its token: one that the engine has, or else one that is kept; None where there is neither."""
    if view := engine().view(token):
        return view
    try:
        return _kept(token)
    except LookupError:
        return None


@st.cache_resource(max_entries=32, show_spinner=False)
def _kept(token: str) -> RunView:
    run = store().load(token)
    if run is None:
        raise LookupError(token)  # and nothing is cached: it may come yet
    return RunView.of_kept(run)


def changed_in_store() -> None:
    """Has kept runs read anew, after one has been changed or deleted."""
    _kept.clear()


def shown_token() -> str | None:
    """The token of the run that this session shows: from the session, or from the link; None without one."""
    token = st.session_state.get(TOKEN) or st.query_params.get(TOKEN)
    if token is None:
        return None
    if find(token) is None:
        st.session_state.pop(TOKEN, None)
        st.query_params.pop(TOKEN, None)
        st.toast(
            "That run is no longer kept here. Press Train to start a new one.",
            icon=":material/info:",
            duration="infinite",
        )
        return None
    st.session_state[TOKEN] = token
    if st.query_params.get(TOKEN) != token:
        st.query_params[TOKEN] = token  # other pages drop it, and a reload needs it
    return token


def current_view() -> RunView:
    """The run that the pages show: the one asked for, or else the shared run of the opening."""
    token = shown_token()
    view = find(token) if token else None
    return view or engine().view(opening_token())


def own_token(view: RunView) -> str | None:
    """The token by which this session may steer a run; None where the run is somebody else's, or only kept."""
    return view.token if view.owner == owner() and engine().view(view.token) else None


def show_run_of(token: str) -> None:
    """Has the pages show a run, beside the one shown before."""
    st.session_state[BEFORE] = current_view()
    st.session_state[TOKEN] = token
    st.query_params[TOKEN] = token


def start(config: TrainingConfig, pace: Pace, *, begun: StoredRun | None = None) -> None:
    """Trains a config in place of the run shown, of which the loss and the numbers are kept.

    It begins at epoch 0, or where ``begun`` has ended.
    """
    before = current_view()
    forget()
    name = begun.name if begun and not begun.read_back else ""
    token = engine().submit(config, pace=pace, owner=owner(), name=name, begun=begun)
    st.session_state[BEFORE] = before
    st.session_state[TOKEN] = token
    if begun is None:
        st.session_state[UNSEEN] = token
    st.query_params[TOKEN] = token


def forget() -> None:
    """Lets go of the run shown. One's own that is going is stopped, so that what it has come to is kept."""
    token = st.session_state.pop(TOKEN, None)
    st.query_params.pop(TOKEN, None)
    if token and (view := engine().view(token)) and own_token(view):
        (engine().discard if view.status.over else engine().stop)(token)


def view_before() -> RunView | None:
    """The run before the one shown."""
    return st.session_state.get(BEFORE)


def live(draw: Callable[[RunView], None], *, every: float = POLL_SECONDS) -> None:
    """Draws the run that the pages show, and again and again while news of it can come by itself."""
    going = current_view().going

    def show() -> None:
        view = current_view()
        unseen = bool(view.first) and st.session_state.get(UNSEEN) == view.token
        if unseen:
            view = view.at_start()  # a run is seen from epoch 0, even where it has gone on before the page looked
        draw(view)
        if unseen:
            time.sleep(FIRST_SECONDS)
            del st.session_state[UNSEEN]
        if view.going != going:
            st.rerun()  # last: what a run of a fragment has not drawn again is taken away

    poll(show, every if going else None)


def poll(show: Callable[[], None], every: float | None) -> None:
    """Calls ``show`` as a fragment, and again and again, every so many seconds, or with None once."""
    st.fragment(show, run_every=every)()
    polled = st.session_state.get(POLLED, False)
    st.session_state[POLLED] = every is not None
    if every is not None or polled:
        # A poll may wait for the end of this run of the page. As it begins, Streamlit drops what it has not yet sent of
        # the fragment, and the browser, told of the end, takes away the figures that did not come.
        time.sleep(SENDING_SECONDS)


@st.fragment(run_every=KEEP_ALIVE_SECONDS)
def keep_alive() -> None:
    """Renews the leases of the runs shown and waited for from any page, as long as the browser is there."""
    for token in (st.session_state.get(TOKEN), *st.session_state.get(WATCHED, ())):
        engine().view(token)
