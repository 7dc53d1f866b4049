"""The Quick preset and the preset "Original post" against a plain reading of the post."""

import statistics
from typing import Any

import torch
from torch import Tensor, nn
from tqdm import tqdm

from realnvp.bench.clock import interleaved
from realnvp.bench.peers import Size, network
from realnvp.config import TrainingConfig, apply_preset
from realnvp.datasets import distribution
from realnvp.training import train

ROUNDS = 8
POST = Size(width=256, depth=4)


def quality(seeds: int = 5) -> dict[str, Any]:
    """NLL and KL gap (nats, 20,000 held-out points) and training seconds of Quick and Best quality, seed by seed."""
    return {preset: quality_of(preset, seeds) for preset in ("quick", "best_quality")}


def quality_of(preset: str, seeds: int) -> dict[str, Any]:
    """On two moons."""
    runs = []
    for seed in tqdm(range(seeds), unit="run", desc=preset):
        training = train(apply_preset(preset, TrainingConfig(seed=seed, device="cpu")))
        for _ in training:
            pass
        found = training.evaluate()
        runs.append({"seed": seed, "nll": found.nll, "kl_gap": found.kl_gap, "seconds": training.seconds})
    means = {f"mean_{what}": statistics.mean(run[what] for run in runs) for what in ("nll", "kl_gap", "seconds")}
    return {**means, "worst_nll": max(run["nll"] for run in runs), "runs": runs}


def recipe(rounds: int = ROUNDS) -> dict[str, Any]:
    """The Quick preset and the preset "Original post" against a plain reading of the post, in interleaved rounds."""
    plain = PlainPost()
    quick = train(TrainingConfig(epochs=50_000, device="cpu"))
    post = train(apply_preset("original_post", TrainingConfig(device="cpu")))
    steps = {"plain": plain.step, "quick": lambda: quick.advance(1), "original_post": lambda: post.advance(1)}
    median = interleaved(steps, rounds=rounds, seconds=0.8)
    seconds = {"plain": 3000 * median["plain"], "quick": TrainingConfig().epochs * median["quick"]}
    return {
        "ms_a_step": {name: 1000 * value for name, value in median.items()},
        "seconds_a_run": seconds,
        "quick_faster_than_plain": seconds["plain"] / seconds["quick"],
        "original_post_step_to_plain_step": median["original_post"] / median["plain"],
    }


class PlainPost:
    """The post's recipe as its reader would write it: full-width masked couplings and Adam without options."""

    def __init__(self) -> None:
        self.nets = nn.ModuleList(nn.ModuleList([network(2, 2, POST), network(2, 2, POST)]) for _ in range(6))
        self.masks = [torch.tensor([0.0, 1.0]), torch.tensor([1.0, 0.0])] * 3
        self.base = torch.distributions.MultivariateNormal(torch.zeros(2), torch.eye(2))
        self.optimizer = torch.optim.Adam(self.nets.parameters(), lr=1e-3)
        self.truth = distribution("two_moons", 0.05)
        self.generator = torch.Generator().manual_seed(0)

    def step(self) -> float:
        x, _ = self.truth.sample(512, self.generator)
        loss = -self.log_prob(x).mean()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def log_prob(self, x: Tensor) -> Tensor:
        log_det = torch.zeros(len(x))
        for (s_net, t_net), mask in zip(reversed(self.nets), reversed(self.masks), strict=True):
            kept = x * mask
            s = torch.tanh(s_net(kept)) * (1 - mask)
            t = t_net(kept) * (1 - mask)
            x = kept + (1 - mask) * (x - t) * torch.exp(-s)
            log_det = log_det - s.sum(1)
        return self.base.log_prob(x) + log_det
