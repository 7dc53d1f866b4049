"""The settings: widgets that show the draft of the next run, and change it."""

from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import streamlit as st

from realnvp.config import PRESETS, Setting, TrainingConfig, apply_preset, matching_preset
from realnvp.datasets import DISTRIBUTIONS
from realnvp.point_store import is_point_set
from realnvp.ui.data import title_of
from realnvp.ui.dialogs import open_dialog
from realnvp.ui.lesson import locked
from realnvp.ui.runs import current_view, engine, show_run_of
from realnvp.ui.words import HELP, plain

DRAFT = "draft"
DATA = "data"  # the dialog in which the data are chosen
QUESTION = "question"
CUSTOM = "custom"
KEYS = "widget_keys"  # the key that each widget has now
STOPS = {
    "layers": (1, 2, 4, 6, 8, 12, 16, 24, 32),
    "width": (4, 8, 16, 32, 64, 128, 256, 512),
    "epochs": (50, 100, 200, 500, 1000, 1500, 2000, 3000, 5000, 10_000, 20_000, 50_000),
}
PATIENCES = (0, 50, 100, 200, 500, 1000)  # epochs
RULES: dict[str, Setting] = {f.name: f.metadata["setting"] for f in fields(TrainingConfig)}
ADVANCED = ("depth", "batch_size", "lr", "schedule", "clip_norm", "max_log_scale", "conditioner", "initialisation")


def draft() -> TrainingConfig:
    """The settings that the next press of Train will use: at first those of the run shown.

    Widgets only show them, so that they outlive a change of page.
    """
    if DRAFT not in st.session_state:
        st.session_state[DRAFT] = current_view().config
    return st.session_state[DRAFT]


def change_draft(**values: Any) -> None:
    st.session_state[DRAFT] = replace(draft(), **values)


def open_run(token: str, config: TrainingConfig) -> None:
    """Makes a run the one that the pages show; settings that nobody has changed follow it."""
    untouched = draft() == current_view().config
    show_run_of(token)
    if untouched:
        st.session_state[DRAFT] = config


def show_settings() -> None:
    """Dataset, noise and preset; layers, width and epochs; the rest under Advanced."""
    with st.container(border=True, key="settings"):
        has_parts = draft().parts is not None
        data, noise, *parts, preset = st.columns([1.1, 0.9, 0.8, 1.1] if has_parts else 3)
        with data:
            show_dataset()
        with noise:
            if draft().fixed_points:
                patience_choice()
            else:
                slider("noise", 0.01)
        for column in parts:
            with column:
                parts_choice()
        with preset:
            preset_choice()
        for column, name in zip(st.columns(3), STOPS, strict=True):
            with column:
                stops(name)
        with st.popover("Advanced", icon=":material/tune:", width="content"):
            show_advanced()


def show_dataset() -> None:
    """The data by name, on the button that opens the dialog with all there are."""
    with st.container(key="dataset"):
        st.markdown("Dataset", help=HELP["choose data"])
        name = plain(title_of(draft()))
        st.button(
            name,
            icon=":material/scatter_plot:",
            on_click=open_dialog,
            args=(DATA,),
            width="stretch",
            key="choose_data",
            disabled=locked(),
        )


def choose_dataset(name: str) -> None:
    """Makes a distribution, as it comes, or a kept set of points the data of the next run."""
    change_draft(dataset=name, noise=None, parts=None, patience=draft().patience if is_point_set(name) else 0)


def parts_choice() -> None:
    low, high = DISTRIBUTIONS[draft().dataset].parts_range
    st.number_input(min_value=low, max_value=high, value=draft().parts, step=1, **bound("parts", "set"))


def patience_choice() -> None:
    """When to stop early: in the noise's place, which a fixed set of points does not have."""
    options = sorted({*PATIENCES, draft().patience})
    words = {0: "never"}
    st.selectbox(
        options=options,
        index=options.index(draft().patience),
        format_func=lambda epochs: words.get(epochs, f"{epochs:,} epochs"),
        **bound("patience", "set"),
    )


def show_advanced() -> None:
    left, right = st.columns(2)
    with left:
        for name in STOPS:
            number(name)
        number("further")
        number("seed")
        choice("device", ["auto", *(engine().devices or ["cpu"])])
    with right:
        for name in ADVANCED:
            choice(name, list(RULES[name].choices)) if RULES[name].choices else number(name)


