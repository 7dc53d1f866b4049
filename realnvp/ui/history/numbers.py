"""The numbers and the settings of several runs as a table: what differs set off from what agrees."""

from collections.abc import Sequence
from dataclasses import fields
from html import escape

from realnvp.config import TrainingConfig
from realnvp.engine.view import RunView
from realnvp.figures.comparison import value_words
from realnvp.ui.data import title_of
from realnvp.ui.settings import RULES
from realnvp.ui.words import HELP, name_of

NONE = "none"


def numbers_table(views: Sequence[RunView]) -> str:
    """HTML: a column a run; first the results, then the settings that differ, and those that agree folded away."""
    heads = "".join(
        f'<th scope="col"><span class="run-dot run-dot-{k}"></span>{escape(name_of(view))}</th>'
        for k, view in enumerate(views)
    )
    results = "".join(
        row(label, help, [words(view) for view in views], "")
        for label, help, words in (
            ("KL gap", HELP["compared kl gap"], gap_words),
            ("Held-out NLL", HELP["compared nll"], nll_words),
            ("Parameters", HELP["parameters"], lambda view: f"{view.parameters:,}"),
            ("Training time", HELP["seconds"], lambda view: f"{view.seconds:.1f} s" if view.seconds else "unknown"),
            ("Epochs trained", HELP["epochs trained"], lambda view: f"{view.epoch:,}"),
        )
    )
    settings = {f.name: [setting_words(view.config, f.name) for view in views] for f in fields(TrainingConfig)}
    differ = {name: words for name, words in settings.items() if len(set(words)) > 1}
    agree = {name: words for name, words in settings.items() if len(set(words)) == 1}
    rows = "".join(row(RULES[name].label, RULES[name].help, words, "differs") for name, words in differ.items())
    said = "Settings that differ" if differ else "All settings agree"
    folded = " · ".join(f"{RULES[name].label}: {escape(words[0])}" for name, words in agree.items() if words[0] != NONE)
    return (
        f'<table class="run-numbers"><thead><tr><td></td>{heads}</tr></thead><tbody>{results}</tbody>'
        f'<tbody><tr><th class="run-group" scope="rowgroup" colspan="{len(views) + 1}">{said}</th></tr>{rows}</tbody>'
        f"</table><details class='run-agree'><summary>Settings that agree</summary><p>{folded}</p></details>"
    )


def row(label: str, help: str, cells: Sequence[str], kind: str) -> str:
    body = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
    return f'<tr class="{kind}"><th scope="row" title="{escape(help)}">{escape(label)}</th>{body}</tr>'


def gap_words(view: RunView) -> str:
    """KL gap with its standard error; there is none where the truth is unknown."""
    numbers = view.evaluation
    if numbers is None:
        return "…"
    return "unknown" if numbers.kl_gap is None else with_error(numbers.kl_gap, numbers.se)


def nll_words(view: RunView) -> str:
    numbers = view.evaluation
    if numbers is None:
        return "…"
    return with_error(numbers.nll, numbers.se) if numbers.kl_gap is None else f"{numbers.nll:.3f} nats"


def with_error(value: float, error: float) -> str:
    return f"{value:.3f} ± {error:.3f} nats".replace("-", "\N{MINUS SIGN}")


def setting_words(config: TrainingConfig, name: str) -> str:
    value = getattr(config, name)
    if name == "dataset":
        return title_of(config)
    return NONE if value is None else value_words(value)
