import numpy as np
import pytest
import torch
from helpers import gaussian, global_generators, jacobian, perturb
from hypothesis import given
from hypothesis import strategies as st

from realnvp.coupling import SeparateConditioner
from realnvp.flow import RealNVP
from realnvp.metrics import held_out
from realnvp.tracing import JOURNEY_POINTS, JOURNEY_STEPS, SAMPLE_SEED, take_journey, take_snapshot


def make_flow(n_layers=5, seed=0) -> RealNVP:
    flow = RealNVP(n_layers=n_layers, hidden_features=16, max_log_scale=1.0, generator=torch.Generator())
    return perturb(flow, seed)


def reference():
    return held_out("two_moons", 0.05)


def test_shapes_and_dtypes():
    snapshot = take_snapshot(make_flow(), 12, reference(), 100)
    assert snapshot.epoch == 12
    for name in ("input", "latent", "samples", "back"):
        array = getattr(snapshot, name)
        assert isinstance(array, np.ndarray)
        assert (array.shape, array.dtype) == ((100, 2), np.float32)
        assert np.isfinite(array).all()
    assert (snapshot.labels.shape, snapshot.labels.dtype) == ((100,), np.uint8)
    journey = snapshot.journey
    assert [a.shape for a in (journey.points, journey.s, journey.t)] == [(100, 2), (5, 100), (5, 100)]
    assert {a.dtype for a in (journey.points, journey.s, journey.t)} == {np.dtype(np.float32)}
    assert journey.changed == (1, 0, 1, 0, 1)
    assert np.array_equal(journey.points, snapshot.input)


@pytest.mark.parametrize("n_layers", [1, 8, 9, 32])
def test_a_journey_is_of_the_first_points_and_the_longer_the_fewer(n_layers):
    snapshot = take_snapshot(make_flow(n_layers), 0, reference(), 1200)
    points = snapshot.journey.points
    assert len(points) == min(JOURNEY_POINTS, JOURNEY_STEPS // n_layers) < 1200
    assert np.array_equal(points, snapshot.input[: len(points)])
    assert snapshot.journey.s.shape == snapshot.journey.t.shape == (n_layers, len(points))


def test_a_float64_flow_gives_float32_arrays():
    snapshot = take_snapshot(make_flow().double(), 0, reference(), 10)
    arrays = [snapshot.input, snapshot.latent, snapshot.samples, snapshot.back, snapshot.journey.s, snapshot.journey.t]
    assert {a.dtype for a in arrays} == {np.dtype(np.float32)}


def test_panels_show_held_out_points_their_latents_and_the_way_back():
    flow = make_flow()
    snapshot = take_snapshot(flow, 0, reference(), 100)
    assert np.array_equal(snapshot.input, reference().points[:100].numpy())
    assert np.array_equal(snapshot.labels, reference().labels[:100].numpy())
    assert np.array_equal(snapshot.latent, flow(reference().points[:100])[0].detach().numpy())
    assert np.abs(snapshot.latent - snapshot.input).max() > 0.1
    np.testing.assert_allclose(snapshot.back, snapshot.input, atol=1e-3)


def test_samples_are_the_same_noise_every_time_sent_backwards():
    noise = torch.randn(100, 2, generator=torch.Generator().manual_seed(SAMPLE_SEED))
    for seed in (0, 1):
        flow = make_flow(seed=seed)
        expected = flow.inverse(noise)[0].detach().numpy()
        for _ in range(2):
            assert np.array_equal(take_snapshot(flow, 0, reference(), 100).samples, expected)


def test_a_snapshot_draws_from_no_global_generator():
    reference()
    before = global_generators()
    take_snapshot(make_flow(), 0, reference(), 100)
    assert global_generators() == before


def test_later_training_does_not_change_a_snapshot():
    flow = RealNVP(generator=torch.Generator())  # an identity, which hands its input through
    snapshot = take_snapshot(flow, 0, reference(), 50)
    before = snapshot.latent.copy(), snapshot.journey.s.copy()
    with torch.no_grad():
        for p in flow.parameters():
            p += 0.3
    assert np.array_equal(snapshot.latent, before[0])
    assert np.array_equal(snapshot.journey.s, before[1])


def travel(journey, layer: int, x: np.ndarray, u: float) -> np.ndarray:
    """What a page does with a journey: one layer, part u of the way."""
    moved, k = x.copy(), journey.changed[layer]
    moved[:, k] = x[:, k] * np.exp(u * journey.s[layer]) + u * journey.t[layer]
    return moved


@pytest.mark.parametrize("n_layers", [1, 2, 5])
def test_a_journey_redraws_the_trajectory(n_layers):
    flow = make_flow(n_layers)
    snapshot = take_snapshot(flow, 0, reference(), 40)
    x = snapshot.journey.points
    stages = flow.trajectory(reference().points[:40]).numpy()
    np.testing.assert_allclose(np.stack(snapshot.journey.stages()), stages, atol=1e-5, rtol=1e-5)
    np.testing.assert_array_equal(x, stages[0])
    for layer in range(n_layers):
        np.testing.assert_array_equal(travel(snapshot.journey, layer, x, 0.0), x)
        x = travel(snapshot.journey, layer, x, 1.0)
        np.testing.assert_allclose(x, stages[layer + 1], atol=1e-5, rtol=1e-5)
    np.testing.assert_allclose(x, snapshot.latent, atol=1e-5, rtol=1e-5)


def test_a_journey_of_separate_networks_and_one_layer():
    flow = RealNVP(n_layers=1, hidden_features=16, conditioner=SeparateConditioner, generator=torch.Generator())
    points = gaussian(20, 2, dtype=torch.float32)
    journey = take_journey(perturb(flow), points)
    latent = flow(points)[0].detach().numpy()
    np.testing.assert_allclose(travel(journey, 0, journey.points, 1.0), latent, atol=1e-5, rtol=1e-5)


@given(u=st.floats(0, 1), layer=st.integers(0, 4), seed=st.integers(0, 1000))
def test_every_moment_between_two_layers_is_invertible_with_log_det_u_s(u, layer, seed):
    coupling = make_flow(seed=seed).double().layers[layer]

    def part_way(x):
        a, b = coupling.split(x)
        s, t = coupling.scale_and_shift(a)
        return coupling.merge(a, b * (u * s).exp() + u * t), u * s.sum(1)

    x = gaussian(5, 2, seed)
    y, log_det = part_way(x)
    torch.testing.assert_close(torch.linalg.slogdet(jacobian(part_way, x))[1], log_det, rtol=0, atol=1e-9)
    a, b = coupling.split(y)
    s, t = coupling.scale_and_shift(a)
    torch.testing.assert_close(coupling.merge(a, (b - u * t) * (-u * s).exp()), x, rtol=0, atol=1e-9)
