"""The training loop: maximum likelihood with Adam, one batch an epoch."""

import copy
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor

from realnvp.config import TrainingConfig, check_goes_on
from realnvp.coupling import SeparateConditioner, SharedConditioner
from realnvp.cuda_graph import StaticStep
from realnvp.data import N_HELD_OUT, data_of
from realnvp.divergence import DivergedError
from realnvp.flow import RealNVP
from realnvp.manual_gradient import ManualGradient
from realnvp.metrics import evaluate
from realnvp.snapshot import Evaluation, FilmFrame, Snapshot
from realnvp.tracing import take_film_frame, take_snapshot

KEEP_EVERY = 20  # epochs between two copies of weights to fall back on
CHECKS, CHECKED = 100, 2000  # of a fixed set's held-out loss in a schedule, and points of each
FURTHER_SHARE, FURTHER_CYCLE = 0.3, 500  # of the learning rate, where one-cycle begins again, and each how many epochs


@dataclass(frozen=True)
class Progress:
    """What happened since the last one."""

    epoch: int  # epochs done
    losses: tuple[float, ...]  # training loss (nats) of each epoch since the last Progress
    seconds: float  # spent in training so far, without evaluations and pictures
    evaluation: Evaluation | None = None  # held-out NLL and KL gap, where asked for


def train(
    config: TrainingConfig,
    checkpoint: dict[str, Any] | None = None,
    *,
    evaluate_every: int | None = None,
    autograd: bool = False,
    cuda_graph: bool = True,
) -> "Training":
    """A training run, from the start or from a checkpoint; iterate over it to train.

    The checkpoint's config may differ in ``further`` alone: a run that has ended then goes on, to the numbers that it
    would have had in one go. One that its patience has ended would have ended there too: nothing is left to train.

    With ``evaluate_every`` each Progress at a multiple of it carries the held-out NLL and KL gap (2,000 points).
    ``autograd`` leaves the gradient to PyTorch, which takes longer; otherwise manual_gradient.py computes it, and an
    NVIDIA GPU is given each step as one CUDA graph, unless ``cuda_graph`` is False.
    """
    return Training(config, checkpoint, evaluate_every=evaluate_every, autograd=autograd, cuda_graph=cuda_graph)


