"""What a run learns from and is judged on: a distribution whose density is known, or a fixed set of points."""

from dataclasses import dataclass, field
from functools import cache, cached_property, lru_cache

import torch
from torch import Tensor

from realnvp.config import TrainingConfig
from realnvp.datasets import Distribution, distribution
from realnvp.point_store import load

N_HELD_OUT = 20_000
HELD_OUT_SEED = 4_016_050_803  # out of the reach of runs, whose streams start at 2 * seed and 2 * seed + 1
HELD_OUT_SHARE = 0.2  # of a fixed set


@dataclass(frozen=True, eq=False)
class HeldOut:
    """Points that a run is not trained on, and the truth about them where it is known."""

    truth: Distribution | None
    points: Tensor  # (n, 2) float32 on the CPU
    labels: Tensor  # (n,) class of each point

    @cached_property
    def log_prob(self) -> Tensor:
        """True log-density at the points in nats, float64: (n,)."""
        return self.truth.log_prob(self.points)


@dataclass(frozen=True, eq=False)
class TrainingPoints:
    """The part of a fixed set that a run is trained on: a batch is drawn from it with replacement."""

    points: Tensor  # (n, 2) float32
    labels: Tensor  # (n,)
    _copies: dict[torch.device, "TrainingPoints"] = field(default_factory=dict, repr=False)

    def sample(self, n: int, generator: torch.Generator) -> tuple[Tensor, Tensor]:
        """A minibatch on the generator's device: points (n, 2), class labels (n,)."""
        here = self._on(generator.device)
        rows = torch.randint(len(here.points), (n,), generator=generator, device=generator.device)
        return here.points[rows], here.labels[rows]

    def _on(self, device: torch.device) -> "TrainingPoints":
        if device not in self._copies:
            self._copies[device] = TrainingPoints(self.points.to(device), self.labels.to(device))
        return self._copies[device]


@dataclass(frozen=True, eq=False)
class Data:
    """``source.sample(n, generator)`` draws batches; of a fixed set also the units that its flow works in."""

    source: Distribution | TrainingPoints
    held_out: HeldOut
    shown: "HeldOut | TrainingPoints"  # in pictures: of a fixed set all points, those held out first
    units: tuple[Tensor, Tensor] | None = None  # mean and standard deviation of the training points, (2,) each


def data_of(config: TrainingConfig) -> Data:
    """The data of a run; worked out once a process. Points that are no longer kept are a ValueError."""
    if config.fixed_points:
        return fixed_data(config.dataset, config.seed)
    reference = held_out(config.dataset, config.noise, config.parts)
    return Data(reference.truth, reference, shown=reference)


@cache
def held_out(dataset: str, noise: float, parts: int | None = None) -> HeldOut:
    """The held-out points of a distribution, the same for every run."""
    truth = distribution(dataset, noise, parts)
    return HeldOut(truth, *truth.sample(N_HELD_OUT, torch.Generator().manual_seed(HELD_OUT_SEED)))


@lru_cache(maxsize=64)
def fixed_data(name: str, seed: int) -> Data:
    """A kept set of points, split into training and held-out points; the seed decides which are which."""
    points = load(name)
    order = torch.randperm(len(points.points), generator=torch.Generator().manual_seed(HELD_OUT_SEED + seed))
    n_held_out = min(N_HELD_OUT, round(HELD_OUT_SHARE * len(order)))
    x, labels = torch.tensor(points.points)[order], torch.tensor(points.labels).long()[order]
    return Data(
        TrainingPoints(x[n_held_out:].float(), labels[n_held_out:]),
        HeldOut(None, x[:n_held_out].float(), labels[:n_held_out]),
        shown=TrainingPoints(x.float(), labels),
        # Worked out in float64: a file's units may be far from 1.
        units=(x[n_held_out:].mean(0).float(), x[n_held_out:].std(0).float()),
    )
