"""Trainings that come to nothing: the loss is no number any more, or ends far above where it began; and what to try."""

import numpy as np

from realnvp.config import TrainingConfig

RISE = 1.0  # nats above the untrained flow's loss that count
RECENT = 20  # epochs whose training loss is the present one


class DivergedError(RuntimeError):
    """The loss is no longer a finite number; the training holds the last good weights."""

    def __init__(self, epoch: int, loss: float, kept_epoch: int, config: TrainingConfig) -> None:
        super().__init__(
            f"The training diverged: the loss became {loss} at epoch {epoch:,}. The weights of epoch {kept_epoch:,} "
            f"are kept. {advice(config)}"
        )
        self.epoch = epoch
        self.kept_epoch = kept_epoch


def worsened(losses: np.ndarray, config: TrainingConfig) -> str | None:
    """A sentence for people where the training losses (nats, of each epoch) have ended far above their beginning.

    One large gradient that is not clipped leaves Adam's second moments so large (Kingma & Ba 2015, arXiv:1412.6980,
    algorithm 1) that later steps are next to nothing: every loss is a number, and yet nothing is learned any more.
    """
    if len(losses) < 2:
        return None
    recent = losses[1:][-RECENT:]
    began, ended = float(losses[0]), float(np.median(recent))
    if not ended > began + RISE:
        return None
    when = f"last {len(recent)} epochs its median is" if len(recent) > 1 else "last epoch it is"
    return (
        f"The training has made the flow worse: its loss began at {began:.3g} nats, and in the {when} "
        f"{ended:.3g} nats. {advice(config)}"
    )


def advice(config: TrainingConfig) -> str:
    """What to try, of what the config has not tried yet."""
    steps = [f"a learning rate below {config.lr:g}"]
    if config.clip_norm == 0:
        steps.append("gradient clipping at 1")
    if config.max_log_scale > 2:
        steps.append("a scale bound of 2")
    return f"Try {' or '.join(steps)}."
