import copy
import io
import math
from itertools import pairwise

import pytest
import torch
from helpers import equal_states, gaussian, global_generators, jacobian, perturb, with_units
from hypothesis import given
from hypothesis import strategies as st

from realnvp.config import TrainingConfig
from realnvp.coupling import SeparateConditioner, SharedConditioner
from realnvp.flow import RealNVP
from realnvp.training import train

CONDITIONERS = [SharedConditioner, SeparateConditioner]
PRECISIONS = [(torch.float64, 1e-10), (torch.float32, 1e-4)]


def make_flow(dim=2, *, seed=0, strength=1.0, **settings) -> RealNVP:
    """A small flow that is far from the identity."""
    settings = {"n_layers": 4, "hidden_features": 16} | settings
    return perturb(RealNVP(dim, generator=torch.Generator().manual_seed(seed), **settings), seed + 1, strength)


def assert_inverts_and_has_autograds_log_det(flow: RealNVP, x: torch.Tensor, tolerance: float) -> None:
    """Errors relative to the condition number of the Jacobian; the reference is autograd's Jacobian in float64."""
    z, log_det = flow(x)
    back, back_log_det = flow.inverse(z)
    exact = copy.deepcopy(flow).double()
    forward_jacobian, inverse_jacobian = jacobian(exact, x.double()), jacobian(exact.inverse, z.double())
    allowed = tolerance * torch.linalg.cond(forward_jacobian)
    assert back.dtype == z.dtype == log_det.dtype == back_log_det.dtype == x.dtype
    assert ((back - x).norm(dim=1) <= allowed * (1 + x.norm(dim=1))).all()
    assert ((log_det - torch.linalg.slogdet(forward_jacobian)[1]).abs() <= allowed).all()
    assert ((back_log_det - torch.linalg.slogdet(inverse_jacobian)[1]).abs() <= allowed).all()
    # And from latent to data and back, from points that no data had a say in.
    points = gaussian(len(x), flow.dim, seed=99, dtype=x.dtype)
    returned = flow(flow.inverse(points)[0])[0]
    allowed = tolerance * torch.linalg.cond(jacobian(exact.inverse, points.double()))
    assert ((returned - points).norm(dim=1) <= allowed * (1 + points.norm(dim=1))).all()


@pytest.mark.parametrize(("dtype", "tolerance"), PRECISIONS)
@pytest.mark.parametrize("conditioner", CONDITIONERS)
@pytest.mark.parametrize("n_layers", [1, 2, 6])
@pytest.mark.parametrize("dim", [2, 3, 8])
def test_inverse_and_log_det(dim, n_layers, conditioner, dtype, tolerance):
    flow = make_flow(dim, n_layers=n_layers, conditioner=conditioner, max_log_scale=1.0).to(dtype)
    x = gaussian(10, dim, dtype=dtype)
    assert flow(x)[1].abs().max() > 0.1  # not an identity
    assert_inverts_and_has_autograds_log_det(flow, x, tolerance)


@given(
    dim=st.integers(2, 8),
    n_layers=st.integers(1, 6),
    conditioner=st.sampled_from(CONDITIONERS),
    bound=st.floats(0.1, 1.0),
    seed=st.integers(0, 10**6),
    precision=st.sampled_from(PRECISIONS),
    units=st.booleans(),
)
def test_inverse_and_log_det_of_any_flow(dim, n_layers, conditioner, bound, seed, precision, units):
    dtype, tolerance = precision
    # Looser bounds on s give condition numbers beyond what float32 can tell anything about.
    bound = 3 * bound if dtype == torch.float64 else bound
    flow = make_flow(dim, seed=seed, n_layers=n_layers, conditioner=conditioner, max_log_scale=bound)
    flow = (with_units(flow) if units else flow).to(dtype)
    x = flow.unstandardise(gaussian(5, dim, seed, dtype))[0]
    assert_inverts_and_has_autograds_log_det(flow, x, tolerance)


