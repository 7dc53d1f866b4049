"""The playground page's parts: panels, actions and progress."""

from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from realnvp.config import TrainingConfig
from realnvp.divergence import worsened
from realnvp.engine.report import Pace, Status
from realnvp.engine.view import RunView
from realnvp.figures.points import LATENT_VIEW, points_figure
from realnvp.timing import expected_seconds
from realnvp.ui.data import axes_of, plane_of, points_of
from realnvp.ui.dialogs import is_open, show_dialog
from realnvp.ui.lesson import lesson, locked
from realnvp.ui.live_figure import Panel, live_figure
from realnvp.ui.owner import owner
from realnvp.ui.quality import show_details, show_loss
from realnvp.ui.runs import engine, forget, live, own_token, shared_token, shown_token, start, view_before
from realnvp.ui.settings import DATA, DRAFT, QUESTION, draft, show_settings, show_try_chips
from realnvp.ui.share.dialog import share_button, show_share_dialog_if_open
from realnvp.ui.words import HELP, WAITING, WHAT_AM_I_LOOKING_AT, plain

PACES = {Pace.FULL: "Full speed", Pace.SLOW: "Slow motion"}


def show_playground() -> None:
    show_headline()
    presenting = st.session_state.get("present", False)
    bare = presenting or lesson().controls == "hidden"
    panels, actions = st.container(key="panels"), st.container(key="actions")
    if presenting:
        st.container(key="presenting").empty()  # style.css enlarges the page where this is
    with st.container(key="lower"):
        # The loss comes first, so that it does on a phone; style.css puts it on the right where there is room.
        if bare:
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
    if is_open(DATA):
        from realnvp.ui.choose.dialog import show_sources  # with all that reads files: not before it is asked for

        show_dialog("Choose the data", show_sources)
    show_share_dialog_if_open()
    live(partial(show_run, panels, actions, loss, details))


def show_headline() -> None:
    with st.container(key="headline", horizontal=True, vertical_alignment="center", gap="small"):
        asked = st.session_state.get(QUESTION) or plain(lesson().task)
        st.markdown(asked or "A flow learns to turn your data into a Gaussian, and back.", width="stretch")
        if not st.session_state.get("present", False):
            if not locked():
                show_try_chips()
            share_button()
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
    own = own_token(view)
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="action_row"):
        changed = draft() != view.config
        if own is None or view.status.over or changed:
            train_button(view, "Train with new settings" if changed else "Train")
        if shown_token() and (own is None or view.status.over):
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
    if warning := view.error or (view.status.over and worsened(view.losses, view.config)):
        st.warning(warning, icon=":material/warning:")
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


def whose(view: RunView) -> str:
    """Where a run comes from that this session cannot steer."""
    if view.owner == owner():
        return "one of your kept runs"
    if view.owner:
        return "somebody else's run"
    if view.config != TrainingConfig():
        return "trained once for all who open this link"
    return "trained when the server started" if view.status.over else "the server trains a first flow"


def expected(view: RunView) -> float | None:
    """Seconds that the draft will take at full speed, judged from the shared run or the one shown."""
    shared = engine().view(shared_token())
    timed = view if view.epoch >= 20 and view.seconds else shared  # not one whose weights were read from a file
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
    epochs = view.config.total_epochs
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
        words.append(whose(view))
    st.progress(view.epoch / epochs, text=" · ".join(words))
