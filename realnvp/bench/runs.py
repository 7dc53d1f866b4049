"""Whole trainings on two moons, ours and others', taken on step by step. Evaluations are not counted in their time."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from realnvp.bench.peers import POST, Peer, Size, peers, post_flow
from realnvp.config import TrainingConfig
from realnvp.data import N_HELD_OUT, held_out
from realnvp.datasets import distribution
from realnvp.training import train

RECIPE = "the post's recipe"


class PostRecipe:
    """Any flow trained as the post trains: Adam at 1e-3 without options, 512 fresh points of two moons a step."""

    def __init__(self, flow: Peer, seed: int = 0) -> None:
        self.flow = flow
        self.optimizer = torch.optim.Adam(flow.parameters, lr=1e-3)
        self.truth = distribution("two_moons", 0.05)
        self.generator = torch.Generator().manual_seed(seed)

    def step(self) -> float:
        x, _ = self.truth.sample(512, self.generator)
        loss = self.flow.loss(x)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()


@dataclass
class Run:
    """A training on two moons that can be taken on step by step."""

    step: Callable[[], object]
    log_prob: Callable[[Tensor], Tensor]
    epoch: int = 0
    seconds: float = 0.0  # of training

    def advance(self, epochs: int, seconds: float = float("inf")) -> None:
        """So many epochs more, or until the training has taken so many seconds in all."""
        last = self.epoch + epochs
        while self.epoch < last and self.seconds < seconds:
            started = time.perf_counter()
            self.step()
            self.seconds += time.perf_counter() - started
            self.epoch += 1

    @torch.no_grad()
    def kl_gap(self, n: int = N_HELD_OUT) -> float | None:
        """In nats, on the first n of the held-out points; the NLL is the entropy more. None where it has diverged."""
        reference = held_out("two_moons", 0.05)
        log_q = torch.cat([self.log_prob(part) for part in reference.points[:n].split(4096)])
        gap = float((reference.log_prob[:n] - log_q.double()).mean())
        return gap if math.isfinite(gap) else None


def our_run(config: TrainingConfig) -> Run:
    training = train(config)
    return Run(lambda: training.advance(1), training.flow.log_prob)


def posts_run(make: Callable[[Size], Peer], size: Size, seed: int) -> Run:
    """Another flow, with the post's optimiser. Libraries draw their weights from the global generator."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        recipe = PostRecipe(make(size), seed)
    return Run(recipe.step, recipe.flow.log_prob)


def runs(seed: int = 0) -> dict[str, Callable[[], Run]]:
    """Training runs by name: the post's own recipe first, then the peers' flows at the size of ours."""
    libraries = {name: make for name, make in peers().items() if make is not post_flow}
    return {
        RECIPE: lambda: posts_run(post_flow, POST, seed),
        **{name: lambda make=make: posts_run(make, Size(), seed) for name, make in libraries.items()},
    }
