"""The class that this session is in, and how it comes in: by a code, a link, or a teacher's link."""

import time
from collections import deque
from collections.abc import Callable
from typing import Any

import streamlit as st

from realnvp.store.board import Board, Membership, RefusedError, code_in
from realnvp.ui.owner import owner
from realnvp.ui.runs import store

CLASS = "class"  # session state and query parameter: the code
KEY = "key"  # query parameter: a teacher's key; it is taken out of the address at once
NOTICE = "class_notice"  # what was refused, until something else is done
WRONG = "wrong_codes"  # times of this session's
MOST_WRONG, MOST_WRONG_OF_ALL = 10, 300  # codes a minute that lead nowhere: of a session, and of a server's sessions

NO_CODE = "A class's code has six letters and digits: look at it again."
NO_CLASS = "There is no class with this code, or it has expired: ask your teacher for a new one."
TOO_MANY = "Too many wrong codes: wait a minute, then try again."
UNREADABLE = "Classes cannot be read now; they come back as soon as the database answers."


def visited() -> Board | None:
    """The class that the page shows; None outside."""
    take_link()
    code = st.session_state.get(CLASS)
    if code is None:
        return None
    board = board_of(code)
    if board is None:
        st.session_state[NOTICE] = UNREADABLE if store().boards.revision(code) is None else NO_CLASS
        leave()
    return board


def take_link() -> None:
    """Goes where the address leads, and has it lead where the session is."""
    asked, key = st.query_params.get(CLASS), st.query_params.pop(KEY, None)
    if asked is not None and asked != st.session_state.get(CLASS):
        enter(asked)
    if (code := st.session_state.get(CLASS)) is None:
        st.query_params.pop(CLASS, None)
        return
    if key is not None and not ((me := membership(code)) and me.teaches):
        attempt(store().boards.teach, code, owner(), key)
    if asked != code:
        st.query_params[CLASS] = code


def enter(text: str) -> bool:
    """Brings the session into the class of a code."""
    code = code_in(text)
    revision = store().boards.revision(code) if code and may_guess(code) else 0
    if revision:
        st.session_state[CLASS] = code
        st.session_state.pop(NOTICE, None)
        return True
    if code is None:
        said = NO_CODE
    elif revision is None:
        said = UNREADABLE
    elif not may_guess(code):
        said = TOO_MANY
    else:
        said = NO_CLASS
        for times in wrong_codes():
            times.append(time.monotonic())
    st.session_state[NOTICE] = said
    return False


def may_guess(code: str) -> bool:
    """False where so many codes were wrong lately that somebody may be trying them out."""
    for times in wrong_codes():
        while times and times[0] < time.monotonic() - 60:
            times.popleft()
    here, of_all = wrong_codes()
    return (len(here) < MOST_WRONG and len(of_all) < MOST_WRONG_OF_ALL) or code in {
        mine.code for mine in store().boards.classes_of(owner())
    }


def wrong_codes() -> tuple[deque[float], deque[float]]:
    """When codes led nowhere: in this session, and in any."""
    return st.session_state.setdefault(WRONG, deque(maxlen=MOST_WRONG)), _wrong_codes_of_all()


@st.cache_resource(show_spinner=False)
def _wrong_codes_of_all() -> deque[float]:
    return deque(maxlen=MOST_WRONG_OF_ALL)


def leave() -> None:
    st.session_state.pop(CLASS, None)
    st.query_params.pop(CLASS, None)


def membership(code: str) -> Membership | None:
    """What this browser is in a class; None for somebody who only looks."""
    return next((mine for mine in store().boards.classes_of(owner()) if mine.code == code), None)


def board_of(code: str) -> Board | None:
    revision = store().boards.revision(code)
    try:
        return _board(code, revision) if revision else None
    except LookupError:
        return None


@st.cache_resource(max_entries=30, show_spinner=False)
def _board(code: str, revision: int) -> Board:
    """A class as all sessions see it: read once for each change."""
    board = store().boards.board(code)
    if board is None:
        raise LookupError(code)
    return board


def attempt(change: Callable[..., Any], *args: Any) -> Any:
    """What a change of a class answers; None, and a notice, where it is refused."""
    st.session_state.pop(NOTICE, None)
    try:
        return change(*args)
    except RefusedError as refused:
        st.session_state[NOTICE] = str(refused)
        return None


def show_notice() -> None:
    if said := st.session_state.get(NOTICE):
        st.warning(said, icon=":material/info:")
