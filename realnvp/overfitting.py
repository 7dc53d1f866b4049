"""Overfitting, seen on the held-out curve of a fixed set of points."""

import numpy as np

RISE = 0.05  # nats above the lowest held-out loss that count
AFTER = 5  # newest checks that must all lie so much higher
RECENT = 50  # epochs whose training loss is the present one


def lowest(held_out: np.ndarray) -> tuple[int, float] | None:
    """The epoch and the loss (nats) at which a held-out curve (m, 2), of epochs and losses, was lowest."""
    if len(held_out) == 0:
        return None
    epoch, loss = held_out[held_out[:, 1].argmin()]
    return int(epoch), float(loss)


def overfitted(held_out: np.ndarray, losses: np.ndarray) -> bool:
    """Whether the held-out loss has risen for good while the training loss (of each epoch) stays below it.

    The flow then learns its training points by heart: their likelihood still grows, that of others falls.
    """
    best = lowest(held_out)
    if best is None or len(held_out) < AFTER or len(losses) == 0:
        return False
    now = float(held_out[-AFTER:, 1].min())
    return now > best[1] + RISE and now > float(np.median(losses[-RECENT:])) + RISE
