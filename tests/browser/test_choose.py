"""A person's own data, from the dialog to the picture that the flow learns of them."""

import io
import math

import numpy as np
import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Locator, expect

from .app import SOON, App

pytestmark = pytest.mark.browser


def samples(app: App) -> np.ndarray:
    """The new samples of the picture: (n, 2)."""
    trace = app.trace("inverted")
    return np.array([trace["x"], trace["y"]]).T


def train(app: App) -> None:
    """Presses "Use and train" and waits for the run's end."""
    app.dialog.get_by_role("button", name="Use and train").click(timeout=SOON)
    expect(app.dialog).to_be_hidden(timeout=SOON)
    expect(app.action("Reset")).to_be_visible(timeout=SOON)
    app.wait_for_epoch(1000)


def draw(app: App, canvas: Locator, places: list[tuple[float, float]]) -> None:
    """One stroke with the mouse, over places in units of the canvas."""
    box = canvas.bounding_box()
    at = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in places]
    app.page.mouse.move(*at[0])
    app.page.mouse.down()
    for x, y in at[1:]:
        app.page.mouse.move(x, y)
    app.page.mouse.up()


def circle(radius: float, n: int = 60) -> list[tuple[float, float]]:
    return [
        (0.5 + radius * math.cos(2 * math.pi * k / n), 0.5 + radius * math.sin(2 * math.pi * k / n))
        for k in range(n + 1)
    ]


def test_a_drawing_is_learned_and_the_picture_looks_like_it(app: App) -> None:
    """A ring drawn with the mouse: erased in one place, which is then undone."""
    dialog = app.open_data("Draw")
    canvas, drawing = dialog.locator(".dr-canvas"), dialog.locator(".live-drawing")
    expect(drawing).to_have_attribute("data-strokes", "0")
    canvas.scroll_into_view_if_needed()
    draw(app, canvas, circle(0.35))
    expect(drawing).to_have_attribute("data-strokes", "1")
    dialog.get_by_role("button", name="Erase").click()
    draw(app, canvas, [(0.1, 0.5), (0.3, 0.5)])
    expect(drawing).to_have_attribute("data-strokes", "2")
    dialog.get_by_role("button", name="Undo").click()
    expect(drawing).to_have_attribute("data-strokes", "1")
    expect(app.plot("preview")).to_be_visible(timeout=SOON)
    train(app)
    drawn, learned = app.trace("input"), samples(app)
    radius = np.hypot(drawn["x"], drawn["y"]).mean()
    found = np.hypot(*learned.T)
    assert len(learned) == 10_000
    assert np.quantile(np.abs(found - radius), 0.8) < 0.2 * radius  # on the ring, but for the seam
    angles = np.arctan2(learned[:, 1], learned[:, 0])
    counts, _ = np.histogram(angles, 8, (-math.pi, math.pi))
    assert counts.min() > 0.4 * counts.max()  # all around


def test_a_drawing_outlives_the_dialog(app: App) -> None:
    dialog = app.open_data("Draw")
    canvas = dialog.locator(".dr-canvas")
    canvas.scroll_into_view_if_needed()
    draw(app, canvas, [(0.2, 0.2), (0.8, 0.8)])
    draw(app, canvas, [(0.2, 0.8), (0.8, 0.2)])
    expect(dialog.get_by_text("Colours: stroke 1, stroke 2")).to_be_visible(timeout=SOON)
    app.page.keyboard.press("Escape")
    expect(app.dialog).to_be_hidden()
    app.open_data("Draw")
    expect(dialog.locator(".live-drawing")).to_have_attribute("data-strokes", "2")
    dialog.get_by_role("button", name="Clear").click()
    expect(dialog.locator(".live-drawing")).to_have_attribute("data-strokes", "0")
    expect(app.plot("preview")).to_be_hidden(timeout=SOON)


def test_a_word_is_learned_letter_by_letter(app: App) -> None:
    dialog = app.open_data("Type")
    dialog.get_by_role("textbox", name="A word or a name").fill("lo")
    dialog.get_by_role("textbox", name="A word or a name").press("Enter")
    expect(dialog.get_by_text("Colours: l, o")).to_be_visible(timeout=SOON)
    train(app)
    expect(app.dataset).to_contain_text("lo")
    drawn, learned = app.trace("input"), samples(app)
    x, labels = np.array(drawn["x"]), np.array(drawn["color"])
    gap = (x[labels == 0].max() + x[labels == 1].min()) / 2  # between the letters
    share = (x < gap).mean()
    assert 0.15 < share < 0.6
    assert (learned[:, 0] < gap).mean() == pytest.approx(share, abs=0.05)
    ring = np.array([drawn["x"], drawn["y"]]).T[labels == 1]
    middle = (ring.max(0) + ring.min(0)) / 2
    inside = 0.2 * np.ptp(ring, 0).min()
    assert (np.hypot(*(learned - middle).T) < inside).mean() < 0.05  # the hole of the o


def test_a_picture_becomes_points(app: App) -> None:
    picture = Image.new("L", (200, 100), 255)
    ImageDraw.Draw(picture).rectangle((0, 0, 60, 99), fill=0)
    content = io.BytesIO()
    picture.save(content, "PNG")
    dialog = app.open_data("Picture")
    upload(dialog, "bar.png", content.getvalue())
    expect(app.plot("preview")).to_be_visible(timeout=SOON)
    preview = app.trace("preview")
    assert max(preview["x"]) < 0  # the left part of the picture, which is centred at 0
    assert np.ptp(preview["y"]) > 1.5


def upload(dialog: Locator, name: str, content: bytes) -> None:
    dialog.locator("input[type=file]").set_input_files({"name": name, "mimeType": "", "buffer": content})


