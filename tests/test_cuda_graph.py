"""The step of a CUDA graph is the plain step. What needs no GPU is tested on the CPU, operation by operation."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from helpers import equal_states
from torch.utils._python_dispatch import TorchDispatchMode

from realnvp.checkpoint import checkpoint_from_bytes, checkpoint_to_bytes
from realnvp.config import TrainingConfig
from realnvp.cuda_graph import WARM_UP, StaticStep
from realnvp.datasets import DISTRIBUTIONS
from realnvp.divergence import DivergedError
from realnvp.point_store import remember
from realnvp.points import PointSet
from realnvp.training import Training, train

CONFIG = TrainingConfig(layers=3, width=16, epochs=40, batch_size=64, device="cpu")
CUDA = replace(CONFIG, width=64, layers=6, epochs=100, batch_size=512, device="cuda")
needs_cuda = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an NVIDIA GPU")


def losses_of(training: Training, epochs: int = 50_000) -> list[float]:
    """Those of the next epochs, or of all that are left."""
    return list(training.advance(epochs).losses)


def static(config: TrainingConfig, *, cuda_graph: bool = False) -> Training:
    """A run on the CPU that takes a GPU's step, operation by operation."""
    training = train(config, cuda_graph=cuda_graph)
    training.static = True
    return training


# On any machine.


@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
@pytest.mark.parametrize("clip_norm", [0.0, 1.0])
def test_the_static_step_gives_the_losses_of_the_plain_one(schedule, clip_norm):
    config = replace(CONFIG, schedule=schedule, clip_norm=clip_norm, lr=2e-3)
    training = static(config)
    losses = losses_of(training)
    assert training.notice is None
    # Its learning rate lies in a float32 tensor: the same number to seven digits.
    assert losses == pytest.approx(losses_of(train(config)), rel=1e-6, abs=1e-6)
    assert losses[-1] < 0.9 * losses[0]


def test_a_checkpoint_of_a_static_run_travels_and_resumes_to_the_same_numbers():
    original = static(CONFIG)
    losses_of(original, 7)
    content = checkpoint_to_bytes(original.checkpoint())
    resumed = train(CONFIG, checkpoint_from_bytes(content), cuda_graph=False)
    resumed.static = True
    assert losses_of(resumed) == losses_of(original)


@pytest.mark.parametrize("epochs", [0, 7])
def test_a_rehearsal_leaves_no_trace(epochs):
    """Neither in a run that has just begun, whose optimiser has no state yet, nor later."""
    rehearsed, plain = (
        train(replace(CONFIG, initialisation="default")),
        train(replace(CONFIG, initialisation="default")),
    )
    for training in (rehearsed, plain):
        training.advance(epochs)
    before = rehearsed.generator.get_state()
    step = StaticStep(lambda: rehearsed._update(rehearsed._batch()), rehearsed.optimizer, rehearsed.generator)
    step.rate.fill_(0.01)
    step.rehearse(3)
    assert torch.equal(rehearsed.generator.get_state(), before)
    assert losses_of(rehearsed) == losses_of(plain)
    assert equal_states(rehearsed.flow.state_dict(), plain.flow.state_dict())


def test_a_rehearsal_that_fails_leaves_no_trace_either():
    training, plain = train(CONFIG), train(CONFIG)

    def breaks_down():
        training._update(training._batch())
        raise RuntimeError("out of memory")

    step = StaticStep(breaks_down, training.optimizer, training.generator)
    step.rate.fill_(0.01)
    with pytest.raises(RuntimeError, match="out of memory"):
        step.rehearse(3)
    assert losses_of(training) == losses_of(plain)


