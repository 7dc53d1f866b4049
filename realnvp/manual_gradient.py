"""The gradient of the negative log-likelihood, written out by hand: the same numbers as autograd's, in less time.

A small flow's step is overhead rather than arithmetic: autograd records every operation and runs each one's gradient by
itself. Here all parameters lie in one flat tensor, as do their gradients, and the chain rule is followed layer by
layer. To read what is computed, read coupling.py and flow.py; this module only differentiates them.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from realnvp.coupling import AffineCoupling, SeparateConditioner, SharedConditioner
from realnvp.flow import RealNVP


@dataclass(frozen=True)
class Linear:
    """A layer's weight (out, in) and bias (out,), and where their gradients go: all are views of flat tensors."""

    weight: Tensor
    bias: Tensor
    weight_grad: Tensor
    bias_grad: Tensor


class ManualGradient:
    """Loss and gradient of a flow, whose parameters become views of ``parameters``, one flat tensor with ``.grad``.

    The masks must alternate, as a RealNVP's do: the coordinates with even and those with odd numbers then stay apart
    as two tensors all the way, and nothing is ever split or merged.
    """

    def __init__(self, flow: RealNVP) -> None:
        weights = list(flow.parameters())
        self.parameters = torch.cat([weight.detach().flatten() for weight in weights]).requires_grad_()
        self.parameters.grad = torch.zeros_like(self.parameters)
        values, grads, start = {}, {}, 0
        for weight in weights:
            part = slice(start, start + weight.numel())
            weight.data = self.parameters.data[part].view_as(weight)
            values[weight], grads[weight] = weight.data, self.parameters.grad[part].view_as(weight)
            start += weight.numel()

        def linears(network: nn.Sequential) -> list[Linear]:
            layers = [layer for layer in network if isinstance(layer, nn.Linear)]
            return [
                Linear(values[layer.weight], values[layer.bias], grads[layer.weight], grads[layer.bias])
                for layer in layers
            ]

        self.couplings = [[linears(network) for network in networks(layer)] for layer in flow.layers]
        self.bounds = [layer.max_log_scale for layer in flow.layers]
        self.standardise = flow.standardise  # has nothing to learn

    def loss(self, x: Tensor) -> Tensor:
        """Mean negative log-likelihood of x (n, dim) in nats; writes its gradient into ``parameters.grad``."""
        with torch.no_grad():
            return self._loss(x)

    def _loss(self, x: Tensor) -> Tensor:
        n, dim = x.shape
        x, unit_log_det = self.standardise(x)
        halves = [x[:, 0::2].contiguous(), x[:, 1::2].contiguous()]
        log_det = x.new_zeros(())
        trail = []
        for k, (coupling, bound) in enumerate(zip(self.couplings, self.bounds, strict=True)):
            kept, changed = halves[k % 2], halves[1 - k % 2]
            hidden = [forward(network, kept) for network in coupling]
            raw, t = hidden[0][-1].chunk(2, 1) if len(coupling) == 1 else (hidden[0][-1], hidden[1][-1])
            tanh = torch.tanh(raw / bound)
            s = bound * tanh
            scale = s.exp()
            trail.append((hidden, tanh, scale, changed))
            halves[1 - k % 2] = torch.addcmul(t, changed, scale)
            log_det += s.sum()
        squares = halves[0].square().sum() + halves[1].square().sum()
        loss = (0.5 * squares - log_det) / n - unit_log_det[0] + 0.5 * dim * math.log(2 * math.pi)

        to_halves = [half / n for half in halves]  # the gradient with respect to each
        for k in reversed(range(len(self.couplings))):
            coupling, (hidden, tanh, scale, changed) = self.couplings[k], trail[k]
            to_t = to_halves[1 - k % 2]
            to_changed = to_t * scale
            to_s = to_changed * changed - 1 / n  # log_det is the sum of s
            to_raw = torch.ops.aten.tanh_backward(to_s, tanh)
            to_outputs = [torch.cat([to_raw, to_t], 1)] if len(coupling) == 1 else [to_raw, to_t]
            to_kept = to_halves[k % 2]
            for network, values, to_output in zip(coupling, hidden, to_outputs, strict=True):
                to_kept = to_kept + backward(network, values, to_output)
            to_halves[1 - k % 2], to_halves[k % 2] = to_changed, to_kept
        return loss


def networks(layer: AffineCoupling) -> list[nn.Sequential]:
    """A coupling's networks: one for s and t, or one for each."""
    match layer.conditioner:
        case SharedConditioner():
            return [layer.conditioner.net]
        case SeparateConditioner():
            return [layer.conditioner.s, layer.conditioner.t]


def forward(network: list[Linear], x: Tensor) -> list[Tensor]:
    """The input of each linear layer, after ReLU, and the output."""
    values = [x]
    for k, layer in enumerate(network):
        x = torch.addmm(layer.bias, x, layer.weight.t())
        values.append(x if k == len(network) - 1 else x.relu_())
    return values


def backward(network: list[Linear], values: list[Tensor], to_output: Tensor) -> Tensor:
    """Writes the gradients of weights and biases; returns that with respect to the input."""
    for k in reversed(range(len(network))):
        layer = network[k]
        torch.mm(to_output.t(), values[k], out=layer.weight_grad)
        torch.sum(to_output, 0, out=layer.bias_grad)
        to_output = to_output @ layer.weight
        if k:  # through the ReLU, in place
            torch.ops.aten.threshold_backward.grad_input(to_output, values[k], 0, grad_input=to_output)
    return to_output