def preset_choice() -> None:
    """The preset; settings that are nobody's preset read "Custom"."""
    titles = {name: preset.title for name, preset in PRESETS.items()} | {CUSTOM: "Custom"}
    current = matching_preset(draft()) or CUSTOM
    options = [*PRESETS, CUSTOM] if current == CUSTOM else [*PRESETS]
    key = key_for("set_preset", current)
    st.selectbox(
        "Preset",
        options,
        index=options.index(current),
        format_func=titles.get,
        key=key,
        on_change=take_preset,
        args=(key,),
        disabled=locked(),
        help="\n\n".join(f"**{preset.title}**: {preset.help}" for preset in PRESETS.values()),
    )


def take_preset(key: str) -> None:
    if is_shown(key) and (name := st.session_state[key]) != CUSTOM:
        st.session_state[DRAFT] = apply_preset(name, draft())


def take(name: str, key: str) -> None:
    """Takes a widget's value into the draft."""
    if is_shown(key):
        with suppress(ValueError):  # sent while the data were others: it has no meaning for those of now
            change_draft(**{name: st.session_state[key]})


def bound(name: str, kind: str) -> dict[str, Any]:
    """What each widget of a field has in common; its value is the draft's."""
    key = key_for(f"{kind}_{name}", getattr(draft(), name))
    shown = {"label": RULES[name].label, "help": RULES[name].help, "disabled": locked()}
    return {**shown, "key": key, "on_change": take, "args": (name, key)}


def key_for(widget: str, value: Any) -> str:
    """The key of a widget that is to show this value: a new one where the value comes from elsewhere.

    To assign to the old one would undo what the user has done meanwhile, and what the browser has already sent of its
    old value would count as a choice.
    """
    keys = st.session_state.setdefault(KEYS, {})
    key = keys.setdefault(widget, f"{widget}_0")
    if st.session_state.get(key, value) != value:
        key = keys[widget] = f"{widget}_{int(key.rsplit('_', 1)[1]) + 1}"
    return key


def is_shown(key: str) -> bool:
    """Whether a widget has not been replaced: the browser may not have known when it sent its value."""
    return key in st.session_state[KEYS].values()


def choice(name: str, options: list[str], title: Any = str) -> None:
    st.selectbox(options=options, index=options.index(getattr(draft(), name)), format_func=title, **bound(name, "set"))


def slider(name: str, step: float) -> None:
    rule = RULES[name]
    value = getattr(draft(), name)
    st.slider(min_value=rule.low, max_value=rule.high, value=value, step=step, **bound(name, "set"))


def stops(name: str) -> None:
    """A slider over sensible values, and the exact one where Advanced or a link has set another."""
    value = getattr(draft(), name)
    options = sorted({*STOPS[name], value})
    st.select_slider(options=options, value=value, format_func="{:,}".format, **bound(name, "set"))


def number(name: str) -> None:
    rule, value = RULES[name], getattr(draft(), name)
    kind = type(value)
    options = {"step": 1} if kind is int else {"step": rule_step(name), "format": "%g"}
    low, high = kind(rule.low), kind(rule.high)
    st.number_input(min_value=low, max_value=high, value=value, **options, **bound(name, "exact"))


def rule_step(name: str) -> float:
    return {"lr": 0.001, "clip_norm": 0.5, "max_log_scale": 0.5}[name]


def show_try_chips() -> None:
    """Three small experiments: each sets the controls and asks for a prediction before Train is pressed."""
    chips = {
        "One layer": (
            {"layers": 1},
            "One coupling layer keeps x₁ as it is. Can the latent picture become a round Gaussian? Decide, then train.",
        ),
        "Width 4": (
            {"width": 4},
            "Networks with 4 units can hardly bend. What will the inverted moons look like? Decide, then train.",
        ),
        "New seed": (
            {"seed": draft().seed + 1},
            "Other random numbers, same settings. Which will change: the loss at the end, or the latent picture? "
            "Decide, then train.",
        ),
    }
    st.markdown("Try:", width="content")
    for name, (values, question) in chips.items():
        st.button(
            name,
            key=f"try_{name}",
            on_click=take_chip,
            args=(values, question),
            help="Sets this, and asks what you expect.",
        )


def take_chip(values: dict[str, Any], question: str) -> None:
    change_draft(**values)
    st.session_state[QUESTION] = question
