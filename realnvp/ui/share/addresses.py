"""The addresses that a link can have."""

from urllib.parse import urlsplit

import streamlit as st

from realnvp.config import TrainingConfig
from realnvp.engine.report import Status
from realnvp.engine.view import RunView
from realnvp.link import Lesson, config_query, lesson_query, query_text
from realnvp.ui.runs import TOKEN


def settings_address(config: TrainingConfig, lesson: Lesson | None = None) -> str:
    """Where these settings are trained from their seed again, on the page that is open."""
    return address({**config_query(config), **(lesson_query(lesson) if lesson else {})})


def run_address(token: str) -> str:
    """Where this very run is shown, as long as it is kept here."""
    return address({TOKEN: token})


def lasting_address(view: RunView) -> str:
    """Where a run is found again: itself where it is kept, else its settings."""
    kept = view.owner is not None and view.status is not Status.FAILED
    return run_address(view.token) if kept else settings_address(view.config)


def address(query: dict[str, str]) -> str:
    page = st.context.url or "/"
    if not urlsplit(page).path:
        page += "/"
    return f"{page}?{query_text(query)}" if query else page
