"""Every setting of a training run: its name, default, allowed range and help text, in this one place."""

import math
from dataclasses import Field, dataclass, field, fields, replace
from typing import Any

from realnvp.datasets import DISTRIBUTIONS, NOISE_RANGE, checked_parts
from realnvp.point_store import is_point_set


@dataclass(frozen=True)
class Setting:
    """What a person needs to know of a field; ``choices`` or ``low`` and ``high`` (inclusive) bound its values."""

    label: str
    help: str
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()


def setting(default: Any, label: str, help: str, **bounds: Any) -> Any:
    return field(default=default, metadata={"setting": Setting(label, help, **bounds)})


@dataclass(frozen=True)
class TrainingConfig:
    """The settings of one training run. A value that is not allowed is a ValueError that says what is.

    The defaults are the preset "Quick". Equal configs give equal numbers on the CPU.
    """

    dataset: str = setting("two_moons", "Dataset", "The points to learn.", choices=tuple(DISTRIBUTIONS))
    noise: float = setting(
        None,
        "Noise",
        "How far points scatter around the shape: a standard deviation (data units). A fixed set of points has none.",
        low=NOISE_RANGE[0],
        high=NOISE_RANGE[1],
    )
    parts: int = setting(
        None,
        "Parts",
        "How many blobs, arms, rings, or squares a side. Some distributions have no such number, and points never do.",
        low=1,
        high=8,
    )
    layers: int = setting(
        6,
        "Layers",
        "Number of coupling layers. Each keeps one coordinate and uses it to stretch and shift the other; with one "
        "layer, one coordinate never changes at all.",
        low=1,
        high=32,
    )
    width: int = setting(
        64,
        "Width",
        "Units in each hidden layer of the networks that compute stretch and shift. Wider learns finer shapes, slower.",
        low=4,
        high=512,
    )
    depth: int = setting(2, "Depth", "Hidden layers in each of these networks.", low=1, high=8)
    epochs: int = setting(
        1000,
        "Epochs",
        "One epoch is one update of the weights on one batch, freshly drawn, not a pass through a data set.",
        low=1,
        high=50_000,
    )
    further: int = setting(
        0,
        "Further epochs",
        "Epochs trained after the schedule has ended. After one-cycle the learning rate falls from 30% of its highest "
        "to zero every 500 epochs, so take a multiple of 500; after constant it stays.",
        low=0,
        high=50_000,
    )
    batch_size: int = setting(512, "Batch size", "Points in one batch.", low=16, high=8192)
    lr: float = setting(
        1e-2, "Learning rate", "Size of an update. Too small learns slowly, too large diverges.", low=1e-6, high=1.0
    )
    schedule: str = setting(
        "one-cycle",
        "Schedule",
        "one-cycle: the learning rate rises over the first 30% of the run, then falls to zero. constant: it stays.",
        choices=("one-cycle", "constant"),
    )
    clip_norm: float = setting(
        1.0,
        "Gradient clipping",
        "Longest gradient allowed (its Euclidean norm); longer ones are shortened. 0 turns clipping off.",
        low=0.0,
        high=100.0,
    )
    max_log_scale: float = setting(
        3.0,
        "Scale bound",
        "Largest |s|: one layer stretches by at most exp(bound). Too tight learns slowly, too loose is unstable.",
        low=0.1,
        high=10.0,
    )
    conditioner: str = setting(
        "shared",
        "Conditioner",
        "shared: one network computes s and t. separate: a network for each.",
        choices=("shared", "separate"),
    )
    patience: int = setting(
        0,
        "Stop early after",
        "Epochs without a lower held-out loss after which the run ends; the weights of the lowest are kept. 0: never. "
        "For a fixed set of points alone: of a distribution each batch is new, so nothing can be learned by heart.",
        low=0,
        high=50_000,
    )
    initialisation: str = setting(
        "identity",
        "Initialisation",
        "identity: the flow starts as the map that changes nothing. default: PyTorch's random weights.",
        choices=("identity", "default"),
    )
    seed: int = setting(
        0, "Seed", "Fixes the random numbers: the same seed gives the same run on the CPU.", low=0, high=1_000_000_000
    )
    device: str = setting(
        "auto",
        "Device",
        "Where to train. auto takes an NVIDIA GPU where there is one, else the CPU.",
        choices=("auto", "cpu", "cuda", "mps"),
    )

    def __post_init__(self) -> None:
        if self.dataset in DISTRIBUTIONS:  # which brings its usual noise, and its number of parts if it has any
            if self.noise is None:
                object.__setattr__(self, "noise", DISTRIBUTIONS[self.dataset].noise)
            object.__setattr__(self, "parts", checked_parts(self.dataset, self.parts))
        for f in fields(self):
            value = getattr(self, f.name)
            if f.type is float and type(value) is int:
                value = float(value)
                object.__setattr__(self, f.name, value)
            if self.fixed_points and f.name in ("noise", "parts"):
                if value is not None:
                    raise ValueError(f"{f.name}: {value} has no meaning for a fixed set of points; leave it out")
            elif not (value is None and f.name == "parts") and not (self.fixed_points and f.name == "dataset"):
                check(f, value)
        if self.patience and not self.fixed_points:
            raise ValueError(f"patience: {self.patience:,} has no meaning for a distribution; 0 is what is allowed")

    @property
    def total_epochs(self) -> int:
        """Those of the schedule and the further ones: the end of the run."""
        return self.epochs + self.further

    @property
    def fixed_points(self) -> bool:
        """Whether the data are a fixed set of points, of which nobody knows the density."""
        return is_point_set(self.dataset)


