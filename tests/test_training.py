import copy
import io
import math
import pickle
from dataclasses import fields, replace
from itertools import pairwise

import helpers
import pytest
import torch
from helpers import equal_states, gaussian, global_generators, perturb
from hypothesis import example, given, settings
from hypothesis import strategies as st
from torch import nn

from realnvp.config import TrainingConfig, apply_preset
from realnvp.datasets import distribution
from realnvp.divergence import DivergedError
from realnvp.flow import RealNVP
from realnvp.training import (
    KEEP_EVERY,
    Training,
    available_devices,
    build_flow,
    learning_rate,
    resolve_device,
    train,
)

SMALL = TrainingConfig(layers=2, width=8, depth=1, epochs=12, batch_size=16, lr=0.05, clip_norm=0.1)
DIVERGING = TrainingConfig(**helpers.DIVERGING)


def exhaust(training: Training) -> list[float]:
    """Trains to the end; the losses on the way."""
    return [loss for progress in training for loss in progress.losses]


def poison(training: Training) -> None:
    """Makes the next loss NaN."""
    with torch.no_grad():
        next(training.flow.parameters()).fill_(math.nan)


@pytest.fixture(scope="module")
def unbroken() -> tuple[list[float], dict]:
    """Losses and final weights of the small config."""
    training = train(SMALL)
    return exhaust(training), training.flow.state_dict()


# Iterating.


def test_iterating_gives_one_progress_an_epoch_and_stops_at_the_last():
    training = train(SMALL)
    assert (training.epoch, training.finished) == (0, False)
    seconds = 0.0
    for epoch, progress in enumerate(training, start=1):
        assert progress.epoch == training.epoch == epoch
        assert training.finished == (epoch == SMALL.epochs)
        assert len(progress.losses) == 1
        assert math.isfinite(progress.losses[0])
        assert progress.evaluation is None
        assert progress.seconds == training.seconds > seconds
        seconds = progress.seconds
    assert training.epoch == SMALL.epochs
    with pytest.raises(StopIteration):
        next(training)
    assert training.epoch == SMALL.epochs


def test_a_training_is_its_own_iterator():
    training = train(SMALL)
    assert iter(training) is training


@given(slices=st.lists(st.integers(1, 7), max_size=6))
@settings(max_examples=10)
def test_any_slicing_into_advances_gives_the_same_run(unbroken, slices):
    training, losses = train(SMALL), []
    for epochs in [*slices, SMALL.epochs]:
        progress = training.advance(epochs)
        losses += progress.losses
        assert progress.epoch == training.epoch == len(losses)
    assert losses == unbroken[0]
    assert equal_states(training.flow.state_dict(), unbroken[1])


def test_advancing_a_finished_run_does_nothing(unbroken):
    training = train(SMALL)
    training.advance(SMALL.epochs)
    progress = training.advance(5)
    assert (progress.epoch, progress.losses) == (SMALL.epochs, ())
    assert equal_states(training.flow.state_dict(), unbroken[1])


def test_evaluations_come_at_multiples_and_are_those_of_the_moment():
    training = train(SMALL, evaluate_every=5)
    for progress in training:
        if progress.epoch % 5:
            assert progress.evaluation is None
        else:
            assert progress.evaluation == training.evaluate(2000)
            assert progress.evaluation.n == 2000
            assert progress.evaluation.nll == progress.evaluation.entropy + progress.evaluation.kl_gap


def test_looking_at_a_run_does_not_change_it(unbroken):
    training, losses = train(SMALL, evaluate_every=1), []
    for progress in training:
        losses += progress.losses
        training.evaluate(100)
        training.snapshot(20)
        training.checkpoint()
    assert losses == unbroken[0]
    assert equal_states(training.flow.state_dict(), unbroken[1])


def test_snapshot_is_of_this_moment():
    training = train(SMALL)
    training.advance(5)
    snapshot = training.snapshot(30)
    assert snapshot.epoch == 5
    assert len(snapshot.input) == 30
    latent = training.flow(torch.from_numpy(snapshot.input))[0]
    assert torch.equal(torch.from_numpy(snapshot.latent), latent.detach())


# What a run's numbers depend on.


def test_the_same_config_gives_the_same_numbers(unbroken):
    training = train(SMALL)
    assert exhaust(training) == unbroken[0]
    assert equal_states(training.flow.state_dict(), unbroken[1])


