"""What is put into the latent space, and where it lands."""

import json

import numpy as np
import pytest
import torch
from helpers import gaussian, global_generators, perturb

from realnvp.datasets import distribution
from realnvp.figures.latent import along_figure
from realnvp.flow import RealNVP
from realnvp.inside.latent import (
    BAND,
    FINEST,
    MOST_POINTS,
    circle,
    line_through,
    take_bridge,
    take_image,
    take_samples,
    take_way_back,
)

VIEW = (-1.5, 2.5, -1.0, 1.5)


def make_flow(seed=0, n_layers=5, max_log_scale=1.0) -> RealNVP:
    flow = RealNVP(n_layers=n_layers, hidden_features=16, max_log_scale=max_log_scale, generator=torch.Generator())
    return perturb(flow, seed, strength=0.4).double()


def moons():
    return distribution("two_moons", 0.05)


def test_temperature_scales_the_noise_and_the_samples_are_its_inverse():
    flow = make_flow()
    before = global_generators()
    z, x = take_samples(flow, 100, 1.0)
    cool, cool_x = take_samples(flow, 100, 0.4)
    assert global_generators() == before
    np.testing.assert_allclose(cool, 0.4 * z, rtol=1e-6)
    for latent, data in ((z, x), (cool, cool_x)):
        expected = flow.inverse(torch.from_numpy(latent).double())[0].detach()
        np.testing.assert_allclose(data, expected, rtol=1e-5, atol=1e-6)
    assert np.abs(x - z).max() > 0.1


def test_samples_at_a_temperature_have_the_density_that_the_page_says():
    """By Monte Carlo: the share of samples in a box is the integral of N(f(x); 0, T^2 I) |det df/dx| over it."""
    flow, temperature, (low, high) = make_flow(1), 0.5, (-0.8, 0.4)
    _, samples = take_samples(flow, 40_000, temperature)
    share = ((samples > low) & (samples < high)).all(1).mean()
    places = low + (high - low) * (torch.arange(400, dtype=torch.float64) + 0.5) / 400
    x = torch.cartesian_prod(places, places)
    with torch.no_grad():
        z, log_det = flow(x)
    density = torch.distributions.Normal(0, temperature).log_prob(z).sum(1) + log_det
    expected = float(density.exp().mean()) * (high - low) ** 2
    assert 0.05 < expected < 0.9
    assert share == pytest.approx(expected, abs=0.01)  # four standard errors


def test_the_way_back_undoes_one_layer_after_the_other():
    flow = make_flow()
    x = gaussian(1, 2)
    stages = flow.trajectory(x)[:, 0].numpy()  # from data to latent
    z = tuple(stages[-1].tolist())
    way = take_way_back(flow, z)
    np.testing.assert_allclose(way, stages[::-1], atol=1e-5)
    moved = np.abs(np.diff(way, axis=0)) > 1e-6
    assert (moved.sum(1) == 1).all()  # each step keeps one coordinate


@pytest.mark.parametrize("curve", [circle(1.5), line_through(torch.tensor([[-2.0, -1.0], [2.0, 0.5]]))])
@pytest.mark.parametrize("seed", range(3))
def test_an_image_is_the_curve_sent_back_without_gaps_in_the_view(curve, seed):
    flow = make_flow(seed, max_log_scale=2.0)
    image = take_image(flow, curve, VIEW)
    u = torch.from_numpy(image.u).double()
    assert (u[0], u[-1]) == (0, 1)
    assert (u.diff() > 0).all()
    np.testing.assert_allclose(image.latent, curve(u), atol=1e-5)
    expected = flow.inverse(torch.from_numpy(image.latent).double())[0].detach()
    np.testing.assert_allclose(image.data, expected, rtol=1e-5, atol=1e-5)
    low, high = np.array(VIEW[::2]), np.array(VIEW[1::2])
    seen = ((image.data > low) & (image.data < high)).all(1)
    gaps = np.linalg.norm(np.diff(image.data, axis=0), axis=1)[seen[1:] & seen[:-1]]
    assert seen.sum() > 20
    assert gaps.max() < 1.01 * 4.0 / FINEST


