"""Other flow libraries, as their users set them up: the same couplings, networks and batch as ours.

They are installed for the measurement alone: ``pip install -r tests/peers.txt``. A negative log-likelihood is what each
gives: x (n, dim) -> a mean in nats.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise

import torch
from torch import Tensor, nn

from realnvp.coupling import alternating_masks


@dataclass(frozen=True)
class Size:
    """Of a flow: couplings, hidden layers and their units, dimension."""

    couplings: int = 6
    width: int = 64
    depth: int = 2
    dim: int = 2


@dataclass(frozen=True)
class Peer:
    """A flow of another library: what it learns with, and its loss."""

    parameters: list[nn.Parameter]
    loss: Callable[[Tensor], Tensor]


def network(inputs: int, outputs: int, size: Size) -> nn.Sequential:
    widths = [inputs, *[size.width] * size.depth, outputs]
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def zuko_flow(size: Size) -> Peer:
    import zuko

    flow = zuko.flows.RealNVP(size.dim, transforms=size.couplings, hidden_features=[size.width] * size.depth)
    return Peer(list(flow.parameters()), lambda x: -flow().log_prob(x).mean())


def nflows_flow(size: Size) -> Peer:
    from nflows.distributions import StandardNormal
    from nflows.flows import Flow
    from nflows.transforms import AffineCouplingTransform, CompositeTransform

    class Network(nn.Sequential):
        def forward(self, x: Tensor, context: None = None) -> Tensor:  # nflows hands over a context
            return super().forward(x)

    def create(inputs: int, outputs: int) -> nn.Module:
        return Network(*network(inputs, outputs, size))

    masks = (~alternating_masks(size.dim, size.couplings)).long()
    couplings = [AffineCouplingTransform(mask, create) for mask in masks]
    flow = Flow(CompositeTransform(couplings), StandardNormal([size.dim]))
    return Peer(list(flow.parameters()), lambda x: -flow.log_prob(x).mean())


def normflows_flow(size: Size) -> Peer:
    import normflows

    half = size.dim // 2
    layers = []
    for _ in range(size.couplings):
        layers.append(normflows.flows.AffineCouplingBlock(network(size.dim - half, 2 * half, size)))
        layers.append(normflows.flows.Permute(size.dim, mode="swap"))
    flow = normflows.NormalizingFlow(normflows.distributions.DiagGaussian(size.dim, trainable=False), layers)
    return Peer(list(flow.parameters()), flow.forward_kld)


def freia_flow(size: Size) -> Peer:
    from FrEIA.framework import SequenceINN
    from FrEIA.modules import AffineCouplingOneSided, PermuteRandom

    flow = SequenceINN(size.dim)
    for k in range(size.couplings):
        flow.append(AffineCouplingOneSided, subnet_constructor=lambda n_in, n_out: network(n_in, n_out, size))
        flow.append(PermuteRandom, seed=k)
    log_two_pi = torch.log(torch.tensor(2 * torch.pi))

    def loss(x: Tensor) -> Tensor:
        z, log_det = flow(x)
        return (0.5 * z.square().sum(1) + 0.5 * size.dim * log_two_pi - log_det).mean()

    return Peer([p for p in flow.parameters() if p.requires_grad], loss)


PEERS = {"zuko": zuko_flow, "nflows": nflows_flow, "normflows": normflows_flow, "FrEIA": freia_flow}


def installed() -> dict[str, Callable[[Size], Peer]]:
    return {name: make for name, make in PEERS.items() if find_spec(name)}
