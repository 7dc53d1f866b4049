import csv
import io

import helpers
import numpy as np
import pytest
import torch
from exported import SMALL

from realnvp.config import TrainingConfig
from realnvp.datasets import distribution
from realnvp.export.tables import density_csv, samples_csv
from realnvp.point_store import remember
from realnvp.points import PointSet
from realnvp.training import build_flow


def weights_of(config: TrainingConfig) -> dict[str, np.ndarray]:
    flow = helpers.perturb(build_flow(config), strength=0.3)
    return {name: value.numpy().copy() for name, value in flow.state_dict().items()}


def rows(text: str) -> tuple[list[str], np.ndarray]:
    header, *values = csv.reader(io.StringIO(text))
    return header, np.array(values, np.float64)


CONFIG = TrainingConfig(**SMALL)
WEIGHTS = weights_of(CONFIG)
FLOW = build_flow(CONFIG)
FLOW.load_state_dict({name: torch.tensor(value) for name, value in WEIGHTS.items()})


def test_samples_are_the_flow_s_a_row_each():
    header, values = rows(samples_csv(CONFIG, WEIGHTS, n=50, seed=4))
    assert header == ["x1 (data units)", "x2 (data units)"]
    expected = FLOW.sample(50, generator=torch.Generator().manual_seed(4)).numpy()
    assert np.array_equal(values.astype(np.float32), expected)
    assert samples_csv(CONFIG, WEIGHTS, n=50, seed=4) != samples_csv(CONFIG, WEIGHTS, n=50, seed=5)


def test_the_density_is_the_learned_beside_the_true_one_on_a_regular_grid():
    header, values = rows(density_csv(CONFIG, WEIGHTS, grid=7))
    assert header[2:] == ["learned density (per unit area)", "true density (per unit area)"]
    assert values.shape == (49, 4)
    for column, step in ((values[:7, 0], 1), (values[::7, 1], 7)):
        assert np.allclose(np.diff(column), column[1] - column[0])
        assert column[1] > column[0], step
    places = torch.tensor(values[:, :2])
    with torch.no_grad():
        learned = FLOW.log_prob(places.float()).exp().numpy()
    assert values[:, 2] == pytest.approx(learned, rel=1e-3, abs=1e-12)
    assert values[:, 3] == pytest.approx(distribution("two_moons", 0.05).log_prob(places).exp().numpy(), rel=1e-6)


def test_a_person_s_own_columns_keep_their_names_and_have_no_true_density():
    points = helpers.some_points()
    points = PointSet("T", points.points, points.labels, axes=("weight, g", 'slope "x"'))
    config = TrainingConfig(**SMALL | {"dataset": remember(points)})
    header, values = rows(density_csv(config, weights_of(config), grid=3))
    assert header == ["weight, g", 'slope "x"', "learned density (per unit area)"]
    assert values.shape == (9, 3)
    assert values[0, 0] < points.points[:, 0].mean() < values[-1, 0]
    assert rows(samples_csv(config, weights_of(config), n=2))[0] == header[:2]
