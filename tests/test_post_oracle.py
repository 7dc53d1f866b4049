"""The flow against the formulas of the blog post that the project starts from, written here in plain NumPy.

The post runs its layers in reverse from data to latent and divides by exp(s) there, so its data -> latent map is our
``inverse`` with the layers in the same order. Its networks take both coordinates, the changed one set to zero, and
return both, of which the kept one is thrown away; ours take the kept and return the changed one. So its weights are
ours with a column added to the first layer and a row to the last, and what stands there must not matter.
The post's first layer keeps coordinate 1 where ours keeps coordinate 0, so points are compared with their coordinates
swapped.
"""

from itertools import pairwise

import numpy as np
import pytest
import torch

from realnvp.coupling import SeparateConditioner
from realnvp.flow import RealNVP

N_LAYERS, WIDTH, N_LINEAR = 6, 256, 5


def post_masks() -> list[np.ndarray]:
    return [np.array([0.0, 1.0]) if i % 2 == 0 else np.array([1.0, 0.0]) for i in range(N_LAYERS)]


def random_network(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray]]:
    """Weights and biases of five linear layers, 2 -> 256 -> ... -> 256 -> 2."""
    sizes = [2, *[WIDTH] * (N_LINEAR - 1), 2]
    return [
        (1.5 * rng.normal(size=(n_out, n_in)) / np.sqrt(n_in), rng.normal(size=n_out) / np.sqrt(n_in))
        for n_in, n_out in pairwise(sizes)
    ]


def evaluate_network(network, x: np.ndarray) -> np.ndarray:
    *hidden, (last_weight, last_bias) = network
    for weight, bias in hidden:
        x = np.maximum(x @ weight.T + bias, 0)
    return x @ last_weight.T + last_bias


def post_scale_and_shift(networks, mask: np.ndarray, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    scale_network, shift_network = networks
    s = np.tanh(evaluate_network(scale_network, mask * x))
    t = evaluate_network(shift_network, mask * x)
    return (1 - mask) * s, (1 - mask) * t


def post_data_to_latent(layers, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    log_det = np.zeros(len(x))
    for networks, mask in reversed(list(zip(layers, post_masks(), strict=True))):
        s, t = post_scale_and_shift(networks, mask, x)
        x = mask * x + (1 - mask) * (x - t) / np.exp(s)
        log_det -= s.sum(axis=1)
    return x, log_det


def post_latent_to_data(layers, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    log_det = np.zeros(len(z))
    for networks, mask in zip(layers, post_masks(), strict=True):
        s, t = post_scale_and_shift(networks, mask, z)
        z = mask * z + (1 - mask) * (z * np.exp(s) + t)
        log_det += s.sum(axis=1)
    return z, log_det


def copy_sliced(network, mlp: torch.nn.Sequential, kept: int) -> None:
    """The post's weights into one of our networks: the column of the kept, the row of the changed coordinate."""
    linears = [layer for layer in mlp if isinstance(layer, torch.nn.Linear)]
    changed = 1 - kept
    with torch.no_grad():
        for i, (linear, (weight, bias)) in enumerate(zip(linears, network, strict=True)):
            if i == 0:
                weight = weight[:, [kept]]
            if i == len(network) - 1:
                weight, bias = weight[[changed]], bias[[changed]]
            linear.weight.copy_(torch.from_numpy(weight))
            linear.bias.copy_(torch.from_numpy(bias))


@pytest.fixture(scope="module")
def post_and_ours():
    """The layers of the post's model with random weights, and our flow with the same ones."""
    rng = np.random.default_rng(0)
    layers = [(random_network(rng), random_network(rng)) for _ in range(N_LAYERS)]
    flow = RealNVP(
        2,
        n_layers=N_LAYERS,
        hidden_features=WIDTH,
        depth=N_LINEAR - 1,
        max_log_scale=1.0,
        conditioner=SeparateConditioner,
        generator=torch.Generator(),
    ).double()
    for (scale_network, shift_network), mask, layer in zip(layers, post_masks(), flow.layers, strict=True):
        kept = int(mask.argmax())
        copy_sliced(scale_network, layer.conditioner.s, kept)
        copy_sliced(shift_network, layer.conditioner.t, kept)
    return layers, flow


def in_our_coordinates(x: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(x[:, ::-1].copy())


@pytest.mark.parametrize("direction", ["data_to_latent", "latent_to_data"])
def test_outputs_and_log_dets_are_the_posts(post_and_ours, direction):
    layers, flow = post_and_ours
    post, ours = {
        "data_to_latent": (post_data_to_latent, flow.inverse),
        "latent_to_data": (post_latent_to_data, flow),
    }[direction]
    points = np.random.default_rng(1).normal(size=(200, 2))
    expected, expected_log_det = post(layers, points)
    with torch.no_grad():
        output, log_det = ours(in_our_coordinates(points))
    assert np.abs(expected_log_det).max() > 0.5  # no identity
    torch.testing.assert_close(output, in_our_coordinates(expected), rtol=1e-10, atol=1e-10)
    torch.testing.assert_close(log_det, torch.from_numpy(expected_log_det), rtol=1e-10, atol=1e-10)


def test_the_posts_two_directions_undo_each_other(post_and_ours):
    """The oracle itself: were it wrong in one direction, agreement with it would mean little."""
    layers, _ = post_and_ours
    points = np.random.default_rng(2).normal(size=(50, 2))
    latent, log_det = post_data_to_latent(layers, points)
    back, back_log_det = post_latent_to_data(layers, latent)
    np.testing.assert_allclose(back, points, atol=1e-9)
    np.testing.assert_allclose(back_log_det, -log_det, atol=1e-9)


def test_what_the_post_throws_away_does_not_matter(post_and_ours):
    layers, _ = post_and_ours
    points = np.random.default_rng(3).normal(size=(50, 2))
    expected, _ = post_data_to_latent(layers, points)
    altered = []
    for i, networks in enumerate(layers):
        kept = int(post_masks()[i].argmax())
        copies = [[(weight.copy(), bias.copy()) for weight, bias in network] for network in networks]
        for network in copies:
            network[0][0][:, 1 - kept] += 10
            network[-1][0][kept] += 10
            network[-1][1][kept] += 10
        altered.append(tuple(copies))
    np.testing.assert_array_equal(post_data_to_latent(altered, points)[0], expected)
