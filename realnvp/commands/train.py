"""``train``: trains a flow and reports how good it is."""

import argparse
import json
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from tqdm import tqdm

from realnvp.commands.options import add_run_options, config_from
from realnvp.divergence import DivergedError, worsened
from realnvp.metrics import max_inversion_error
from realnvp.overfitting import lowest, overfitted
from realnvp.training import Training, train

# What is said of a run's quality: with a known truth, and of a fixed set of points.
QUALITY = {
    False: "held-out NLL {nll:.3f} nats = entropy floor {entropy:.3f} + KL gap {kl_gap:.4f} +- {kl_gap_se:.4f}",
    True: "held-out NLL {nll:.3f} +- {nll_se:.3f} nats; nobody knows the true density, so there is no entropy floor",
}


def add_train_command(commands: Any) -> None:
    command = commands.add_parser("train", help="train a flow and report its held-out NLL and KL gap")
    add_run_options(command)
    command.add_argument("--json", action="store_true", help="print the result as one JSON object on the last line")
    command.set_defaults(run=run_train, error=command.error)


def run_train(options: argparse.Namespace) -> int:
    try:
        training = train(config_from(options), evaluate_every=100)
    except ValueError as error:
        options.error(str(error))
    if options.threads < 1:
        options.error(f"threads: {options.threads} is below 1")
    torch.set_num_threads(options.threads)
    try:
        losses = show_training(training)
        result = report(training)
    except KeyboardInterrupt:
        print(f"Stopped at epoch {training.epoch:,} of {training.config.total_epochs:,}.", file=sys.stderr)
        return 130
    except DivergedError as error:
        print(error, file=sys.stderr)
        return 1
    if options.json:
        print(json.dumps(result))
    else:
        print(QUALITY[training.config.fixed_points].format(**result))
        print(
            "{epochs:,} epochs in {seconds:.1f} s on {device}, {parameters:,} parameters, "
            "largest inversion error {max_inversion_error:.1e}".format(**result)
        )
        if training.stopped_early:
            print(f"Stopped early; the weights of epoch {lowest(np.array(training.held_out_curve))[0]:,} are kept.")
        elif overfitted(np.array(training.held_out_curve), np.array(losses)):
            epoch, loss = lowest(np.array(training.held_out_curve))
            print(f"Overfitting: the held-out loss was lowest at epoch {epoch:,}, {loss:.3f} nats.")
            print("--patience 100 stops a hundred epochs after such a point and keeps its weights.")
    return 0


def show_training(training: Training, *, after_each: Callable[[], None] = lambda: None) -> list[float]:
    """Trains to the end behind a progress bar, with a call after each epoch; returns the loss of each epoch."""
    losses = []
    with tqdm(total=training.config.total_epochs, unit=" epochs", file=sys.stderr) as bar:
        for progress in training:
            bar.update(len(progress.losses))
            losses.extend(progress.losses)
            after_each()
            if progress.evaluation:
                numbers = {"NLL": progress.evaluation.nll, "KL gap": progress.evaluation.kl_gap}
                bar.set_postfix({name: f"{value:.3f}" for name, value in numbers.items() if value is not None})
    for notice in filter(None, (training.notice, worsened(np.array(losses), training.config))):
        print(notice, file=sys.stderr)
    return losses


def report(training: Training) -> dict[str, Any]:
    """What a finished run has reached, in nats, seconds and data units."""
    evaluation = training.evaluate()
    points = training.data.held_out.points
    return {
        "nll": evaluation.nll,
        "entropy": evaluation.entropy,
        "kl_gap": evaluation.kl_gap,
        "nll_se": evaluation.se,
        "kl_gap_se": None if evaluation.kl_gap is None else evaluation.se,
        "seconds": training.seconds,
        "epochs": training.epoch,
        "parameters": sum(p.numel() for p in training.flow.parameters()),
        "max_inversion_error": max_inversion_error(training.flow, points),
        "device": str(training.device),
        "seed": training.config.seed,
        "config": training.config.__dict__,
    }
