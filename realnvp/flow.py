"""RealNVP: coupling layers with alternating masks, and a Gaussian (Dinh et al. 2017, arXiv:1605.08803)."""

import math

import torch
from torch import Tensor, nn

from realnvp.coupling import AffineCoupling, SeparateConditioner, SharedConditioner, alternating_masks


class RealNVP(nn.Module):
    """A normalizing flow: an invertible map between data and latent space whose density is known exactly.

    ``forward`` goes data -> latent (the paper's f), ``inverse`` goes latent -> data. By the change of variables
    (eq. 2) log p(x) = log N(f(x); 0, I) + log |det df/dx|, and the log-determinant is the sum over the layers.

    Before the first layer the data can be standardised, a fixed change of units that is part of the map.
    """

    def __init__(
        self,
        dim: int = 2,
        *,
        n_layers: int = 8,
        hidden_features: int = 64,
        depth: int = 2,
        max_log_scale: float = 3.0,
        conditioner: type[SharedConditioner] | type[SeparateConditioner] = SharedConditioner,
        identity_start: bool = True,
        generator: torch.Generator | None = None,
    ) -> None:
        """``depth`` hidden layers of ``hidden_features`` units in each conditioner; |s| <= ``max_log_scale``.

        With ``identity_start`` each conditioner's last layer is zero, so that a new flow is the identity map. Without
        it, weights are as PyTorch gives them to networks that see all coordinates, the changed ones as zeros (eq. 9).
        Weights are drawn from ``generator``, or from PyTorch's global one.
        """
        super().__init__()
        if dim < 2:
            raise ValueError(f"dim: {dim} is below 2; a coupling keeps one coordinate and changes another")
        self.dim = dim
        self.register_buffer("mean", torch.zeros(dim))
        self.register_buffer("std", torch.ones(dim))
        self.layers = nn.ModuleList()
        for mask in alternating_masks(dim, n_layers):
            kept = int(mask.sum())
            net = conditioner(kept, dim - kept, hidden_features=hidden_features, depth=depth, generator=generator)
            if identity_start:
                for last in net.outputs():
                    nn.init.zeros_(last.weight)
                    nn.init.zeros_(last.bias)
            else:
                for first in net.inputs():  # drawn for ``kept`` inputs, made as if drawn for ``dim``
                    first.weight.data *= (kept / dim) ** 0.5
                    first.bias.data *= (kept / dim) ** 0.5
            self.layers.append(AffineCoupling(mask, net, max_log_scale=max_log_scale))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Data -> latent: x (n, dim) -> z (n, dim), log_det (n,) of dz/dx."""
        x, log_det = self.standardise(x)
        for layer in self.layers:
            x, layer_log_det = layer(x)
            log_det = log_det + layer_log_det
        return x, log_det

    def inverse(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Latent -> data: z (n, dim) -> x (n, dim), log_det (n,) of dx/dz."""
        log_det = z.new_zeros(len(z))
        for layer in reversed(self.layers):
            z, layer_log_det = layer.inverse(z)
            log_det = log_det + layer_log_det
        x, unit_log_det = self.unstandardise(z)
        return x, log_det + unit_log_det

    def standardise(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Data -> what the first layer sees: x (n, dim) -> (x - mean) / std, log_det (n,). At first nothing changes."""
        return (x - self.mean) / self.std, -self.std.log().sum().expand(len(x))

    def unstandardise(self, y: Tensor) -> tuple[Tensor, Tensor]:
        """What the first layer sees -> data: y (n, dim) -> y * std + mean, log_det (n,) of this inverse map."""
        return y * self.std + self.mean, self.std.log().sum().expand(len(y))

    def log_prob(self, x: Tensor) -> Tensor:
        """Log-density at x (n, dim), in nats: (n,)."""
        z, log_det = self(x)
        return log_normal(z) + log_det

    @torch.no_grad()
    def sample(self, n: int, *, generator: torch.Generator | None = None) -> Tensor:
        """New points: Gaussian noise drawn from ``generator`` (or the global one), sent backwards. (n, dim)"""
        weight = next(self.parameters())
        device = weight.device if generator is None else generator.device
        z = torch.randn(n, self.dim, generator=generator, device=device, dtype=weight.dtype)
        return self.inverse(z.to(weight.device))[0]

    @torch.no_grad()
    def trajectory(self, x: Tensor) -> Tensor:
        """The points x (n, dim) before the first layer, standardised, and after each one: (n_layers + 1, n, dim)."""
        stages = [self.standardise(x)[0]]
        for layer in self.layers:
            stages.append(layer(stages[-1])[0])
        return torch.stack(stages)


def log_normal(z: Tensor) -> Tensor:
    """Log-density of the standard Gaussian N(0, I) at z (n, dim), in nats: (n,)."""
    return -0.5 * z.square().sum(1) - 0.5 * z.shape[1] * math.log(2 * math.pi)
