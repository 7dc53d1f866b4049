"""A class's challenge: as it stands on the wall, and the fields that set it."""

import streamlit as st

from realnvp.datasets import DISTRIBUTIONS
from realnvp.store.board import LONGEST_TASK, Board, Challenge
from realnvp.store.run import LONGEST_NAME
from realnvp.ui.runs import forget
from realnvp.ui.settings import QUESTION, RULES, change_draft, choose_dataset, draft
from realnvp.ui.words import HELP, plain

MOST_PARAMETERS = 100_000_000
PLAYGROUND = "pages/playground.py"


def challenge_words(challenge: Challenge) -> str:
    """What is asked of the runs, as plain text; empty where nothing is."""
    limits = []
    if challenge.dataset:
        limits.append(DISTRIBUTIONS[challenge.dataset].title)
    if challenge.most_parameters:
        limits.append(f"at most {challenge.most_parameters:,} parameters")
    if challenge.most_epochs:
        limits.append(f"at most {challenge.most_epochs:,} epochs")
    return ", ".join(limits)


def show_challenge(board: Board, *, bare: bool) -> None:
    challenge, words = board.challenge, challenge_words(board.challenge)
    if not (words or challenge.task):
        return
    with st.container(key="challenge", horizontal=True, vertical_alignment="center", gap="small"):
        said = [f"**Challenge: {plain(words)}.**"] if words else []
        st.markdown(" ".join([*said, plain(challenge.task)]), width="stretch", help=HELP["challenge"])
        if not bare and st.button("Take up the challenge", icon=":material/flag:", help=HELP["take up"], key="take_up"):
            take_up(challenge)
            st.switch_page(PLAYGROUND)


def take_up(challenge: Challenge) -> None:
    """Sets the playground to what is asked."""
    forget()
    if challenge.dataset:
        choose_dataset(challenge.dataset)
    if challenge.most_epochs:
        epochs = min(draft().epochs, challenge.most_epochs)
        change_draft(epochs=epochs, further=min(draft().further, challenge.most_epochs - epochs))
    st.session_state[QUESTION] = plain(challenge.task or f"Challenge: {challenge_words(challenge)}.")


def challenge_fields(key: str, title: str, challenge: Challenge) -> None:
    """Fields in a form; ``read_fields`` has what was entered."""
    st.text_input("Title", title, max_chars=LONGEST_NAME, key=f"{key}_title", help=HELP["class title"])
    options = ["", *DISTRIBUTIONS]
    st.selectbox(
        "Data",
        options,
        options.index(challenge.dataset),
        format_func=lambda name: DISTRIBUTIONS[name].title if name else "Any",
        key=f"{key}_dataset",
        help=HELP["challenge data"],
    )
    left, right = st.columns(2)
    left.number_input(
        "Most parameters",
        1,
        MOST_PARAMETERS,
        challenge.most_parameters or None,
        placeholder="no limit",
        key=f"{key}_parameters",
        help=HELP["most parameters"],
    )
    right.number_input(
        "Most epochs",
        1,
        2 * int(RULES["epochs"].high),
        challenge.most_epochs or None,
        placeholder="no limit",
        key=f"{key}_epochs",
        help=HELP["most epochs"],
    )
    st.text_area(
        "Task", challenge.task, max_chars=LONGEST_TASK, height=70, key=f"{key}_task", help=HELP["challenge task"]
    )


def read_fields(key: str) -> tuple[str, Challenge]:
    """Title and challenge."""
    values = {name: st.session_state[f"{key}_{name}"] for name in ("dataset", "parameters", "epochs", "task")}
    challenge = Challenge(values["dataset"], values["parameters"] or 0, values["epochs"] or 0, values["task"])
    return st.session_state[f"{key}_title"], challenge