class Training(Iterator[Progress]):
    """One run. ``next`` trains one epoch; between two epochs it can be looked at, checkpointed or left alone."""

    def __init__(
        self,
        config: TrainingConfig,
        checkpoint: dict[str, Any] | None = None,
        *,
        evaluate_every: int | None = None,
        autograd: bool = False,
        cuda_graph: bool = True,
    ) -> None:
        self.config = config
        self.evaluate_every = evaluate_every
        self.device = resolve_device(config.device)
        self.data = data_of(config)
        self.flow = build_flow(config).to(self.device)
        if self.data.units:
            self.flow.mean.copy_(self.data.units[0])
            self.flow.std.copy_(self.data.units[1])
        # Weights and batches come from streams of their own, so that no two seeds share one.
        self.generator = torch.Generator(self.device).manual_seed(2 * config.seed + 1)
        self.manual = None if autograd else ManualGradient(self.flow)
        self.parameters = [self.manual.parameters] if self.manual else list(self.flow.parameters())
        self.static, self.cuda_graph = self.manual is not None and self.device.type == "cuda", cuda_graph
        self.notice: str | None = None  # what a person should know of this run, in a sentence
        self.epoch = 0
        self.seconds = 0.0
        self.held_out_curve: list[tuple[int, float]] = []  # of a fixed set: (epoch, held-out loss in nats)
        self._best: tuple[int, dict[str, Tensor]] | None = None  # where it was lowest, and the weights there
        self._last: dict[str, Tensor] | None = None  # the last epoch's weights, once the best are in their place
        if checkpoint is not None:
            self._restore(checkpoint)
        else:
            self._kept = (0, weights_of(self.flow))  # the last good weights, and of which epoch

    @cached_property
    def optimizer(self) -> torch.optim.Adam:
        """Made for the first step: torch takes a second to load what it needs, and the first picture can go ahead."""
        return torch.optim.Adam(self.parameters, lr=self.config.lr, fused=True)

    @property
    def finished(self) -> bool:
        return self.epoch >= self.config.total_epochs or self.stopped_early

    @property
    def stopped_early(self) -> bool:
        """Whether the held-out loss of a fixed set, when it was last looked at, had not fallen for long enough."""
        if not (self.config.patience and self._best):
            return False
        return self.held_out_curve[-1][0] - self._best[0] >= self.config.patience

    def __next__(self) -> Progress:
        if self.finished:
            raise StopIteration
        return self.advance(1)

    def advance(self, epochs: int) -> Progress:
        """Trains up to ``epochs`` epochs, not beyond the last; raises DivergedError at a non-finite loss."""
        started = time.perf_counter()
        epochs = 0 if self.finished else min(epochs, self.config.total_epochs - self.epoch)
        first = self.epoch
        copied = weights_of(self.flow) if first - self._kept[0] >= KEEP_EVERY else None
        # One look at the losses for all epochs: on a GPU each look waits for the device.
        losses = torch.stack(list(self._steps(epochs))).tolist() if epochs else []
        self._keep_best_at_end()
        # An epoch's loss judges the weights before its update; nobody but this judges the last update's.
        judged = [*losses, self._held_out_loss(self.config.batch_size)] if self.finished else losses
        self.seconds += time.perf_counter() - started
        for epoch, loss in enumerate(judged, start=first + 1):
            if not math.isfinite(loss):
                self.epoch = self._kept[0]
                self.flow.load_state_dict(self._kept[1])
                raise DivergedError(min(epoch, self.config.total_epochs), loss, self.epoch, self.config)
            if copied is not None:  # a finite loss: these weights are good
                self._kept, copied = (first, copied), None
        asked = self.evaluate_every and self.epoch % self.evaluate_every == 0
        return Progress(self.epoch, tuple(losses), self.seconds, self.evaluate(2000) if asked else None)

    def _steps(self, epochs: int) -> Iterator[Tensor]:
        """Up to so many epochs, fewer where the run stops early: the loss of each."""
        for _ in range(epochs):
            yield self._step()
            if self.config.fixed_points and self.epoch % max(1, self.config.epochs // CHECKS) == 0:
                self._check()
                if self.stopped_early:
                    return

    def _step(self) -> Tensor:
        """One epoch: a step on a fresh batch."""
        if not self.static:
            return self.learn(self._batch())
        loss = self._static_step(learning_rate(self.config, self.epoch))
        self.epoch += 1
        return loss

    def _batch(self) -> Tensor:
        return self.data.source.sample(self.config.batch_size, self.generator)[0]

    @cached_property
    def _static_step(self) -> StaticStep:
        """The whole step, as a CUDA graph if that is wanted; where it cannot be had, ``notice`` says so."""
        step = StaticStep(lambda: self._update(self._batch()), self.optimizer, self.generator)
        try:
            if self.cuda_graph:
                step.capture()
        except RuntimeError as error:
            reason = str(error).splitlines()[0].rstrip(".")
            self.notice = f"This run takes longer than it could: its steps cannot be a CUDA graph here ({reason})."
        return step

    def _check(self) -> None:
        """Adds to the held-out curve; keeps the weights of its lowest point."""
        loss = self._held_out_loss(CHECKED)
        if math.isfinite(loss):  # else the next losses tell
            if loss < min((loss for _, loss in self.held_out_curve), default=math.inf):
                self._best = (self.epoch, weights_of(self.flow))
            self.held_out_curve.append((self.epoch, loss))

    def _keep_best_at_end(self) -> None:
        """At the end of a run with patience, the weights of its lowest held-out loss take the place of the last."""
        if self.finished and self.config.patience and self._best and self._last is None:
            self._last = weights_of(self.flow)
            self.flow.load_state_dict(self._best[1])

    def learn(self, x: Tensor) -> Tensor:
        """One optimiser step on a batch (n, 2): its mean negative log-likelihood before the step, in nats."""
        self.optimizer.param_groups[0]["lr"] = learning_rate(self.config, self.epoch)
        loss = self._update(x)
        self.epoch += 1
        return loss

    def _update(self, x: Tensor) -> Tensor:
        """Loss, gradient, clipping and the optimiser's step: all that happens on the device."""
        if self.manual:
            loss = self.manual.loss(x)
        else:
            self.optimizer.zero_grad()
            loss = -self.flow.log_prob(x).mean()
            loss.backward()
        if self.config.clip_norm > 0:
            torch.nn.utils.clip_grad_norm_(self.parameters, self.config.clip_norm)
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def _held_out_loss(self, n: int) -> float:
        points = self.data.held_out.points[:n]
        return float(-self.flow.log_prob(points.to(self.device)).mean())

    def evaluate(self, n: int = N_HELD_OUT) -> Evaluation:
        """Held-out NLL and KL gap on the first n held-out points."""
        return evaluate(self.flow, self.data.held_out, n)

    def snapshot(self, n: int) -> Snapshot:
        """The pictures of this moment, n points a panel."""
        return take_snapshot(self.flow, self.epoch, self.data.shown, n)

    def film_frame(self) -> FilmFrame:
        """A small picture of this moment, to be kept with many others."""
        return take_film_frame(self.flow, self.epoch, self.data.shown)

    def checkpoint(self) -> dict[str, Any]:
        """All that is needed to go on to the same numbers: weights, optimiser, generator and place in the schedule.

        The weights are those of the last epoch, also at the end of a run that shows its best. After a DivergedError a
        checkpoint is of no use: the optimiser has gone on.
        """
        return copy.deepcopy(
            {
                "config": self.config,
                "epoch": self.epoch,
                "seconds": self.seconds,
                "flow": self._last or weights_of(self.flow),
                "optimizer": self.optimizer.state_dict(),
                "generator": self.generator.get_state(),
                "kept": self._kept,
                "held_out_curve": self.held_out_curve,
                "best": self._best,
            }
        )

    def _restore(self, checkpoint: dict[str, Any]) -> None:
        check_goes_on(self.config, checkpoint["config"], checkpoint["epoch"])
        if checkpoint["generator"].shape != self.generator.get_state().shape:
            raise ValueError(f"checkpoint: it was not taken on {self.device.type!r}; train the run anew")
        self.epoch = checkpoint["epoch"]
        self.seconds = checkpoint["seconds"]
        self.flow.load_state_dict(checkpoint["flow"])
        self.optimizer.load_state_dict(copy.deepcopy(checkpoint["optimizer"]))
        self.generator.set_state(checkpoint["generator"])
        self._kept = copy.deepcopy(checkpoint["kept"])
        self.held_out_curve = list(checkpoint["held_out_curve"])
        self._best = copy.deepcopy(checkpoint["best"])
        self._keep_best_at_end()


def weights_of(flow: RealNVP) -> dict[str, Tensor]:
    """A copy of the flow's state dict, each tensor by itself."""
    return {name: value.clone() for name, value in flow.state_dict().items()}


def build_flow(config: TrainingConfig) -> RealNVP:
    """The untrained flow of a config, on the CPU: the same weights whatever the device."""
    return RealNVP(
        n_layers=config.layers,
        hidden_features=config.width,
        depth=config.depth,
        max_log_scale=config.max_log_scale,
        conditioner={"shared": SharedConditioner, "separate": SeparateConditioner}[config.conditioner],
        identity_start=config.initialisation == "identity",
        generator=torch.Generator().manual_seed(2 * config.seed),
    )


def trained_flow(config: TrainingConfig, weights: dict[str, np.ndarray]) -> RealNVP:
    """The flow of a config with the weights of a snapshot, on the CPU."""
    flow = build_flow(config)
    flow.load_state_dict({name: torch.tensor(value) for name, value in weights.items()})
    return flow


def learning_rate(config: TrainingConfig, epoch: int) -> float:
    """The learning rate of an epoch. One-cycle (Smith & Topin 2018, arXiv:1708.07120): cosine up, cosine down to 0.

    In further epochs it falls in the same way from a part of it to 0, again and again (Loshchilov & Hutter 2017,
    arXiv:1608.03983): a rate that stays, however low, leaves a flow where it is, or worse.
    """
    if config.schedule == "constant":
        return config.lr
    if epoch >= config.epochs:
        done = (epoch - config.epochs) % FURTHER_CYCLE / FURTHER_CYCLE
        return FURTHER_SHARE * config.lr * (1 + math.cos(math.pi * done)) / 2
    done, rise = epoch / config.epochs, 0.3
    if done < rise:
        low, place = config.lr / 25, (1 - math.cos(math.pi * done / rise)) / 2
    else:
        low, place = 0.0, (1 + math.cos(math.pi * (done - rise) / (1 - rise))) / 2
    return low + (config.lr - low) * place


def resolve_device(name: str) -> torch.device:
    """The device a config asks for. One that this machine lacks is a ValueError; "auto" never is."""
    available = available_devices()
    if name == "auto":
        return torch.device("cuda" if "cuda" in available else "cpu")
    if name not in available:
        raise ValueError(f"device: this machine has no {name!r}; choose one of auto, {', '.join(available)}")
    return torch.device(name)


def available_devices() -> list[str]:
    found = {"cpu": True, "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
    return [name for name, there in found.items() if there]
