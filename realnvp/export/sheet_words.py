"""What a sheet says of a run."""

from dataclasses import fields
from typing import TYPE_CHECKING

from realnvp.config import TrainingConfig
from realnvp.figures.comparison import value_words

if TYPE_CHECKING:
    from realnvp.export.sheet import Run

Row = tuple[str, str]  # a label, and what it has

UNKNOWN = "unknown"
NO_FLOOR = "no entropy floor: nobody knows the true density of these data"


def summary(run: "Run") -> str:
    """The flow, and the name that its owner has given the run."""
    config = run.config
    layers = f"{config.layers} coupling {'layer' if config.layers == 1 else 'layers'} of width {config.width}"
    words = f"A RealNVP flow of {layers} after {run.epoch:,} of {config.total_epochs:,} epochs"
    return f"{words}: {run.name}" if run.name else words


def number_rows(run: "Run") -> list[Row]:
    """How good it is and what it took. What is not known is said to be so."""
    quality, versions = run.evaluation, dict(run.versions)
    rows = [("Held-out NLL", f"{quality.nll:.4f} nats" if quality else UNKNOWN)]
    if quality and quality.kl_gap is not None:
        rows += [
            ("Entropy floor", f"{quality.entropy:.4f} nats"),
            ("KL gap", f"{quality.kl_gap:.4f} ± {quality.se:.4f} nats"),
        ]
    else:
        rows += [("Entropy floor, KL gap", UNKNOWN)]
        rows += [("Standard error of the NLL", f"{quality.se:.4f} nats")] if quality else []
    rows += [
        ("Held-out points", f"{quality.n:,}" if quality else UNKNOWN),
        ("Inversion error, largest", inversion_words(run)),
        ("Parameters", f"{run.parameters:,}"),
        ("Epochs trained", f"{run.epoch:,}"),
        ("Training time", f"{run.seconds:.1f} s" if run.seconds else UNKNOWN),
        ("Device", run.device or UNKNOWN),
        ("Python", versions.pop("python", UNKNOWN)),
        *((name, number) for name, number in versions.items()),
    ]
    return rows


def inversion_words(run: "Run") -> str:
    if run.snapshot is None:
        return UNKNOWN
    return f"{float(abs(run.snapshot.back - run.snapshot.input).max()):.1e} data units"


def setting_rows(config: TrainingConfig) -> list[Row]:
    """All settings that have a meaning for these data, but for the dataset, which the title names."""
    left_out = {"dataset"} if config.fixed_points else {"dataset", "patience"}
    values = {f.metadata["setting"].label: getattr(config, f.name) for f in fields(config) if f.name not in left_out}
    return [(label, value_words(value)) for label, value in values.items() if value is not None]
