"""Runs to keep, and whether two are the same."""

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.snapshot import Evaluation, FilmFrame, Journey, Snapshot
from realnvp.store.run import StoredRun

ALICE, BOB = "alice-" + "a" * 16, "bob-" + "b" * 16


def snapshot(epoch: int, n: int, rng: np.random.Generator, layers: int = 2) -> Snapshot:
    def points() -> np.ndarray:
        return rng.normal(size=(n, 2)).astype(np.float32)

    return Snapshot(
        epoch=epoch,
        input=points(),
        labels=rng.integers(0, 3, n).astype(np.uint8),
        latent=points(),
        samples=points(),
        back=points(),
        journey=Journey(
            points(),
            rng.normal(size=(layers, n)).astype(np.float32),
            rng.normal(size=(layers, n)).astype(np.float32),
            tuple(k % 2 for k in range(layers)),
        ),
        weights={f"layers.{k}.weight": rng.normal(size=(8, k + 1)).astype(np.float32) for k in range(layers)}
        | {"mean": np.zeros(2, np.float32), "count": np.array(3, np.int64)},
    )


def a_run(token: str = "run", seed: int = 0, n: int = 50, **values: object) -> StoredRun:
    """A finished run of Alice's, with numbers of its own."""
    rng = np.random.default_rng(seed)
    given = {
        "token": token,
        "owner": ALICE,
        "config": TrainingConfig(epochs=100, seed=seed),
        "status": "finished",
        "epoch": 100,
        "seconds": rng.random(),
        "evaluation": Evaluation(rng.random(), rng.random(), 2_000, rng.random(), rng.random()),
        "parameters": 1_234,
        "device": "cpu",
        "losses": rng.normal(size=100).astype(np.float32),
        "held_out": rng.normal(size=(7, 2)),
        "film": tuple(FilmFrame(epoch, *rng.normal(size=(2, 20, 2)).astype(np.float32)) for epoch in (0, 3, 100)),
        "first": snapshot(0, n, rng),
        "snapshot": snapshot(100, n, rng),
    }
    return StoredRun(**given | values)


def going_run(token: str, **values: object) -> StoredRun:
    given = {"status": "running", "going": True, "checkpoint": token.encode() * 9, "checkpoint_epoch": 60}
    return a_run(token, **given | values)


def assert_same(found: object, expected: object, *, apart_from: tuple[str, ...] = ("created", "updated")) -> None:
    """Equal in every field, types and arrays bit by bit."""
    assert type(found) is type(expected)
    if isinstance(expected, np.ndarray):
        assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
        assert found.tobytes() == expected.tobytes()
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for name, value in expected.items():
            assert_same(found[name], value)
    elif isinstance(expected, tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif hasattr(expected, "__dataclass_fields__"):
        for name in set(expected.__dataclass_fields__) - set(apart_from):
            assert_same(getattr(found, name), getattr(expected, name))
    else:
        assert found == expected
