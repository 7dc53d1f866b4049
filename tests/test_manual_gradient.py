"""The gradient written out by hand is autograd's."""

import pytest
import torch
from helpers import gaussian, perturb, with_units
from hypothesis import given
from hypothesis import strategies as st

from realnvp.config import TrainingConfig, apply_preset
from realnvp.coupling import SeparateConditioner, SharedConditioner
from realnvp.flow import RealNVP
from realnvp.manual_gradient import ManualGradient
from realnvp.training import build_flow, train

CONDITIONERS = st.sampled_from([SharedConditioner, SeparateConditioner])


def make_flow(seed: int = 0, **options: object) -> RealNVP:
    sizes = {"n_layers": 3, "hidden_features": 8, "depth": 2, "max_log_scale": 1.5} | options
    return perturb(RealNVP(generator=torch.Generator(), **sizes).double(), seed)


def autograds(flow: RealNVP, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Loss and gradient in the order of the parameters."""
    loss = -flow.log_prob(x).mean()
    gradients = torch.autograd.grad(loss, list(flow.parameters()))
    return loss.detach(), torch.cat([gradient.flatten() for gradient in gradients])


@given(
    dim=st.integers(2, 7),
    n_layers=st.integers(1, 6),
    width=st.integers(1, 20),
    depth=st.integers(1, 5),
    bound=st.floats(0.2, 3.0),
    conditioner=CONDITIONERS,
    n=st.integers(1, 40),
    seed=st.integers(0, 999),
    units=st.booleans(),
)
def test_loss_and_gradient_are_autograds(dim, n_layers, width, depth, bound, conditioner, n, seed, units):
    sizes = {"dim": dim, "n_layers": n_layers, "hidden_features": width, "depth": depth}
    flow = make_flow(seed, max_log_scale=bound, conditioner=conditioner, **sizes)
    flow = with_units(flow) if units else flow
    x = flow.unstandardise(gaussian(n, dim, seed))[0]
    loss, gradient = autograds(flow, x)
    manual = ManualGradient(flow)
    assert torch.allclose(manual.loss(x), loss, rtol=1e-12, atol=1e-12)
    assert (manual.parameters.grad - gradient).abs().max() <= 1e-10 * gradient.abs().max()
    assert gradient.abs().max() > 1e-3


@pytest.mark.parametrize("preset", ["quick", "best_quality", "original_post"])
def test_it_is_so_for_the_presets_in_their_own_precision(preset):
    flow = perturb(build_flow(apply_preset(preset)), strength=0.3)
    x = gaussian(512, 2, dtype=torch.float32)
    loss, gradient = autograds(flow, x)
    manual = ManualGradient(flow)
    assert torch.allclose(manual.loss(x), loss, rtol=1e-5)
    assert (manual.parameters.grad - gradient).norm() <= 1e-4 * gradient.norm()


def test_the_gradient_is_of_the_newest_points_alone():
    flow = make_flow()
    manual = ManualGradient(flow)
    manual.loss(gaussian(20, 2, seed=1))
    manual.loss(gaussian(20, 2, seed=2))
    assert torch.allclose(manual.parameters.grad, autograds(flow, gaussian(20, 2, seed=2))[1], rtol=1e-10, atol=1e-12)


def test_the_flow_lives_in_the_flat_tensor_and_keeps_its_values():
    flow = make_flow()
    x = gaussian(20, 2)
    before = flow.log_prob(x).detach()
    manual = ManualGradient(flow)
    assert torch.equal(flow.log_prob(x), before)
    with torch.no_grad():
        manual.parameters.mul_(0.5)
    assert (flow.log_prob(x) - before).abs().max() > 0.01
    learned = dict(flow.named_parameters())
    doubled = {name: 2 * value if name in learned else value for name, value in flow.state_dict().items()}
    flow.load_state_dict(doubled)
    assert torch.allclose(flow.log_prob(x), before)
    assert torch.equal(manual.parameters, torch.cat([p.flatten() for p in flow.parameters()]))


@pytest.mark.parametrize("clip_norm", [0.0, 1.0])
def test_training_with_it_is_training_with_autograd(clip_norm):
    config = TrainingConfig(layers=3, width=16, epochs=60, clip_norm=clip_norm, lr=2e-3, device="cpu")
    by_hand, plain = train(config), train(config, autograd=True)
    assert by_hand.manual
    assert not plain.manual
    for one, other in zip(by_hand, plain, strict=True):
        assert one.losses == pytest.approx(other.losses, rel=1e-3, abs=1e-3)
    x = gaussian(100, 2, dtype=torch.float32)
    assert torch.allclose(by_hand.flow(x)[0], plain.flow(x)[0], atol=0.02)
