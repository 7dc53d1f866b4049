"""The playground page's parts: panels, actions, progress, loss, numbers and words."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from realnvp.engine.engine import RunView
from realnvp.engine.report import Pace, Status
from realnvp.figures.loss import loss_figure
from realnvp.figures.points import LATENT_VIEW, points_figure
from realnvp.overfitting import lowest, overfitted
from realnvp.timing import expected_seconds
from realnvp.ui.data import axes_of, fixed_points, plane_of, points_of
from realnvp.ui.live_figure import Panel, live_figure, training_film
from realnvp.ui.runs import engine, forget, live, own_token, shared_token, start, view_before
from realnvp.ui.settings import CHOOSING, DRAFT, QUESTION, draft, show_settings, show_try_chips
from realnvp.ui.words import HELP, WAITING, WHAT_AM_I_LOOKING_AT

PACES = {Pace.FULL: "Full speed", Pace.SLOW: "Slow motion"}


def show_playground() -> None:
    show_headline()
    presenting = st.session_state.get("present", False)
    panels, actions = st.container(key="panels"), st.container(key="actions")
    if presenting:
        st.container(key="presenting").empty()  # style.css enlarges the page where this is
    with st.container(key="lower"):
        # The loss comes first, so that it does on a phone; style.css puts it on the right where there is room.
        if presenting:
            loss = st.container()
        else:
            loss, settings = st.columns(2, gap="small")
            with settings:
                show_settings()
    details = None
    if not presenting:
        left, right = st.columns(2, gap="small")
        with left, st.expander("What am I looking at?"):
            st.markdown(WHAT_AM_I_LOOKING_AT)
        details = right.expander("Details")
    if st.session_state.get(CHOOSING):  # on every run of the page, so that it stays open
        from realnvp.ui.choose.dialog import show_dialog  # with all that reads files: not before it is asked for

        show_dialog()
    live(partial(show_run, panels, actions, loss, details))


def show_headline() -> None:
    with st.container(key="headline", horizontal=True, vertical_alignment="center", gap="small"):
        question = st.session_state.get(QUESTION)
        st.markdown(question or "A flow learns to turn your data into a Gaussian, and back.", width="stretch")
        if not st.session_state.get("present", False):
            show_try_chips()
        st.toggle("Present", key="present", help="For a projector: larger, and only what the class needs to see.")


def show_run(
    panels: DeltaGenerator, actions: DeltaGenerator, loss: DeltaGenerator, details: DeltaGenerator | None, view: RunView
) -> None:
    """All that changes while a run goes: drawn from one view of it, so that all numbers are of one moment."""
    with panels:
        show_panels(view)
    with actions:
        show_actions(view)
    with loss:
        show_loss(view)
    if details is not None:
        with details:
            show_details(view)


def show_panels(view: RunView) -> None:
    """Input, latent and inverted. Until a new run has its first picture, the last one of the run before stands."""
    if view.snapshot is None:
        view = view_before() or view
    snapshot = view.snapshot
    if snapshot is None:
        st.markdown(WAITING)
        return
    plane, axes = plane_of(view), axes_of(view.config)
    live_figure(
        [
            Panel(
                "input",
                "Input",
                HELP["input of points"] if view.config.fixed_points else HELP["input"],
                {"": points_figure(snapshot.input, snapshot.labels, plane, axes=axes)},
                arrow="f",
                arrow_help=HELP["forward"],
            ),
            Panel(
                "latent",
                "Latent",
                HELP["latent"],
                {"": points_figure(snapshot.latent, snapshot.labels, LATENT_VIEW, rings=True)},
                film={"": "latent"},
                arrow="f⁻¹",
                arrow_help=HELP["inverse"],
            ),
            Panel(
                "inverted",
                "Inverted",
                HELP["inverted"],
                {
                    "New samples": points_figure(snapshot.samples, None, plane, axes=axes),
                    "Same points": points_figure(snapshot.back, snapshot.labels, plane, axes=axes),
                },
                film={"New samples": "samples"},
                notes={"New samples": HELP["new samples"], "Same points": HELP["same points"]},
            ),
        ],
        key="live_panels",
        epoch=snapshot.epoch,
        run=view.token,
        points_of=points_of(view),
        journey=snapshot.journey,
        units=snapshot.units,
    )


def show_actions(view: RunView) -> None:
    """The actions that make sense now, the pace, and how far the run is."""
    own = own_token()
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="action_row"):
        changed = draft() != view.config
        if own is None or view.status.over or changed:
            train_button(view, "Train with new settings" if changed else "Train")
        if own is not None and view.status.over:
            st.button("Reset", on_click=reset, help="Back to the picture and the settings that the app opened with.")
        elif own is not None:
            if view.status is Status.PAUSED:
                st.button("Resume", icon=":material/play_arrow:", on_click=engine().resume, args=(own,))
                for epochs in (1, 10, 100):
                    st.button(
                        f"Step {epochs}",
                        on_click=engine().step,
                        args=(own, epochs),
                        help=f"Train {epochs} more {'epoch' if epochs == 1 else 'epochs'}, then pause again.",
                    )
            else:
                st.button("Pause", icon=":material/pause:", on_click=engine().pause, args=(own,))
            st.button("Stop", icon=":material/stop:", on_click=engine().stop, args=(own,), help=HELP["stop"])
        show_pace(view, own)
        with st.container(width="stretch", key="progress"):
            show_progress(view, own)
    if view.error:
        st.warning(view.error, icon=":material/warning:")
    if view.notice:
        st.info(view.notice, icon=":material/info:")


def train_button(view: RunView, label: str) -> None:
    seconds = expected(view)
    st.button(
        label if seconds is None else f"{label}  (about {duration(seconds)})",
        type="primary",
        icon=":material/play_arrow:",
        on_click=press_train,
        key="train",
        help=HELP["train"],
    )


def press_train() -> None:
    st.session_state.pop(QUESTION, None)
    start(draft(), st.session_state.get("pace") or Pace.FULL)
    st.rerun()  # the whole page: the question asked before is not part of the fragment


def reset() -> None:
    forget()
    st.session_state.pop(DRAFT, None)
    st.session_state.pop(QUESTION, None)
    st.rerun()  # the whole page: the button is part of the fragment, which leaves the settings as they are


def show_pace(view: RunView, own: str | None) -> None:
    def change() -> None:
        if own is not None:
            engine().set_pace(own, st.session_state["pace"])

    st.segmented_control(
        "Pace",
        list(PACES),
        format_func=PACES.get,
        default=Pace.FULL,
        required=True,
        key="pace",
        on_change=change,
        label_visibility="collapsed",
        help=HELP["pace"],
    )


def expected(view: RunView) -> float | None:
    """Seconds that the draft will take at full speed, judged from the shared run or the one shown."""
    shared = engine().view(shared_token())
    timed = view if view.epoch >= 20 else shared
    if timed.epoch < 20:
        return None
    return expected_seconds(draft(), timed.config, timed.seconds / timed.epoch)


def duration(seconds: float) -> str:
    """A time in words a person would use: 4 s, 2 min."""
    if seconds < 1:
        return "1 s"
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


def show_progress(view: RunView, own: str | None) -> None:
    """The bar: epoch, epochs a second, time left; or what the picture is, when nothing goes."""
    epochs = view.config.epochs
    words = [f"epoch {view.epoch:,} / {epochs:,}"]
    if view.status is Status.RUNNING and view.epochs_per_second:
        words.append(f"{view.epochs_per_second:,.0f} epochs/s")
        words.append(f"{duration(view.seconds_left)} left")
    elif view.status is Status.STARTING:
        words.append("starting")
    elif view.status is Status.FINISHED and own is not None:
        words.append(f"done in {duration(view.seconds)} of training")
    elif view.status in (Status.PAUSED, Status.STOPPED):
        words.append(view.status.value)
    if own is None:
        words.append("trained when the server started" if view.status.over else "the server trains a first flow")
    st.progress(view.epoch / epochs, text=" · ".join(words))


def show_loss(view: RunView) -> None:
    before = view_before()
    floor = view.evaluation.entropy if view.evaluation else None
    with st.container(border=True, key="loss"):
        held_out = view.held_out if view.config.fixed_points else None
        figure = loss_figure(view.losses, view.config.epochs, floor, before.losses if before else None, held_out)
        panel = Panel("loss", "", "", {"": figure}, film={"": "epoch"})
        live_figure([panel], key="live_loss", epoch=view.epoch, run=view.token)
        film = () if view.going else view.film  # it travels once
        training_film(film, view.losses, key="film", run=view.token, help=HELP["film"])
        show_quality(view, before)


def show_quality(view: RunView, before: RunView | None) -> None:
    """Held-out NLL and KL gap; of a fixed set of points its lowest held-out loss in the gap's place, and a verdict."""
    fixed, numbers, then = view.config.fixed_points, view.evaluation, before and before.evaluation
    note = {"delta_color": "off", "delta_arrow": "off"}
    columns = st.columns([1, 1.35, 1.15]) if fixed else st.columns(2)
    value = f"{numbers.nll:.3f} nats" if numbers else "…"
    columns[0].metric("Held-out NLL", value, help=HELP["nll of points"] if fixed else HELP["nll"])
    if fixed:
        best = lowest(view.held_out)
        words = f"at epoch {best[0]:,}" if best else None
        value = f"{best[1]:.3f} nats" if best else "…"
        columns[1].metric("Lowest so far", value, delta=words, help=HELP["lowest held-out"], **note)
        with columns[2]:
            show_verdict(view)
    else:
        delta = f"before: {then.kl_gap:.3f}" if then and then.kl_gap is not None else None
        value = f"{numbers.kl_gap:.3f} nats" if numbers else "…"
        columns[1].metric("KL gap", value, delta=delta, help=HELP["kl gap"], **note)


