"""Training a kept run further."""

from dataclasses import replace

import streamlit as st

from realnvp.config import TrainingConfig
from realnvp.engine.report import Pace, Status
from realnvp.store.run import RunLine
from realnvp.ui.runs import start, store
from realnvp.ui.settings import DRAFT, RULES
from realnvp.ui.words import HELP

EPOCHS = 500  # a whole cycle of the learning rate: see training.learning_rate


def further_button(line: RunLine) -> None:
    """Where a run can go on: a finished one for more epochs, a stopped one to its end."""
    config, most = line.config, int(RULES["further"].high) - line.config.further
    stopped = line.status == Status.STOPPED
    if most < 1 or (not stopped and line.epoch < config.total_epochs):  # which its patience has ended
        return
    with st.popover("Train further", icon=":material/fast_forward:", key=f"further_{line.token}"):
        st.markdown(HELP["train further read back" if line.read_back else "train further"])
        if stopped:
            st.markdown(f"It was stopped at epoch {line.epoch:,} and goes on to epoch {config.total_epochs:,}.")
        else:
            epochs = st.number_input(
                "Further epochs", 1, most, min(EPOCHS, most), EPOCHS, help=HELP["further epochs"], key="further_epochs"
            )
            config = replace(config, further=config.further + epochs)
        if st.button("Train", icon=":material/play_arrow:", type="primary", key="train_further"):
            train_further(line, config)


def train_further(line: RunLine, config: TrainingConfig) -> None:
    """Starts a run that begins where a kept one has ended, and shows it on the playground."""
    begun = store().load(line.token)
    if begun is None:
        st.warning("The run cannot be read now; try again in a moment.")
        return
    if begun.checkpoint is None and not begun.read_back:
        st.toast(
            "Its optimiser was too large to be kept, so it trains from epoch 0 again.",
            icon=":material/info:",
            duration="infinite",
        )
    start(config, Pace.FULL, begun=begun)
    st.session_state[DRAFT] = config
    st.switch_page("pages/playground.py")