def table(rows: int) -> bytes:
    z = np.random.default_rng(0).normal(size=(rows, 2))
    lines = (f"{5000 + 900 * a:.2f},{-0.3 + 0.02 * a + 0.01 * b:.5f}" for a, b in z)
    return "\n".join(["weight (g),slope", *lines]).encode()


def test_a_table_is_learned_in_its_own_units_and_the_page_says_why_there_is_no_floor(app: App) -> None:
    dialog = app.open_data("File or paste")
    upload(dialog, "plants.csv", table(100_000))
    expect(dialog.get_by_text("100,000 points")).to_be_visible(timeout=SOON)
    train(app)
    learned = samples(app)
    assert learned.mean(0).tolist() == pytest.approx([5000, -0.3], rel=0.03)
    assert learned.std(0).tolist() == pytest.approx([900, 0.0224], rel=0.1)
    expect(app.page.locator(".st-key-loss")).to_contain_text("No entropy floor: the truth is unknown.")
    titles = app.plot("input").evaluate("p => [p.layout.xaxis.title.text, p.layout.yaxis.title.text]")
    assert titles == ["weight (g)", "slope"]

    # Sent through, the points begin where the input panel has them and return to the same places.
    app.place.fill("0.2")
    moved = app.canvas.evaluate(
        """(canvas) => {
          const { width, height } = canvas;
          const pixels = canvas.getContext("2d").getImageData(0, 0, width, height).data;
          let [n, left, right] = [0, width, 0];
          for (let i = 0; i < width * height; i++) {
            // Blue or orange: a point, not the frame around them.
            if (pixels[4 * i + 3] < 200 || !(pixels[4 * i] < 40 && pixels[4 * i + 2] > 120)) continue;
            const x = i % width;
            [n, left, right] = [n + 1, Math.min(left, x), Math.max(right, x)];
          }
          return [n, (right - left) / width];
        }"""
    )
    assert moved[0] > 500
    assert 0.1 < moved[1] < 0.4  # as wide as the panel is, about a third of the row

    # And the other pages are of these data, too.
    app.page.get_by_role("button", name="Look inside").click()
    app.page.get_by_role("menuitem", name="Density").click()
    expect(app.page.locator(".st-key-densities .live-figure[data-epoch='1000']")).to_be_visible(timeout=SOON)
    expect(app.page.locator(".lf-panel[data-name=true]")).to_be_hidden()
    expect(app.page.get_by_text("Nobody knows the density that these points come from")).to_be_visible()
    assert app.problem_free()


def test_overfitting_is_named_and_stopping_early_keeps_the_best_weights(app: App) -> None:
    dialog = app.open_data("Real data")
    expect(app.plot("preview")).to_be_visible(timeout=SOON)
    dialog.get_by_role("button", name="Use", exact=True).click()
    expect(app.dialog).to_be_hidden(timeout=SOON)
    app.train()
    verdict = app.page.locator(".st-key-loss")
    expect(verdict).to_contain_text("Overfitting", timeout=SOON)
    expect(app.action("Reset")).to_be_visible(timeout=SOON)
    app.select("Stop early after", "100 epochs")
    app.train()
    expect(verdict).to_contain_text("Stopped early", timeout=SOON)
    assert app.epoch < 1000
    curves = app.plot("loss").evaluate("p => p.data.map((curve) => curve.name)")
    assert curves == ["the run before", "training loss", "held-out loss", "lowest held-out loss"]


BAD = {
    "empty.csv": (b"", "empty"),
    "noise.csv": (bytes(range(256)) * 40, "no text"),
    "words.csv": (b"a,b\nx,y\n" * 60, "no two columns"),
    "pickle.npy": (
        b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (60, 2), }" + b" " * 50,
        "Python objects",
    ),
    "few.csv": (b"a,b\n1,2\n3,4\n", "Only 2 rows"),
}


def test_a_bad_file_is_a_sentence_and_the_run_and_the_settings_stay(app: App) -> None:
    app.start_endless_run()
    dialog = app.open_data("File or paste")
    for name, (content, words) in BAD.items():
        upload(dialog, name, content)
        expect(dialog.get_by_role("alert")).to_contain_text(words, timeout=SOON)
        assert app.problem_free()
    before = app.epoch
    app.page.keyboard.press("Escape")
    expect(app.dialog).to_be_hidden()
    app.wait_beyond(before)
    expect(app.dataset).to_contain_text("Two moons")


def test_the_dialog_closed_and_opened_again_at_once_is_open_and_marks_the_source_that_it_shows(app: App) -> None:
    """While a run goes, the dismissal and the press that opens it again may reach the server as one."""
    app.start_endless_run()
    for source in ("Real data", "Type", "File or paste", "Real data", "Distributions", "Type"):
        dialog = app.open_data(source)  # asserts that the source marked is the one shown
        expect(dialog.get_by_role("radio", name=source, exact=True)).to_be_checked()
        app.page.keyboard.press("Escape")
    expect(app.dialog).to_be_hidden()
    assert app.problem_free()


def test_the_dialog_and_what_is_in_it_outlive_the_end_of_a_run(app: App) -> None:
    app.slide("Epochs", "500", key="ArrowLeft")
    app.train()
    dialog = app.open_data("Type")
    field = dialog.get_by_role("textbox", name="A word or a name")
    field.fill("late")
    field.press("Enter")
    app.wait_for_progress("epoch 500 / 500")
    expect(app.action("Reset")).to_be_attached(timeout=SOON)
    expect(dialog).to_be_visible()
    expect(field).to_have_value("late")
    expect(dialog.get_by_text("Colours: l, a, t, e")).to_be_visible()
