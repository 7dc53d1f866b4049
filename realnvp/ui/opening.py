"""What a session opens with: the settings and the lesson of the link that led here."""

from dataclasses import replace

import streamlit as st

from realnvp.config import TrainingConfig
from realnvp.link import PRESET, SETTINGS, config_from_query, config_query, lesson_from_query, lesson_query
from realnvp.timing import relative_cost
from realnvp.ui.lesson import LESSON, lesson
from realnvp.ui.runs import OPENING, TOKEN, engine
from realnvp.ui.settings import DRAFT

TAKEN = "link_taken"
MOST_SECONDS = 60.0  # of training that a link starts by itself, on the machine of timing.py


def take_link() -> None:
    """Takes in, once a session, what the link asks for; what it asks in vain is said."""
    if not st.session_state.get(TAKEN):
        st.session_state[TAKEN] = True
        query = st.query_params.to_dict()
        st.session_state[LESSON] = lesson_from_query(query)
        if lesson().projector:
            st.session_state["present"] = True
        if found := config_from_query(query):
            config, notices = found
            for notice in [*notices, *open_with(config)]:
                st.toast(notice, icon=":material/link:", duration="infinite")
    keep_in_address()


def open_with(config: TrainingConfig) -> list[str]:
    """Makes a link's settings the session's; returns what a person should know."""
    notices = []
    if config.device not in ("auto", *(engine().devices or ["cpu"])):
        notices.append(f'There is no device "{config.device}" here: the run is trained on what there is.')
        config = replace(config, device="auto")
    st.session_state[DRAFT] = config
    seconds = relative_cost(config) * config.epochs / 1000
    if seconds > MOST_SECONDS and TOKEN not in st.query_params:
        notices.append(f"The run of this link takes about {seconds / 60:.0f} min: press Train to start it.")
    else:
        st.session_state[OPENING] = config
    return notices


def keep_in_address() -> None:
    """Writes link and lesson back where a change of page has dropped them, so that a reload finds them."""
    opening = st.session_state.get(OPENING)
    wanted = {**(config_query(opening) if opening else {}), **lesson_query(lesson())}
    ours = (*SETTINGS, PRESET, *lesson_query(lesson()))
    for name in set(st.query_params) & set(ours) - set(wanted):
        del st.query_params[name]
    for name, value in wanted.items():
        if st.query_params.get(name) != value:
            st.query_params[name] = value
