"""A word that becomes points."""

from functools import partial

import streamlit as st

from realnvp.own.word import fonts, points_from_word
from realnvp.ui.choose.chosen import offer
from realnvp.ui.words import HELP


def show_word() -> None:
    left, right = st.columns([2, 1])
    text = left.text_input("A word or a name", value="flow", key="word", persist_state="session", help=HELP["word"])
    names = list(fonts())
    font = right.selectbox("Font", names, key="font", persist_state="session", help=HELP["font"])
    offer(partial(points_from_word, text or "", font=font))
