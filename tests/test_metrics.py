import copy
import math

import numpy as np
import pytest
import torch
from helpers import gaussian, perturb
from torch import nn

from realnvp.config import TrainingConfig
from realnvp.data import HELD_OUT_SEED, N_HELD_OUT, held_out
from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.flow import RealNVP
from realnvp.metrics import evaluate, max_inversion_error
from realnvp.tracing import SAMPLE_SEED
from realnvp.training import Training


class Known(nn.Module):
    """A model whose log-density is given, with one parameter because models have some."""

    def __init__(self, log_prob) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.log_prob = log_prob


def identity() -> RealNVP:
    return RealNVP(generator=torch.Generator())


def some_flow() -> RealNVP:
    return perturb(RealNVP(hidden_features=16, n_layers=4, max_log_scale=1.0, generator=torch.Generator()), 1, 0.3)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_model_that_is_exact_has_no_gap(name):
    noise = DISTRIBUTIONS[name].noise
    evaluation = evaluate(Known(distribution(name, noise).log_prob), held_out(name, noise))
    assert evaluation.kl_gap == pytest.approx(0, abs=1e-12)
    assert evaluation.se == pytest.approx(0, abs=1e-12)
    assert evaluation.nll == pytest.approx(distribution(name, noise).entropy, abs=1e-12)


def test_a_model_that_is_off_everywhere_alike_has_that_gap():
    truth = distribution("circles", 0.1)
    evaluation = evaluate(Known(lambda x: truth.log_prob(x) - 0.25), held_out("circles", 0.1))
    assert evaluation.kl_gap == pytest.approx(0.25)
    assert evaluation.se == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("n", [100, 2000, N_HELD_OUT])
def test_gap_and_its_standard_error_are_those_of_the_paired_differences(n):
    flow, reference = some_flow(), held_out("two_moons", 0.05)
    evaluation = evaluate(flow, reference, n)
    log_q = flow.log_prob(reference.points[:n]).detach().double().numpy()
    gap = distribution("two_moons", 0.05).log_prob(reference.points[:n]).numpy() - log_q
    assert evaluation.n == n
    assert evaluation.kl_gap == pytest.approx(gap.mean(), rel=1e-6)
    assert evaluation.se == pytest.approx(gap.std() / math.sqrt(n), rel=0.01)
    assert evaluation.kl_gap > 0


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_nll_is_entropy_plus_gap_and_estimates_the_mean_surprise(name):
    flow, reference = some_flow(), held_out(name, 0.1)
    evaluation = evaluate(flow, reference)
    assert evaluation.nll == evaluation.entropy + evaluation.kl_gap
    assert evaluation.entropy == distribution(name, 0.1).entropy
    surprise = -flow.log_prob(reference.points).detach().double().numpy()
    # The two differ by the entropy's Monte Carlo error: by what the mean of the true log-density scatters.
    standard_error = float(reference.log_prob.std()) / math.sqrt(N_HELD_OUT)
    assert abs(evaluation.nll - surprise.mean()) < 4 * standard_error


def test_nll_of_the_identity_flow_on_two_moons_is_the_one_worked_out_by_hand():
    # The mean of |x|^2 is 1 on the upper arc and 1 + 1.25 - 2 / pi on the lower one, and noise adds 2 * noise^2.
    mean_square = (1 + 2.25 - 2 / math.pi) / 2 + 2 * 0.05**2
    evaluation = evaluate(identity(), held_out("two_moons", 0.05))
    assert abs(evaluation.nll - (math.log(2 * math.pi) + mean_square / 2)) < 4 * evaluation.se


def test_held_out_points_are_the_same_for_every_run():
    first = held_out("blobs", 0.3)
    assert held_out("blobs", 0.3) is first
    held_out.cache_clear()
    again = held_out("blobs", 0.3)
    assert again is not first
    assert torch.equal(again.points, first.points)
    assert torch.equal(again.labels, first.labels)
    assert torch.equal(again.log_prob, first.log_prob)
    runs = [Training(TrainingConfig(dataset="blobs", noise=0.3, seed=seed)) for seed in (0, 1)]
    assert np.array_equal(runs[0].snapshot(50).input, runs[1].snapshot(50).input)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_held_out_points_come_with_their_truth(name):
    reference = held_out(name, 0.1)
    assert reference.points.shape == (N_HELD_OUT, 2)
    assert reference.labels.shape == (N_HELD_OUT,)
    assert torch.equal(reference.log_prob, distribution(name, 0.1).log_prob(reference.points))


@pytest.mark.parametrize("seed", [HELD_OUT_SEED, SAMPLE_SEED])
def test_no_run_draws_its_batches_from_a_fixed_stream(seed):
    """Neither of held-out points nor of the noise in pictures; a CPU generator takes the last 32 bits of a seed."""
    highest = TrainingConfig.__dataclass_fields__["seed"].metadata["setting"].high
    stream = torch.Generator().manual_seed(seed).get_state()
    nearest = min(seed % 2**32 // 2, highest)
    for run_seed in (nearest, max(nearest - 1, 0)):
        training = Training(TrainingConfig(seed=run_seed, layers=1, width=4))
        assert not torch.equal(training.generator.get_state(), stream)
    assert 2 * highest + 1 < 2**32  # else some runs would share a stream


def test_evaluating_leaves_the_flow_as_it_was():
    flow = some_flow()
    before = copy.deepcopy(flow.state_dict())
    evaluate(flow, held_out("two_moons", 0.05), 100)
    assert all(torch.equal(value, before[name]) for name, value in flow.state_dict().items())
    assert all(p.grad is None for p in flow.parameters())


def test_evaluation_of_a_float64_flow_agrees():
    flow, reference = some_flow(), held_out("two_moons", 0.05)
    in_double = evaluate(copy.deepcopy(flow).double(), reference, 1000)
    assert in_double.kl_gap == pytest.approx(evaluate(flow, reference, 1000).kl_gap, rel=1e-4)


def test_inversion_error_of_the_identity_is_zero():
    assert max_inversion_error(identity(), gaussian(1000, 2)) == 0


def test_inversion_error_is_the_largest_distance():
    class Off(nn.Module):
        """An "inverse" that is off by (3, 4) at one point and exact elsewhere."""

        def __init__(self) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.zeros(1))

        def forward(self, x):
            return 2 * x, torch.zeros(len(x))

        def inverse(self, z):
            x = z / 2
            x[7] += torch.tensor([3.0, 4.0])
            return x, torch.zeros(len(x))

    assert max_inversion_error(Off(), torch.zeros(10, 2)) == 5


def test_inversion_error_of_a_perturbed_flow_is_small_but_not_zero():
    assert 0 < max_inversion_error(some_flow(), gaussian(1000, 2)) < 1e-4
