"""A sweep as it comes in: how good the flows are over one setting, how far each is, and its samples."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st

from realnvp.engine.view import RunView
from realnvp.figures.comparison import Measured, sweep_figure, value_words
from realnvp.figures.points import points_figure
from realnvp.ui.data import axes_of, points_of, title_of
from realnvp.ui.history.comparison import MOST_COMPARED, compare
from realnvp.ui.history.head import show_head
from realnvp.ui.history.numbers import gap_words, nll_words
from realnvp.ui.history.planes import planes_of
from realnvp.ui.history.watch import there, watch
from realnvp.ui.live_figure import Panel, live_figure
from realnvp.ui.runs import engine, own_token
from realnvp.ui.settings import RULES
from realnvp.ui.wire import stamp
from realnvp.ui.words import HELP, WAITING, plain

SWEEP = "sweep"  # query parameter and session state: setting:token.token
MOST_SWEPT = 8
MOST_POINTS = 1000  # in one picture
# The settings that a sweep can go over, and values that are worth a try; the first four to begin with.
SWEPT: dict[str, tuple[int | float | str, ...]] = {
    "layers": (1, 2, 4, 8, 6, 12, 16, 24),
    "width": (8, 32, 64, 128, 4, 16, 256),
    "depth": (1, 2, 3, 4, 6),
    "epochs": (100, 300, 1000, 3000, 50, 200, 500, 2000),
    "batch_size": (64, 256, 512, 1024, 32, 128, 2048),
    "lr": (0.001, 0.003, 0.01, 0.03, 0.0003, 0.1),
    "schedule": ("one-cycle", "constant"),
    "clip_norm": (0.0, 0.1, 1.0, 10.0),
    "max_log_scale": (0.5, 1.0, 3.0, 10.0, 2.0, 5.0),
    "conditioner": ("shared", "separate"),
    "initialisation": ("identity", "default"),
    "seed": (0, 1, 2, 3, 4, 5, 6, 7),
}


@dataclass(frozen=True)
class Sweep:
    """A setting, and the tokens of the runs that differ in it."""

    setting: str
    tokens: tuple[str, ...]

    @property
    def text(self) -> str:
        return f"{self.setting}:{'.'.join(self.tokens)}"


def sweep_of(text: str) -> Sweep | None:
    """The sweep that an address names; None where it names none."""
    setting, _, tokens = text.partition(":")
    if setting not in SWEPT or not tokens:
        return None
    return Sweep(setting, tuple(dict.fromkeys(tokens.split(".")))[:MOST_SWEPT])


def last_sweep() -> Sweep | None:
    """The one that this session has started last."""
    return sweep_of(st.session_state.get(SWEEP, ""))


def show_sweep(text: str) -> None:
    sweep = sweep_of(text)
    views = there(sweep.tokens) if sweep else []
    title = f"Sweep over {RULES[sweep.setting].label.lower()}" if sweep else "Sweep"
    show_head(title, SWEEP, text, help=HELP["sweep"])
    if not views:
        st.warning("The runs of this sweep are not kept here any more.", icon=":material/info:")
        return
    if len(views) < len(sweep.tokens):
        st.warning("Not all runs of this sweep are kept here any more.", icon=":material/info:")
    watch(sweep.tokens, lambda views: draw(sweep.setting, views))


def draw(setting: str, views: list[RunView]) -> None:
    views = sorted(views, key=lambda view: getattr(view.config, setting))
    show_state(setting, views)
    with st.container(key="sweep"):
        curve, table = st.columns([1.1, 1], gap="medium")
        with curve:
            show_curve(setting, views)
        with table:
            st.html(progress_table(setting, views))
        if all(view.snapshot is None for view in views):
            st.markdown(WAITING)
        else:
            show_samples(setting, views)


def show_state(setting: str, views: list[RunView]) -> None:
    """What is to be seen, in a sentence, and what can be done about it."""
    going = [token for view in views if not view.status.over and (token := own_token(view))]
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="sweep_state"):
        st.markdown(sentence(setting, views), width="stretch")
        if going:
            st.button("Stop all", icon=":material/stop:", on_click=stop_all, args=(going,), help=HELP["stop"])
        elif 2 <= len(views) <= MOST_COMPARED:
            st.button("Compare", icon=":material/compare:", on_click=to_comparison, args=(views,), help=HELP["compare"])


def sentence(setting: str, views: list[RunView]) -> str:
    label = RULES[setting].label.lower()
    base = views[0].config
    others = [f"{base.layers} layers", f"width {base.width}", f"{base.epochs:,} epochs", f"seed {base.seed}"]
    same = [plain(title_of(base)), *(words for words in others if label not in words)]
    words = f"{len(views)} flows that differ in {label} alone ({', '.join(same)})."
    judged = [view for view in views if view.evaluation]
    if all(view.status.over for view in views) and judged:
        best = min(judged, key=quality)
        value = plain(value_words(getattr(best.config, setting)))
        return f"{words} Lowest {quantity_of(views)}: {label} {value}."
    return f"{words} {sum(view.status.over for view in views)} of {len(views)} have ended."


def quality(view: RunView) -> float:
    """KL gap, or held-out NLL where the truth is unknown: nats."""
    numbers = view.evaluation
    return numbers.nll if numbers.kl_gap is None else numbers.kl_gap


def quantity_of(views: Sequence[RunView]) -> str:
    return "held-out NLL" if views[0].config.fixed_points else "KL gap"


def show_curve(setting: str, views: list[RunView]) -> None:
    measured = [
        Measured(getattr(view.config, setting), quality(view), view.evaluation.se, view.status.over)
        for view in views
        if view.evaluation
    ]
    values, quantity = [getattr(view.config, setting) for view in views], quantity_of(views)
    figure = sweep_figure(RULES[setting].label.lower(), values, measured, quantity)
    title = f"{quantity[0].upper()}{quantity[1:]} over {RULES[setting].label.lower()}"
    live_figure(
        [Panel("curve", title, HELP["sweep curve"], {"": figure})],
        key=f"sweep_curve_{stamp([setting, [view.token for view in views]])}",
        epoch=sum(view.epoch for view in views),
    )


def progress_table(setting: str, views: list[RunView]) -> str:
    """HTML: a row a run."""
    rule = RULES[setting]
    gap = "held-out NLL" if views[0].config.fixed_points else "KL gap"
    names = (
        (rule.label, rule.help),
        ("Progress", HELP["epochs trained"]),
        (gap[0].upper() + gap[1:], HELP["compared nll" if views[0].config.fixed_points else "compared kl gap"]),
        ("Parameters", HELP["parameters"]),
        ("Time", HELP["seconds"]),
    )
    heads = "".join(f'<th scope="col" title="{escape(help)}">{escape(name)}</th>' for name, help in names)
    words = nll_words if views[0].config.fixed_points else gap_words
    rows = "".join(
        f'<tr><th scope="row">{escape(value_words(getattr(view.config, setting)))}</th>'
        f'<td><progress max="{view.config.total_epochs}" value="{view.epoch}"></progress> {progress_words(view)}</td>'
        f"<td>{escape(words(view))}</td><td>{view.parameters:,}</td><td>{view.seconds:.1f} s</td></tr>"
        for view in views
    )
    return f'<table class="run-progress"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def progress_words(view: RunView) -> str:
    if view.error:
        return "diverged"
    return "done" if view.epoch >= view.config.total_epochs else f"{view.epoch:,} / {view.config.total_epochs:,}"


def show_samples(setting: str, views: list[RunView]) -> None:
    """New samples of each flow; nothing yet where there is no picture of it."""
    seen = [view for view in views if view.snapshot]
    plane, axes = planes_of(seen)[0], axes_of(seen[0].config)
    none_yet = np.empty((0, 2), np.float32)
    panels = []
    for k, view in enumerate(views):
        samples = view.snapshot.samples[:MOST_POINTS] if view.snapshot else none_yet
        title = f"{RULES[setting].label} {value_words(getattr(view.config, setting))}"
        panels.append(Panel(f"value-{k}", title, "", {"": points_figure(samples, None, plane, axes=axes)}))
    st.markdown("**Inverted, new samples**", help=HELP["sweep samples"])
    live_figure(
        panels,
        key=f"sweep_samples_{stamp([setting, [view.token for view in views]])}",
        epoch=sum(view.epoch for view in views),
        points_of=points_of(seen[0]),
    )


def stop_all(tokens: Sequence[str]) -> None:
    for token in tokens:
        engine().stop(token)


def to_comparison(views: Sequence[RunView]) -> None:
    st.query_params.pop(SWEEP, None)
    compare([view.token for view in views])