class Recorder(TorchDispatchMode):
    """Notes the operations that are called."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        self.names.add(func.name())
        return func(*args, **(kwargs or {}))


# A tensor made of Python's numbers, and numbers that Python asks for: what a graph cannot hold.
NOT_IN_A_GRAPH = {"aten::lift_fresh", "aten::_local_scalar_dense", "aten::nonzero", "aten::masked_select"}


def operations(config: TrainingConfig) -> set[str]:
    """Those of a static step, once a rehearsal has set everything up."""
    training = train(config)
    step = StaticStep(lambda: training._update(training._batch()), training.optimizer, training.generator)
    step.rehearse(WARM_UP)
    with Recorder() as recorder:
        step._one_by_one()
    return recorder.names


@pytest.mark.parametrize("dataset", DISTRIBUTIONS)
def test_a_step_on_any_dataset_holds_nothing_that_a_graph_cannot(dataset):
    names = operations(TrainingConfig(dataset=dataset, layers=2, width=8, device="cpu"))
    assert "aten::randn.generator" in names
    assert "aten::_fused_adam_.tensor_lr" in names
    assert not names & NOT_IN_A_GRAPH


def test_nor_does_one_on_a_fixed_set_of_points_or_with_other_settings():
    points = np.random.default_rng(0).normal(size=(200, 2))
    name = remember(PointSet("Some points", points, np.zeros(200, np.uint8)))
    names = operations(
        TrainingConfig(dataset=name, layers=2, width=8, conditioner="separate", clip_norm=0, device="cpu")
    )
    assert "aten::index.Tensor" in names
    assert not names & NOT_IN_A_GRAPH


def test_the_recorder_notes_what_a_graph_cannot_hold():
    with Recorder() as recorder:
        x = torch.tensor([1.0, 2.0])
        float(x.sum())
        x.nonzero()
    assert recorder.names >= {"aten::lift_fresh", "aten::_local_scalar_dense", "aten::nonzero"}


def test_where_a_capture_fails_the_run_goes_on_without_and_says_so():
    """On a machine without a GPU every capture fails."""
    training = static(CONFIG, cuda_graph=True)
    assert training.notice is None
    assert losses_of(training) == losses_of(static(CONFIG))
    assert training.notice.endswith("(CUDA graphs need an NVIDIA GPU, and this run is on 'cpu').")
    assert "\n" not in training.notice


def test_a_run_on_the_cpu_asks_for_no_graph_and_has_no_notice():
    training = train(CONFIG)
    training.advance(2)
    assert not training.static
    assert training.notice is None
    assert isinstance(training.optimizer.param_groups[0]["lr"], float)


# On a GPU.


@needs_cuda
def test_the_graph_gives_the_losses_of_the_eager_step():
    graph, eager = train(CUDA), train(CUDA, cuda_graph=False)
    losses = losses_of(graph)
    assert graph.notice is None
    assert losses == pytest.approx(losses_of(eager), abs=1e-4)
    assert losses[-1] < 0.5 * losses[0]
    assert torch.equal(graph.generator.get_state(), eager.generator.get_state())


@needs_cuda
def test_any_slicing_of_a_captured_run_gives_the_same_run():
    whole, sliced = train(CUDA), train(CUDA)
    losses = [loss for epochs in (1, 30, 69) for loss in losses_of(sliced, epochs)]
    assert losses == pytest.approx(losses_of(whole), abs=1e-5)


@needs_cuda
def test_looking_at_a_captured_run_does_not_change_it():
    looked_at, plain = train(CUDA), train(CUDA)
    losses = []
    for progress in looked_at:
        losses += progress.losses
        looked_at.evaluate(500)
        looked_at.snapshot(50)
    assert losses == pytest.approx(losses_of(plain), abs=1e-5)


@needs_cuda
def test_a_checkpoint_of_a_captured_run_resumes_to_the_unbroken_run():
    original = train(CUDA)
    losses_of(original, 37)
    checkpoint = checkpoint_from_bytes(checkpoint_to_bytes(original.checkpoint()))
    resumed, eager = train(CUDA, checkpoint), train(CUDA, checkpoint, cuda_graph=False)
    rest = losses_of(original)
    assert losses_of(resumed) == pytest.approx(rest, abs=1e-5)
    assert losses_of(eager) == pytest.approx(rest, abs=1e-4)


@needs_cuda
def test_a_captured_run_that_diverges_keeps_its_last_good_weights():
    training = train(CUDA)
    training.advance(30)
    with torch.no_grad():
        training.manual.parameters[0] = torch.nan
    with pytest.raises(DivergedError, match="at epoch 31"):
        training.advance(20)
    assert all(p.isfinite().all() for p in training.flow.parameters())


@needs_cuda
def test_two_captured_runs_in_turn_give_what_they_give_alone():
    other = replace(CUDA, dataset="circles", seed=1)
    alone = losses_of(train(CUDA)), losses_of(train(other))
    runs = train(CUDA), train(other)
    together = [[*next(runs[0]).losses, *next(runs[1]).losses] for _ in range(CUDA.epochs)]
    for k in range(2):
        assert [pair[k] for pair in together] == pytest.approx(alone[k], abs=1e-5)
