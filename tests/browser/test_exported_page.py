"""The exported page, opened from a file by a browser that has no network."""

import helpers
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from realnvp.config import TrainingConfig
from realnvp.engine.worker import film_epochs
from realnvp.export.html import MOST_MOMENTS, run_html
from realnvp.point_store import remember
from realnvp.points import PointSet
from realnvp.training import train

from .app import until

pytestmark = pytest.mark.browser

TITLE = "<img src=x onerror=document.title='taken'></script><script>document.title='taken'</script>"


@pytest.fixture(scope="module")
def page_text() -> str:
    """Of a run on a set with hostile names, deep enough for many frames."""
    points = helpers.some_points()
    points = PointSet(TITLE, points.points, points.labels, axes=(TITLE, "%{x}"))
    config = TrainingConfig(
        dataset=remember(points), layers=32, width=8, depth=1, epochs=80, batch_size=32, device="cpu"
    )
    training = train(config)
    film, losses = [training.film_frame()], []
    for progress in training:
        losses.extend(progress.losses)
        if progress.epoch in film_epochs(config.epochs):
            film.append(training.film_frame())
    return run_html(config, training.snapshot(1000), film, np.array(losses), training.evaluate())


def places(page: Page, plot: str, trace: int) -> np.ndarray:
    """The coordinates that a trace of a plot now has."""
    script = "([plot, k]) => { const t = document.getElementById(plot)._fullData[k]; return [[...t.x], [...t.y]]; }"
    return np.array(page.evaluate(script, [plot, trace]))


def drawn(page: Page, plot: str) -> list[str]:
    return page.locator(f"#{plot} .scatterlayer .point").evaluate_all(
        "all => all.map(p => p.getAttribute('transform'))"
    )


def test_the_page_stands_alone_and_plays(chromium: Browser, page_text: str, tmp_path) -> None:
    assert len(page_text.encode()) < 8_000_000
    (tmp_path / "run.html").write_text(page_text, "utf-8")
    context = chromium.new_context(offline=True)
    page, asked, faults = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((tmp_path / "run.html").as_uri())
    # Hostile names are words.
    expect(page.locator("h1")).to_contain_text("<img src=x")
    assert page.locator("img[src=x]").count() == 0
    assert "taken'>" in page.title()
    for plot in ("layers", "film"):
        figure = page.locator(f"#{plot}")
        expect(figure.locator(".slider-container")).to_be_visible()
        before, before_places = drawn(page, plot), places(page, plot, 0)
        assert before_places.shape[1] >= 200
        figure.locator(".updatemenu-button", has_text="Play").click()
        until(lambda plot=plot, before=before: drawn(page, plot) != before, what="the points to move")
        assert not np.allclose(places(page, plot, 0), before_places)
        assert faults == []
        figure.locator(".updatemenu-button", has_text="Pause").click()
        # Plotly rejects its own promise of an animation that is interrupted: "undefined" is no fault.
        assert set(faults) <= {"undefined"}
        faults.clear()
        page.evaluate(
            f"Plotly.animate('{plot}', [document.getElementById('{plot}')._transitionData._frames[0].name], "
            "{mode: 'immediate', frame: {duration: 0, redraw: false}, transition: {duration: 0}})"
        )
        until(
            lambda plot=plot, p=before_places: np.allclose(places(page, plot, 0), p, rtol=1e-3, atol=1e-3), what="rest"
        )
        faults.clear()
    frames = page.evaluate("['layers', 'film'].map(p => document.getElementById(p)._transitionData._frames.length)")
    assert frames[0] == 1 + 4 * 32
    assert 30 < frames[1] <= MOST_MOMENTS
    assert [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()
