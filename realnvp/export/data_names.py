"""What the data of a configuration are called in exports."""

from realnvp.config import TrainingConfig
from realnvp.datasets import DISTRIBUTIONS
from realnvp.figures.points import PLANE
from realnvp.point_store import load
from realnvp.snapshot import Axes

LONGEST_TITLE = 80


def title_of(config: TrainingConfig) -> str:
    """The title as one short line that any text file can hold: a person's own data may be called anything.

    Points that are no longer kept are a ValueError, here and below.
    """
    title = load(config.dataset).title if config.fixed_points else DISTRIBUTIONS[config.dataset].title
    return "".join(letter for letter in title if letter.isprintable())[:LONGEST_TITLE]


def axes_of(config: TrainingConfig) -> Axes:
    """Coordinates with names of their own are in units of their own."""
    names = load(config.dataset).axes if config.fixed_points else PLANE.names
    return PLANE if names == PLANE.names else Axes(names, equal=False)
