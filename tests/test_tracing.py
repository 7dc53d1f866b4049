import numpy as np
import pytest
import torch
from helpers import gaussian, global_generators, jacobian, perturb, with_units
from hypothesis import given
from hypothesis import strategies as st

from realnvp.config import TrainingConfig
from realnvp.coupling import SeparateConditioner
from realnvp.data import held_out
from realnvp.flow import RealNVP
from realnvp.tracing import (
    FILM_POINTS,
    GRID_STEPS,
    JOURNEY_POINTS,
    JOURNEY_STEPS,
    MESH_SIGMA,
    MESH_STEPS,
    SAMPLE_SEED,
    partway,
    partway_inverse,
    take_curves,
    take_film_frame,
    take_grid,
    take_journey,
    take_mesh,
    take_snapshot,
)
from realnvp.training import trained_flow


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


# Between the layers.

PLACES = st.floats(0, 5)


@given(place=PLACES, seed=st.integers(0, 999), units=st.booleans())
def test_at_any_place_between_the_layers_the_map_is_invertible_with_an_exact_log_det(place, seed, units):
    flow = make_flow(seed=seed).double()
    flow = with_units(flow) if units else flow
    x = flow.unstandardise(gaussian(5, 2, seed))[0]
    y, log_det = partway(flow, x, place)
    back, log_det_back = partway_inverse(flow, y, place)
    exact = torch.linalg.slogdet(jacobian(lambda point: partway(flow, point, place), x)).logabsdet
    assert torch.allclose(log_det, exact, rtol=1e-10, atol=1e-10)
    assert torch.allclose(log_det_back, -exact, rtol=1e-8, atol=1e-8)
    condition = torch.linalg.cond(jacobian(lambda point: partway(flow, point, place), x))
    assert ((back - x).norm(dim=1) <= 1e-13 * condition * (1 + x.norm(dim=1) + y.norm(dim=1))).all()


@given(place=st.integers(0, 5))
def test_at_whole_places_it_is_the_layers_themselves(place):
    flow = make_flow().double()
    x = gaussian(20, 2)
    assert torch.allclose(partway(flow, x, place)[0], flow.trajectory(x)[place], rtol=0, atol=1e-14)


