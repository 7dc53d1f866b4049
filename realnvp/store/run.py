"""What is kept of a run, and its two forms in a database: a row of plain values, and parts that are bytes."""

import json
import platform
import unicodedata
import zlib
from dataclasses import asdict, dataclass, field, fields
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.figures.thumbnail import thumbnail
from realnvp.safe_arrays import arrays_from_bytes, arrays_to_bytes
from realnvp.snapshot import Evaluation, FilmFrame, Journey, Snapshot

LONGEST_NAME = 80  # characters
CONFIG, EPOCH = "realnvp.config", "realnvp.epoch"  # facts in a file of weights
PACKAGES = ("torch", "numpy", "streamlit", "plotly")


@dataclass(frozen=True, kw_only=True)
class RunLine:
    """What a list of runs shows of each."""

    token: str  # cannot be guessed: whoever has it may look at the run
    owner: str  # cannot be guessed: whoever has it may rename, pin and delete
    config: TrainingConfig
    status: str  # a word of engine.report.Status
    epoch: int
    seconds: float  # spent in training
    evaluation: Evaluation | None = None
    parameters: int = 0
    device: str = ""
    name: str = ""
    pinned: bool = False
    versions: dict[str, str] = field(default_factory=lambda: versions())  # of Python and the packages it ran with
    created: float = 0.0  # seconds since 1970, as time.time() counts them
    updated: float = 0.0

    @property
    def read_back(self) -> bool:
        """Whether its weights were read from a file: then no device here has trained it."""
        return not self.device


@dataclass(frozen=True, kw_only=True, eq=False)
class StoredRun(RunLine):
    """A run as it is kept, with all its numbers and pictures."""

    losses: np.ndarray  # (epoch,) float32, nats
    held_out: np.ndarray  # (m, 2) float64: epoch and held-out loss (nats)
    film: tuple[FilmFrame, ...] = ()
    first: Snapshot | None = None  # of epoch 0
    snapshot: Snapshot | None = None  # the newest, with the weights that were learned
    going: bool = False  # whether it is to go on after the server has ended
    checkpoint: bytes | None = None  # where it goes on, or can be trained further; see checkpoint.py
    checkpoint_epoch: int = 0
    pace: str = "full"  # a word of engine.report.Pace

    def parts(self) -> dict[str, bytes]:
        """What of it is too large for a row."""
        curves = {"losses": self.losses, "held_out": self.held_out}
        # Pictures are noise to zlib: it would take most of the time of a save and give a tenth of the room.
        parts = {"losses": zlib.compress(arrays_to_bytes(curves), level=1)}
        if self.film:
            parts["film"] = arrays_to_bytes(
                {
                    "epochs": np.array([frame.epoch for frame in self.film]),
                    "latent": np.stack([frame.latent for frame in self.film]),
                    "samples": np.stack([frame.samples for frame in self.film]),
                }
            )
        for name, snapshot in (("first", self.first), ("snapshot", self.snapshot)):
            if snapshot:
                parts[name] = snapshot_to_bytes(snapshot)
                parts[f"{name}_weights"] = weights_to_bytes(snapshot.weights, self.config, snapshot.epoch)
        if self.snapshot and not self.going:
            parts["thumbnail"] = thumbnail(self.snapshot)
        if self.checkpoint is not None:
            parts["checkpoint"] = self.checkpoint
        return parts


def from_parts(values: dict[str, Any], parts: dict[str, bytes]) -> StoredRun:
    """The run of a row's values and its parts."""
    arrays, _ = arrays_from_bytes(zlib.decompress(parts["losses"]))
    film: tuple[FilmFrame, ...] = ()
    if "film" in parts:
        frames, _ = arrays_from_bytes(parts["film"])
        rows = zip(frames["epochs"].tolist(), frames["latent"], frames["samples"], strict=True)
        film = tuple(FilmFrame(*row) for row in rows)
    pictures = {
        name: snapshot_from_bytes(parts[name], parts[f"{name}_weights"])
        for name in ("first", "snapshot")
        if name in parts
    }
    return StoredRun(**values, **arrays, film=film, **pictures, checkpoint=parts.get("checkpoint"))


def weights_to_bytes(weights: dict[str, np.ndarray], config: TrainingConfig, epoch: int) -> bytes:
    """A flow's state dict as safetensors, with its config and its epoch in the metadata: here and in exports."""
    return arrays_to_bytes(weights, {CONFIG: config_to_text(config), EPOCH: str(epoch)})


def snapshot_to_bytes(snapshot: Snapshot) -> bytes:
    """All but the weights."""
    pictures = {name: getattr(snapshot, name) for name in ("input", "labels", "latent", "samples", "back")}
    journey = {f"journey/{name}": getattr(snapshot.journey, name) for name in ("points", "s", "t")}
    facts = {"epoch": str(snapshot.epoch), "changed": json.dumps(snapshot.journey.changed)}
    return arrays_to_bytes(pictures | journey, facts)


def snapshot_from_bytes(content: bytes, weights: bytes) -> Snapshot:
    arrays, facts = arrays_from_bytes(content)
    journey = {name: arrays.pop(f"journey/{name}") for name in ("points", "s", "t")}
    return Snapshot(
        epoch=int(facts["epoch"]),
        **arrays,
        journey=Journey(**journey, changed=tuple(json.loads(facts["changed"]))),
        weights=arrays_from_bytes(weights)[0],
    )


def config_to_text(config: TrainingConfig) -> str:
    return json.dumps(asdict(config))


def config_from_text(text: str) -> TrainingConfig:
    """The config that a version of the app wrote: settings it did not know have their defaults.

    One with a setting or a value that this version does not know is a ValueError.
    """
    values = json.loads(text)
    if unknown := values.keys() - {f.name for f in fields(TrainingConfig)}:
        raise ValueError(f"{', '.join(sorted(unknown))}: this version of the app has no such setting; use a newer one")
    return TrainingConfig(**values)


def clean_name(text: str) -> str:
    """A name as clean_line has it, of at most LONGEST_NAME characters."""
    return clean_line(text, LONGEST_NAME)


def clean_line(text: str, longest: int) -> str:
    """A person's words as one line of at most so many characters, without characters that are not to be seen."""
    words = "".join(" " if c.isspace() else c for c in text[: 10 * longest]).split()
    seen = "".join(c for c in " ".join(words) if not unicodedata.category(c).startswith("C"))
    return seen[:longest].strip()


@cache
def versions() -> dict[str, str]:
    """Of Python and the packages that a run's numbers and pictures depend on."""
    return {"python": platform.python_version(), **{name: version(name) for name in PACKAGES}}
