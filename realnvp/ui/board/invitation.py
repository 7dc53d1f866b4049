"""The dialog that brings students into a class: link, QR code and code, large enough for a projector."""

import streamlit as st

from realnvp.store.board import Board
from realnvp.ui.board.visit import CLASS
from realnvp.ui.dialogs import is_open, show_dialog
from realnvp.ui.share.addresses import address
from realnvp.ui.share.show_link import show_link
from realnvp.ui.words import HELP

INVITATION = "invitation"


def show_invitation_if_open(board: Board) -> None:
    """On every run of the page, so that it stays open while the wall changes."""
    if is_open(INVITATION):
        show_dialog("Join the class", show_invitation, board)


def show_invitation(board: Board) -> None:
    st.html(f'<p class="class-code" title="The code of the class">{board.code}</p>')
    st.markdown(HELP["invitation"])
    with st.container(key="invitation"):
        show_link(address({CLASS: board.code}), key="class")
