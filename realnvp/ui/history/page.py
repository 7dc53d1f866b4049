"""The page: the table of one's runs, or a comparison or a sweep where the address names one."""

import streamlit as st

from realnvp.ui.history.actions import show_actions
from realnvp.ui.history.comparison import COMPARE, show_comparison
from realnvp.ui.history.going import show_going
from realnvp.ui.history.read_weights import show_weights_form
from realnvp.ui.history.start_sweep import show_sweep_form
from realnvp.ui.history.sweep import SWEEP, show_sweep
from realnvp.ui.history.table import in_order, show_table
from realnvp.ui.owner import owner
from realnvp.ui.runs import store
from realnvp.ui.words import HELP


def show_runs() -> None:
    if tokens := st.query_params.get(COMPARE):
        show_comparison(tokens)
    elif text := st.query_params.get(SWEEP):
        show_sweep(text)
    else:
        show_own_runs()


def show_own_runs() -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="runs_title"):
        st.markdown("**Your runs**", help=HELP["runs"], width="stretch")
        show_weights_form()
    show_going()
    lines = in_order(store().runs_of(owner()))
    actions = st.container(horizontal=True, vertical_alignment="center", gap="small", key="run_actions")
    selected = []
    if lines:
        selected = show_table(lines, store().thumbnails(owner()))
    else:
        st.markdown("Nothing is kept here yet. Train a flow on the playground: when the run has ended, it is here.")
        st.page_link("pages/playground.py", label="To the playground", icon=":material/arrow_forward:")
    with actions:
        show_actions(selected, any_runs=bool(lines))
    with st.expander(
        "Sweep: one setting, several values", icon=":material/stacked_line_chart:", key="sweep_form", expanded=not lines
    ):
        show_sweep_form()
