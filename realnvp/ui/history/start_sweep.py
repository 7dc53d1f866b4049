"""Starting a sweep: a setting, its values, and one press."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from realnvp.config import TrainingConfig
from realnvp.figures.comparison import value_words
from realnvp.timing import expected_seconds
from realnvp.ui.data import title_of
from realnvp.ui.history.sweep import MOST_SWEPT, SWEEP, SWEPT, Sweep
from realnvp.ui.history.table import SELECTED
from realnvp.ui.owner import owner
from realnvp.ui.playground import duration
from realnvp.ui.runs import WATCHED, engine, shared_token
from realnvp.ui.settings import RULES, STOPS, draft
from realnvp.ui.words import HELP, plain


def show_sweep_form() -> None:
    base = draft()
    left, middle, right = st.columns([1, 2.4, 1])
    with left:
        setting = st.selectbox(
            "Setting",
            list(SWEPT),
            format_func=lambda name: RULES[name].label,
            key="sweep_setting",
            persist_state="session",
            help=HELP["sweep setting"],
        )
    with middle:
        values = st.multiselect(
            "Values",
            options_of(setting, base),
            SWEPT[setting][:4],
            format_func=value_words,
            max_selections=MOST_SWEPT,
            key=f"sweep_{setting}_values",
            help=HELP["sweep values"],
        )
    with right:
        if setting != "epochs":
            stops = sorted({*STOPS["epochs"], base.epochs})
            epochs = st.selectbox(
                "Epochs of each",
                stops,
                index=stops.index(base.epochs),
                format_func="{:,}".format,
                key="sweep_epochs",
                help=HELP["sweep epochs"],
            )
            base = replace(base, epochs=epochs)
    configs = [replace(base, **{setting: value}) for value in sorted(values)]
    others = [plain(title_of(base)), f"{base.layers} layers", f"width {base.width}", f"seed {base.seed}"]
    st.caption(f"All other settings are those of the playground: {', '.join(others)} and so on.")
    st.button(
        f"Train {len(configs)} flows{expected_words(configs)}",
        icon=":material/play_arrow:",
        type="primary",
        on_click=start_sweep,
        args=(setting, configs),
        disabled=len(configs) < 2,
        help=HELP["sweep"],
        key="start_sweep",
    )


def options_of(setting: str, base: TrainingConfig) -> list[int | float | str]:
    return sorted({*SWEPT[setting], getattr(base, setting)})


def expected_words(configs: Sequence[TrainingConfig]) -> str:
    """How long they take in all, judged from the run that the server has trained; nothing while it has none."""
    timed = engine().view(shared_token())
    if timed.epoch < 20 or not configs:
        return ""
    each = [expected_seconds(config, timed.config, timed.seconds / timed.epoch) for config in configs]
    together = min(len(each), max(len(engine().worker_pids), 1))
    return f"  (about {duration(max(sum(each) / together, *each))})"


def start_sweep(setting: str, configs: Sequence[TrainingConfig]) -> None:
    """Starts a run for each config, and has the page show them."""
    label = RULES[setting].label.lower()
    tokens = tuple(
        engine().submit(config, owner=owner(), name=f"sweep: {label} {value_words(getattr(config, setting))}")
        for config in configs
    )
    sweep = Sweep(setting, tokens)
    st.session_state[SWEEP], st.session_state[WATCHED] = sweep.text, tokens
    st.session_state.pop(SELECTED, None)  # new rows will come before those selected
    st.query_params[SWEEP] = sweep.text
