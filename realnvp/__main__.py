"""The command line: ``python -m realnvp train`` trains a flow and reports how good it is; ``bench`` measures.

``export`` writes a run as a script, notebook, weights, tables, page or sheet. ``datasets`` lists what can be learned.
"""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
import torch
from tqdm import tqdm

from realnvp.bench import MEASUREMENTS
from realnvp.bench.machine import machine
from realnvp.config import PRESETS, TrainingConfig
from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.divergence import DivergedError, worsened
from realnvp.engine.report import Status
from realnvp.engine.worker import film_epochs
from realnvp.export.html import run_html
from realnvp.export.notebook import training_notebook
from realnvp.export.script import training_script
from realnvp.export.sheet import run_sheet
from realnvp.export.tables import GRID, density_csv, samples_csv
from realnvp.export.weights import weights_file
from realnvp.link import config_query, query_text
from realnvp.metrics import max_inversion_error
from realnvp.overfitting import lowest, overfitted
from realnvp.own.table import points_from_table, read_table
from realnvp.point_store import remember
from realnvp.points import PointSet
from realnvp.snapshot import Snapshot
from realnvp.store.run import StoredRun
from realnvp.training import Training, train

# What is said of a run's quality: with a known truth, and of a fixed set of points.
QUALITY = {
    False: "held-out NLL {nll:.3f} nats = entropy floor {entropy:.3f} + KL gap {kl_gap:.4f} +- {kl_gap_se:.4f}",
    True: "held-out NLL {nll:.3f} +- {nll_se:.3f} nats; nobody knows the true density, so there is no entropy floor",
}


# What is written without training, and from what a training has made.
PROGRAMS = {"script": training_script, "notebook": training_notebook}
RESULTS = ("weights", "samples", "density", "html", "sheet")
MOST_ROWS, FINEST_GRID, LARGEST_SEED = 1_000_000, 1_000, 2**63 - 1
SHOWN, SHOWN_ON_SHEET = 2_000, 10_000  # points in the snapshot: an exported page shows some of them, a sheet all


class Parser(argparse.ArgumentParser):
    """A parser whose errors are one line."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"{self.prog}: {message}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; returns its exit status."""
    parser = Parser(prog="python -m realnvp", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, parser_class=Parser)
    add_train_command(commands)
    add_export_command(commands)
    add_bench_command(commands)
    add_datasets_command(commands)
    options = parser.parse_args(arguments)
    return options.run(options)


def add_train_command(commands: Any) -> None:
    command = commands.add_parser("train", help="train a flow and report its held-out NLL and KL gap")
    add_run_options(command)
    command.add_argument("--json", action="store_true", help="print the result as one JSON object on the last line")
    command.set_defaults(run=run_train, error=command.error)


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


def add_export_command(commands: Any) -> None:
    command = commands.add_parser("export", help="write a run as a script, notebook, weights, CSV, HTML or PDF")
    command.add_argument(
        "what",
        choices=[*PROGRAMS, *RESULTS],
        help="script and notebook: a program that trains this configuration; the others train first. weights: a "
        "safetensors file; samples and density: CSV; html: layers and training as a page that moves; sheet: one page "
        "to hand in, as PNG if --output ends in .png, else as PDF",
    )
    add_run_options(command)
    command.add_argument("--output", metavar="FILE", help="where to write; default: standard output")
    command.add_argument("--rows", type=int, default=10_000, help="of samples: how many points. Default: 10000")
    command.add_argument("--sample-seed", type=int, default=0, help="of samples: fixes which points. Default: 0")
    command.add_argument("--grid", type=int, default=GRID, help=f"of density: places each way. Default: {GRID}")
    command.set_defaults(run=run_export, error=command.error)


def run_export(options: argparse.Namespace) -> int:
    try:
        check_export_options(options)
        config = config_from(options)
        if options.what in PROGRAMS:
            content = PROGRAMS[options.what](config)
        else:
            torch.set_num_threads(options.threads)
            content = result_of(train(config), options)
        write(content if isinstance(content, bytes) else content.encode(), options.output)
    except ValueError as error:
        options.error(str(error))
    except OSError as error:
        options.error(f"output: {options.output or 'standard output'} cannot be written ({error.strerror})")
    except KeyboardInterrupt:
        print("Stopped; nothing is written.", file=sys.stderr)
        return 130
    except DivergedError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def check_export_options(options: argparse.Namespace) -> None:
    """A ValueError where something would fail only after the training."""
    allowed = {
        "threads": (1, 1024),
        "rows": (1, MOST_ROWS),
        "grid": (2, FINEST_GRID),
        "sample_seed": (0, LARGEST_SEED),
    }
    for name, (low, high) in allowed.items():
        if not low <= getattr(options, name) <= high:
            option = name.replace("_", "-")
            raise ValueError(f"{option}: {getattr(options, name):,} is outside the allowed range {low:,} to {high:,}")
    if options.output is not None and not Path(options.output).parent.is_dir():
        raise ValueError(f"output: there is no folder {Path(options.output).parent}; make it first")
    if options.output is not None and Path(options.output).is_dir():
        raise ValueError(f"output: {options.output} is a folder; name a file")


