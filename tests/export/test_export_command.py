"""``python -m realnvp export``."""

import pytest
from exported import SMALL, trained

from realnvp.__main__ import main
from realnvp.config import TrainingConfig
from realnvp.export.notebook import training_notebook
from realnvp.export.script import training_script
from realnvp.export.tables import density_csv, samples_csv
from realnvp.export.weights import read_weights

CONFIG = TrainingConfig(**SMALL | {"epochs": 3}, dataset="rings", parts=2)
OPTIONS = [
    part
    for name, value in (SMALL | {"epochs": 3, "dataset": "rings", "parts": 2}).items()
    for part in (f"--{name.replace('_', '-')}", str(value))
]


def output_of(capsysbinary, *arguments: str) -> bytes:
    assert main(["export", *arguments]) == 0
    return capsysbinary.readouterr().out


@pytest.mark.parametrize(("what", "program"), [("script", training_script), ("notebook", training_notebook)])
def test_programs_are_written_without_training(capsysbinary, tmp_path, what, program):
    assert output_of(capsysbinary, what, *OPTIONS).decode() == program(CONFIG)
    file = tmp_path / "run"
    assert main(["export", what, *OPTIONS, "--output", str(file)]) == 0
    output = capsysbinary.readouterr()
    assert (output.out, output.err) == (b"", b"")
    assert file.read_text("utf-8") == program(CONFIG)


def test_weights_are_those_of_the_same_training(capsysbinary):
    config, weights, epoch = read_weights(output_of(capsysbinary, "weights", *OPTIONS))
    assert (config, epoch) == (CONFIG, 3)
    state = trained(CONFIG)[0].flow.state_dict()
    assert all((state[name].numpy() == value).all() for name, value in weights.items())


def test_tables_are_those_of_the_same_training(capsysbinary):
    weights = {name: value.numpy() for name, value in trained(CONFIG)[0].flow.state_dict().items()}
    samples = output_of(capsysbinary, "samples", *OPTIONS, "--rows", "20", "--sample-seed", "3")
    assert samples.decode() == samples_csv(CONFIG, weights, n=20, seed=3)
    density = output_of(capsysbinary, "density", *OPTIONS, "--grid", "5")
    assert density.decode() == density_csv(CONFIG, weights, grid=5)


def test_a_sheet_is_a_pdf_or_what_the_file_s_name_says(capsysbinary, tmp_path):
    pdf = output_of(capsysbinary, "sheet", *OPTIONS)
    assert pdf.startswith(b"%PDF")
    assert b"/URI" not in pdf  # no address of an app is known
    assert output_of(capsysbinary, "sheet", *OPTIONS, "--output", str(tmp_path / "sheet.PNG")) == b""
    assert (tmp_path / "sheet.PNG").read_bytes().startswith(b"\x89PNG")


def test_a_persons_own_file_goes_into_the_script(capsysbinary, tmp_path):
    table = tmp_path / "mine.csv"
    table.write_text("a,b\n" + "\n".join(f"{k * 7 % 31},{k * k % 17}" for k in range(60)))
    script = output_of(capsysbinary, "script", "--data", str(table), "--patience", "9").decode()
    assert 'TITLE = "mine.csv"' in script
    assert "PATIENCE = 9" in script


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["picture"], "picture"),
        (["script", "--layers", "99"], "layers: 99"),
        (["weights", "--output", "/no/such/folder/file"], "there is no folder /no/such/folder"),
        (["script", "--output", "/"], "is a folder"),
        (["script", "--output", "/proc/nothing"], "cannot be written"),
        (["samples", "--rows", "0"], "rows: 0 is outside"),
        (["samples", "--sample-seed", "-1"], "sample-seed: -1 is outside"),
        (["density", "--grid", "100000"], "grid: 100,000 is outside"),
        (["weights", "--threads", "0"], "threads: 0 is outside"),
        (["script", "--dataset", "points-0123456789abcdef"], "no longer kept"),
        (["weights", "--dataset", "points-0123456789abcdef", "--device", "cpu"], "no longer kept"),
    ],
)
def test_bad_options_are_one_line_with_status_2(capsysbinary, arguments, words):
    with pytest.raises(SystemExit) as caught:
        main(["export", *arguments])
    output = capsysbinary.readouterr()
    assert caught.value.code == 2
    assert output.out == b""
    assert len(output.err.decode().splitlines()) == 1
    assert words in output.err.decode()


def test_a_page_has_the_settings_in_its_title_and_is_below_8_mb(capsysbinary):
    page = output_of(capsysbinary, "html", *OPTIONS)
    assert len(page) < 8_000_000
    text = page.decode()
    assert "<title>Rings: a RealNVP flow of 3 coupling layers</title>" in text
    assert "<dt>Width</dt><dd>12</dd>" in text
    assert '"name":"3"' in text  # a frame of the film at the last epoch