def test_interleaved_runs_give_the_numbers_they_give_alone(unbroken):
    other_config = replace(SMALL, seed=1, initialisation="default", dataset="circles")
    alone = exhaust(train(other_config))
    first, second = train(SMALL), train(other_config)
    pairs = [(*next(first).losses, *next(second).losses) for _ in range(SMALL.epochs)]
    assert [a for a, _ in pairs] == unbroken[0]
    assert [b for _, b in pairs] == alone


def test_no_global_generator_is_used():
    before = global_generators()
    training = train(replace(SMALL, initialisation="default", conditioner="separate"), evaluate_every=4)
    exhaust(training)
    training.snapshot(20)
    train(training.config, training.checkpoint())
    assert global_generators() == before


def test_the_state_of_the_global_generator_does_not_matter(unbroken):
    state = torch.get_rng_state()
    try:
        torch.manual_seed(123)
        assert exhaust(train(SMALL)) == unbroken[0]
    finally:
        torch.set_rng_state(state)


OTHER_VALUES = {
    "dataset": "circles",
    "noise": 0.2,
    "layers": 3,
    "width": 9,
    "depth": 2,
    "epochs": 11,
    "batch_size": 17,
    "lr": 0.04,
    "schedule": "constant",
    "clip_norm": 0.0,
    "max_log_scale": 1.0,
    "conditioner": "separate",
    "initialisation": "default",
    "seed": 1,
}
assert {*OTHER_VALUES, "device", "further", "parts", "patience"} == {
    f.name for f in fields(TrainingConfig)
}  # parts below; patience: see test_data.py; further: see test_further.py


def test_the_number_of_parts_changes_the_run():
    first, second = (exhaust(train(replace(SMALL, dataset="rings", noise=0.1, parts=parts))) for parts in (2, 3))
    assert first != second


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_every_setting_changes_the_run(unbroken, name):
    """Already in the epochs that both runs have."""
    assert OTHER_VALUES[name] != getattr(SMALL, name)
    common = min(SMALL.epochs, OTHER_VALUES["epochs"])
    losses = exhaust(train(replace(SMALL, **{name: OTHER_VALUES[name]})))
    assert losses[:common] != unbroken[0][:common]


@pytest.mark.parametrize("initialisation", ["identity", "default"])
def test_seeds_give_other_batches_and_other_weights(initialisation):
    runs = [train(replace(SMALL, initialisation=initialisation, seed=seed)) for seed in range(4)]
    states = [run.generator.get_state().numpy().tobytes() for run in runs]
    # Streams of weights and batches are all different ones.
    states += [torch.Generator().manual_seed(2 * seed).get_state().numpy().tobytes() for seed in range(4)]
    assert len(set(states)) == 8
    weights = [next(run.flow.parameters()).detach().numpy().tobytes() for run in runs]
    assert len(set(weights)) == 4


def test_settings_shape_the_flow():
    config = replace(SMALL, layers=3, width=7, depth=4, max_log_scale=1.5)
    flow = build_flow(config)
    assert len(flow.layers) == 3
    for layer in flow.layers:
        linears = [m for m in layer.modules() if isinstance(m, nn.Linear)]
        assert [m.out_features for m in linears] == [7, 7, 7, 7, 2]
        assert layer.max_log_scale == 1.5


def test_a_batch_has_its_size_and_comes_from_the_datas_distribution(monkeypatch):
    config = replace(SMALL, dataset="blobs", noise=0.4, batch_size=33)
    training, batches = train(config), []
    loss = training.manual.loss

    def recorded(x):
        batches.append(x)
        return loss(x)

    monkeypatch.setattr(training.manual, "loss", recorded)
    exhaust(training)
    assert len(batches) == config.epochs
    assert {batch.shape for batch in batches} == {(33, 2)}
    assert len(torch.cat(batches).unique(dim=0)) == 33 * config.epochs  # every batch is fresh
    expected, _ = distribution("blobs", 0.4).sample(33, torch.Generator().manual_seed(2 * config.seed + 1))
    assert torch.equal(batches[0], expected)


# Learning.


