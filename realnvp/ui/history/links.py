"""The addresses that lead from the page of runs to others."""

from urllib.parse import urlencode

import streamlit as st

from realnvp.ui.runs import TOKEN


def run_address(token: str) -> str:
    """Where the playground shows this run, as long as it is kept here."""
    app = (st.context.url or "").rstrip("/").removesuffix("/runs")
    return f"{app}/?{urlencode({TOKEN: token})}"
