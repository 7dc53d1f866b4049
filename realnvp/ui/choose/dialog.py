"""The dialog: where the data come from, and what is done with those chosen."""

import streamlit as st

from realnvp.ui.choose.drawn import show_canvas
from realnvp.ui.choose.file import show_examples, show_file
from realnvp.ui.choose.picture import show_picture
from realnvp.ui.choose.shelf import show_shelf
from realnvp.ui.choose.word import show_word

SOURCES = {
    "shelf": ("Distributions", show_shelf),
    "draw": ("Draw", show_canvas),
    "word": ("Type", show_word),
    "picture": ("Picture", show_picture),
    "file": ("File or paste", show_file),
    "examples": ("Real data", show_examples),
}


def show_sources() -> None:
    source = st.segmented_control(
        "Where the points come from",
        list(SOURCES),
        format_func=lambda source: SOURCES[source][0],
        default=st.session_state.get("data_source", "shelf"),  # a browser that has closed the dialog goes by this again
        required=True,
        key="data_source",
        persist_state="session",
        label_visibility="collapsed",
    )
    SOURCES[source][1]()
