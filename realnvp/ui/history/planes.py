"""The views of the data space in which several runs are drawn, so that their pictures can be compared."""

from collections.abc import Sequence

import numpy as np

from realnvp.engine.view import RunView
from realnvp.figures.points import data_view
from realnvp.snapshot import View
from realnvp.ui.data import axes_of


def of_one_data(views: Sequence[RunView]) -> bool:
    """Whether the runs have learned the same kind of data, if with other noise or other numbers of parts."""
    return len({view.config.dataset for view in views}) == 1


def planes_of(views: Sequence[RunView]) -> list[View]:
    """A view for each run, which has a snapshot: of the same data one that holds them all."""
    groups: dict[str, list[np.ndarray]] = {}
    for view in views:
        groups.setdefault(view.config.dataset, []).append(view.snapshot.input[:1000])
    axes = {view.config.dataset: axes_of(view.config) for view in views}
    planes = {data: data_view(np.concatenate(points), axes[data]) for data, points in groups.items()}
    return [planes[view.config.dataset] for view in views]