@pytest.mark.parametrize("dim", [2, 5])
def test_standardising_takes_the_datas_mean_and_std_away_and_is_part_of_the_map(dim):
    flow = with_units(make_flow(dim)).double()
    x = flow.mean + flow.std * gaussian(4000, dim)
    standardised, log_det = flow.standardise(x)
    assert standardised.mean(0).abs().max() < 0.1
    assert (standardised.std(0) - 1).abs().max() < 0.1
    exact = torch.linalg.slogdet(jacobian(flow.standardise, x[:3]))[1]
    torch.testing.assert_close(log_det[:3], exact, rtol=0, atol=1e-12)
    torch.testing.assert_close(flow.unstandardise(standardised)[0], x)
    torch.testing.assert_close(flow.unstandardise(standardised)[1], -log_det)
    plain = make_flow(dim).double()
    torch.testing.assert_close(flow(x)[0], plain(standardised)[0])
    torch.testing.assert_close(flow.log_prob(x), plain.log_prob(standardised) + log_det)


def test_a_flow_that_was_not_told_otherwise_takes_the_data_as_they_are():
    flow, x = make_flow(), gaussian(20, 2, dtype=torch.float32)
    standardised, log_det = flow.standardise(x)
    assert torch.equal(standardised, x)
    assert not log_det.any()


def test_inverse_log_det_is_the_negative_of_forwards_at_the_same_point():
    flow, x = make_flow(3).double(), gaussian(20, 3)
    z, log_det = flow(x)
    torch.testing.assert_close(flow.inverse(z)[1], -log_det)


def test_log_prob_is_the_change_of_variables_formula():
    flow, x = make_flow(3).double(), gaussian(20, 3)
    normal = torch.distributions.MultivariateNormal(torch.zeros(3).double(), torch.eye(3).double())
    expected = normal.log_prob(flow(x)[0]) + torch.linalg.slogdet(jacobian(flow, x))[1]
    torch.testing.assert_close(flow.log_prob(x), expected, rtol=0, atol=1e-10)


@pytest.fixture(scope="module")
def learned() -> RealNVP:
    """A small flow after a brief training on two moons."""
    training = train(TrainingConfig(layers=4, width=16, epochs=150, batch_size=256))
    for _ in training:
        pass
    return training.flow


def test_the_learned_density_integrates_to_one(learned):
    step = 0.02
    ticks = torch.arange(-5, 5, step)
    grid = torch.cartesian_prod(ticks, ticks)
    with torch.no_grad():
        density = torch.cat([learned.log_prob(part) for part in grid.split(50_000)]).exp()
    assert density.max() > 0.3  # it has learned: the standard Gaussian's peak is 0.16
    assert float(density.sum()) * step**2 == pytest.approx(1, abs=1e-2)


def test_samples_follow_the_learned_density(learned):
    """Of the flow's samples as many fall into a box as its density says."""
    samples = learned.sample(20_000, generator=torch.Generator().manual_seed(0))
    inside = ((samples > -0.25) & (samples < 0.75)).all(1).float().mean()
    step = 0.01
    ticks = torch.arange(-0.25 + step / 2, 0.75, step)
    with torch.no_grad():
        expected = learned.log_prob(torch.cartesian_prod(ticks, ticks)).exp().sum() * step**2
    assert 0.05 < expected < 0.95
    assert abs(inside - expected) < 4 * math.sqrt(expected * (1 - expected) / 20_000)


@pytest.mark.parametrize("conditioner", CONDITIONERS)
@pytest.mark.parametrize("dim", [2, 5])
def test_a_new_flow_is_exactly_the_identity(dim, conditioner):
    flow = RealNVP(dim, conditioner=conditioner, generator=torch.Generator())
    x = gaussian(50, dim, dtype=torch.float32)
    for direction in (flow, flow.inverse):
        y, log_det = direction(x)
        assert torch.equal(y, x)
        assert torch.equal(log_det, torch.zeros(50))


def test_without_identity_start_a_new_flow_is_no_identity():
    flow = RealNVP(identity_start=False, generator=torch.Generator().manual_seed(0))
    x = gaussian(50, 2, dtype=torch.float32)
    assert (flow(x)[0] - x).norm(dim=1).min() > 1e-3


@pytest.mark.parametrize("dim", [-1, 0, 1])
def test_fewer_than_two_dimensions_are_refused(dim):
    with pytest.raises(ValueError, match=f"dim: {dim} is below 2"):
        RealNVP(dim)


def test_layers_swap_the_coordinates_they_keep():
    flow = make_flow(3, n_layers=3)
    assert [layer.kept.tolist() for layer in flow.layers] == [[0, 2], [1], [0, 2]]
    assert [layer.changed.tolist() for layer in flow.layers] == [[1], [0, 2], [1]]


