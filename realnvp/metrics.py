"""How good a flow is, against the known truth, on points it was not trained on."""

import math
from dataclasses import dataclass
from functools import cache, cached_property

import torch
from torch import Tensor

from realnvp.datasets import Distribution, distribution
from realnvp.flow import RealNVP
from realnvp.snapshot import Evaluation

N_HELD_OUT = 20_000
HELD_OUT_SEED = 4_016_050_803  # out of the reach of runs, whose streams start at 2 * seed and 2 * seed + 1


@dataclass(frozen=True)
class HeldOut:
    """Fixed points of one distribution, the same for every run, with the truth about them."""

    truth: Distribution
    points: Tensor  # (n, 2) float32 on the CPU
    labels: Tensor  # (n,) class of each point

    @cached_property
    def log_prob(self) -> Tensor:
        """True log-density at the points in nats, float64: (n,)."""
        return self.truth.log_prob(self.points)


@cache
def held_out(dataset: str, noise: float) -> HeldOut:
    """The held-out points of a distribution; computed once a process."""
    truth = distribution(dataset, noise)
    return HeldOut(truth, *truth.sample(N_HELD_OUT, torch.Generator().manual_seed(HELD_OUT_SEED)))


@torch.no_grad()
def evaluate(flow: RealNVP, reference: HeldOut, n: int = N_HELD_OUT) -> Evaluation:
    """KL(p || q) as the mean over held-out points of log p(x) - log q(x), on the first n of them.

    Pairing the two on the same points scatters far less than the mean of -log q(x) minus the entropy,
    so the NLL is given as entropy + KL gap and the numbers add up.
    """
    points = reference.points[:n].to(next(flow.parameters()))
    log_q = torch.cat([flow.log_prob(part) for part in points.split(4096)]).cpu().double()
    gap = reference.log_prob[:n] - log_q
    kl_gap = float(gap.mean())
    return Evaluation(
        nll=reference.truth.entropy + kl_gap,
        entropy=reference.truth.entropy,
        kl_gap=kl_gap,
        kl_gap_se=float(gap.std()) / math.sqrt(len(gap)),
        n=len(gap),
    )


@torch.no_grad()
def max_inversion_error(flow: RealNVP, points: Tensor) -> float:
    """Largest distance, in data units, between a point x (n, dim) and inverse(forward(x))."""
    points = points.to(next(flow.parameters()))
    return float((flow.inverse(flow(points)[0])[0] - points).norm(dim=1).max())