def check_goes_on(config: TrainingConfig, begun: TrainingConfig, epoch: int) -> None:
    """Raises a ValueError where a run of ``config`` cannot go on from this epoch of a run of ``begun``.

    It can where they differ in ``further`` alone: then they give the same numbers up to the end of the shorter one.
    """
    if replace(begun, further=config.further) != config:
        raise ValueError(
            "checkpoint: it was taken from a run with other settings; only the number of further epochs may differ"
        )
    if epoch > config.total_epochs:
        raise ValueError(
            f"further: the checkpoint is of epoch {epoch:,}, which lies beyond {config.total_epochs:,} epochs in all; "
            f"choose at least {epoch - config.epochs:,}"
        )


def check(f: Field, value: Any) -> None:
    """Raises a ValueError that names the field, the value and what is allowed."""
    rule: Setting = f.metadata["setting"]
    if rule.choices:
        if value not in rule.choices:
            raise ValueError(f"{f.name}: {value!r} is not one of {', '.join(rule.choices)}")
    elif type(value) is not f.type:
        kind = "a whole number" if f.type is int else "a number"
        raise ValueError(f"{f.name}: {value!r} is not {kind} from {rule.low:,} to {rule.high:,}")
    elif not (math.isfinite(value) and rule.low <= value <= rule.high):
        raise ValueError(f"{f.name}: {value:,} is outside the allowed range {rule.low:,} to {rule.high:,}")


@dataclass(frozen=True)
class Preset:
    """A named choice of settings; the rest keep their defaults."""

    title: str
    help: str
    values: dict[str, Any]


PRESETS = {
    "quick": Preset("Quick", "The best picture in a few seconds on a laptop's CPU.", {}),
    "best_quality": Preset(
        "Best quality",
        "A deeper flow, trained longer: close to the best that any model can reach.",
        {"layers": 12, "epochs": 3000, "lr": 6e-3},
    ),
    "original_post": Preset(
        "Original post",
        "The recipe of the blog post this app grew from: two networks of four hidden layers of 256 units in each "
        "coupling, Adam at a constant rate, no clipping, 3,000 epochs. Minutes on a CPU.",
        {
            "width": 256,
            "depth": 4,
            "epochs": 3000,
            "lr": 1e-3,
            "schedule": "constant",
            "clip_norm": 0.0,
            "max_log_scale": 1.0,
            "conditioner": "separate",
            "initialisation": "default",
        },
    ),
}

# What a preset leaves to the user: these say what is learned, where and how far on, not how.
NOT_OF_A_PRESET = ("dataset", "noise", "parts", "further", "patience", "seed", "device")


def apply_preset(name: str, config: TrainingConfig | None = None) -> TrainingConfig:
    """The preset's settings, and of ``config`` those that are not of a preset."""
    config = config or TrainingConfig()
    return TrainingConfig(**{f: getattr(config, f) for f in NOT_OF_A_PRESET}, **PRESETS[name].values)


def matching_preset(config: TrainingConfig) -> str | None:
    """Name of the preset whose settings these are, or None where a person has changed them."""
    return next((name for name in PRESETS if apply_preset(name, config) == config), None)
