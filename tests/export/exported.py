"""Exported programs as their users run them."""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import helpers

from realnvp.config import TrainingConfig
from realnvp.points import PointSet
from realnvp.training import Training, train

SMALL = {"layers": 3, "width": 12, "depth": 1, "epochs": 40, "batch_size": 64, "device": "cpu"}
CONFIGS = {
    "moons": TrainingConfig(**SMALL),
    "as the post does": TrainingConfig(
        **SMALL,
        dataset="rings",
        parts=2,
        conditioner="separate",
        initialisation="default",
        schedule="constant",
        lr=1e-3,
        clip_norm=0.0,
        max_log_scale=1.0,
        seed=7,
    ),
    "squares": TrainingConfig(**SMALL, dataset="checkerboard", noise=0.1, conditioner="separate", clip_norm=0.3),
    "trained further": TrainingConfig(**SMALL, dataset="banana", further=510, seed=2),
    "tails": TrainingConfig(**SMALL, dataset="heavy_tailed", initialisation="default", seed=3),
}
HOSTILE_TITLE = "\"\"\"'''\nimport os; os._exit(3) #\\ <script>&\x00\ud800 {0} " + "é" * 100

# Runs each program of its working folder, a script as Python does and of a notebook the cells in turn, in a folder of
# its own; prints as JSON what each has said, its losses, and how it ended. One process: each would load torch anew.
RUN_ALL = """
import contextlib, io, json, os, pathlib, runpy
def run_cells(file):
    space = {"__name__": "__main__"}
    for cell in json.loads(pathlib.Path(file).read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec(compile("".join(cell["source"]), cell["id"], "exec"), space)
    assert space["Picture"](space["svg"])._repr_svg_() == space["svg"]
    return space
found = {}
for file in sorted(pathlib.Path.cwd().glob("*/program.*")):
    os.chdir(file.parent)
    said, space, ended = io.StringIO(), {}, ""
    with contextlib.redirect_stdout(said):
        try:
            space = runpy.run_path("program.py") if file.suffix == ".py" else run_cells("program.ipynb")
        except SystemExit as error:
            ended = error.code
    found[file.parent.name] = {"lines": said.getvalue().splitlines(), "losses": space.get("losses"), "ended": ended}
print(json.dumps(found))
"""


@dataclass(frozen=True)
class Executed:
    """What a program has printed, the losses it had at its end, and what it exited with."""

    lines: list[str]
    losses: list[float] | None
    ended: str


def run(command: list[str], folder: Path) -> list[str]:
    """The lines that a program prints. Nothing of this project can be imported in its folder."""
    done = subprocess.run(
        [sys.executable, "-I", "-W", "error", *command], cwd=folder, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def run_all(programs: dict[str, str], folder: Path) -> dict[str, Executed]:
    """Runs scripts and notebooks by name; a notebook is known by its first letter."""
    for name, text in programs.items():
        (folder / name).mkdir()
        (folder / name / f"program.{'ipynb' if text.startswith('{') else 'py'}").write_text(text, "utf-8")
    (found,) = run(["-c", RUN_ALL], folder)
    return {name: Executed(**what) for name, what in json.loads(found).items()}


def trained(config: TrainingConfig) -> tuple[Training, list[float]]:
    """The app's own training of a config, and its losses."""
    training = train(config)
    return training, [loss for progress in training for loss in progress.losses]


def nll_of(line: str) -> float:
    word, number = line.split()
    assert word == "NLL"
    assert len(number.split(".")[1]) == 4
    return float(number)


def hostile_points() -> PointSet:
    points = helpers.some_points(150)
    return PointSet(HOSTILE_TITLE, points.points, points.labels, axes=('a"""', "b\n"))
