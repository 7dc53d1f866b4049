"""Exported scripts and notebooks are run, and train as the app does."""

import json
from pathlib import Path
from xml.etree import ElementTree

import helpers
import pytest
from exported import CONFIGS, SMALL, Executed, hostile_points, nll_of, run, run_all, trained

from realnvp.config import TrainingConfig
from realnvp.export.notebook import training_notebook
from realnvp.export.script import training_script
from realnvp.point_store import remember

OF_POINTS = TrainingConfig(**SMALL | {"dataset": remember(hostile_points())})
STOPS_EARLY = TrainingConfig(
    **SMALL | {"dataset": OF_POINTS.dataset, "epochs": 400, "width": 64, "layers": 6}, patience=30, lr=0.02, seed=2
)
NOTEBOOK = TrainingConfig(**SMALL, dataset="s_curve", seed=1)
TRAINED = {**CONFIGS, "stops early": STOPS_EARLY, "notebook": NOTEBOOK}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="module")
def executed(folder) -> dict[str, Executed]:
    programs = {name: training_script(config) for name, config in TRAINED.items() if config is not NOTEBOOK}
    by_hand = training_script(CONFIGS["moons"])
    assert "AUTOGRAD = False" in by_hand
    programs["autograd"] = by_hand.replace("AUTOGRAD = False", "AUTOGRAD = True")
    programs["diverges"] = training_script(TrainingConfig(**helpers.DIVERGING, device="cpu"))
    return run_all(programs | {"notebook": training_notebook(NOTEBOOK)}, folder)


@pytest.mark.parametrize("name", TRAINED)
def test_a_program_trains_as_the_app_does(name, executed):
    training, losses = trained(TRAINED[name])
    program = executed[name]
    # The first losses come from the initial weights and batches; all, from every update.
    assert len(program.losses) == len(losses)
    near = {"rel": 1e-4, "abs": 1e-4} if name == "stops early" else {"rel": 1e-5}
    assert program.losses == pytest.approx(losses, **near)
    assert nll_of(program.lines[-1]) == pytest.approx(training.evaluate().nll, abs=1e-3)


def test_a_script_on_a_fixed_set_stops_early_where_the_app_does(executed):
    program = executed["stops early"]
    assert 30 < len(program.losses) < 400
    assert any(line.startswith("Stopped early") for line in program.lines)


def test_with_autograd_a_script_begins_as_by_hand(executed):
    assert executed["autograd"].losses[:10] == pytest.approx(executed["moons"].losses[:10], abs=1e-3)
    assert executed["autograd"].losses != executed["moons"].losses


def test_a_diverging_script_says_so_in_one_line(executed):
    program = executed["diverges"]
    assert len(program.ended.splitlines()) == 1  # which Python prints as it exits with status 1
    assert "diverged at epoch" in program.ended
    assert not any(line.startswith("NLL") for line in program.lines)


def test_a_notebook_draws_beside_itself(executed, folder):
    assert (folder / "notebook" / "realnvp.svg").read_text("utf-8").startswith("<svg")


def test_a_script_by_itself_draws_what_it_has_learned_beside_itself(tmp_path):
    (tmp_path / "mine.py").write_text(training_script(OF_POINTS), "utf-8")
    lines = run([str(tmp_path / "mine.py")], tmp_path)
    assert nll_of(lines[-1]) == pytest.approx(trained(OF_POINTS)[0].evaluate().nll, abs=1e-3)
    svg = ElementTree.parse(tmp_path / "mine.svg").getroot()
    name = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in svg.iter(f"{name}text")]
    assert texts[1:4] == ["Input", "Latent", "Inverted: new samples"]
    assert "<script>" in texts[0]
    assert len(list(svg.iter(f"{name}script"))) == 0
    assert len(list(svg.iter(f"{name}polyline"))) == 1
    colours = [dot.get("fill") for dot in svg.iter(f"{name}circle")]
    assert 40 < len(colours) <= 3 * 30
    assert {"#0072B2", "#E69F00"} < set(colours)


def test_a_notebook_is_nbformat_4_with_words_before_each_part():
    notebook = json.loads(training_notebook(TrainingConfig(**SMALL)))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    cells = notebook["cells"]
    assert len({cell["id"] for cell in cells}) == len(cells)
    for cell in cells:
        kind = {"execution_count", "outputs"} if cell["cell_type"] == "code" else set()
        assert cell.keys() == {"id", "cell_type", "metadata", "source"} | kind
        assert all(line.endswith("\n") for line in cell["source"][:-1])
    kinds = [cell["cell_type"] for cell in cells]
    assert kinds.count("code") == 8
    assert kinds[:3] == ["markdown", "markdown", "code"]
