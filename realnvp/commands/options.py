"""The options that say what is trained, and how: those of ``train`` and of ``export``."""

import argparse
import sys
from dataclasses import fields
from pathlib import Path

from realnvp.config import PRESETS, TrainingConfig
from realnvp.own.table import points_from_table, read_table
from realnvp.point_store import remember
from realnvp.points import PointSet


def add_run_options(command: argparse.ArgumentParser) -> None:
    """The options that say what is trained, and how."""
    command.add_argument(
        "--preset", type=preset_name, default="quick", help=f"one of {', '.join(PRESETS)}; default: quick"
    )
    for f in fields(TrainingConfig):
        rule = f.metadata["setting"]
        allowed = ", ".join(rule.choices) if rule.choices else f"{rule.low:,} to {rule.high:,}"
        # Values are checked by TrainingConfig, which knows the ranges; here only their kind.
        command.add_argument(
            f"--{f.name.replace('_', '-')}",
            type=f.type,
            metavar=f.name.upper(),
            help=f"{rule.help} Allowed: {allowed}.".replace("%", "%%"),
        )
    command.add_argument("--data", metavar="FILE", help="a table with points of your own: CSV, TSV, Parquet or NPY")
    command.add_argument("--columns", metavar="A,B", help="its two columns; default: the first two that hold numbers")
    command.add_argument(
        "--threads", type=int, default=1, help="CPU threads; one is best for small networks. Default: 1"
    )


def preset_name(text: str) -> str:
    name = text.lower().replace(" ", "_").replace("-", "_")
    if name not in PRESETS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(PRESETS)}")
    return name


def config_from(options: argparse.Namespace) -> TrainingConfig:
    given = {f.name: getattr(options, f.name) for f in fields(TrainingConfig)}
    chosen = {name: value for name, value in given.items() if value is not None}
    if options.data is not None:
        if "dataset" in chosen:
            raise ValueError("data: give a file or a dataset, not both")
        chosen["dataset"] = remember(points_from_file(options.data, options.columns))
    elif options.columns is not None:
        raise ValueError("columns: they are those of a file; give one with --data")
    return TrainingConfig(**{**PRESETS[options.preset].values, **chosen})


def points_from_file(path: str, columns: str | None) -> PointSet:
    """Two columns of a table in a file, named as in "a,b". What cannot be read is a ValueError."""
    try:
        table = read_table(Path(path).read_bytes(), Path(path).name)
    except OSError as error:
        raise ValueError(f"data: {path} cannot be read ({error.strerror})") from None
    names = table.numeric[:2] if columns is None else columns.split(",")
    if len(names) != 2:
        raise ValueError(f"columns: {columns!r} are not two names with a comma between them")
    points = points_from_table(table, *(name.strip() for name in names), title=Path(path).name)
    for finding in (*table.findings, *points.findings):
        print(finding, file=sys.stderr)
    return points