def test_the_loss_is_the_nll_and_its_gradient_is_that_of_finite_differences():
    flow = perturb(RealNVP(n_layers=2, hidden_features=8, depth=1, generator=torch.Generator())).double()
    parameters = list(flow.parameters())
    x, h = gaussian(20, 2), 1e-6

    def loss() -> torch.Tensor:
        return -flow.log_prob(x).mean()

    gradient = torch.autograd.grad(loss(), parameters)
    for parameter, slope in zip(parameters, gradient, strict=True):
        assert slope.abs().max() > 1e-4
        for i in range(parameter.numel()):
            place = parameter.data.view(-1)
            before = float(place[i])
            place[i] = before + h
            above = loss().item()
            place[i] = before - h
            below = loss().item()
            place[i] = before
            assert (above - below) / (2 * h) == pytest.approx(float(slope.flatten()[i]), rel=1e-5, abs=1e-7)


def test_the_first_loss_is_the_untrained_flows_nll_of_the_first_batch():
    config = replace(SMALL, initialisation="default")
    x, _ = distribution(config.dataset, config.noise).sample(16, torch.Generator().manual_seed(2 * config.seed + 1))
    expected = -build_flow(config).log_prob(x).mean().item()
    assert next(train(config)).losses == (pytest.approx(expected, rel=1e-6),)


@pytest.mark.parametrize("dataset", ["two_moons", "circles", "blobs"])
def test_training_learns(dataset):
    config = TrainingConfig(dataset=dataset, layers=4, width=32, epochs=300, batch_size=256)
    training = train(config)
    untrained = training.evaluate(2000).kl_gap
    losses = exhaust(training)
    learned = training.evaluate(2000)
    assert learned.kl_gap < 0.5 * untrained
    assert learned.kl_gap > -3 * learned.se
    assert sum(losses[-20:]) / 20 == pytest.approx(learned.nll, abs=0.15)


# Learning rate.


@pytest.mark.parametrize("epochs", [1, 7, 1000])
def test_a_constant_schedule_is_constant(epochs):
    config = replace(SMALL, schedule="constant", epochs=epochs)
    assert {learning_rate(config, epoch) for epoch in range(epochs)} == {config.lr}


def test_one_cycle_starts_low_peaks_at_three_tenths_and_ends_at_zero():
    config = replace(SMALL, epochs=1000, lr=5e-3)
    rates = [learning_rate(config, epoch) for epoch in range(1000)]
    assert rates[0] == pytest.approx(5e-3 / 25)
    assert rates[150] == pytest.approx((5e-3 / 25 + 5e-3) / 2)
    assert rates[300] == max(rates) == pytest.approx(5e-3)
    assert rates[650] == pytest.approx(2.5e-3)
    assert rates[999] == pytest.approx(5e-3 * (math.pi / 1400) ** 2, rel=1e-3)  # a cosine's last of 700 steps to 0
    assert rates[:301] == sorted(rates[:301])
    assert rates[300:] == sorted(rates[300:], reverse=True)
    # Smooth: no step is longer than the steepest part of a cosine.
    steps = [abs(b - a) for a, b in pairwise(rates)]
    assert max(steps) < 5e-3 * math.pi / 2 / 300 * 1.01


@given(epochs=st.integers(1, 50_000), further=st.integers(0, 50_000), data=st.data())
def test_learning_rates_of_a_run_are_positive_and_at_most_lr(epochs, further, data):
    config = replace(SMALL, epochs=epochs, further=further)
    epoch = data.draw(st.integers(0, config.total_epochs - 1))
    assert 0 < learning_rate(config, epoch) <= config.lr * (1 + 1e-12)


@pytest.mark.parametrize("schedule", ["one-cycle", "constant"])
def test_the_learning_rate_is_the_size_of_the_first_update(schedule):
    """Adam's first update moves each weight by the learning rate, up to its epsilon."""
    config = replace(SMALL, schedule=schedule, initialisation="default")
    training = train(config)
    before = copy.deepcopy(list(training.flow.parameters()))
    next(training)
    moved = [(p - q).abs().max().item() for p, q in zip(training.flow.parameters(), before, strict=True)]
    assert max(moved) == pytest.approx(learning_rate(config, 0), rel=1e-3)
    assert next(training).losses
    assert training.optimizer.param_groups[0]["lr"] == learning_rate(config, 1)


@pytest.mark.parametrize("clip_norm", [0.0, 1e-3])
def test_gradients_are_clipped_to_their_norm_and_not_at_zero(clip_norm):
    training = train(replace(SMALL, clip_norm=clip_norm))
    next(training)
    norm = float(torch.cat([p.grad.flatten() for p in training.parameters]).norm())
    if clip_norm:
        assert norm == pytest.approx(clip_norm, rel=1e-2)
    else:
        assert norm > 0.1