def test_where_the_inverse_stretches_more_points_are_taken():
    flow = RealNVP(n_layers=2, hidden_features=4, max_log_scale=10.0)
    with torch.no_grad():
        for layer in flow.layers:
            layer.conditioner.net[-1].bias[:1] = -3.0  # the inverse stretches by about exp(3)
    line = line_through(torch.tensor([[-2.0, 0.0], [2.0, 0.0]]))
    identity = RealNVP(n_layers=2, hidden_features=4)
    few, more = (len(take_image(f, line, (-20.0, 20.0, -1.0, 1.0)).u) for f in (identity, flow))
    assert few < more <= MOST_POINTS


def test_the_image_of_a_circle_is_closed():
    image = take_image(make_flow(), circle(2.0), VIEW)
    np.testing.assert_allclose(np.linalg.norm(image.latent, axis=1), 2, rtol=1e-6)
    np.testing.assert_allclose(image.data[0], image.data[-1], atol=1e-5)


def test_a_line_leads_through_its_points_in_equal_parts():
    points = torch.tensor([[0.0, 0.0], [1.0, 0.0], [1.0, 2.0]])
    u = torch.tensor([0.0, 0.25, 0.5, 0.75, 1.0], dtype=torch.float64)
    assert line_through(points)(u).tolist() == [[0, 0], [0.5, 0], [1, 0], [1, 1], [1, 2]]


@pytest.mark.parametrize("name", ["two_moons", "circles", "blobs", "pinwheel", "checkerboard", "grid"])
def test_the_bridge_leads_from_middle_to_middle_with_both_densities(name):
    flow, truth = make_flow(), distribution(name, 0.05)
    bridge = take_bridge(flow, truth, VIEW)
    middles = truth.middles
    np.testing.assert_allclose(bridge.line.data[[0, -1]], middles[[0, -1]], atol=1e-5)
    for middle in middles.numpy():
        assert np.linalg.norm(bridge.line.data - middle, axis=1).min() < 0.03
    x = torch.from_numpy(bridge.line.data)
    np.testing.assert_allclose(bridge.true, truth.log_prob(x), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(bridge.learned, flow.log_prob(x.double()).detach(), rtol=1e-4, atol=1e-4)
    away = np.linalg.norm(bridge.latent_sides - bridge.line.latent, axis=2)
    np.testing.assert_allclose(away, BAND, rtol=1e-4)
    assert bridge.length[0] == 0
    assert (np.diff(bridge.length) >= 0).all()


def test_the_identity_leaves_the_bridge_straight_and_as_wide_as_the_band():
    bridge = take_bridge(RealNVP(n_layers=2, hidden_features=4), moons(), VIEW)
    np.testing.assert_allclose(bridge.widths, 2 * BAND, rtol=1e-4)
    assert bridge.length[-1] == pytest.approx(np.hypot(1, 1.5), rel=1e-5)


def test_an_inverse_that_halves_everything_halves_the_width():
    flow = RealNVP(n_layers=2, hidden_features=4, max_log_scale=100.0)
    with torch.no_grad():
        for layer in flow.layers:
            layer.conditioner.net[-1].bias[:1] = np.log(2)
    bridge = take_bridge(flow, moons(), VIEW)
    np.testing.assert_allclose(bridge.widths, BAND, rtol=1e-3)


def test_data_of_one_part_need_no_bridge():
    for name in ("gaussian", "banana", "line", "square", "swiss_roll", "s_curve", "heavy_tailed"):
        assert take_bridge(make_flow(), distribution(name, 0.05), VIEW) is None


@pytest.mark.filterwarnings("ignore:(invalid value|overflow) encountered")
@pytest.mark.parametrize("strength", [30.0, 1e6])
def test_a_broken_flow_has_a_bridge_that_can_be_drawn(strength):
    flow = perturb(RealNVP(n_layers=12, hidden_features=16, max_log_scale=10.0), 1, strength)
    bridge = take_bridge(flow, moons(), VIEW)
    assert not np.isfinite(bridge.line.data).all() or np.abs(bridge.line.data).max() > 100
    for log_prob in (bridge.learned, bridge.true):
        assert not np.isnan(log_prob).any()
    figure = along_figure(bridge.length, bridge.learned, bridge.true)
    json.dumps(figure, default=lambda array: array.size, allow_nan=False)  # what the browser can read