def result_of(training: Training, options: argparse.Namespace) -> str | bytes:
    """Trains to the end; returns what is asked for."""
    film, moments = [], film_epochs(training.config.total_epochs)

    def take_film() -> None:
        if options.what == "html" and (training.epoch in moments or training.finished):
            film.append(training.film_frame())

    take_film()
    losses = show_training(training, after_each=take_film)
    snapshot = training.snapshot(SHOWN_ON_SHEET if options.what == "sheet" else SHOWN)
    match options.what:
        case "weights":
            return weights_file(training.config, snapshot.weights, snapshot.epoch)
        case "samples":
            return samples_csv(training.config, snapshot.weights, n=options.rows, seed=options.sample_seed)
        case "density":
            return density_csv(training.config, snapshot.weights, grid=options.grid)
        case "html":
            return run_html(training.config, snapshot, film, np.array(losses), training.evaluate())
        case "sheet":
            return sheet_of(training, snapshot, losses, "png" if is_png(options.output) else "pdf")


def sheet_of(training: Training, snapshot: Snapshot, losses: list[float], kind: str) -> bytes:
    """The hand-in sheet of a training that has ended.

    No address of an app is known here. The sheet has the query of a link: behind the address of any copy of the app it
    opens these settings, for points of a person's own in a copy that keeps them.
    """
    run = StoredRun(
        token="",
        owner="",
        config=training.config,
        status=Status.FINISHED,
        epoch=training.epoch,
        seconds=training.seconds,
        evaluation=training.evaluate(),
        parameters=sum(p.numel() for p in training.flow.parameters()),
        device=str(training.device),
        losses=np.array(losses, np.float32),
        held_out=np.array(training.held_out_curve, np.float64).reshape(-1, 2),
        snapshot=snapshot,
    )
    return run_sheet(run, kind, link=f"?{query_text(config_query(training.config) or {'preset': 'quick'})}")


def is_png(file: str | None) -> bool:
    return file is not None and Path(file).suffix.lower() == ".png"


def write(content: bytes, file: str | None) -> None:
    """Into a file, or to standard output."""
    if file is not None:
        Path(file).write_bytes(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def add_bench_command(commands: Any) -> None:
    command = commands.add_parser("bench", help="measure quality and speed")
    command.add_argument(
        "what",
        nargs="?",
        choices=list(MEASUREMENTS),
        help=" ".join(f"{k}: {f.__doc__}" for k, f in MEASUREMENTS.items()) + " Without a name: all of them.",
    )
    command.add_argument("--json", action="store_true", help="print one JSON object on the last line, and no tables")
    command.add_argument("--html", type=Path, metavar="FILE", help="save tables and plots as one page")
    command.set_defaults(run=run_bench, error=command.error)


def run_bench(options: argparse.Namespace) -> int:
    if options.html and not options.html.absolute().parent.is_dir():
        options.error(f"html: there is no folder {str(options.html.parent)!r} to save the page in")
    torch.set_num_threads(1)
    measured = {}
    try:
        for name in [options.what] if options.what else MEASUREMENTS:
            measured[name] = MEASUREMENTS[name]()
            if not options.json:
                print("\n\n".join(table.text() for table in measured[name]), end="\n\n", flush=True)
    except KeyboardInterrupt:
        return 130
    if options.html:
        from realnvp.bench.page import page

        words = ", ".join(f"{what} {value}" for what, value in machine().items() if value is not None)
        options.html.write_text(page([table for tables in measured.values() for table in tables], words))
    if options.json:
        found = {name: [table.data() for table in tables] for name, tables in measured.items()}
        print(json.dumps({"machine": machine(), "measured": found}))
    return 0


def add_datasets_command(commands: Any) -> None:
    command = commands.add_parser("datasets", help="list the datasets, with the entropy and the lesson of each")
    command.add_argument("--json", action="store_true", help="print one JSON list of objects")
    command.set_defaults(run=run_datasets)


def run_datasets(options: argparse.Namespace) -> int:
    entropies = {name: distribution(name, dataset.noise).entropy for name, dataset in DISTRIBUTIONS.items()}
    if options.json:
        listed = [{"name": name, **asdict(DISTRIBUTIONS[name]), "entropy": h} for name, h in entropies.items()]
        print(json.dumps(listed))
    else:
        print(f"{'name':15}  entropy (nats)  teaches")
        for name, entropy in entropies.items():
            print(f"{name:15}  {entropy:14.3f}  {DISTRIBUTIONS[name].teaches}")
    return 0


def preset_name(text: str) -> str:
    name = text.lower().replace(" ", "_").replace("-", "_")
    if name not in PRESETS:
        raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(PRESETS)}")
    return name


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


if __name__ == "__main__":
    sys.exit(main())
