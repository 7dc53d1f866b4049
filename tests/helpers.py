"""What several test modules need."""

import random

import numpy as np
import torch
from torch import Tensor, nn

from realnvp.points import PointSet

# Its first update is so large that the loss of the second batch is no finite number, whatever the seed.
DIVERGING = {
    "layers": 12,
    "width": 16,
    "epochs": 50,
    "batch_size": 64,
    "lr": 1.0,
    "schedule": "constant",
    "clip_norm": 0.0,
    "max_log_scale": 10.0,
    "initialisation": "default",
}

# Its first update is so large that the loss of the second batch, the last, is a number and enormous, whatever the seed.
WORSENED = DIVERGING | {"layers": 2, "width": 32, "epochs": 2, "max_log_scale": 5.0}


def perturb(module: nn.Module, seed: int = 0, strength: float = 1.0) -> nn.Module:
    """Moves every weight by a Gaussian of the size that default initialisation has: no test runs on an identity."""
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for p in module.parameters():
            fan_in = p.shape[1] if p.ndim == 2 else 1
            p += strength * fan_in**-0.5 * torch.randn(p.shape, generator=generator, dtype=torch.float64).to(p)
    return module


def with_units(flow: nn.Module) -> nn.Module:
    """The flow, standardising data that lie far from 0 and in unlike units."""
    flow.mean.copy_(torch.linspace(-3, 7, len(flow.mean)))
    flow.std.copy_(torch.logspace(-0.7, 1.2, len(flow.std)))
    return flow


def gaussian(n: int, dim: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    """n standard Gaussian points."""
    return torch.randn(n, dim, generator=torch.Generator().manual_seed(seed), dtype=torch.float64).to(dtype)


def jacobian(module, x: Tensor) -> Tensor:
    """Autograd's Jacobian at each point: a map of (n, dim) with its log-determinants -> (n, dim, dim)."""
    return torch.func.vmap(torch.func.jacrev(lambda point: module(point[None])[0][0]))(x).detach()


def some_points(n: int = 200) -> PointSet:
    """A correlated cloud in a file's units."""
    z = np.random.default_rng(0).normal(size=(n, 2))
    points = np.array([5000.0, -0.3]) + z @ np.array([[900.0, 0.02], [0.0, 0.01]])
    return PointSet("Some plants", points, (z[:, 0] > 0).astype(np.uint8), axes=("weight (g)", "slope"))


def global_generators() -> tuple:
    """The states of all generators that code may draw from by accident, comparable with ==."""
    kind, keys, *rest = np.random.get_state()
    return torch.get_rng_state().numpy().tobytes(), random.getstate(), (kind, keys.tobytes(), *rest)


def equal_states(first: dict, second: dict) -> bool:
    """Whether two state dicts hold the same names and bit-identical tensors."""
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)
