"""A run as one HTML file that moves and needs no network: the points through the layers, and the training's film."""

from collections.abc import Sequence
from dataclasses import fields
from html import escape

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.export.data_names import axes_of, title_of
from realnvp.figures.loss import loss_figure
from realnvp.figures.moving import film_figure, layers_figure
from realnvp.snapshot import Evaluation, FilmFrame, Snapshot

MOST_MOMENTS = 60  # of the film

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body {{ font-family: sans-serif; color: #222; max-width: 1100px; margin: 1.5em auto; padding: 0 1em; }}
h1 {{ font-size: 1.4em; }} h2 {{ font-size: 1.1em; margin-top: 1.5em; }}
dl {{ display: flex; flex-wrap: wrap; gap: 0.3em 1.5em; }} dl div {{ display: flex; gap: 0.4em; }}
dt {{ color: #666; }} dd {{ margin: 0; font-variant-numeric: tabular-nums; }}
</style>
</head>
<body>
<h1>{title}</h1>
<p>{result}</p>
<dl>{settings}</dl>
<h2>Through the layers</h2>
<p>Each coupling layer keeps one coordinate and uses it to stretch and shift the other. At the end the points look like
a standard Gaussian: the rings hold 39%, 86% and 99% of one.</p>
{layers}
{training}
</body>
</html>
"""

TRAINING = """<h2>The training</h2>
<p>Left: the points after all layers (latent). Middle: Gaussian noise sent backwards, new samples. Right: the loss.</p>
{film}"""


def run_html(
    config: TrainingConfig,
    snapshot: Snapshot,
    film: Sequence[FilmFrame],
    losses: np.ndarray,
    evaluation: Evaluation | None = None,
) -> str:
    """The page of a finished run: its last snapshot, its film, the training loss of each epoch and its quality.

    About 6 MB, of which 5 are plotly.js. Without a film the page has the layers alone. Points no longer kept are a
    ValueError.
    """
    axes = axes_of(config)
    title = (
        f"{title_of(config)}: a RealNVP flow of {config.layers} coupling {'layer' if config.layers == 1 else 'layers'}"
    )
    options = {"full_html": False, "auto_play": False, "include_mathjax": False, "config": {"displaylogo": False}}
    layers = layers_figure(snapshot.journey, snapshot.labels)
    training = ""
    if film and len(losses):
        loss = loss_figure(losses, len(losses), evaluation and evaluation.entropy, None)
        moments = film_figure(evenly(film), snapshot, axes, loss)
        training = TRAINING.format(film=moments.to_html(div_id="film", include_plotlyjs=False, **options))
    return PAGE.format(
        title=escape(title),
        result=escape(result(evaluation, snapshot.epoch)),
        settings=settings_list(config),
        layers=layers.to_html(div_id="layers", include_plotlyjs=True, **options),
        training=training,
    )


def evenly(film: Sequence[FilmFrame]) -> list[FilmFrame]:
    """At most so many moments as a page has, the first and the last among them."""
    if len(film) <= MOST_MOMENTS:
        return list(film)
    return [film[round(k)] for k in np.linspace(0, len(film) - 1, MOST_MOMENTS)]


def result(evaluation: Evaluation | None, epochs: int) -> str:
    """How good the flow is after its training."""
    trained = f"Trained for {epochs:,} epochs."
    if evaluation is None:
        return trained
    if evaluation.kl_gap is None:
        return f"{trained} Held-out NLL {evaluation.nll:.3f} nats."
    floor = f"entropy floor {evaluation.entropy:.3f} + KL gap {evaluation.kl_gap:.3f}"
    return f"{trained} Held-out NLL {evaluation.nll:.3f} nats = {floor}."


def settings_list(config: TrainingConfig) -> str:
    """Labels and values of all settings but the dataset, which the title names."""
    values = {f.metadata["setting"].label: getattr(config, f.name) for f in fields(config) if f.name != "dataset"}
    return "".join(
        f"<div><dt>{escape(label)}</dt><dd>{value:,}</dd></div>"
        if isinstance(value, int | float)
        else f"<div><dt>{escape(label)}</dt><dd>{escape(str(value))}</dd></div>"
        for label, value in values.items()
        if value is not None
    )
