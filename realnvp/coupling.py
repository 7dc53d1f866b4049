"""The affine coupling layer: one invertible step of RealNVP (Dinh et al. 2017, arXiv:1605.08803, section 3.2)."""

from itertools import pairwise
from typing import Protocol

import torch
from torch import Tensor, nn


def alternating_masks(dim: int, n_layers: int) -> Tensor:
    """Checkerboard masks, swapped from layer to layer: (n_layers, dim), True where a coordinate is kept."""
    coordinate = torch.arange(dim)
    layer = torch.arange(n_layers)[:, None]
    return (coordinate + layer) % 2 == 0


class AffineCoupling(nn.Module):
    """Keeps the masked coordinates and uses them to stretch and shift the others.

    With a = the kept and b = the changed coordinates (paper eqs. 4 and 5)::

        forward, data -> latent:    y_a = x_a,    y_b = x_b * exp(s(x_a)) + t(x_a)
        inverse, latent -> data:    x_a = y_a,    x_b = (y_b - t(y_a)) * exp(-s(y_a))

    The Jacobian is triangular, so its log-determinant is the sum of s (eq. 6). No inverse of s or t is ever
    needed: they can be any networks. ``s = c * tanh(raw / c)`` with c = ``max_log_scale`` keeps exp(s) in bounds.
    """

    def __init__(self, mask: Tensor, conditioner: "Conditioner", *, max_log_scale: float) -> None:
        """``mask`` (dim,), True = kept; ``conditioner`` maps the kept coordinates to (raw, t)."""
        super().__init__()
        kept, changed = mask.nonzero().flatten(), (~mask).nonzero().flatten()
        if len(kept) == 0 or len(changed) == 0:
            raise ValueError(f"mask: {mask.tolist()} must keep at least one coordinate and change at least one")
        self.conditioner = conditioner
        self.max_log_scale = max_log_scale
        self.register_buffer("kept", kept)
        self.register_buffer("changed", changed)
        self.register_buffer("order", torch.cat([kept, changed]).argsort())

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Data -> latent: x (n, dim) -> y (n, dim), log_det (n,)."""
        a, b = self.split(x)
        s, t = self.scale_and_shift(a)
        return self.merge(a, b * s.exp() + t), s.sum(1)

    def inverse(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """Latent -> data: y (n, dim) -> x (n, dim), log_det (n,) of this inverse map."""
        a, b = self.split(y)
        s, t = self.scale_and_shift(a)
        return self.merge(a, (b - t) * (-s).exp()), -s.sum(1)

    def scale_and_shift(self, a: Tensor) -> tuple[Tensor, Tensor]:
        """Log-scale s and shift t of the changed coordinates: a (n, kept) -> s, t (n, changed)."""
        raw, t = self.conditioner(a)
        return self.max_log_scale * torch.tanh(raw / self.max_log_scale), t

    def split(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x (n, dim) -> kept a (n, kept), changed b (n, changed)."""
        return x.index_select(1, self.kept), x.index_select(1, self.changed)

    def merge(self, a: Tensor, b: Tensor) -> Tensor:
        """Undoes ``split``."""
        return torch.cat([a, b], 1).index_select(1, self.order)


class Conditioner(Protocol):
    """What a coupling asks of its network: kept coordinates (n, kept) -> raw, t, each (n, changed)."""

    def __call__(self, a: Tensor) -> tuple[Tensor, Tensor]: ...


class SharedConditioner(nn.Module):
    """One network with two outputs: s and t share their hidden layers, which halves the work."""

    def __init__(
        self, kept: int, changed: int, *, hidden_features: int, depth: int, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.net = mlp(kept, 2 * changed, hidden_features=hidden_features, depth=depth, generator=generator)

    def forward(self, a: Tensor) -> tuple[Tensor, Tensor]:
        raw, t = self.net(a).chunk(2, dim=1)
        return raw, t

    def inputs(self) -> list[nn.Linear]:
        """The first layers."""
        return [self.net[0]]

    def outputs(self) -> list[nn.Linear]:
        """The last layers; at zero they make the coupling the identity."""
        return [self.net[-1]]


class SeparateConditioner(nn.Module):
    """Two networks, one for s and one for t, as in the paper's 2-D examples and most tutorials."""

    def __init__(
        self, kept: int, changed: int, *, hidden_features: int, depth: int, generator: torch.Generator | None = None
    ) -> None:
        super().__init__()
        self.s = mlp(kept, changed, hidden_features=hidden_features, depth=depth, generator=generator)
        self.t = mlp(kept, changed, hidden_features=hidden_features, depth=depth, generator=generator)

    def forward(self, a: Tensor) -> tuple[Tensor, Tensor]:
        return self.s(a), self.t(a)

    def inputs(self) -> list[nn.Linear]:
        """The first layers."""
        return [self.s[0], self.t[0]]

    def outputs(self) -> list[nn.Linear]:
        """The last layers; at zero they make the coupling the identity."""
        return [self.s[-1], self.t[-1]]


def mlp(
    inputs: int, outputs: int, *, hidden_features: int, depth: int, generator: torch.Generator | None = None
) -> nn.Sequential:
    """A fully connected ReLU network with ``depth`` hidden layers of ``hidden_features`` units."""
    sizes = [inputs, *[hidden_features] * depth, outputs]
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(sizes):
        layers += [linear(n_in, n_out, generator), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def linear(n_in: int, n_out: int, generator: torch.Generator | None) -> nn.Linear:
    """An nn.Linear with PyTorch's default initialisation, U(-1/sqrt(n_in), 1/sqrt(n_in)), drawn from ``generator``.

    ``nn.Linear(...)`` itself draws from the global generator, which runs that share a process would fight over.
    """
    layer = nn.utils.skip_init(nn.Linear, n_in, n_out)
    bound = n_in**-0.5
    nn.init.uniform_(layer.weight, -bound, bound, generator=generator)
    nn.init.uniform_(layer.bias, -bound, bound, generator=generator)
    return layer
