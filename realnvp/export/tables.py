"""Samples and density as CSV. torch is imported where it is used: a page need not wait for it."""

import csv
import io
from collections.abc import Iterable

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.export.data_names import axes_of
from realnvp.figures.points import data_view

GRID = 100  # places each way


def samples_csv(config: TrainingConfig, weights: dict[str, np.ndarray], *, n: int = 10_000, seed: int = 0) -> str:
    """n new points of a trained flow, a row each; the seed fixes which."""
    import torch

    from realnvp.training import trained_flow

    samples = trained_flow(config, weights).sample(n, generator=torch.Generator().manual_seed(seed))
    return table(coordinates(config), samples.tolist())


def density_csv(config: TrainingConfig, weights: dict[str, np.ndarray], *, grid: int = GRID) -> str:
    """The learned density on a grid over the data, grid x grid rows, and the true one beside it where it is known."""
    import torch

    from realnvp.data import data_of
    from realnvp.inside.density import learned_density
    from realnvp.training import trained_flow

    data = data_of(config)
    x_low, x_high, y_low, y_high = data_view(data.shown.points.numpy(), axes_of(config))
    options = {"dtype": torch.float64}
    y, x = torch.meshgrid(
        torch.linspace(y_low, y_high, grid, **options), torch.linspace(x_low, x_high, grid, **options), indexing="ij"
    )
    places = torch.stack([x.flatten(), y.flatten()], 1)
    flow = trained_flow(config, weights)
    columns = [*places.T, learned_density(flow, places)]
    header = [*coordinates(config), "learned density (per unit area)"]
    if data.held_out.truth is not None:
        columns.append(data.held_out.truth.log_prob(places).exp())
        header.append("true density (per unit area)")
    return table(header, zip(*(column.tolist() for column in columns), strict=True))


def coordinates(config: TrainingConfig) -> list[str]:
    """The names of the coordinates; a person's own columns as they brought them, with units if these have any."""
    axes = axes_of(config)
    return ["x1 (data units)", "x2 (data units)"] if axes.equal else list(axes.names)


def table(header: list[str], rows: Iterable[Iterable[float]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([f"{value:.9g}" for value in row] for row in rows)
    return text.getvalue()
