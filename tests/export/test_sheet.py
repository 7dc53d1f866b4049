"""The hand-in sheet: what is on it, and that nothing which a person has named can do anything there."""

import io
import re
import warnings
import zlib
from dataclasses import replace

import helpers
import numpy as np
import pytest
import segno
from exported import SMALL, hostile_points
from PIL import Image

from realnvp.config import TrainingConfig
from realnvp.divergence import DivergedError
from realnvp.engine.report import Status
from realnvp.export.data_names import axes_of
from realnvp.export.sheet import A4, DOTS, run_sheet, sheet_figure
from realnvp.export.sheet_text import fitted, font_of
from realnvp.figures.points import LATENT_VIEW, NEUTRAL, OKABE_ITO, data_view
from realnvp.point_store import remember
from realnvp.store.run import StoredRun
from realnvp.training import train

LINK = "http://localhost:8501/?layers=3&dataset=two_moons"
MATHEMATICS = r"$\frac{1}{0}$ $x^$ \alpha <b> {} %s"


def run_of(config: TrainingConfig, name: str = "") -> tuple[StoredRun, str]:
    """A run, and what went wrong with it."""
    training, losses, note = train(config), [], ""
    try:
        losses = [loss for progress in training for loss in progress.losses]
    except DivergedError as error:
        note = str(error)
    run = StoredRun(
        token="",
        owner="",
        name=name,
        config=config,
        status=Status.FINISHED,
        epoch=training.epoch,
        seconds=training.seconds,
        evaluation=training.evaluate(),
        parameters=sum(p.numel() for p in training.flow.parameters()),
        device="cpu",
        losses=np.array(losses, np.float32),
        held_out=np.array(training.held_out_curve, np.float64).reshape(-1, 2),
        snapshot=training.snapshot(400),
    )
    return run, note


@pytest.fixture(scope="module")
def moons() -> StoredRun:
    return run_of(TrainingConfig(**SMALL))[0]


@pytest.fixture(scope="module")
def own() -> StoredRun:
    """On points with hostile names, and itself of such a name."""
    config = TrainingConfig(**SMALL | {"dataset": remember(hostile_points())}, patience=20)
    return run_of(config, MATHEMATICS * 20)[0]


def words(figure) -> list[str]:
    """All text on a page."""
    texts = [*figure.texts, *(text for plot in figure.axes for text in (*plot.texts, plot.title, plot._left_title))]
    texts += [label for plot in figure.axes for label in (plot.xaxis.label, plot.yaxis.label)]
    texts += [text for plot in figure.axes if plot.get_legend() for text in plot.get_legend().get_texts()]
    return [text.get_text() for text in texts if text.get_text()]


def row(figure, label: str) -> str:
    """What stands in a table beside a label."""
    texts = [text.get_text() for text in figure.texts]
    return texts[texts.index(label) + 1]


def test_the_panels_show_the_snapshot_in_the_views_and_colours_of_the_app(moons):
    snapshot, figure = moons.snapshot, sheet_figure(moons)
    panels = figure.axes[:3]
    for panel, name in zip(panels, ("input", "latent", "samples"), strict=True):
        (cloud,) = panel.collections
        assert np.array_equal(cloud.get_offsets().data, getattr(snapshot, name))
        colours = [tuple(round(255 * part) for part in colour[:3]) for colour in cloud.get_facecolors()]
        of_classes = [bytes.fromhex(OKABE_ITO[label][1:]) for label in snapshot.labels]
        assert [bytes(c) for c in colours] == ([bytes.fromhex(NEUTRAL[1:])] if name == "samples" else of_classes)
    assert (*panels[1].get_xlim(), *panels[1].get_ylim()) == LATENT_VIEW
    assert panels[0].get_xlim() == panels[2].get_xlim() == data_view(snapshot.input)[:2]  # the longer side
    assert panels[0].get_ylim() == panels[2].get_ylim()
    for panel in panels:  # of one scale across and up
        assert np.ptp(panel.get_xlim()) == pytest.approx(np.ptp(panel.get_ylim()))


def test_the_losses_and_the_numbers_are_the_run_s(moons):
    figure, quality = sheet_figure(moons), moons.evaluation
    curve, floor = figure.axes[3].lines
    assert np.array_equal(curve.get_ydata(), moons.losses.astype(np.float64))
    assert set(floor.get_ydata()) == {quality.entropy}
    assert row(figure, "Held-out NLL") == f"{quality.nll:.4f} nats"
    assert row(figure, "Entropy floor") == f"{quality.entropy:.4f} nats"
    assert row(figure, "KL gap") == f"{quality.kl_gap:.4f} ± {quality.se:.4f} nats"
    assert row(figure, "Parameters") == f"{moons.parameters:,}"
    assert row(figure, "Epochs trained") == "40"
    assert row(figure, "Training time") == f"{moons.seconds:.1f} s"
    assert row(figure, "Device") == "cpu"
    error = float(row(figure, "Inversion error, largest").split()[0])
    assert error == pytest.approx(np.abs(moons.snapshot.back - moons.snapshot.input).max(), rel=0.1)
    for package, version in moons.versions.items():
        assert row(figure, package.replace("python", "Python")) == version
    assert (row(figure, "Layers"), row(figure, "Width"), row(figure, "Noise")) == ("3", "12", "0.05")


