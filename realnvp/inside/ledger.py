"""Follows points through a flow and keeps the books: where each part of log p(x) comes from.

By the change of variables (Dinh et al. 2017, arXiv:1605.08803, eq. 2) log p(x) is log N(z; 0, I) plus the sum of the
layers' log-determinants. Beside it stands what autograd finds, which knows nothing of coupling layers.
"""

import copy
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from realnvp.flow import RealNVP, log_normal


@dataclass(frozen=True)
class Ledger:
    """What became of n points of the plane in each layer, and what it adds to their log-density.

    Layer k turns the coordinate x that it changes into x * exp(s[k]) + t[k]. In nats, at each point:
    log_prob = log_normal + running[-1], and running[k] = units + log_dets[0] + ... + log_dets[k].
    """

    path: Tensor  # (layers + 1, n, 2) before the first layer, standardised, and after each
    changed: tuple[int, ...]  # which coordinate each layer changes, 0 or 1
    s: Tensor  # (layers, n) log-scale of that coordinate
    t: Tensor  # (layers, n) its shift
    units: Tensor  # (n,) log-det of the standardising, 0 where the flow has none
    log_dets: Tensor  # (layers, n) of each layer by itself
    running: Tensor  # (layers, n) of the layers so far
    log_normal: Tensor  # (n,) log N(z; 0, I) where the path ends
    log_prob: Tensor  # (n,)


@torch.no_grad()
def take_ledger(flow: RealNVP, x: Tensor) -> Ledger:
    """Follows x (n, 2) from data to latent space, in the flow's own precision and order of sums."""
    start, units = flow.standardise(x)
    path, s, t, log_dets, running, log_det = [start], [], [], [], [], units
    for layer in flow.layers:
        layer_s, layer_t = layer.scale_and_shift(layer.split(path[-1])[0])
        y, layer_log_det = layer(path[-1])
        log_det = log_det + layer_log_det
        path.append(y)
        s.append(layer_s[:, 0])
        t.append(layer_t[:, 0])
        log_dets.append(layer_log_det)
        running.append(log_det)
    base = log_normal(path[-1])
    return Ledger(
        path=torch.stack(path),
        changed=tuple(int(layer.changed[0]) for layer in flow.layers),
        s=torch.stack(s),
        t=torch.stack(t),
        units=units,
        log_dets=torch.stack(log_dets),
        running=torch.stack(running),
        log_normal=base,
        log_prob=base + log_det,
    )


def autograd_jacobian(forward: nn.Module, x: Tensor) -> Tensor:
    """The Jacobian dy/dx of a flow or a layer at x (n, dim), found by autograd in float64: (n, dim, dim).

    In float64 whatever the flow's precision: a determinant is a difference of products, which float32 would blur.
    """
    exact = copy.deepcopy(forward).double()
    return torch.func.vmap(torch.func.jacrev(lambda point: exact(point[None])[0][0]))(x.double()).detach()


def autograd_log_det(forward: nn.Module, x: Tensor) -> Tensor:
    """log |det dy/dx| from autograd's Jacobian at x (n, dim), in nats, float64: (n,)."""
    return torch.linalg.slogdet(autograd_jacobian(forward, x)).logabsdet


@torch.no_grad()
def return_error(flow: RealNVP, x: Tensor) -> Tensor:
    """The distance between x (n, dim) and inverse(forward(x)), in data units: (n,)."""
    return (flow.inverse(flow(x)[0])[0] - x).norm(dim=1)
