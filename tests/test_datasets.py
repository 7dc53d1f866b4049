"""Every dataset of the shelf: its density against its samples and its cells, its classes, its numbers.

What is known of single densities by other means is in tests/distributions/.
"""

import inspect
import math
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.stats
import torch
from helpers import global_generators
from hypothesis import given
from hypothesis import strategies as st

from realnvp.datasets import DISTRIBUTIONS, NOISE_RANGE, Distribution, distribution
from realnvp.distributions import shelf
from realnvp.figures.points import OKABE_ITO

NOISES = [0.01, None, 0.5]  # None: the dataset's own
EVERY_ONE = [(name, noise or dataset.noise) for name, dataset in DISTRIBUTIONS.items() for noise in NOISES]
WITH_PARTS = [name for name, dataset in DISTRIBUTIONS.items() if dataset.parts is not None]
EVERY_NUMBER = [(name, n) for name in WITH_PARTS for n in range(*DISTRIBUTIONS[name].parts_range)] + [
    (name, DISTRIBUTIONS[name].parts_range[1]) for name in WITH_PARTS
]
ALL_OF_IT = torch.tensor([-1000.0, -1.9, 0.3, 1.1, 1000.0])  # edges between which the whole plane lies, or nearly


def draw(name: str, noise: float, n: int, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor]:
    return distribution(name, noise).sample(n, torch.Generator().manual_seed(seed))


def usual(name: str) -> Distribution:
    return distribution(name, DISTRIBUTIONS[name].noise)


# The density, held against itself and its samples.


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_all_cells_together_hold_probability_one(name, noise):
    assert float(distribution(name, noise).masses(ALL_OF_IT, ALL_OF_IT).sum()) == pytest.approx(1, abs=1e-9)


