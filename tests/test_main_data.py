"""The command line on a person's own table."""

import json

import numpy as np
import pytest

from realnvp.__main__ import main

SMALL = ["--layers", "2", "--width", "8", "--depth", "1", "--epochs", "20", "--batch-size", "32", "--device", "cpu"]


@pytest.fixture
def table(tmp_path) -> str:
    """A CSV file of three columns, in units far from 1."""
    z = np.random.default_rng(0).normal(size=(120, 2))
    rows = [f"{5000 + 900 * a:.3f};{0.01 * b:.5f};{'left' if a < 0 else 'right'}" for a, b in z]
    path = tmp_path / "plants.csv"
    path.write_text("\n".join(["weight (g);slope;side", *rows]))
    return str(path)


def test_it_trains_on_two_columns_of_a_file(table, capsys):
    assert main(["train", "--data", table, "--columns", "slope, weight (g)", "--json", *SMALL]) == 0
    result = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (result["entropy"], result["kl_gap"], result["kl_gap_se"]) == (None, None, None)
    # In the units of the file: a Gaussian with standard deviations of 900 and 0.01.
    expected = 1 + np.log(2 * np.pi * 900 * 0.01)
    assert result["nll"] == pytest.approx(expected, abs=0.7)
    assert result["nll_se"] > 0
    assert result["max_inversion_error"] < 0.1
    assert result["config"]["dataset"].startswith("points-")
    assert result["config"]["noise"] is None


def test_without_columns_the_first_two_that_hold_numbers_are_taken(table, capsys):
    results = []
    for columns in ([], ["--columns", "weight (g),slope"]):
        assert main(["train", "--data", table, *columns, "--json", *SMALL]) == 0
        results.append(json.loads(capsys.readouterr().out.splitlines()[-1]))
    assert results[0]["nll"] == results[1]["nll"]


def test_words_say_that_the_truth_is_unknown_and_when_the_run_has_overfitted(table, capsys):
    big = ["--width", "64", "--layers", "6", "--epochs", "300", "--batch-size", "128", "--device", "cpu"]
    assert main(["train", "--data", table, *big]) == 0
    words = capsys.readouterr().out
    assert "nobody knows the true density, so there is no entropy floor" in words
    assert "Overfitting: the held-out loss was lowest at epoch " in words
    assert main(["train", "--data", table, "--patience", "50", *big]) == 0
    words = capsys.readouterr().out
    assert "Stopped early; the weights of epoch " in words
    assert "Overfitting" not in words


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--data", "TABLE", "--columns", "weight (g),mass"], 'There is no column "mass"'),
        (["--data", "TABLE", "--columns", "slope"], "columns: 'slope' are not two names with a comma between them"),
        (["--data", "TABLE", "--columns", "slope,slope"], "slope"),
        (["--data", "TABLE", "--dataset", "circles"], "data: give a file or a dataset, not both"),
        (["--data", "TABLE", "--noise", "0.1"], "noise: 0.1 has no meaning for a fixed set of points"),
        (["--data", "/no/such/file.csv"], "data: /no/such/file.csv cannot be read (No such file or directory)"),
        (["--data", "."], "data: . cannot be read (Is a directory)"),
        (["--data", "EMPTY"], "empty.csv is empty"),
        (["--columns", "a,b"], "columns: they are those of a file; give one with --data"),
        (["--patience", "10"], "patience: 10 has no meaning for a distribution"),
    ],
)
def test_bad_options_are_one_line_that_says_what_is_wrong(table, tmp_path, capsys, options, complaint):
    (tmp_path / "empty.csv").touch()
    paths = {"TABLE": table, "EMPTY": str(tmp_path / "empty.csv")}
    with pytest.raises(SystemExit) as caught:
        main(["train", *(paths.get(option, option) for option in options)])
    output = capsys.readouterr()
    assert caught.value.code == 2
    assert output.out == ""
    assert len(output.err.splitlines()) == 1
    assert complaint in output.err
