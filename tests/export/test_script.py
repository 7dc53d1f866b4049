import subprocess
import sys
from pathlib import Path

import helpers
import numpy as np
import pytest
import torch
from exported import CONFIGS, SMALL, hostile_points

from realnvp.config import PRESETS, TrainingConfig
from realnvp.data import data_of
from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.export.program import program
from realnvp.export.script import training_script
from realnvp.point_store import remember

PROJECT = Path(__file__).parents[2]


def fixed_config(**settings) -> TrainingConfig:
    return TrainingConfig(**SMALL | {"dataset": remember(hostile_points())} | settings)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_every_dataset_has_its_own_sampler_in_the_script(name):
    config = TrainingConfig(**SMALL, dataset=name)
    settings, _, data, *_ = program(config)
    space = {"__name__": "exported"}
    exec(settings.code + data.code, space)
    reference = data_of(config).held_out
    assert torch.equal(space["held_out"], reference.points)
    assert torch.equal(space["labels"], reference.labels)
    assert space["ENTROPY"] == distribution(name, config.noise, config.parts).entropy
    assert space["TRUE_NLL"] == -float(reference.log_prob.mean())
    batch = space["batch"](torch.Generator().manual_seed(5))
    assert torch.equal(batch, reference.truth.sample(config.batch_size, torch.Generator().manual_seed(5))[0])


def test_a_script_holds_no_more_than_its_configuration_needs():
    script = training_script(TrainingConfig(dataset="banana", schedule="constant"))
    for absent in ("SeparateConditioner", "def learning_rate", "Boxes", "Curves", "def arc", "PATIENCE", "base64"):
        assert absent not in script
    script = training_script(CONFIGS["as the post does"])
    assert "FURTHER" not in script
    for absent in ("SharedConditioner", "clip_grad_norm_", "CLIP_NORM", "involute", "import copy"):
        assert absent not in script
    for script_line in script.splitlines():
        assert not script_line.strip().startswith(("import realnvp", "from realnvp"))


@pytest.mark.parametrize("preset", PRESETS)
def test_the_constants_of_a_script_are_the_settings(preset):
    config = TrainingConfig(**PRESETS[preset].values, dataset="grid", seed=11)
    space = {"__name__": "exported"}
    exec(program(config)[0].code, space)
    for name in ("noise", "parts", "layers", "width", "depth", "epochs", "batch_size", "lr", "max_log_scale", "seed"):
        assert space[name.upper()] == getattr(config, name)


def test_the_points_of_a_fixed_set_travel_bit_for_bit():
    config = fixed_config(seed=4)
    settings, _, data, *_ = program(config)
    space = {"__name__": "exported"}
    exec(settings.code + data.code, space)
    ours = data_of(config)
    assert torch.equal(space["held_out"], ours.held_out.points)
    assert torch.equal(space["trained_on"], ours.source.points)
    assert torch.equal(space["mean"], ours.units[0])
    assert torch.equal(space["std"], ours.units[1])
    assert np.array_equal(np.sort(space["points"].numpy(), 0), np.sort(hostile_points().points, 0))


def test_scripts_pass_the_project_s_own_lint(tmp_path):
    configs = [*CONFIGS.values(), *(TrainingConfig(dataset=name, device="auto") for name in DISTRIBUTIONS)]
    configs += [TrainingConfig(dataset=remember(helpers.some_points()), patience=5)]
    for k, config in enumerate(configs):
        (tmp_path / f"script_{k}.py").write_text(training_script(config), "utf-8")
    for command in (["check"], ["format", "--check"]):
        options = ["--config", str(PROJECT / "pyproject.toml"), "--no-cache", str(tmp_path)]
        done = subprocess.run([sys.executable, "-m", "ruff", *command, *options], capture_output=True, text=True)
        assert done.returncode == 0, done.stdout