def test_a_run_on_a_person_s_own_points_has_no_floor_and_says_so(own):
    figure = sheet_figure(own)
    assert any("no entropy floor" in text for text in words(figure))
    assert row(figure, "Entropy floor, KL gap") == "unknown"
    held_out = figure.axes[3].lines[1]
    assert np.array_equal(held_out.get_xydata(), own.held_out)
    assert "Noise" not in words(figure)
    assert row(figure, "Stop early after") == "20"
    view = data_view(own.snapshot.input, axes_of(own.config))
    assert (*figure.axes[0].get_xlim(), *figure.axes[0].get_ylim()) == view


@pytest.mark.parametrize("kind", ["pdf", "png"])
def test_hostile_names_are_words_and_stay_on_the_page(own, kind):
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # of letters that the font lacks, and of mathematics
        assert run_sheet(own, kind, link="https://x.test/?" + MATHEMATICS * 100, note=MATHEMATICS * 50)
    figure = sheet_figure(own, link="https://x.test/?" + "W" * 3000, note="W " * 500)
    figure.canvas.draw()
    for text in figure.texts:
        box = text.get_window_extent()
        assert box.x0 >= 0, text
        assert box.x1 <= figure.bbox.x1, text
        assert box.y0 >= 0, text
    assert any(r"\frac" in text for text in words(sheet_figure(own)))
    assert not any(letter in text for text in words(figure) for letter in "\x00\ud800\n")


def test_a_png_is_a_page_of_a4_with_ink_on_it(moons):
    picture = Image.open(io.BytesIO(run_sheet(moons, "png", link=LINK)))
    assert picture.size == tuple(int(DOTS * side) for side in A4)
    colours = {colour for _, colour in picture.convert("RGB").getcolors(2**24)}
    assert len(colours) > 500
    assert picture.convert("RGB").getpixel((3, 3)) == (255, 255, 255)
    assert b"date" not in run_sheet(moons, "png").lower()


def test_a_pdf_is_one_page_whose_link_can_be_clicked(moons):
    pdf = run_sheet(moons, "pdf", link=LINK)
    assert pdf.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type /Page\b", pdf)) == 1
    assert re.search(rb"/MediaBox \[ 0 0 595\.\d+ 841\.\d+ \]", pdf)
    assert re.findall(rb"/URI \((.*?)\)", pdf) == [LINK.encode()]
    assert b"CreationDate" not in pdf
    assert pdf == run_sheet(moons, "pdf", link=LINK)  # byte for byte
    assert b"/URI" not in run_sheet(moons, "pdf", link="?layers=3")
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    assert any(b"BT" in zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"x")  # text


def test_the_qr_code_is_the_link_and_a_query_alone_has_none(moons):
    figure = sheet_figure(moons, link=LINK)
    (picture,) = figure.axes[4].images
    modules = np.array(segno.make(LINK, micro=False, error="l").matrix)
    assert np.array_equal(picture.get_array()[::16, ::16], 1 - modules)
    assert len(sheet_figure(moons, link="?layers=3").axes) == 4
    assert any("behind the address" in text for text in words(sheet_figure(moons, link="?layers=3")))
    assert len(sheet_figure(moons, link="http://x.test/?" + "y" * 5000).axes) == 4  # longer than any code


def test_a_run_that_diverged_says_so():
    run, note = run_of(TrainingConfig(**helpers.DIVERGING, device="cpu"))
    figure = sheet_figure(run, note=note)
    said = " ".join(words(figure))
    assert "diverged" in said
    assert "no losses" in said
    assert run_sheet(run, "png", note=note)


def test_a_run_that_has_made_its_flow_worse_says_so():
    run, note = run_of(TrainingConfig(**helpers.WORSENED, device="cpu"))
    assert note == ""
    assert "has made the flow worse" in " ".join(words(sheet_figure(run)))


def test_what_is_not_known_of_a_run_is_said_to_be_so(moons):
    bare = replace(
        moons, snapshot=None, evaluation=None, losses=moons.losses[:0], seconds=0.0, device="", epoch=0, versions={}
    )
    figure = sheet_figure(bare)
    assert words(figure).count("no picture yet") == 3
    for label in ("Held-out NLL", "Inversion error, largest", "Training time", "Device"):
        assert row(figure, label) == "unknown"
    assert run_sheet(bare, "pdf")


def test_words_are_cut_where_the_room_ends():
    font = font_of({"fontsize": 10})
    assert fitted("short", 2.0, font) == "short"
    cut = fitted("m" * 500, 2.0, font)
    assert cut.endswith("…")
    assert 10 < len(cut) < 30
    assert fitted("", 2.0, font) == ""
