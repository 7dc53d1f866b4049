"""Other flow libraries, as their users set them up, and the post's own flow: the same couplings, networks and batch.

The libraries are installed for the measurement alone: ``pip install -r tests/peers.txt``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise

import torch
from torch import Tensor, nn

from realnvp.coupling import alternating_masks
from realnvp.flow import RealNVP


@dataclass(frozen=True)
class Size:
    """Of a flow: couplings, hidden layers and their units, dimension."""

    couplings: int = 6
    width: int = 64
    depth: int = 2
    dim: int = 2


@dataclass(frozen=True)
class Peer:
    """A flow of any library: what it learns with, and what it computes."""

    parameters: list[nn.Parameter]
    loss: Callable[[Tensor], Tensor]  # x (n, dim) -> mean negative log-likelihood in nats
    log_prob: Callable[[Tensor], Tensor]  # x (n, dim) -> (n,) nats
    sample: Callable[[int], Tensor]  # n -> (n, dim)


def network(inputs: int, outputs: int, size: Size) -> nn.Sequential:
    widths = [inputs, *[size.width] * size.depth, outputs]
    layers: list[nn.Module] = []
    for n_in, n_out in pairwise(widths):
        layers += [nn.Linear(n_in, n_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def our_flow(size: Size) -> Peer:
    """The flow of this project, its gradient left to autograd."""
    flow = RealNVP(size.dim, n_layers=size.couplings, hidden_features=size.width, depth=size.depth)
    return Peer(list(flow.parameters()), lambda x: -flow.log_prob(x).mean(), flow.log_prob, flow.sample)


def zuko_flow(size: Size) -> Peer:
    import zuko

    flow = zuko.flows.RealNVP(size.dim, transforms=size.couplings, hidden_features=[size.width] * size.depth)
    return Peer(
        list(flow.parameters()),
        lambda x: -flow().log_prob(x).mean(),
        lambda x: flow().log_prob(x),
        lambda n: flow().sample((n,)),
    )


def nflows_flow(size: Size) -> Peer:
    """Its scale is a sigmoid from data to latent and has no setting: the flow shrinks, and cannot learn all."""
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
    return Peer(list(flow.parameters()), lambda x: -flow.log_prob(x).mean(), flow.log_prob, flow.sample)


def normflows_flow(size: Size) -> Peer:
    import normflows

    half = size.dim // 2
    layers = []
    for _ in range(size.couplings):
        net = network(size.dim - half, 2 * half, size)
        for zero in net[-1].parameters():  # as its examples do; without it the loss soon overflows
            nn.init.zeros_(zero)
        layers.append(normflows.flows.AffineCouplingBlock(net))
        layers.append(normflows.flows.Permute(size.dim, mode="swap"))
    flow = normflows.NormalizingFlow(normflows.distributions.DiagGaussian(size.dim, trainable=False), layers)
    return Peer(list(flow.parameters()), flow.forward_kld, flow.log_prob, lambda n: flow.sample(n)[0])


def freia_flow(size: Size) -> Peer:
    from FrEIA.framework import SequenceINN
    from FrEIA.modules import AffineCouplingOneSided, PermuteRandom

    flow = SequenceINN(size.dim)
    for k in range(size.couplings):
        flow.append(AffineCouplingOneSided, subnet_constructor=lambda n_in, n_out: network(n_in, n_out, size))
        flow.append(PermuteRandom, seed=k)
    log_two_pi = torch.log(torch.tensor(2 * torch.pi))

    def log_prob(x: Tensor) -> Tensor:
        z, log_det = flow(x)
        return log_det - 0.5 * z.square().sum(1) - 0.5 * size.dim * log_two_pi

    def sample(n: int) -> Tensor:
        return flow(torch.randn(n, size.dim), rev=True)[0]

    return Peer([p for p in flow.parameters() if p.requires_grad], lambda x: -log_prob(x).mean(), log_prob, sample)


def post_flow(size: Size) -> Peer:
    """A plain reading of the post: full-width masked couplings, a network each for s and t, its base distribution."""
    nets = nn.ModuleList(
        nn.ModuleList([network(size.dim, size.dim, size), network(size.dim, size.dim, size)])
        for _ in range(size.couplings)
    )
    masks = list(alternating_masks(size.dim, size.couplings).float())
    base = torch.distributions.MultivariateNormal(torch.zeros(size.dim), torch.eye(size.dim))

    def scale_and_shift(k: int, kept: Tensor) -> tuple[Tensor, Tensor]:
        s_net, t_net = nets[k]
        return torch.tanh(s_net(kept)) * (1 - masks[k]), t_net(kept) * (1 - masks[k])

    def log_prob(x: Tensor) -> Tensor:
        log_det = torch.zeros(len(x))
        for k in reversed(range(size.couplings)):
            kept = x * masks[k]
            s, t = scale_and_shift(k, kept)
            x = kept + (1 - masks[k]) * (x - t) * torch.exp(-s)
            log_det = log_det - s.sum(1)
        return base.log_prob(x) + log_det

    def sample(n: int) -> Tensor:
        x = base.sample((n,))
        for k in range(size.couplings):
            kept = x * masks[k]
            s, t = scale_and_shift(k, kept)
            x = kept + (1 - masks[k]) * (x * torch.exp(s) + t)
        return x

    return Peer(list(nets.parameters()), lambda x: -log_prob(x).mean(), log_prob, sample)


LIBRARIES = {"zuko": zuko_flow, "nflows": nflows_flow, "normflows": normflows_flow, "FrEIA": freia_flow}
POST = Size(width=256, depth=4)  # of the post's own flow


def peers() -> dict[str, Callable[[Size], Peer]]:
    """The libraries that are installed here, and the post's flow."""
    return {**{name: make for name, make in LIBRARIES.items() if find_spec(name)}, "post": post_flow}
