import pytest
import torch
from helpers import gaussian, jacobian, perturb

from realnvp.config import TrainingConfig
from realnvp.coupling import SeparateConditioner, SharedConditioner
from realnvp.data import held_out
from realnvp.flow import RealNVP
from realnvp.inside.ledger import Ledger, autograd_jacobian, autograd_log_det, return_error, take_ledger
from realnvp.training import train

TRAINED = {
    "two moons": TrainingConfig(layers=6, width=64, epochs=400),
    "circles": TrainingConfig(dataset="circles", noise=0.05, layers=8, width=32, epochs=400, conditioner="separate"),
    "blobs": TrainingConfig(dataset="blobs", noise=0.25, layers=3, width=16, epochs=300, max_log_scale=1.0),
}


@pytest.fixture(scope="module", params=list(TRAINED))
def trained(request) -> tuple[RealNVP, torch.Tensor]:
    """A trained flow and 1,000 points: half from its data, half from a Gaussian that reaches far outside them."""
    config = TRAINED[request.param]
    training = train(config)
    for _ in training:
        pass
    data = held_out(config.dataset, config.noise).points[:500]
    return training.flow, torch.cat([data, 1.5 * gaussian(500, 2, dtype=torch.float32)])


def make_flow(n_layers: int, **settings) -> RealNVP:
    """A small flow that is far from the identity."""
    settings = {"hidden_features": 16, "max_log_scale": 1.0, "generator": torch.Generator()} | settings
    return perturb(RealNVP(n_layers=n_layers, **settings))


def size(ledger: Ledger) -> torch.Tensor:
    """How large the numbers of a ledger are, at each point: rounding errors grow with them."""
    return 1 + ledger.log_normal.abs() + ledger.log_dets.abs().sum(0)


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-10)])
def test_the_ledger_equals_log_prob_and_autograds_log_determinant(trained, dtype, tolerance):
    flow, x = trained[0].to(dtype), trained[1].to(dtype)
    ledger = take_ledger(flow, x)
    assert ledger.log_dets.abs().max() > 0.5  # not an identity
    normal = torch.distributions.MultivariateNormal(torch.zeros(2).double(), torch.eye(2).double())
    parts = {
        "log_prob": (ledger.log_prob, flow.log_prob(x).detach()),
        "sum": (ledger.log_normal + ledger.log_dets.sum(0), flow.log_prob(x).detach()),
        "log_det": (ledger.running[-1], autograd_log_det(flow, x)),
        "log_normal": (ledger.log_normal, normal.log_prob(ledger.path[-1].double())),
    }
    for name, (ours, reference) in parts.items():
        error = (ours.double() - reference.double()).abs() / size(ledger)
        assert error.max() <= tolerance, name


@pytest.mark.parametrize("conditioner", [SharedConditioner, SeparateConditioner])
@pytest.mark.parametrize("n_layers", [1, 2, 5])
def test_each_line_of_the_ledger_is_what_its_layer_does(n_layers, conditioner):
    flow, x = make_flow(n_layers, conditioner=conditioner).double(), gaussian(20, 2)
    ledger = take_ledger(flow, x)
    torch.testing.assert_close(ledger.path, flow.trajectory(x), rtol=0, atol=0)
    torch.testing.assert_close(ledger.running, ledger.log_dets.cumsum(0))
    for k, (layer, changed) in enumerate(zip(flow.layers, ledger.changed, strict=True)):
        before, after = ledger.path[k], ledger.path[k + 1]
        assert changed == (k + 1) % 2
        assert torch.equal(after[:, 1 - changed], before[:, 1 - changed])
        torch.testing.assert_close(after[:, changed], before[:, changed] * ledger.s[k].exp() + ledger.t[k])
        assert ledger.s[k].std() > 1e-3
        torch.testing.assert_close(ledger.log_dets[k], torch.linalg.slogdet(jacobian(layer, before))[1])
        by_autograd = autograd_jacobian(layer, before)
        torch.testing.assert_close(by_autograd[:, changed, changed], ledger.s[k].exp())
        assert (by_autograd[:, 1 - changed, changed] == 0).all()  # triangular: what stays hears nothing of what moves


def test_autograds_jacobian_is_that_of_finite_differences():
    flow, x, step = make_flow(3).double(), gaussian(10, 2), 1e-6
    with torch.no_grad():
        columns = [(flow(x + step * e)[0] - flow(x - step * e)[0]) / (2 * step) for e in torch.eye(2).double()]
    torch.testing.assert_close(autograd_jacobian(flow, x), torch.stack(columns, 2), rtol=1e-5, atol=1e-6)


def test_autograds_determinant_is_in_float64_and_leaves_the_flow_as_it_was():
    flow = make_flow(2)
    assert autograd_log_det(flow, gaussian(3, 2, dtype=torch.float32)).dtype == torch.float64
    assert {p.dtype for p in flow.parameters()} == {torch.float32}


def test_the_error_after_going_back_is_small_and_that_of_a_broken_inverse_is_not(monkeypatch):
    flow, x = make_flow(4).double(), gaussian(50, 2)
    assert return_error(flow, x).max() < 1e-9
    monkeypatch.setattr(RealNVP, "inverse", lambda self, z: (z, None))
    torch.testing.assert_close(return_error(flow, x), (take_ledger(flow, x).path[-1] - x).norm(dim=1))
