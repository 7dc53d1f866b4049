"""The wall: a card for each published run. It looks by itself whether the class has changed, and then is drawn anew."""

from html import escape

import streamlit as st

from realnvp.store.board import Board, Entry, Membership
from realnvp.ui.board.cards import card_html
from realnvp.ui.board.ranking import ORDERS, Ranked, data_title, in_order, ranked
from realnvp.ui.board.teacher import take_off
from realnvp.ui.owner import owner
from realnvp.ui.runs import find, store
from realnvp.ui.settings import DRAFT, open_run
from realnvp.ui.words import HELP

POLL_SECONDS = 1.0
MOST_SHOWN = 60
ANY = "All"
PLAYGROUND = "pages/playground.py"


def show_wall(board: Board, me: Membership | None, *, bare: bool) -> None:
    entries = [entry for entry in board.entries if not entry.removed]
    if not entries:
        st.html(f'<p class="wall-empty">{escape(HELP["empty wall"])}</p>')
        return
    wall = ranked(board, best_of_each=True) if bare else filtered(board)
    with st.container(key="wall"):
        for one in wall[:MOST_SHOWN]:
            show_card(board, one, me, bare=bare)
    if len(wall) > MOST_SHOWN:
        st.caption(f"The first {MOST_SHOWN} of {len(wall)} runs are shown; choose fewer above.")


def filtered(board: Board) -> list[Ranked]:
    """The runs that a person asks for, in the order asked for."""
    titles = sorted({data_title(entry) for entry in board.entries if not entry.removed})
    with st.container(key="wall_filters", horizontal=True, vertical_alignment="bottom", gap="small"):
        order = st.selectbox(
            "Order", list(ORDERS), format_func=lambda name: ORDERS[name][0], key="wall_order",
            persist_state="session", width=150, help=HELP["wall order"],
        )  # fmt: skip
        data = ANY
        if len(titles) > 1:
            data = st.selectbox(
                "Data", [ANY, *titles], key="wall_data", persist_state="session", width=170, help=HELP["wall data"]
            )
        best = st.toggle("Best of each", True, key="wall_best", persist_state="session", help=HELP["wall best"])
        wall = in_order(ranked(board, best_of_each=best), order)
        inside = any(one.outside for one in wall) and st.toggle(
            "Only the challenge", key="wall_inside", persist_state="session", help=HELP["wall inside"]
        )
    return [one for one in wall if data in (ANY, data_title(one.entry)) and not (inside and one.outside)]


def show_card(board: Board, one: Ranked, me: Membership | None, *, bare: bool) -> None:
    entry, mine = one.entry, one.entry.owner == owner()
    with st.container(key=f"card_{entry.token}", border=True):
        st.html(card_html(one, mine=mine))
        if bare:
            return
        with st.container(horizontal=True, gap="small", key=f"doing_{entry.token}"):
            if st.button("Open", icon=":material/open_in_new:", key=f"open_{entry.token}", help=HELP["open entry"]):
                open_entry(entry)
                st.switch_page(PLAYGROUND)
            if mine or (me and me.teaches):
                st.button(
                    "Take back" if mine else "Remove",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=take_off,
                    args=(board.code, entry),
                    key=f"remove_{entry.token}",
                    help=HELP["take back" if mine else "remove entry"],
                )


def open_entry(entry: Entry) -> None:
    """Shows a published run, or its settings where the run itself is no longer kept."""
    if find(entry.run):
        open_run(entry.run, entry.config)
    else:
        st.session_state[DRAFT] = entry.config
        st.toast(
            "This run is no longer kept. Here are its settings: Train gives the same run.",
            icon=":material/info:",
            duration="infinite",
        )


def watch(board: Board) -> None:
    """Has the page drawn anew when the class has changed."""

    def look() -> None:
        revision = store().boards.revision(board.code)
        if revision not in (None, board.revision):
            st.rerun()

    st.fragment(look, run_every=POLL_SECONDS)()
