import json
import os
import signal
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path

import helpers
import pytest
import torch

from realnvp.__main__ import main
from realnvp.commands import train as train_command
from realnvp.commands.options import preset_name
from realnvp.config import PRESETS, TrainingConfig, apply_preset
from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.training import train

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "realnvp", "train"]


def options(**settings) -> list[str]:
    """The settings of a config as options of the command line."""
    return [part for name, value in settings.items() for part in (f"--{name.replace('_', '-')}", str(value))]


SMALL = options(layers=2, width=8, depth=1, epochs=3, batch_size=16, device="cpu")
DIVERGING = options(**helpers.DIVERGING, device="cpu")
NUMBERS = ["nll", "entropy", "kl_gap", "kl_gap_se", "seconds", "epochs", "parameters", "max_inversion_error", "seed"]


def result_of(capsys, *arguments: str) -> dict:
    """The JSON object on the last line of a run that succeeds."""
    assert main(["train", "--json", *arguments]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def complaint_of(capsys, *arguments: str) -> str:
    """The one line on standard error of a command that is refused with status 2."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    output = capsys.readouterr()
    assert caught.value.code == 2
    assert output.out == ""
    assert output.err.endswith("\n")
    assert len(output.err.splitlines()) == 1
    return output.err


# The real command.


def test_the_command_reports_one_json_object_on_its_last_line():
    done = subprocess.run([*COMMAND, *SMALL, "--json"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0
    result = json.loads(done.stdout.splitlines()[-1])
    assert all(isinstance(result[key], int | float) for key in NUMBERS)
    assert result["device"] == "cpu"
    assert "Traceback" not in done.stderr


def test_the_command_refuses_a_bad_value_with_status_2_and_one_line():
    done = subprocess.run([*COMMAND, "--layers", "99"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "python -m realnvp train: layers: 99 is outside the allowed range 1 to 32\n"


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of a terminal's Ctrl-C")
def test_ctrl_c_stops_the_command_cleanly():
    # A shell that runs the tests in the background has SIGINT ignored, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [*COMMAND, *SMALL, "--epochs", "50000", "--json"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        try:
            seen = b""
            while b"epochs" not in seen:  # the progress bar is there: it trains
                piece = process.stderr.read1()
                assert piece, seen
                seen += piece
            process.send_signal(signal.SIGINT)
            out, rest = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    assert out == b""
    assert b"Traceback" not in seen + rest
    assert rest.splitlines()[-1].startswith(b"Stopped at epoch ")


# What it reports.


def test_the_report_is_that_of_the_same_run_in_python(capsys):
    result = result_of(capsys, *SMALL, "--seed", "5")
    training = train(TrainingConfig(layers=2, width=8, depth=1, epochs=3, batch_size=16, device="cpu", seed=5))
    for _ in training:
        pass
    evaluation = training.evaluate()
    assert {key: result[key] for key in ("nll", "entropy", "kl_gap", "kl_gap_se")} == {
        "nll": evaluation.nll,
        "entropy": evaluation.entropy,
        "kl_gap": evaluation.kl_gap,
        "kl_gap_se": evaluation.se,
    }
    assert result["nll"] == result["entropy"] + result["kl_gap"]
    assert (result["epochs"], result["seed"], result["device"]) == (3, 5, "cpu")
    assert result["parameters"] == 2 * (8 + 8 + 8 * 2 + 2)
    assert 0 <= result["max_inversion_error"] < 1e-3
    assert result["seconds"] > 0
    assert TrainingConfig(**result["config"]) == training.config


def test_without_json_the_report_is_for_people(capsys):
    assert main(["train", *SMALL]) == 0
    output = capsys.readouterr()
    lines = output.out.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("held-out NLL ")
    assert "3 epochs" in lines[1]
    assert "Traceback" not in output.err


def test_the_progress_bar_stays_out_of_standard_output(capsys):
    main(["train", *SMALL, "--json"])
    output = capsys.readouterr()
    assert len(output.out.splitlines()) == 1
    assert "3/3" in output.err


def test_a_notice_of_the_training_is_printed_beside_the_result(capsys):
    training = train(TrainingConfig(layers=2, width=8, depth=1, epochs=3, batch_size=16, device="cpu"))
    training.static = True  # as on a GPU; a CUDA graph of it fails on the CPU
    train_command.show_training(training)
    output = capsys.readouterr()
    assert output.out == ""
    assert "CUDA graph" in output.err.splitlines()[-1]


# Its options.

GIVEN = {
    "dataset": "rings",
    "noise": 0.2,
    "parts": 2,
    "layers": 3,
    "width": 9,
    "depth": 1,
    "epochs": 2,
    "further": 3,
    "batch_size": 17,
    "lr": 0.004,
    "schedule": "constant",
    "clip_norm": 0.5,
    "max_log_scale": 1.5,
    "conditioner": "separate",
    "initialisation": "default",
    "seed": 7,
    "device": "cpu",
}


def test_every_setting_is_an_option(capsys):
    assert {*GIVEN, "patience"} == {f.name for f in fields(TrainingConfig)}  # patience is for a fixed set of points
    assert all(value != getattr(TrainingConfig(), name) for name, value in GIVEN.items())
    assert result_of(capsys, *options(**GIVEN))["config"] == {**GIVEN, "patience": 0}


def test_help_names_every_setting_with_its_range(capsys):
    with pytest.raises(SystemExit) as caught:
        main(["train", "--help"])
    assert caught.value.code == 0
    text = " ".join(capsys.readouterr().out.split())
    for f in fields(TrainingConfig):
        rule = f.metadata["setting"]
        assert f"--{f.name.replace('_', '-')}" in text
        allowed = ", ".join(rule.choices) if rule.choices else f"{rule.low:,} to {rule.high:,}"
        # argparse breaks lines after hyphens.
        assert f"Allowed: {allowed}.".replace(" ", "") in text.replace(" ", "")


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_a_dataset_comes_with_its_own_noise(capsys, name):
    assert result_of(capsys, *SMALL, "--dataset", name)["config"]["noise"] == DISTRIBUTIONS[name].noise


def test_the_original_post_by_its_title(capsys):
    result = result_of(capsys, "--preset", "Original post", "--epochs", "1", "--device", "cpu")
    expected = asdict(apply_preset("original_post")) | {"epochs": 1, "device": "cpu"}
    assert result["config"] == expected
    assert result["parameters"] == 2_377_740


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_by_name_or_title_gives_its_settings(name):
    for text in (name, PRESETS[name].title, name.replace("_", "-")):
        assert preset_name(text) == name


def test_options_override_their_preset(capsys):
    config = result_of(capsys, "--preset", "best_quality", *SMALL, "--seed", "3")["config"]
    assert config["layers"] == 2
    assert config["seed"] == 3
    assert config["lr"] == apply_preset("best_quality").lr


def test_threads(capsys):
    before = torch.get_num_threads()
    try:
        result_of(capsys, *SMALL, "--threads", "2")
        assert torch.get_num_threads() == 2
        result_of(capsys, *SMALL)
        assert torch.get_num_threads() == 1
    finally:
        torch.set_num_threads(before)


# The list of datasets.


def test_datasets_lists_each_with_its_entropy_and_lesson(capsys):
    assert main(["datasets"]) == 0
    title, *lines = capsys.readouterr().out.splitlines()
    assert [word in title for word in ("name", "entropy (nats)", "teaches")] == [True] * 3
    assert len(lines) == len(DISTRIBUTIONS)
    for line, (name, dataset) in zip(lines, DISTRIBUTIONS.items(), strict=True):
        shown_name, entropy, teaches = line.split(maxsplit=2)
        assert (shown_name, teaches) == (name, dataset.teaches)
        assert float(entropy) == pytest.approx(distribution(name, dataset.noise).entropy, abs=5.1e-4)


def test_datasets_as_json_is_one_list_of_objects(capsys):
    assert main(["datasets", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert [entry["name"] for entry in listed] == list(DISTRIBUTIONS)
    for entry in listed:
        dataset = DISTRIBUTIONS[entry["name"]]
        expected = {**asdict(dataset), "parts_range": dataset.parts_range and list(dataset.parts_range)}
        assert {key: entry[key] for key in expected} == expected
        assert entry["entropy"] == distribution(entry["name"], dataset.noise).entropy


# What it refuses, and how it fails.


@pytest.mark.parametrize(
    ("option", "value", "parts"),
    [
        ("--layers", "0", ["layers", "0", "1 to 32"]),
        ("--layers", "2.5", ["layers", "2.5"]),
        ("--layers", "many", ["layers", "many"]),
        ("--lr", "2", ["lr", "2.0", "1e-06 to 1.0"]),
        ("--lr", "nan", ["lr", "nan", "1e-06 to 1.0"]),
        ("--noise", "-0.1", ["noise", "-0.1", "0.01 to 0.5"]),
        ("--noise", "inf", ["noise", "inf", "0.01 to 0.5"]),
        ("--dataset", "spiral", ["dataset", "spiral", "two_moons, circles, blobs"]),
        ("--conditioner", "", ["conditioner", "''", "shared, separate"]),
        ("--preset", "fast", ["preset", "fast", "quick, best_quality, original_post"]),
        ("--threads", "0", ["threads", "0"]),
        ("--speed", "3", ["--speed"]),
        ("--seed", "9" * 30, ["seed", "9,999", "0 to "]),
    ],
)
def test_a_bad_value_is_refused_in_one_line_that_names_it(capsys, option, value, parts):
    complaint = complaint_of(capsys, "train", *SMALL, f"{option}={value}")
    assert all(part in complaint for part in parts)


def test_a_command_is_required(capsys):
    assert "command" in complaint_of(capsys)
    assert "fly" in complaint_of(capsys, "fly")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_an_absent_device_is_refused_in_one_line(capsys, monkeypatch, device):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    complaint = complaint_of(capsys, "train", *SMALL, "--device", device)
    assert f"device: this machine has no '{device}'; choose one of auto, cpu" in complaint


def test_a_diverging_run_fails_with_one_clear_line(capsys):
    assert main(["train", "--json", *DIVERGING]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    lines = output.err.splitlines()
    assert lines[-1].startswith("The training diverged: the loss became inf at epoch 2.")
    assert "Try a learning rate below 1" in lines[-1]
    assert sum("diverged" in line for line in lines) == 1
    assert "Traceback" not in output.err


def test_a_run_that_makes_its_flow_worse_succeeds_with_a_warning(capsys):
    assert main(["train", "--json", *options(**helpers.WORSENED, device="cpu")]) == 0
    assert capsys.readouterr().err.splitlines()[-1].startswith("The training has made the flow worse: its loss began")


def test_a_run_that_diverges_in_its_last_epoch_fails_too(capsys):
    """JSON knows no infinity: a result of such a run could not even be read."""
    assert main(["train", "--json", *DIVERGING, "--epochs", "1"]) == 1
    assert capsys.readouterr().out == ""


def test_ctrl_c_while_it_evaluates_the_result_is_clean_too(capsys, monkeypatch):
    def interrupted(training):
        raise KeyboardInterrupt

    monkeypatch.setattr(train_command, "report", interrupted)
    try:
        status = main(["train", *SMALL])
    except KeyboardInterrupt:
        pytest.fail("main let the KeyboardInterrupt through")
    assert status == 130
    assert capsys.readouterr().err.splitlines()[-1].startswith("Stopped at epoch 3")