def show_verdict(view: RunView) -> None:
    """Says so when a flow learns its training points by heart; and otherwise why there is no floor."""
    epoch, _ = lowest(view.held_out) or (0, 0.0)
    if view.status is Status.FINISHED and view.epoch < view.config.epochs:
        st.markdown(f":material/flag: Stopped early. Shown: epoch {epoch:,}.", help=HELP["stop early"])
    elif overfitted(view.held_out, view.losses):
        st.markdown(f":material/warning: **Overfitting** since epoch {epoch:,}.", help=HELP["overfitting"])
    else:
        st.markdown("No entropy floor: the true density is unknown.", help=HELP["no truth"])


def floor_row(view: RunView) -> tuple[str, str, str]:
    if view.config.fixed_points:
        points = fixed_points(view.config)
        return "Points", f"{len(points.points):,}" if points else "…", HELP["points"]
    return "Entropy floor", f"{view.evaluation.entropy:.3f} nats" if view.evaluation else "…", HELP["floor"]


def show_details(view: RunView) -> None:
    snapshot, numbers = view.snapshot, view.evaluation
    error = None if snapshot is None else float(abs(snapshot.back - snapshot.input).max())
    rows = [
        ("Training loss", f"{view.losses[-1]:.3f} nats" if len(view.losses) else "…", HELP["training loss"]),
        floor_row(view),
        (
            "NLL, error" if view.config.fixed_points else "KL gap, error",
            f"± {numbers.se:.4f} nats" if numbers else "…",
            HELP["kl gap error"],
        ),
        ("Inversion error", f"{error:.1e}" if error is not None else "…", HELP["inversion error"]),
        ("Parameters", f"{view.parameters:,}", HELP["parameters"]),
        ("Device", view.device or "…", HELP["device"]),
        ("Training time", f"{view.seconds:.1f} s", HELP["seconds"]),
        ("Speed", f"{view.epoch / view.seconds:,.0f} epochs/s" if view.seconds else "…", HELP["speed"]),
    ]
    for start_at in (0, 4):
        for column, (label, value, help_text) in zip(st.columns(4), rows[start_at : start_at + 4], strict=True):
            column.metric(label, value, help=help_text)
