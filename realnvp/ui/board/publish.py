"""A student's part: a nickname, and the run to publish."""

import math

import streamlit as st

from realnvp.store.board import LONGEST_NICKNAME, Board, Membership
from realnvp.store.run import RunLine
from realnvp.ui.board.visit import attempt
from realnvp.ui.owner import owner
from realnvp.ui.runs import TOKEN, store
from realnvp.ui.words import HELP, name_of, plain

MOST_OFFERED = 30  # of one's runs, the newest


def show_join(board: Board) -> None:
    with st.form("join", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Your nickname", max_chars=LONGEST_NICKNAME, key="nickname", width=260, help=HELP["nickname"])
        st.form_submit_button(
            "Join", icon=":material/login:", type="primary", on_click=join, args=(board.code, "nickname")
        )


def join(code: str, field: str) -> None:
    attempt(store().boards.join, code, owner(), st.session_state[field])


def show_publish(board: Board, me: Membership) -> None:
    lines = publishable(store().runs_of(owner()))
    with st.container(key="publish", horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.popover(plain(me.nickname), icon=":material/person:", help=HELP["rename me"], key=f"me_{me.nickname}"):
            st.text_input(
                "Nickname",
                me.nickname,
                max_chars=LONGEST_NICKNAME,
                key=f"new_nickname_{me.nickname}",
                on_change=join,
                args=(board.code, f"new_nickname_{me.nickname}"),
            )
        if not lines:
            st.markdown("Train a run on the playground, then publish it here.", width="content")
            st.page_link("pages/playground.py", label="To the playground", icon=":material/arrow_forward:")
            return
        tokens = [line.token for line in lines]
        shown = st.session_state.get(TOKEN)
        first = tokens.index(shown) if shown in tokens else 0
        there = {entry.run for entry in board.entries if not entry.removed}
        chosen = st.selectbox(
            "Your run",
            lines,
            first,
            format_func=lambda line: words_of(line) + (" · on the wall" if line.token in there else ""),
            key=f"to_publish_{tokens[first]}",  # a new run is offered at once
            width=430,
            help=HELP["run to publish"],
        )
        st.button(
            "Publish",
            icon=":material/publish:",
            type="primary",
            on_click=publish,
            args=(board.code, chosen.token),
            disabled=chosen.token in there,
            help=HELP["publish"],
            key="publish_run",
        )


def publishable(lines: list[RunLine]) -> list[RunLine]:
    """The newest of one's runs that a wall can rank."""
    known = [line for line in lines if line.evaluation and line.evaluation.kl_gap is not None]
    return [line for line in known if not line.read_back and math.isfinite(line.evaluation.kl_gap)][:MOST_OFFERED]


def words_of(line: RunLine) -> str:
    return f"{name_of(line)}: KL gap {line.evaluation.kl_gap:.3f} nats, {line.epoch:,} epochs"


def publish(code: str, token: str) -> None:
    attempt(store().boards.publish, code, owner(), token)