@pytest.mark.parametrize(("name", "noise"), [(name, noise) for name, noise in EVERY_ONE if noise > 0.01])
def test_the_density_added_up_over_a_wide_grid_is_the_mass_of_its_frame(name, noise):
    truth = distribution(name, noise)
    points, _ = draw(name, noise, 5000)
    frame, middles = [], []
    for low, high in zip(points.min(0).values.double(), points.max(0).values.double(), strict=True):
        n = math.ceil(2 * (high - low + 8 * noise) / noise)
        frame.append(torch.tensor([low - 4 * noise, low - 4 * noise + n * noise / 2]))
        middles.append(frame[-1][0] + (torch.arange(n, dtype=torch.float64) + 0.5) * noise / 2)
    total = float(truth.log_prob(torch.cartesian_prod(*middles)).exp().sum()) * (noise / 2) ** 2
    assert total == pytest.approx(float(truth.masses(*frame)), abs=1e-6)
    assert total > 0.999


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_masses_of_the_cells_of_a_map_are_integrals_of_the_density(name, noise):
    """Of a map as the app draws it; cells on the data and at their edge, each by 64 x 64 Gauss-Legendre nodes."""
    truth = distribution(name, noise)
    points = draw(name, noise, 1000)[0].double()
    low, high = points.min(0).values - 0.3, points.max(0).values + 0.3
    x_edges, y_edges = (torch.linspace(float(low[k]), float(high[k]), 121, dtype=torch.float64) for k in range(2))
    masses = truth.masses(x_edges, y_edges)
    assert (masses.shape, masses.dtype) == ((120, 120), torch.float64)
    assert (masses >= 0).all()
    assert float(masses.sum()) > 0.98
    ranked = masses.flatten().argsort(descending=True)
    chosen = ranked[[0, 10, 50, 100, 200, 400]]
    u, w = (torch.from_numpy(values) / 2 for values in np.polynomial.legendre.leggauss(64))
    for cell in chosen.tolist():
        row, column = divmod(cell, 120)
        width, height = x_edges[column + 1] - x_edges[column], y_edges[row + 1] - y_edges[row]
        nodes = torch.cartesian_prod(x_edges[column] + width * (u + 0.5), y_edges[row] + height * (u + 0.5))
        density = truth.log_prob(nodes).exp().reshape(64, 64)
        assert float(masses[row, column]) == pytest.approx(float(w @ density @ w * width * height), rel=1e-6, abs=1e-12)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_cell_is_the_sum_of_its_parts_in_a_narrow_map_and_in_a_wide_one(name):
    truth = usual(name)
    coarse, fine = (torch.linspace(-9, 9, n + 1, dtype=torch.float64) for n in (3, 24))
    parts = truth.masses(fine, fine).reshape(3, 8, 3, 8).sum((1, 3))
    torch.testing.assert_close(truth.masses(coarse, coarse), parts, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_samples_follow_the_density(name, noise):
    """A chi-squared test: counts in the cells of a frame, and all around it, against the cells' masses."""
    n = 20_000
    frame = torch.quantile(draw(name, noise, 5000, seed=4)[0].double(), torch.tensor([0.003, 0.997]).double(), dim=0)
    edges = [torch.cat([torch.tensor([-1e4]), torch.linspace(*frame[:, k], 15), torch.tensor([1e4])]) for k in range(2)]
    points, _ = draw(name, noise, n, seed=3)
    counts = np.histogram2d(*points.double().numpy().T, bins=[edge.numpy() for edge in edges])[0].T.flatten()
    expected = n * distribution(name, noise).masses(*edges).numpy().flatten()
    enough = expected >= 5
    counts = np.append(counts[enough], counts[~enough].sum())
    expected = np.append(expected[enough], n - expected[enough].sum())
    counts, expected = counts[expected > 0.5], expected[expected > 0.5]
    assert counts.sum() >= n - 5
    assert len(counts) > 12 or name == "blobs"
    statistic = float(((counts - expected) ** 2 / expected).sum())
    assert scipy.stats.chi2(len(counts) - 1).sf(statistic) > 1e-4


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_entropy_agrees_with_monte_carlo(name, noise):
    surprise = -distribution(name, noise).log_prob(draw(name, noise, 20_000)[0])
    standard_error = float(surprise.std()) / math.sqrt(len(surprise))
    assert abs(distribution(name, noise).entropy - float(surprise.mean())) < 4 * standard_error


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_log_prob_is_float64_whatever_it_is_given(name):
    points = draw(name, 0.1, 10)[0].float().requires_grad_()
    log_p = distribution(name, 0.1).log_prob(points)
    assert (log_p.dtype, log_p.shape, log_p.requires_grad) == (torch.float64, (10,), False)


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_far_out_the_log_density_is_finite_and_falls(name, noise):
    way = torch.tensor([[3.0, 2.0]]) * torch.tensor([[1.0], [2.0], [10.0], [100.0]])
    for direction in ([1, 1], [-1, 1], [1, -1], [-1, -1]):
        log_p = distribution(name, noise).log_prob(way * torch.tensor(direction))
        assert log_p.isfinite().all()
        assert (log_p.diff() < 0).all()


# Samples.


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_samples_are_reproduced_by_their_generator_alone(name):
    before = global_generators()
    first, same, other = draw(name, 0.1, 100, seed=1), draw(name, 0.1, 100, seed=1), draw(name, 0.1, 100, seed=2)
    assert global_generators() == before
    assert torch.equal(first[0], same[0])
    assert torch.equal(first[1], same[1])
    assert not torch.equal(first[0], other[0])


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_batches_of_one_generator_differ(name):
    generator = torch.Generator().manual_seed(0)
    truth = distribution(name, 0.1)
    assert not torch.isin(truth.sample(100, generator)[0], truth.sample(100, generator)[0]).any()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_samples_are_independent(name):
    """Means of batches scatter as those of independent points do; points on a regular grid would scatter less."""
    generator = torch.Generator().manual_seed(0)
    batches = torch.stack([distribution(name, 0.05).sample(64, generator)[0] for _ in range(1000)])
    batches = batches.clamp(-3, 3)  # or heavy tails would leave all to a few points
    ratio = 64 * batches.mean(1).var(0) / batches.reshape(-1, 2).var(0)
    assert ((ratio - 1).abs() < 4 * math.sqrt(2 / 1000)).all()
    x = batches.reshape(-1, 2) - batches.reshape(-1, 2).mean(0)
    neighbours = (x[1:] * x[:-1]).mean(0) / x.var(0)
    assert (neighbours.abs() < 4 / math.sqrt(len(x))).all()


@pytest.mark.parametrize(("name", "noise"), EVERY_ONE)
def test_points_and_labels(name, noise):
    """The classes have equally many points by default."""
    points, labels = draw(name, noise, 3000)
    classes = distribution(name, noise).classes
    assert (points.shape, points.dtype) == ((3000, 2), torch.float32)
    assert (labels.shape, labels.dtype) == ((3000,), torch.int64)
    counts = torch.bincount(labels, minlength=classes)
    assert len(counts) == classes
    assert ((counts - 3000 / classes).abs() < 4 * math.sqrt(3000 / classes)).all()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_data_are_about_as_large_as_a_standard_gaussian_and_around_zero(name):
    """Where flows start. By quantiles: the variance of heavy tails is hardly to be estimated."""
    points, _ = draw(name, DISTRIBUTIONS[name].noise, 20_000)
    low, quarter, median, three_quarters, high = torch.quantile(points, torch.tensor([0.01, 0.25, 0.5, 0.75, 0.99]), 0)
    assert (median.abs() < 0.6).all()
    assert 2 < float((high - low).max()) < 6
    assert ((three_quarters - quarter > 0.4) & (three_quarters - quarter < 2.5)).all()


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_the_middle_of_a_part_is_where_points_are(name):
    truth = distribution(name, 0.05)
    middles = truth.middles
    assert (middles.shape[1], middles.dtype) == (2, torch.float32)
    assert len(middles) >= 1
    points, _ = draw(name, 0.05, 20_000)
    assert (torch.cdist(middles, points).min(1).values < 0.1).all()
    assert len(middles) == 1 or torch.pdist(middles).min() > 0.2


# Entries.


def test_every_entry_has_its_function_and_no_other_is_there():
    functions = [name for name, f in vars(shelf).items() if inspect.isfunction(f) and f.__module__ == shelf.__name__]
    assert functions == list(DISTRIBUTIONS)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_an_entry_says_what_it_is_and_teaches_in_one_line(name):
    dataset = DISTRIBUTIONS[name]
    assert dataset.title.strip()
    assert "\n" not in dataset.teaches
    assert 40 < len(dataset.teaches) < 110
    assert dataset.teaches.endswith(".")
    low, high = NOISE_RANGE
    assert low < dataset.noise < high
    assert (dataset.parts is None) == (dataset.parts_range is None)
    if dataset.parts is None:
        assert usual(name).classes < len(OKABE_ITO)
    else:
        low, high = dataset.parts_range
        assert low <= dataset.parts <= high


def test_titles_and_lessons_differ():
    assert len({dataset.title for dataset in DISTRIBUTIONS.values()}) == len(DISTRIBUTIONS)
    assert len({dataset.teaches for dataset in DISTRIBUTIONS.values()}) == len(DISTRIBUTIONS)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_distribution_has_the_noise_asked_for_and_is_made_once(name):
    assert distribution(name, 0.123).noise == 0.123
    assert distribution(name, 0.123) is distribution(name, 0.123)
    assert distribution(name, 0.123, DISTRIBUTIONS[name].parts) is distribution(name, 0.123)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@given(noise=st.floats(*NOISE_RANGE))
def test_every_noise_allowed_gives_a_density(name, noise):
    truth = distribution(name, noise)
    points, _ = truth.sample(20, torch.Generator().manual_seed(0))
    assert truth.log_prob(points).isfinite().all()
    assert math.isfinite(truth.entropy)


@pytest.mark.parametrize(("name", "parts"), EVERY_NUMBER)
def test_every_number_of_parts_allowed_gives_a_density_of_so_many(name, parts):
    truth = distribution(name, 0.05, parts)
    separate = {"grid": parts**2, "checkerboard": (parts**2 + 1) // 2}.get(name, parts)
    assert len(truth.middles) == separate
    assert len(truth.middles.unique(dim=0)) == separate
    assert truth.classes <= len(OKABE_ITO)
    points, labels = truth.sample(4000, torch.Generator().manual_seed(0))
    assert torch.equal(labels.unique(), torch.arange(truth.classes))
    assert float(truth.masses(ALL_OF_IT, ALL_OF_IT).sum()) == pytest.approx(1, abs=1e-9)
    surprise = -truth.log_prob(points)
    assert abs(truth.entropy - float(surprise.mean())) < 4 * float(surprise.std()) / math.sqrt(4000)


@pytest.mark.parametrize("name", WITH_PARTS)
def test_a_number_of_parts_outside_its_range_is_refused(name):
    low, high = DISTRIBUTIONS[name].parts_range
    for parts in (low - 1, high + 1, -3, 10_000):
        with pytest.raises(ValueError, match=rf"^parts: {parts:,} is outside the allowed range {low} to {high} "):
            distribution(name, 0.05, parts)
    for parts in (float(low), "3", True):
        with pytest.raises(ValueError, match=rf"^parts: {parts!r} is not a whole number from {low} to {high}$"):
            distribution(name, 0.05, parts)


@pytest.mark.parametrize("name", [name for name in DISTRIBUTIONS if name not in WITH_PARTS])
def test_parts_are_refused_where_there_are_none_to_choose(name):
    with pytest.raises(ValueError, match=f"^parts: 2 is not allowed; the dataset {name} has no number of parts"):
        distribution(name, 0.05, 2)


@pytest.mark.parametrize("noise", [0, 0.0099, 0.51, -0.1, math.nan, math.inf])
def test_noise_outside_its_range_is_refused(noise):
    with pytest.raises(ValueError, match=rf"^noise: {noise} is outside the allowed range 0.01 to 0.5$"):
        distribution("two_moons", noise)


def test_an_unknown_name_is_refused_with_the_names_there_are():
    with pytest.raises(ValueError, match=r"^dataset: 'moons' is not one of two_moons, circles, blobs, gaussian, "):
        distribution("moons", 0.05)


def test_the_shelf_can_be_read_without_torch():
    imports = "import sys, realnvp.datasets, realnvp.config; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", imports], cwd=Path(__file__).parent.parent).returncode == 0
