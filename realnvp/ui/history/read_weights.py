"""A file of weights, taken in as one of one's runs."""

import streamlit as st

from realnvp.points import BadData
from realnvp.store.store import PATIENCE
from realnvp.ui.history.table import SELECTED
from realnvp.ui.owner import owner
from realnvp.ui.runs import store
from realnvp.ui.words import HELP, plain

MOST_MEGABYTES = 10  # what the server takes, see .streamlit/config.toml; the largest preset's flow has 9.5
TAKEN = "weights_taken"  # how many files this session has taken in: each has a form of its own


def show_weights_form() -> None:
    taken = st.session_state.setdefault(TAKEN, 0)
    with st.popover("Read weights back", icon=":material/upload_file:", key=f"read_weights_{taken}"):
        st.markdown(HELP["read weights"])
        file = st.file_uploader(
            f"Weights: a .safetensors file, up to {MOST_MEGABYTES} MB",
            type=["safetensors"],
            key=f"weights_file_{taken}",
            max_upload_size=MOST_MEGABYTES,
            help=HELP["weights file"],
        )
        if file is not None:
            take_in(file.getvalue())


def take_in(content: bytes) -> None:
    """Keeps the run of a file and selects it; a file that is of no use is said to be so."""
    from realnvp.export.read_back import imported_run  # waits for safetensors, and then for torch

    try:
        with st.spinner("Working out how good this flow is …"):
            run = imported_run(content, owner())
    except BadData as error:
        st.error(plain(str(error)), icon=":material/error:")
        return
    store().save(run).wait(PATIENCE)
    st.session_state[SELECTED] = [run.token]
    st.session_state[TAKEN] += 1
    st.rerun()
