"""The head of a comparison or a sweep: the way back, what it is, and its link."""

import streamlit as st

from realnvp.ui.share.addresses import address
from realnvp.ui.share.show_link import show_link
from realnvp.ui.words import HELP


def show_head(title: str, parameter: str, value: str, *, help: str) -> None:
    """``parameter`` and ``value`` are what the address has of it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs_head"):
        st.button("All runs", icon=":material/arrow_back:", on_click=leave, args=(parameter,))
        st.markdown(f"**{title}**", help=help, width="stretch")
        with st.popover("Share", icon=":material/share:", on_change="rerun", key=f"share_{parameter}") as share:
            if share.open:
                st.markdown(HELP["share comparison"])
                show_link(address({parameter: value}), key=parameter)


def leave(parameter: str) -> None:
    st.query_params.pop(parameter, None)
