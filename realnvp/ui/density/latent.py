"""The latent space explored: samples, what is put into it and where it lands."""

import numpy as np
import streamlit as st
import torch

from realnvp.engine.view import RunView
from realnvp.figures.latent import widened, with_curve, with_path
from realnvp.figures.points import LATENT_VIEW, Figure, points_figure
from realnvp.inside.latent import circle, line_through, take_image, take_samples, take_way_back
from realnvp.ui.data import axes_of, plane_of
from realnvp.ui.density.numbers import MINUS
from realnvp.ui.inside import flow_of
from realnvp.ui.live_figure import Click, Panel, live_figure
from realnvp.ui.words import HELP

FORMS = {"point": "A point", "line": "A line", "circle": "A circle"}
POINT, ENDS = "latent_point", "latent_ends"  # session state: what has been clicked in the latent panel
FORM, TEMPERATURE, RADIUS = "latent_form", "latent_temperature", "latent_radius"  # widgets
SAMPLES = 1000
WIDEST = 3.5  # sigma, of a circle


def show_latent(view: RunView) -> None:
    with st.expander("Sample, and put a point, a line or a circle into the latent space"):
        form, temperature = show_controls()
        latent, data, words = explored(view, form, temperature)

        def clicked(click: Click) -> None:
            place = (click.x, click.y)
            if click.panel == "data":  # where in the latent space this place comes from
                place = tuple(flow_of(view)(torch.tensor([place]))[0][0].tolist())
            if np.isfinite(place).all():
                take(form, place)

        with st.container(key="explore"):
            live_figure(
                [
                    Panel(
                        "latent",
                        "Latent",
                        HELP["explore latent"],
                        {"": latent},
                        arrow="f⁻¹",
                        arrow_help=HELP["inverse"],
                    ),
                    Panel("data", "Data", HELP["explore data"], {"": data}),
                ],
                key="live_explore",
                epoch=view.snapshot.epoch,
                run=view.token,
                on_click=clicked,
            )
        st.caption(words)


def show_controls() -> tuple[str, float]:
    """What to put in, and the temperature of the samples."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="explore_controls"):
        form = st.segmented_control(
            "Put in",
            list(FORMS),
            format_func=FORMS.get,
            default="point",
            required=True,
            key=FORM,
            persist_state="session",
            help=HELP["put in"],
        )
        if form == "circle":
            options = {"persist_state": "session", "help": HELP["radius"], "width": 220}
            st.slider("Radius (sigma)", 0.1, WIDEST, 1.0, 0.1, key=RADIUS, **options)
        options = {"persist_state": "session", "help": HELP["temperature"], "width": 260}
        temperature = st.slider("Temperature of the samples", 0.2, 1.5, 1.0, 0.1, key=TEMPERATURE, **options)
    return form, temperature


def take(form: str, place: tuple[float, float]) -> None:
    """A click in the latent space: puts the point there, ends or begins the line, or leads the circle through it."""
    if form == "point":
        st.session_state[POINT] = place
    elif form == "line":
        ends = st.session_state.get(ENDS, ())
        st.session_state[ENDS] = (*ends, place) if len(ends) == 1 else (place,)
    else:
        st.session_state[RADIUS] = round(min(max(float(np.hypot(*place)), 0.1), WIDEST), 1)


def explored(view: RunView, form: str, temperature: float) -> tuple[Figure, Figure, str]:
    """Both figures, samples and the form in them, and what to say of it."""
    flow, plane, axes = flow_of(view), plane_of(view), axes_of(view.config)
    noise, samples = take_samples(flow, SAMPLES, temperature)
    latent = points_figure(noise, None, LATENT_VIEW, rings=True)
    if form == "point":
        point = st.session_state.get(POINT, (1.0, 0.5))
        stages = take_way_back(flow, point)
        latent = with_path(latent, stages[:1])
        data = with_path(points_figure(samples, None, widened(plane, stages), axes=axes), stages)
        (z1, z2), (x1, x2) = point, stages[-1].tolist()
        words = f"z = ({z1:.2f}, {z2:.2f}) lands at x = ({x1:.2f}, {x2:.2f}). The ring is where it begins; at each dot "
        words += "one more layer is undone and one coordinate moved; the disc is where it lands. Click to put another."
        if not np.isfinite(stages).all():
            words = "This flow sends that point further than its numbers reach. Click to put another."
        return latent, data, words.replace("-", MINUS)
    ends = st.session_state.get(ENDS, ((0.0, 2.0), (0.0, -2.0)))
    if form == "line" and len(ends) == 1:
        stages = take_way_back(flow, ends[0])
        latent = with_path(latent, np.array(ends, np.float32))
        data = with_path(points_figure(samples, None, plane, axes=axes), stages[-1:])
        return latent, data, "Click again: there the line ends."
    if form == "line":
        curve, next_step = line_through(torch.tensor(ends)), "Click twice to draw another line."
    else:
        curve, next_step = circle(st.session_state[RADIUS]), "A click leads it through another point."
    image = take_image(flow, curve, plane)
    data = points_figure(samples, None, widened(plane, image.data), axes=axes)
    words = f"The same colour is the same piece. The image is in one piece, as the {form} is: f⁻¹ can't tear it. "
    return with_curve(latent, image.latent, image.u), with_curve(data, image.data, image.u), words + next_step
