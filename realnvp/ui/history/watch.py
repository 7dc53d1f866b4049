"""Several runs drawn together, again and again while news of one can come."""

from collections.abc import Callable, Sequence

import streamlit as st

from realnvp.engine.view import RunView
from realnvp.ui.runs import find, poll

POLL_SECONDS = 0.5


def watch(tokens: Sequence[str], draw: Callable[[list[RunView]], None]) -> None:
    """Calls ``draw`` with those of the runs that are there, in their order."""
    going = any(view.going for view in there(tokens))

    def show() -> None:
        views = there(tokens)
        draw(views)
        if any(view.going for view in views) != going:
            st.rerun()

    poll(show, POLL_SECONDS if going else None)


def there(tokens: Sequence[str]) -> list[RunView]:
    return [view for token in tokens if (view := find(token))]