@pytest.mark.parametrize("conditioner", CONDITIONERS)
def test_parameters_of_every_layer_are_seen(conditioner):
    flow = make_flow(n_layers=3, hidden_features=16, depth=2, conditioner=conditioner)
    one_network = 2 * 16 + 17 * 16  # 1 -> 16 -> 16, and 17 weights for each output
    expected = one_network + 2 * 17 if conditioner is SharedConditioner else 2 * (one_network + 17)
    assert sum(p.numel() for p in flow.parameters()) == 3 * expected
    flow.log_prob(gaussian(20, 2, dtype=torch.float32)).mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in flow.parameters())


@pytest.mark.parametrize("conditioner", CONDITIONERS)
def test_all_of_it_follows_to_a_device_and_a_dtype(conditioner):
    flow = make_flow(3, conditioner=conditioner).to("meta", torch.float64)
    assert {p.device.type for p in flow.parameters()} == {"meta"}
    assert {p.dtype for p in flow.parameters()} == {torch.float64}
    assert {b.device.type for b in flow.buffers()} == {"meta"}
    assert {b.dtype for b in flow.buffers()} == {torch.int64, torch.float64}  # indices; mean and std
    # Run there: a tensor left behind would be mixed with those of the meta device.
    x = torch.zeros(5, 3, device="meta", dtype=torch.float64)
    for output in (*flow(x), *flow.inverse(x), flow.log_prob(x), flow.trajectory(x)):
        assert (output.device.type, output.dtype) == ("meta", torch.float64)


def test_every_layer_has_its_index_buffers():
    flow = make_flow(3, n_layers=5)
    assert len(list(flow.buffers())) == 5 * 3 + 2  # and the mean and std of the data


@pytest.mark.parametrize("conditioner", CONDITIONERS)
def test_state_dict_round_trip(conditioner):
    flow = make_flow(3, conditioner=conditioner)
    file = io.BytesIO()
    torch.save(flow.state_dict(), file)
    file.seek(0)
    other = make_flow(3, conditioner=conditioner, seed=5)
    x = gaussian(20, 3, dtype=torch.float32)
    assert not torch.equal(other(x)[0], flow(x)[0])
    other.load_state_dict(torch.load(file, weights_only=True))
    assert equal_states(other.state_dict(), flow.state_dict())
    assert torch.equal(other(x)[0], flow(x)[0])


def test_with_generators_nothing_draws_from_a_global_one():
    before = global_generators()
    flow = make_flow(conditioner=SeparateConditioner, identity_start=False)
    flow.sample(10, generator=torch.Generator().manual_seed(0))
    flow.log_prob(gaussian(10, 2, dtype=torch.float32)).mean().backward()
    flow.trajectory(gaussian(10, 2, dtype=torch.float32))
    assert global_generators() == before


def test_weights_are_reproduced_by_their_generator():
    first, same, other = (RealNVP(generator=torch.Generator().manual_seed(seed)).state_dict() for seed in (1, 1, 2))
    assert equal_states(first, same)
    assert not equal_states(first, other)


def test_samples_are_reproduced_by_their_generator():
    flow = make_flow()
    first, same, other = (flow.sample(100, generator=torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert first.shape == (100, 2)
    assert torch.equal(first, same)
    assert not torch.equal(first, other)


def test_samples_are_noise_sent_backwards():
    flow = make_flow(3)
    noise = torch.randn(50, 3, generator=torch.Generator().manual_seed(4))
    samples = flow.sample(50, generator=torch.Generator().manual_seed(4))
    assert not samples.requires_grad
    assert torch.equal(samples, flow.inverse(noise)[0])


def test_samples_have_the_flows_dtype():
    assert make_flow().double().sample(3, generator=torch.Generator()).dtype == torch.float64


@pytest.mark.parametrize("n_layers", [1, 5])
def test_trajectory_goes_layer_by_layer_from_data_to_latent(n_layers):
    flow, x = make_flow(3, n_layers=n_layers), gaussian(20, 3, dtype=torch.float32)
    stages = flow.trajectory(x)
    assert stages.shape == (n_layers + 1, 20, 3)
    assert torch.equal(stages[0], x)
    assert torch.equal(stages[-1], flow(x)[0])
    for layer, (before, after) in zip(flow.layers, pairwise(stages), strict=True):
        assert torch.equal(after[:, layer.kept], before[:, layer.kept])
        assert not torch.equal(after[:, layer.changed], before[:, layer.changed])