# Checkpoints.


@example(epoch=0, continues=0)
@example(epoch=1, continues=11)
@example(epoch=12, continues=0)
@given(epoch=st.integers(0, 12), continues=st.integers(0, 12))
@settings(max_examples=10)
def test_a_checkpoint_resumes_to_the_unbroken_run(unbroken, epoch, continues):
    """Wherever it was taken, and however far the run it was taken from went on before."""
    original = train(SMALL)
    losses = list(original.advance(epoch).losses)
    checkpoint = original.checkpoint()
    original.advance(continues)
    resumed = train(SMALL, checkpoint)
    assert resumed.epoch == epoch
    assert losses + exhaust(resumed) == unbroken[0]
    assert resumed.epoch == SMALL.epochs
    assert equal_states(resumed.flow.state_dict(), unbroken[1])
    assert resumed.evaluate(100) == train(SMALL, resumed.checkpoint()).evaluate(100)


@pytest.mark.parametrize("changes", [{"schedule": "constant"}, {"clip_norm": 0.0}, {"conditioner": "separate"}])
def test_runs_of_other_kinds_resume_too(changes):
    config = replace(SMALL, initialisation="default", **changes)
    original = train(config)
    original.advance(5)
    checkpoint = original.checkpoint()
    assert exhaust(train(config, checkpoint)) == exhaust(original)


def test_a_checkpoint_serves_more_than_once(unbroken):
    original = train(SMALL)
    original.advance(5)
    checkpoint = original.checkpoint()
    for _ in range(2):
        assert exhaust(train(SMALL, checkpoint)) == unbroken[0][5:]


def save_and_load(checkpoint):
    file = io.BytesIO()
    torch.save(checkpoint, file)
    file.seek(0)
    return torch.load(file, weights_only=False)


@pytest.mark.parametrize("travel", [save_and_load, lambda c: pickle.loads(pickle.dumps(c))], ids=["torch", "pickle"])
def test_a_checkpoint_survives_a_file_and_a_pipe(unbroken, travel):
    original = train(SMALL)
    original.advance(7)
    resumed = train(SMALL, travel(original.checkpoint()))
    assert exhaust(resumed) == unbroken[0][7:]
    assert equal_states(resumed.flow.state_dict(), unbroken[1])


def test_a_resumed_run_counts_its_seconds_on():
    original = train(SMALL)
    seconds = original.advance(5).seconds
    resumed = train(SMALL, original.checkpoint())
    assert resumed.seconds == seconds
    assert next(resumed).seconds > seconds


@pytest.mark.parametrize("name", OTHER_VALUES)
def test_a_checkpoint_of_another_config_is_refused(name):
    with pytest.raises(ValueError, match="checkpoint: "):
        train(replace(SMALL, **{name: OTHER_VALUES[name]}), train(SMALL).checkpoint())


# Divergence.


@pytest.mark.parametrize("seed", [0, 1])
def test_a_run_that_diverges_says_when_and_what_to_try_and_keeps_its_last_good_weights(seed):
    training = train(replace(DIVERGING, seed=seed))
    with pytest.raises(DivergedError) as caught:
        exhaust(training)
    assert (caught.value.epoch, caught.value.kept_epoch) == (2, 0)
    message = str(caught.value)
    for part in ("at epoch 2", "weights of epoch 0", "learning rate below 1", "clipping at 1", "scale bound of 2"):
        assert part in message
    assert "\n" not in message
    assert training.epoch == 0
    assert equal_states(training.flow.state_dict(), build_flow(training.config).state_dict())
    assert math.isfinite(training.evaluate(2000).nll)


def test_the_advice_leaves_out_what_was_already_done():
    training = train(replace(SMALL, clip_norm=1.0, max_log_scale=2.0))
    poison(training)
    with pytest.raises(DivergedError, match=r"Try a learning rate below 0.05\.$"):
        next(training)


