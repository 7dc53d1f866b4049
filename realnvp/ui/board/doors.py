"""The ways into a class: with its code, again into one of one's own, or by opening one."""

import streamlit as st

from realnvp.store.board import CODE_LENGTH, LONGEST_NICKNAME, Challenge
from realnvp.ui.board.challenge import challenge_fields, read_fields
from realnvp.ui.board.teacher import KEY_TO_SHOW
from realnvp.ui.board.visit import CLASS, attempt, enter
from realnvp.ui.owner import owner
from realnvp.ui.runs import store
from realnvp.ui.words import HELP, plain


def show_doors() -> None:
    st.markdown("**Learn in a class: publish your runs on one wall, and compare.**", help=HELP["class"])
    left, right = st.columns(2, gap="medium")
    with left:
        show_join_by_code()
        show_own_classes()
    with right, st.expander("Open a class", icon=":material/co_present:", key="open_class"):
        show_open()
    st.caption(HELP["class privacy"])


def show_join_by_code() -> None:
    with st.form("join_class"):
        st.markdown("**Join your class**")
        code, name = st.columns(2)
        code.text_input("Code", max_chars=2 * CODE_LENGTH, key="code_typed", help=HELP["class code"])
        name.text_input("Nickname", max_chars=LONGEST_NICKNAME, key="name_typed", help=HELP["nickname"])
        st.form_submit_button("Join", icon=":material/login:", type="primary", on_click=join_by_code)


def join_by_code() -> None:
    if enter(st.session_state["code_typed"]) and (name := st.session_state["name_typed"]).strip():
        attempt(store().boards.join, st.session_state[CLASS], owner(), name)


def show_own_classes() -> None:
    """Those that this browser has joined or teaches."""
    if classes := store().boards.classes_of(owner()):
        st.markdown("**Your classes**", help=HELP["own classes"])
    for mine in classes:
        what = "you teach it" if mine.teaches else f"as {plain(mine.nickname)}"
        label = f"{plain(mine.title) or 'Our class'} · {mine.code} · {what}"
        st.button(label, icon=":material/groups:", on_click=enter, args=(mine.code,), key=f"class_{mine.code}")


def show_open() -> None:
    with st.form("new_class", border=False):
        st.markdown(HELP["open class"])
        challenge_fields("new_class", "", Challenge())
        st.form_submit_button("Open the class", icon=":material/add:", type="primary", on_click=open_class)


def open_class() -> None:
    if opened := attempt(store().boards.open, owner(), *read_fields("new_class")):
        st.session_state[CLASS], st.session_state[KEY_TO_SHOW] = opened[0], opened
