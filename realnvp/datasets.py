"""The shelf: 2-D distributions whose density is known, so that a model can be held against the truth.

Here is what each is called, what it teaches and which numbers it takes; the function of the same name in
``realnvp/distributions/shelf.py`` makes it. To add one: write an entry here and that function there.

torch is imported where it is used: the web server names the distributions, and need not wait for it.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Generator, Tensor

NOISE_RANGE = (0.01, 0.5)


class Distribution(ABC):
    """A density over the plane, and points from it."""

    noise: float  # its finest length (data units)

    @property
    @abstractmethod
    def classes(self) -> int:
        """How many classes the points are told apart in, at most 8: their colours."""

    @property
    @abstractmethod
    def middles(self) -> "Tensor":
        """The middle of each separate part, float32: (parts, 2)."""

    @abstractmethod
    def sample(self, n: int, generator: "Generator") -> "tuple[Tensor, Tensor]":
        """n independent points on the generator's device: points (n, 2), class labels (n,)."""

    @abstractmethod
    def log_prob(self, x: "Tensor") -> "Tensor":
        """Exact log-density in nats, in float64 on the CPU: x (n, 2) -> (n,)."""

    @abstractmethod
    def masses(self, x_edges: "Tensor", y_edges: "Tensor") -> "Tensor":
        """The exact probability of each cell between edges (columns + 1,) and (rows + 1,): (rows, columns), float64."""

    @property
    @abstractmethod
    def entropy(self) -> float:
        """Differential entropy in nats: the lowest NLL any model can reach."""


@dataclass(frozen=True)
class Dataset:
    """An entry of the shelf: the name of a distribution for people, its lesson, and the numbers it takes."""

    title: str
    noise: float  # by default
    teaches: str
    parts: int | None = None  # by default; None where there is no number of parts to choose
    parts_range: tuple[int, int] | None = None


# The arcs of two moons and circles are scikit-learn's, with angles drawn uniformly and independently.
DISTRIBUTIONS = {
    "two_moons": Dataset(
        "Two moons",
        noise=0.05,
        teaches="Separate and bent: a flow bends the Gaussian cloud with ease, but never tears it: a bridge stays.",
    ),
    "circles": Dataset(
        "Circles",
        noise=0.05,
        teaches="Holes: a flow cannot punch one into the Gaussian cloud; it bends the cloud around and leaves a seam.",
    ),
    "blobs": Dataset(
        "Gaussian blobs",
        noise=0.25,
        teaches="Separate parts: a flow can stretch the one Gaussian cloud thin between them, but never tear it.",
        parts=3,
        parts_range=(2, 6),
    ),
    "gaussian": Dataset(
        "Correlated Gaussian",
        noise=0.4,
        teaches="The easiest of all: a stretch and a slanted shift, which two coupling layers can make exactly.",
    ),
    "eight_gaussians": Dataset(
        "Eight Gaussians",
        noise=0.15,
        teaches="Many separate parts around an empty middle: between any two neighbours a false bridge can remain.",
        parts=8,
        parts_range=(2, 8),
    ),
    "pinwheel": Dataset(
        "Pinwheel",
        noise=0.08,
        teaches="Bent arms close together: couplings move points along the axes only, and must make turns of that.",
        parts=5,
        parts_range=(2, 8),
    ),
    "swiss_roll": Dataset(
        "Swiss roll",
        noise=0.05,
        teaches="One long strip, rolled up: far places of it lie side by side, and unrolling them takes many layers.",
    ),
    "two_spirals": Dataset(
        "Two spirals",
        noise=0.05,
        teaches="Thin arms wound around each other: they must be unwound and kept apart at once, by many layers.",
        parts=2,
        parts_range=(1, 5),
    ),
    "checkerboard": Dataset(
        "Checkerboard",
        noise=0.03,
        teaches="Sharp edges: a continuous flow makes slopes of the steps and smears points over the empty squares.",
        parts=4,
        parts_range=(2, 8),
    ),
    "rings": Dataset(
        "Rings",
        noise=0.05,
        teaches="Ring in ring in ring: a hole in each and gaps between them, and the Gaussian cloud has none of these.",
        parts=3,
        parts_range=(1, 6),
    ),
    "banana": Dataset(
        "Banana",
        noise=0.2,
        teaches="A Gaussian shifted along a parabola: one coupling layer can make this exactly.",
    ),
    "s_curve": Dataset(
        "S curve",
        noise=0.05,
        teaches="One bent strip without holes or gaps: nothing has to be torn, so a few layers can straighten it.",
    ),
    "line": Dataset(
        "Line",
        noise=0.05,
        teaches="A thin filament: easy to find, but the less noise, the harder the cloud must be squeezed across it.",
    ),
    "square": Dataset(
        "Square",
        noise=0.05,
        teaches="Sharp corners and a hole: a flow rounds the corners off, and cannot punch the hole.",
    ),
    "grid": Dataset(
        "Grid of Gaussians",
        noise=0.08,
        teaches="Many small parts: a flow must find every one of them and keep the gaps between all of them empty.",
        parts=5,
        parts_range=(2, 8),
    ),
    "heavy_tailed": Dataset(
        "Heavy tails",
        noise=0.4,
        teaches="Heavy tails: a few points lie very far out, where a flow made from a Gaussian expects next to none.",
    ),
}


def distribution(name: str, noise: float, parts: int | None = None) -> Distribution:
    """The registered distribution with this noise and number of parts; it and its entropy are computed once.

    Without ``parts`` it has its usual number. A value that is not allowed is a ValueError that says what is.
    """
    if name not in DISTRIBUTIONS:
        raise ValueError(f"dataset: {name!r} is not one of {', '.join(DISTRIBUTIONS)}")
    low, high = NOISE_RANGE
    if not low <= noise <= high:
        raise ValueError(f"noise: {noise} is outside the allowed range {low} to {high}")
    return make_distribution(name, float(noise), checked_parts(name, parts))


def checked_parts(name: str, parts: int | None) -> int | None:
    """The number of parts of a dataset, its usual one for None; a ValueError where it cannot have so many."""
    dataset = DISTRIBUTIONS[name]
    if parts is None:
        return dataset.parts
    if dataset.parts_range is None:
        raise ValueError(f"parts: {parts!r} is not allowed; the dataset {name} has no number of parts to choose")
    low, high = dataset.parts_range
    if type(parts) is not int:
        raise ValueError(f"parts: {parts!r} is not a whole number from {low} to {high}")
    if not low <= parts <= high:
        raise ValueError(f"parts: {parts:,} is outside the allowed range {low} to {high} of the dataset {name}")
    return parts


@cache
def make_distribution(name: str, noise: float, parts: int | None) -> Distribution:
    from realnvp.distributions import shelf

    make = getattr(shelf, name)
    return make(noise) if parts is None else make(noise, parts)
