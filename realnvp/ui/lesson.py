"""The lesson that a teacher's link has brought to this session."""

import streamlit as st

from realnvp.link import Lesson

LESSON = "lesson"


def lesson() -> Lesson:
    return st.session_state.get(LESSON) or Lesson()


def locked() -> bool:
    """Whether the settings are to stay as the link has them."""
    return lesson().controls != "shown"
