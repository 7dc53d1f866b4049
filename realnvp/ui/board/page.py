"""The page: the doors to a class, or a class with its wall."""

import streamlit as st

from realnvp.store.board import Board
from realnvp.ui.board.challenge import show_challenge
from realnvp.ui.board.doors import show_doors
from realnvp.ui.board.invitation import INVITATION, show_invitation_if_open
from realnvp.ui.board.publish import show_join, show_publish
from realnvp.ui.board.teacher import show_tools, show_undo
from realnvp.ui.board.visit import leave, membership, show_notice, visited
from realnvp.ui.board.wall import show_wall, watch
from realnvp.ui.dialogs import open_dialog
from realnvp.ui.words import HELP, plain

PRESENTING = "present_wall"


def show_board() -> None:
    board = visited()
    show_notice()
    if board is None:
        show_doors()
    else:
        show_class(board)


def show_class(board: Board) -> None:
    me = membership(board.code)
    presenting = show_head(board, teaches=me is not None and me.teaches)
    show_challenge(board, bare=presenting)
    if presenting:
        st.container(key="presenting").empty()  # style.css enlarges the page where this is
    else:
        show_undo(board)
        if not board.closed:
            show_publish(board, me) if me and me.nickname else show_join(board)
    show_wall(board, me, bare=presenting)
    st.caption(HELP["class privacy"])
    show_invitation_if_open(board)
    watch(board)


def show_head(board: Board, *, teaches: bool) -> bool:
    """What class this is and what can be done with it; returns whether it is shown on a projector."""
    with st.container(key="class_head", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{title_of(board)}**", help=HELP["class"], width="content")
        state = " · closed" if board.closed else ""
        st.markdown(f"Code **{board.code}** · {people(board.joined)}{state}", width="stretch", help=HELP["class code"])
        presenting = st.session_state.get(PRESENTING, False)
        st.button("Invite", icon=":material/qr_code_2:", on_click=open_dialog, args=(INVITATION,), help=HELP["invite"])
        if teaches and not presenting:
            show_tools(board)
        if not presenting:
            st.button("Leave", icon=":material/logout:", on_click=leave, help=HELP["leave class"])
        return st.toggle("Present", key=PRESENTING, help="For a projector: larger, and only what the class needs.")


def title_of(board: Board) -> str:
    return plain(board.title) or "Our class"


def people(n: int) -> str:
    return "nobody has joined yet" if n == 0 else f"{n} {'has' if n == 1 else 'have'} joined"
