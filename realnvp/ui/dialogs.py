"""Which dialog is open. There can be one at a time, and it stays open while the page behind it runs again."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import streamlit as st

OPEN = "dialog_open"  # the name of the dialog that is open, and when it was opened


def open_dialog(name: str) -> None:
    """Before a page's run: has it show a dialog."""
    st.session_state[OPEN] = name, time.monotonic_ns()


def is_open(name: str) -> bool:
    return st.session_state.get(OPEN, ("", 0))[0] == name


def close_dialog() -> None:
    st.session_state.pop(OPEN, None)


def show_dialog(title: str, content: Callable[..., None], *arguments: Any) -> None:
    """Shows the dialog that is open, with what ``content`` draws; on every run of the page."""
    st.dialog(title, width="large", on_dismiss=partial(dismiss, st.session_state[OPEN]))(content)(*arguments)


def dismiss(dialog: tuple[str, int]) -> None:
    """Closes this dialog, but not one that was opened since: while the server is busy both may reach it as one."""
    if st.session_state.get(OPEN) == dialog:
        close_dialog()
