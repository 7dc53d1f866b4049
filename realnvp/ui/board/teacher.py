"""A teacher's tools: the challenge, the wall as a table, closing and deleting the class, and the way in elsewhere."""

from datetime import UTC, date, datetime

import streamlit as st

from realnvp.store.board import Board, Entry
from realnvp.ui.board.challenge import challenge_fields, read_fields
from realnvp.ui.board.spreadsheet import wall_csv
from realnvp.ui.board.visit import CLASS, KEY, attempt, leave
from realnvp.ui.owner import owner
from realnvp.ui.runs import store
from realnvp.ui.share.addresses import address
from realnvp.ui.share.show_link import show_copy
from realnvp.ui.words import HELP, plain

KEY_TO_SHOW = "teachers_key"  # session state: the code of a class, and the key that it has just been given
REMOVED = "entry_removed"  # the entry that can be put back, until something else is removed


def show_tools(board: Board) -> None:
    with st.popover("Teacher", icon=":material/co_present:", key="teacher", help=HELP["teacher"]):
        with st.container(horizontal=True, gap="small"):
            st.button("Link", icon=":material/key:", on_click=renew_key, args=(board.code,), help=HELP["new key"])
            st.button(
                "Reopen" if board.closed else "Close",
                icon=":material/lock_open:" if board.closed else ":material/lock:",
                on_click=close,
                args=(board.code, not board.closed),
                help=HELP["reopen class" if board.closed else "close class"],
            )
            st.download_button(
                ".csv",
                data=lambda: wall_csv(board),
                file_name=f"class-{board.code}-{date.today()}.csv",
                mime="text/csv",
                icon=":material/download:",
                on_click="ignore",
                help=HELP["class csv"],
            )
        show_key(board)
        with st.form("describe", border=False):
            challenge_fields("class", board.title, board.challenge)
            st.form_submit_button("Set the challenge", icon=":material/flag:", on_click=describe, args=(board.code,))
        with st.expander("Delete the class", icon=":material/delete:"):
            st.markdown(HELP["delete class"])
            st.button("Delete for good", icon=":material/delete:", on_click=delete, args=(board.code,))
        st.caption(f"The class and its wall are deleted on {datetime.fromtimestamp(board.expires, UTC):%d %B %Y}.")


def show_key(board: Board) -> None:
    """The teacher's link, as long as its key is known, which is until it has been put away."""
    code, key = st.session_state.get(KEY_TO_SHOW, ("", ""))
    if code == board.code:
        st.markdown(HELP["teacher's link"])
        show_copy(address({CLASS: code, KEY: key}), key="teacher")
        st.button("I have kept it", icon=":material/check:", on_click=put_key_away)


def put_key_away() -> None:
    st.session_state.pop(KEY_TO_SHOW, None)


def renew_key(code: str) -> None:
    if key := attempt(store().boards.new_key, code, owner()):
        st.session_state[KEY_TO_SHOW] = code, key


def describe(code: str) -> None:
    attempt(store().boards.describe, code, owner(), *read_fields("class"))


def close(code: str, closed: bool) -> None:
    attempt(store().boards.close, code, owner(), closed)


def delete(code: str) -> None:
    attempt(store().boards.delete, code, owner())
    put_key_away()
    leave()


def take_off(code: str, entry: Entry) -> None:
    attempt(store().boards.take_off, code, owner(), entry.token)
    st.session_state[REMOVED] = entry


def show_undo(board: Board) -> None:
    """The way back for what was taken off the wall last."""
    entry = st.session_state.get(REMOVED)
    if entry is None or not any(one.token == entry.token and one.removed for one in board.entries):
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"Removed a run of {plain(entry.nickname)}.", width="content")
        st.button("Undo", icon=":material/undo:", on_click=put_back, args=(board.code, entry), key="put_back")


def put_back(code: str, entry: Entry) -> None:
    attempt(store().boards.put_back, code, owner(), entry.token)
    st.session_state.pop(REMOVED, None)
