"""Sliders that tell the page their value while they move; Streamlit's own tell it when they are let go."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import streamlit as st

from realnvp.ui.wire import browser_component

_show = browser_component("dials")


@dataclass(frozen=True)
class Dial:
    """One slider. ``words`` says each of its values; ``plays`` is how long a press of play takes, in milliseconds."""

    name: str
    label: str
    help: str
    low: float
    high: float
    step: float
    value: float
    words: tuple[str, ...] = ()
    plays: int = 0


def dials(shown: list[Dial], *, key: str, on_move: Callable[[str, float], None]) -> None:
    """Shows sliders, one below the other; ``on_move`` is called with the name and value of one that has moved."""

    def moved() -> None:
        if found := st.session_state[key].moved:
            on_move(found["name"], float(found["value"]))

    content = {"kind": "dials", "dials": [asdict(dial) for dial in shown]}
    _show(key, content, on_moved_change=moved)
