"""One's runs that are still going: what they are, and where to see them."""

import streamlit as st

from realnvp.engine.report import Status
from realnvp.ui.history.sweep import SWEEP, last_sweep
from realnvp.ui.owner import owner
from realnvp.ui.runs import engine, show_run_of, store
from realnvp.ui.words import name_of, plain

POLL_SECONDS = 1.0
MOST_NAMED = 3


def show_going() -> None:
    """A line about them, while there are any; when one ends, the page draws its table anew."""
    then = engine().going_of(owner())

    def show() -> None:
        now = engine().going_of(owner())
        if now:
            show_line(now)
        if now != then:
            store().flush(1.0)  # so that what has ended is in the table
            st.rerun()

    if then:
        st.fragment(show, run_every=POLL_SECONDS)()


def show_line(tokens: list[str]) -> None:
    views = [view for token in tokens if (view := engine().view(token))]
    words = []
    for view in views[:MOST_NAMED]:
        standing = ", paused" if view.status is Status.PAUSED else ""
        words.append(f"{plain(name_of(view))}: epoch {view.epoch:,} / {view.config.total_epochs:,}{standing}")
    if len(views) > MOST_NAMED:
        words.append(f"and {len(views) - MOST_NAMED} more")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="going"):
        st.markdown(f":material/hourglass_top: Not in the table yet: {' · '.join(words)}", width="content")
        if (sweep := last_sweep()) and set(sweep.tokens) & set(tokens):
            if st.button("Show the sweep"):
                st.query_params[SWEEP] = sweep.text
                st.rerun()
        elif st.button("Show it" if len(views) == 1 else "Show the newest"):
            show_run_of(tokens[-1])
            st.switch_page("pages/playground.py")
