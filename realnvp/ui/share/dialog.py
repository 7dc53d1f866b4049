"""The dialog that leads others to a run, and from which a person takes it away."""

import streamlit as st

from realnvp.engine.view import RunView
from realnvp.link import CONTROLS, LONGEST_TASK, Lesson
from realnvp.ui.dialogs import is_open, open_dialog, show_dialog
from realnvp.ui.runs import current_view, shown_token
from realnvp.ui.settings import draft
from realnvp.ui.share.addresses import run_address, settings_address
from realnvp.ui.share.files import show_files
from realnvp.ui.share.show_link import show_link
from realnvp.ui.words import HELP

SHARE = "share"
PARTS = {"link": "Link", "class": "For a class", "files": "Files"}
CONTROL_WORDS = {"shown": "Shown", "locked": "Locked", "hidden": "Hidden"}
KINDS = {"settings": "These settings", "run": "This very run"}


def share_button() -> None:
    st.button("Share", icon=":material/share:", on_click=open_dialog, args=(SHARE,), key="share", help=HELP["share"])


def show_share_dialog_if_open() -> None:
    """On every run of a page, so that it stays open."""
    if is_open(SHARE):
        show_dialog("Share, or take with you", show_share)


def show_share() -> None:
    part = st.segmented_control(
        "What", list(PARTS), format_func=PARTS.get, default="link", required=True, key="share_part",
        label_visibility="collapsed",
    )  # fmt: skip
    {"link": show_links, "class": show_lesson_link, "files": lambda: show_files(current_view())}[part]()


def show_links() -> None:
    """A link to the settings, or to the run itself."""
    view = current_view()
    kind = "settings"
    if shown_token():
        kind = st.segmented_control(
            "What the link opens", list(KINDS), format_func=KINDS.get, default="settings", required=True,
            key="share_kind",
        )  # fmt: skip
    if kind == "run":
        st.markdown(what_a_run_link_does(view))
        show_link(run_address(view.token), key="run")
    else:
        st.markdown(HELP["link of points"] if draft().fixed_points else HELP["link of settings"])
        show_link(settings_address(draft()), key="settings")


def what_a_run_link_does(view: RunView) -> str:
    return HELP["link of a going run" if view.going else "link of a run"]


def show_lesson_link() -> None:
    """A teacher's link: these settings, with a task, and with as many controls as the class needs."""
    st.markdown(HELP["lesson"])
    task = st.text_area(
        "Task", max_chars=LONGEST_TASK, height=70, key="share_task", help=HELP["lesson task"],
        placeholder="What happens to the latent picture with one layer? Decide, then train.",
    )  # fmt: skip
    left, right = st.columns(2)
    controls = left.segmented_control(
        "Settings", list(CONTROLS), format_func=CONTROL_WORDS.get, default="shown", required=True,
        key="share_controls", help=HELP["lesson controls"],
    )  # fmt: skip
    projector = right.toggle("Projector size", key="share_projector", help=HELP["lesson projector"])
    show_link(settings_address(draft(), Lesson(" ".join(task.split()), controls, projector)), key="lesson")