@given(good=st.integers(0, 70), chunk=st.integers(1, 30), ahead=st.integers(1, 5))
@settings(max_examples=10)
def test_the_weights_kept_are_those_of_a_recent_epoch(good, chunk, ahead):
    """The loss turns NaN after ``good`` epochs, trained ``chunk`` at a time, and is noticed ``ahead`` epochs later."""
    config = replace(SMALL, epochs=80)
    training = train(config)
    while training.epoch < good:
        training.advance(min(chunk, good - training.epoch))
    poison(training)
    with pytest.raises(DivergedError, match=f"nan at epoch {good + 1:,}") as caught:
        training.advance(ahead)
    kept = caught.value.kept_epoch
    assert caught.value.epoch == good + 1
    assert training.epoch == kept
    assert max(0, good - KEEP_EVERY - chunk) <= kept <= good
    unbroken = train(config)
    unbroken.advance(kept)
    assert equal_states(training.flow.state_dict(), unbroken.flow.state_dict())


def test_a_resumed_run_that_diverges_keeps_weights_of_its_own_run():
    original = train(SMALL)
    original.advance(6)
    resumed = train(SMALL, original.checkpoint())
    next(resumed)
    poison(resumed)
    with pytest.raises(DivergedError) as caught:
        next(resumed)
    assert resumed.epoch == caught.value.kept_epoch <= 7
    unbroken = train(SMALL)
    unbroken.advance(resumed.epoch)
    assert equal_states(resumed.flow.state_dict(), unbroken.flow.state_dict())


def test_a_checkpoint_of_spoilt_weights_still_leads_back_to_good_ones():
    """The loss of an epoch tells of the weights before it; a checkpoint may fall between the two."""
    original = train(SMALL)
    original.advance(3)
    poison(original)
    resumed = train(SMALL, original.checkpoint())
    with pytest.raises(DivergedError):
        next(resumed)
    assert all(p.isfinite().all() for p in resumed.flow.parameters())


def test_a_run_whose_last_update_spoils_the_weights_has_diverged():
    """Its losses are finite, but what it would hand out is not."""
    training = train(replace(DIVERGING, epochs=1))
    with pytest.raises(DivergedError):
        exhaust(training)
    assert math.isfinite(training.evaluate(2000).nll)


# Devices.


@pytest.fixture
def only_a_cpu(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


@pytest.mark.usefixtures("only_a_cpu")
@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_an_absent_device_is_refused_with_those_there_are(device):
    with pytest.raises(ValueError, match=rf"^device: this machine has no '{device}'; choose one of auto, cpu$"):
        train(replace(SMALL, device=device))


@pytest.mark.usefixtures("only_a_cpu")
@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_auto_takes_the_cpu_where_there_is_no_gpu(unbroken, device):
    training = train(replace(SMALL, device=device))
    assert training.device == torch.device("cpu")
    assert exhaust(training) == unbroken[0]


def test_auto_takes_cuda_where_there_is_one_and_not_mps(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    assert available_devices() == ["cpu", "mps"]
    assert resolve_device("auto") == torch.device("cpu")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert resolve_device("auto") == torch.device("cuda")


# Initialisation and the post's recipe.


def test_identity_starts_as_the_identity_and_default_does_not():
    x = gaussian(20, 2, dtype=torch.float32)
    assert torch.equal(build_flow(SMALL)(x)[0], x)
    assert not torch.equal(build_flow(replace(SMALL, initialisation="default"))(x)[0], x)


def test_original_post_builds_the_posts_networks():
    flow = build_flow(apply_preset("original_post"))
    # 1 -> 256 -> 256 -> 256 -> 256 -> 1; for s and for t, in six couplings.
    one_network = (256 + 256) + 3 * (256 * 256 + 256) + (256 + 1)
    assert sum(p.numel() for p in flow.parameters()) == 6 * 2 * one_network == 2_377_740
    assert len(flow.layers) == 6
    for layer in flow.layers:
        assert layer.max_log_scale == 1
        for network in (layer.conditioner.s, layer.conditioner.t):
            shapes = [(m.in_features, m.out_features) for m in network if isinstance(m, nn.Linear)]
            assert shapes == [(1, 256), *[(256, 256)] * 3, (256, 1)]


def test_original_post_starts_from_pytorchs_default_weights():
    flow = build_flow(apply_preset("original_post"))
    for layer in (m for m in flow.modules() if isinstance(m, nn.Linear)):
        bound = max(layer.in_features, 2) ** -0.5  # as for a network that sees both coordinates
        assert 0.9 * bound < layer.weight.abs().max() <= bound
        assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.15)
        assert 0 < layer.bias.abs().max() <= bound
