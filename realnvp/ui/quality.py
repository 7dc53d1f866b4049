"""How good a run is: its loss curve, its numbers, and a verdict on a fixed set of points."""

import streamlit as st

from realnvp.engine.report import Status
from realnvp.engine.view import RunView
from realnvp.figures.loss import loss_figure
from realnvp.overfitting import lowest, overfitted
from realnvp.ui.data import fixed_points
from realnvp.ui.live_figure import Panel, live_figure, training_film
from realnvp.ui.runs import view_before
from realnvp.ui.words import HELP


def show_loss(view: RunView) -> None:
    before = view_before()
    floor = view.evaluation.entropy if view.evaluation else None
    with st.container(border=True, key="loss"):
        held_out = view.held_out if view.config.fixed_points else None
        figure = loss_figure(view.losses, view.config.total_epochs, floor, before.losses if before else None, held_out)
        panel = Panel("loss", "", "", {"": figure}, film={"": "epoch"})
        live_figure([panel], key="live_loss", epoch=view.epoch, run=view.token)
        film = () if view.going else view.film  # it travels once
        if film or view.going:  # weights that were read from a file have none
            training_film(film, view.losses, key="film", run=view.token, help=HELP["film"])
        show_quality(view, before)


def show_quality(view: RunView, before: RunView | None) -> None:
    """Held-out NLL and KL gap; of a fixed set of points its lowest held-out loss in the gap's place, and a verdict."""
    fixed, numbers, then = view.config.fixed_points, view.evaluation, before and before.evaluation
    columns = st.columns([1.2, 1, 0.9] if fixed else 2)
    value = f"{numbers.nll:.3f} nats" if numbers else "…"
    columns[0].metric("Held-out NLL", value, help=HELP["nll of points"] if fixed else HELP["nll"])
    if fixed:
        best = lowest(view.held_out)
        value = f"{best[1]:.3f} nats" if best else "…"
        columns[1].metric("Lowest", value, help=HELP["lowest held-out"])
        with columns[2]:
            show_verdict(view)
    else:
        delta = f"before: {then.kl_gap:.3f}" if then and then.kl_gap is not None else None
        value = f"{numbers.kl_gap:.3f} nats" if numbers else "…"
        columns[1].metric("KL gap", value, delta=delta, delta_color="off", delta_arrow="off", help=HELP["kl gap"])


def show_verdict(view: RunView) -> None:
    """Says so when a flow learns its training points by heart; and otherwise why there is no floor."""
    epoch, _ = lowest(view.held_out) or (0, 0.0)
    if view.status is Status.FINISHED and view.epoch < view.config.total_epochs:
        st.markdown(f":material/flag: Stopped early. Shown: epoch {epoch:,}.", help=HELP["stop early"])
    elif overfitted(view.held_out, view.losses):
        st.markdown(f":material/warning: **Overfitting** since epoch {epoch:,}.", help=HELP["overfitting"])
    else:
        st.markdown("No entropy floor: the truth is unknown.", help=HELP["no truth"])


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
        ("Training time", f"{view.seconds:.1f} s" if view.seconds else "…", HELP["seconds"]),
        ("Speed", f"{view.epoch / view.seconds:,.0f} epochs/s" if view.seconds else "…", HELP["speed"]),
    ]
    for start_at in (0, 4):
        for column, (label, value, help_text) in zip(st.columns(4), rows[start_at : start_at + 4], strict=True):
            column.metric(label, value, help=help_text)
