"""The layers of the page "Coupling by hand": what shapes their s and t, and their curves."""

from dataclasses import replace

import streamlit as st

from realnvp.figures.by_hand import shapes_figure
from realnvp.flow import RealNVP
from realnvp.inside.by_hand import Look
from realnvp.inside.shapes import FORMS, Shape
from realnvp.tracing import take_curves
from realnvp.ui.by_hand.hand import Hand, change, hand
from realnvp.ui.dials import Dial, dials
from realnvp.ui.live_figure import Panel, live_figure
from realnvp.ui.settings import is_shown, key_for
from realnvp.ui.words import HELP


def show_layer(flow: RealNVP, now: Hand, seen: Look, reach: float, k: int) -> None:
    """The shapes of s and t of a layer (from 0), and their curves. The second waits behind its toggle."""
    stays, moves = ("x₁", "x₂") if k == 0 else ("x₂", "x₁")
    if k == 0:
        st.markdown(f"**Layer 1**: {stays} stays, {moves} moves", help=HELP["coupling layer"])
    else:
        key = key_for("hand_second", now.second)
        st.toggle(
            f"**Layer 2**: {stays} stays, {moves} moves",
            value=now.second,
            key=key,
            on_change=take_second,
            args=(key,),
            help=HELP["hand second"],
        )
        if not now.second:
            st.caption("A second layer keeps the coordinate that the first has moved: together they reach both.")
            return
    with st.container(key=f"hand_shapes_{k + 1}"):
        for role in ("s", "t"):
            with st.container(key=f"hand_shape_{role}_{k + 1}"):
                show_shape(now, k, role)
    journey = seen.journey
    kept, cell = journey.stages()[k][:, k].copy(), float(seen.middle[k, k])
    figure = shapes_figure(
        take_curves(flow.layers[k], -reach, reach), kept, journey.s[k], journey.t[k], 1 - k, cell, reach
    )
    with st.container(key=f"hand_curves_{k + 1}"):
        live_figure([Panel("curves", "", "", {"": figure})], key=f"live_hand_curves_{k + 1}", epoch=0)


def take_second(key: str) -> None:
    """The second layer comes or goes; the picture is that after all layers."""
    if is_shown(key):
        second = st.session_state[key]
        change(second=second, place=2.0 if second else 1.0)


def show_shape(now: Hand, k: int, role: str) -> None:
    """The form of s or t of a layer (from 0), and its parameters."""
    shape: Shape = getattr(now.layers[k], role)
    key = key_for(f"hand_{role}_{k + 1}", shape.form)

    def take_form() -> None:
        if is_shown(key):
            form = st.session_state[key]
            reshape(k, role, Shape(form, tuple(parameter.start for parameter in FORMS[form].parameters)))

    def move(name: str, value: float) -> None:
        old: Shape = getattr(hand().layers[k], role)
        form, at = name.split()
        if form == old.form:  # and not one that has been replaced meanwhile
            reshape(k, role, replace(old, values=(*old.values[: int(at)], value, *old.values[int(at) + 1 :])))

    st.selectbox(
        f"{role}, the {'stretch' if role == 's' else 'shift'}",
        list(FORMS),
        index=list(FORMS).index(shape.form),
        format_func=lambda form: FORMS[form].title,
        key=key,
        on_change=take_form,
        help=HELP[f"hand {role}"],
    )
    shown = [
        Dial(f"{shape.form} {i}", parameter.label, HELP[f"hand {role}"], parameter.low, parameter.high, 0.05, value)
        for i, (parameter, value) in enumerate(zip(FORMS[shape.form].parameters, shape.values, strict=True))
    ]
    dials(shown, key=f"hand_dials_{role}_{k + 1}", on_move=move)


def reshape(k: int, role: str, shape: Shape) -> None:
    layers = list(hand().layers)
    layers[k] = replace(layers[k], **{role: shape})
    change(layers=tuple(layers))
