"""The data of a run as pages show them: their title, the names of their axes, and the view that holds them."""

from realnvp.config import TrainingConfig
from realnvp.datasets import DISTRIBUTIONS
from realnvp.engine.view import RunView
from realnvp.figures.points import PLANE, data_view
from realnvp.point_store import load
from realnvp.points import PointSet
from realnvp.snapshot import Axes, View


def fixed_points(config: TrainingConfig) -> PointSet | None:
    """The fixed set of points of a config; None for a distribution, and for points that are no longer kept."""
    if not config.fixed_points:
        return None
    try:
        return load(config.dataset)
    except ValueError:
        return None


def title_of(config: TrainingConfig) -> str:
    if not config.fixed_points:
        return DISTRIBUTIONS[config.dataset].title
    points = fixed_points(config)
    return points.title if points else "Points no longer kept"


def axes_of(config: TrainingConfig) -> Axes:
    points = fixed_points(config)
    return PLANE if points is None else axes_of_points(points)


def axes_of_points(points: PointSet) -> Axes:
    """Coordinates with names of their own are in units of their own."""
    return PLANE if points.axes == PLANE.names else Axes(points.axes, equal=False)


def plane_of(view: RunView) -> View:
    """The view of the data space in which a run's pictures are drawn."""
    return data_view(view.snapshot.input[:1000], axes_of(view.config))


def points_of(view: RunView) -> str:
    """The name of the held-out points that a run shows: they are the same for all runs of the same data."""
    config = view.config
    return f"{config.dataset} {config.seed if config.fixed_points else (config.noise, config.parts)}"