def test_what_is_followed_begins_where_the_first_layer_does():
    """Of a flow with units: points, grid and mesh are standardised, and so is the density that the mesh carries."""
    flow, plain = with_units(make_flow()), make_flow()
    y = gaussian(50, 2, dtype=torch.float32)
    x, _ = flow.unstandardise(y)
    journey, expected = take_journey(flow, x), take_journey(plain, y)
    for name in ("points", "s", "t"):
        np.testing.assert_allclose(getattr(journey, name), getattr(expected, name), rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(journey.stages()[-1], flow(x)[0].detach(), rtol=1e-4, atol=1e-5)
    corners = flow.unstandardise(torch.tensor([[-2.0, -2.0], [2.0, 2.0]]))[0]
    view = (*corners[:, 0].tolist(), *corners[:, 1].tolist())
    grid, straight = take_grid(flow, view), take_grid(plain, (-2.0, 2.0, -2.0, 2.0))
    np.testing.assert_allclose(grid.journey.points, straight.journey.points, rtol=1e-4, atol=1e-5)
    mesh, standard = take_mesh(flow), take_mesh(plain)
    np.testing.assert_allclose(mesh.log_prob, standard.log_prob, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(mesh.journey.points, standard.journey.points, rtol=1e-3, atol=1e-3)


def test_halfway_through_a_layer_the_log_scale_is_halved():
    flow = make_flow().double()
    x = gaussian(20, 2)
    (before, at_half), (_, at_end) = partway(flow, x, 2.5), partway(flow, x, 3)
    (_, at_start) = partway(flow, x, 2)
    assert torch.allclose(at_half, (at_start + at_end) / 2, rtol=0, atol=1e-14)
    assert (before - partway(flow, x, 2)[0]).abs().max() > 0.01


# The grid and the mesh.


@pytest.mark.parametrize("n_layers", [1, 5, 8, 32])
def test_a_grid_is_of_straight_lines_over_the_view(n_layers):
    flow = make_flow(n_layers)
    grid = take_grid(flow, (-1.5, 2.5, -1.0, 1.5))
    vertices = grid.journey.points.reshape(grid.lines, -1, 2)
    assert grid.journey.points.size / 2 * n_layers <= GRID_STEPS
    assert vertices.shape[1] >= 25
    upright, level = vertices[: grid.lines // 2], vertices[grid.lines // 2 :]
    assert np.ptp(upright[:, :, 0], axis=1).max() == 0
    assert np.ptp(level[:, :, 1], axis=1).max() == 0
    for lines in (upright, level):
        assert np.allclose(lines.reshape(-1, 2).min(0), [-1.5, -1.0])
        assert np.allclose(lines.reshape(-1, 2).max(0), [2.5, 1.5])
    assert np.allclose(grid.journey.stages()[-1], flow(torch.from_numpy(grid.journey.points))[0].detach(), atol=1e-4)


@pytest.mark.parametrize("n_layers", [1, 6, 32])
def test_a_mesh_ends_as_a_square_of_the_latent_space(n_layers):
    mesh = take_mesh(RealNVP(n_layers=n_layers, hidden_features=8, generator=torch.Generator().manual_seed(0)))
    assert mesh.side**2 * n_layers <= MESH_STEPS
    places = np.linspace(-MESH_SIGMA, MESH_SIGMA, mesh.side)
    square = mesh.journey.stages()[-1].reshape(mesh.side, mesh.side, 2)
    assert np.allclose(square[:, :, 0], places[:, None], atol=1e-4)
    assert np.allclose(square[:, :, 1], places, atol=1e-4)


def test_the_density_that_a_mesh_carries_is_the_flows_in_data_space_and_the_gaussians_in_latent_space():
    flow = make_flow()
    mesh = take_mesh(flow)
    x = torch.from_numpy(mesh.journey.points)
    assert np.allclose(mesh.log_prob, flow.log_prob(x).detach(), atol=1e-4)
    z = mesh.journey.stages()[-1]
    gaussian_log_density = -0.5 * (z**2).sum(1) - np.log(2 * np.pi)
    carried = mesh.log_prob - mesh.journey.s.sum(0)
    assert np.abs(carried - gaussian_log_density).max() < 2e-3
    assert np.ptp(mesh.journey.s.sum(0)) > 0.5  # the flow is not the identity
    assert mesh.highest() >= max(mesh.log_prob.max(), carried.max()) - 1e-6


def test_curves_are_what_the_layers_network_computes():
    layer = make_flow().layers[1]
    curves = take_curves(layer, -2.0, 3.0, n=50)
    a = torch.linspace(-2, 3, 50)[:, None]
    s, t = (value[:, 0].detach().numpy() for value in layer.scale_and_shift(a))
    assert np.array_equal(curves.kept, a[:, 0])
    assert np.array_equal(curves.s, s)
    assert np.array_equal(curves.t, t)
    assert np.ptp(s) > 0.1


# The film and the weights.


def test_a_film_frame_is_the_same_points_and_the_same_noise_through_the_flow():
    flow = make_flow()
    frame, snapshot = take_film_frame(flow, 7, reference()), take_snapshot(flow, 7, reference(), FILM_POINTS)
    assert frame.epoch == 7
    assert np.array_equal(frame.latent, snapshot.latent)
    assert np.array_equal(frame.samples, snapshot.samples)


def test_the_weights_of_a_snapshot_make_the_flow_again_and_stay_as_they_are():
    config = TrainingConfig(layers=3, width=8, depth=1, conditioner="separate", max_log_scale=1.5)
    flow = RealNVP(n_layers=3, hidden_features=8, depth=1, conditioner=SeparateConditioner, max_log_scale=1.5)
    perturb(flow)
    weights = take_snapshot(flow, 0, reference(), 10).weights
    expected = flow.log_prob(gaussian(20, 2, dtype=torch.float32)).detach()
    perturb(flow, seed=1)
    again = trained_flow(config, weights).log_prob(gaussian(20, 2, dtype=torch.float32)).detach()
    assert torch.equal(again, expected)
