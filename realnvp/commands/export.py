"""``export``: writes a run as a script, notebook, weights, tables, page or sheet."""

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch

from realnvp.commands.options import add_run_options, config_from
from realnvp.commands.train import show_training
from realnvp.divergence import DivergedError
from realnvp.engine.report import Status
from realnvp.engine.worker import film_epochs
from realnvp.export.html import run_html
from realnvp.export.notebook import training_notebook
from realnvp.export.script import training_script
from realnvp.export.sheet import run_sheet
from realnvp.export.tables import GRID, density_csv, samples_csv
from realnvp.export.weights import weights_file
from realnvp.link import config_query, query_text
from realnvp.snapshot import Snapshot
from realnvp.store.run import StoredRun
from realnvp.training import Training, train

# What is written without training, and from what a training has made.
PROGRAMS = {"script": training_script, "notebook": training_notebook}
RESULTS = ("weights", "samples", "density", "html", "sheet")
MOST_ROWS, FINEST_GRID, LARGEST_SEED = 1_000_000, 1_000, 2**63 - 1
SHOWN, SHOWN_ON_SHEET = 2_000, 10_000  # points in the snapshot: an exported page shows some of them, a sheet all


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
