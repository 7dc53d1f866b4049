"""How good a flow is, on points it was not trained on, and against the truth where it is known."""

import math

import torch
from torch import Tensor

from realnvp.data import N_HELD_OUT, HeldOut
from realnvp.flow import RealNVP
from realnvp.snapshot import Evaluation


@torch.no_grad()
def evaluate(flow: RealNVP, reference: HeldOut, n: int = N_HELD_OUT) -> Evaluation:
    """Held-out NLL on the first n points, and with a known truth KL(p || q): the mean of log p(x) - log q(x).

    Pairing the two on the same points scatters far less than the mean of -log q(x) minus the entropy,
    so the NLL is then given as entropy + KL gap and the numbers add up.
    """
    points = reference.points[:n].to(next(flow.parameters()))
    log_q = torch.cat([flow.log_prob(part) for part in points.split(4096)]).cpu().double()
    if reference.truth is None:
        return Evaluation(nll=-float(log_q.mean()), se=standard_error(log_q), n=len(log_q))
    gap = reference.log_prob[:n] - log_q
    entropy, kl_gap = reference.truth.entropy, float(gap.mean())
    return Evaluation(nll=entropy + kl_gap, se=standard_error(gap), n=len(gap), entropy=entropy, kl_gap=kl_gap)


def standard_error(values: Tensor) -> float:
    """Of the mean of values (n,)."""
    return float(values.std()) / math.sqrt(len(values))


@torch.no_grad()
def max_inversion_error(flow: RealNVP, points: Tensor) -> float:
    """Largest distance, in data units, between a point x (n, dim) and inverse(forward(x))."""
    points = points.to(next(flow.parameters()))
    return float((flow.inverse(flow(points)[0])[0] - points).norm(dim=1).max())
