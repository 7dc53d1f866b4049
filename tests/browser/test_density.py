"""The density page in a browser: clicked, explored, and on a phone."""

import re
from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from .app import SOON, App, Server, until
from .test_layout import PHONE, box, overflow

pytestmark = pytest.mark.browser
MAPS = ("learned", "true", "difference")
MINUS = "\N{MINUS SIGN}"


@pytest.fixture
def page(new_tab: Callable[..., App], server: Server) -> App:
    return open_density(new_tab(server))


def open_density(app: App) -> App:
    app.go("/density")
    expect(figure(app, "densities")).to_have_attribute("data-epoch", "1000", timeout=SOON)
    return app


def figure(app: App, container: str) -> Locator:
    return app.page.locator(f".st-key-{container} .live-figure")


def open_expander(app: App, words: str, container: str) -> None:
    app.page.get_by_text(words).click()
    expect(figure(app, container)).to_be_visible()
    app.page.wait_for_function(  # drawn as large as it is now
        "name => [...document.querySelectorAll(`.st-key-${name} .lf-plot`)].every("
        "  (plot) => plot.clientWidth && Math.abs(plot._fullLayout?.width - plot.clientWidth) < 2)",
        arg=container,
    )


def click_at(app: App, name: str, x: float, y: float) -> None:
    """Clicks where the plot itself draws this place, once it stands still."""
    plot = app.plot(name)
    left, top = plot.evaluate(
        """({ _fullLayout: { xaxis, yaxis } }, [x, y]) =>
          [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)]""",
        [x, y],
    )
    plot.click(position={"x": left, "y": top})


def mark(app: App, name: str, trace: int) -> list[float]:
    found = app.trace(name, trace)
    return [found["x"][-1], found["y"][-1]]


def wait_until_near(app: App, name: str, trace: int, place: tuple[float, float], at: int = -1) -> None:
    """Until a trace's first (0) or last (-1) point is there, to a pixel or so."""
    app.page.wait_for_function(
        """([name, trace, [x, y], at]) => {
          const found = document.querySelector(`.lf-panel[data-name="${name}"] .lf-plot`)?.data?.[trace];
          return found && Math.hypot(Array.from(found.x).at(at) - x, Array.from(found.y).at(at) - y) < 0.04;
        }""",
        arg=[name, trace, place, at],
        timeout=SOON,
    )


def pixels(app: App, name: str) -> float:
    """The share of the plotting area that its heatmap covers."""
    return app.plot(name).evaluate(
        """(plot) => {
          const { xaxis, yaxis } = plot._fullLayout;
          const { width, height } = plot.querySelector(".heatmaplayer image").getBoundingClientRect();
          return (width * height) / (xaxis._length * yaxis._length);
        }"""
    )


def test_it_opens_on_three_pictures_in_a_row_that_fill_their_axes(page: App) -> None:
    def edges() -> list[dict[str, float]]:
        return [box(page.page.locator(f'.lf-panel[data-name="{name}"]')) for name in MAPS]

    until(lambda: len({round(edge["top"]) for edge in edges()}) == 1, what="the pictures to stand in a row")
    left, middle, right = edges()
    assert left["right"] < middle["left"] < middle["right"] < right["left"]
    for name in MAPS:
        assert pixels(page, name) == pytest.approx(1, abs=0.03)
        rows = page.plot(name).evaluate("plot => plot.data[0].z.map((row) => row.length)")
        assert len(rows) > 60
        assert len(set(rows)) == 1
    expect(page.page.get_by_text("Integral over the view")).to_be_in_viewport(ratio=1)
    assert overflow(page) == {"down": 0, "across": 0, "right": 0}
    assert page.problem_free()


@pytest.mark.parametrize("name", MAPS)
def test_a_click_reads_the_densities_where_it_is_and_marks_the_place(page: App, name: str) -> None:
    page.page.set_viewport_size({"width": 1280, "height": 1000})  # the picture has room above and below it
    page.page.wait_for_function("() => document.querySelector('.lf-learned .lf-plot')._fullLayout.yaxis._offset > 15")
    click_at(page, name, 1.5, -0.3)
    for other in MAPS:
        wait_until_near(page, other, 1, (1.5, -0.3))

    def place() -> tuple[float, float]:
        shown = page.page.get_by_text(re.compile(r"Learned density at")).inner_text().replace(MINUS, "-")
        x, y = map(float, re.search(r"\((.+), (.+)\)", shown).groups())
        return x, y

    until(lambda: place() == pytest.approx((1.5, -0.3), abs=0.02), what="the words, which come after the marks")


def test_a_point_put_into_the_latent_space_lands_in_the_data(page: App) -> None:
    open_expander(page, "Sample, and put a point", "explore")
    click_at(page, "latent", -0.8, 1.1)
    wait_until_near(page, "data", 1, (-0.8, 1.1), at=0)  # its path begins there
    landed = mark(page, "data", 1)
    assert np.hypot(*landed) < 3
    click_at(page, "latent", 0.5, -1.3)
    wait_until_near(page, "data", 1, (0.5, -1.3), at=0)
    assert mark(page, "data", 1) != landed


def test_a_line_from_click_to_click_and_its_image(page: App) -> None:
    open_expander(page, "Sample, and put a point", "explore")
    page.page.get_by_text("A line", exact=True).click()
    click_at(page, "latent", -1.5, 1.0)
    expect(page.page.get_by_text("there the line ends")).to_be_visible(timeout=SOON)
    click_at(page, "latent", 1.5, -1.0)
    wait_until_near(page, "latent", 1, (-1.5, 1.0), at=0)
    wait_until_near(page, "latent", 4, (1.5, -1.0))
    steps = np.concatenate([np.diff([page.trace("data", k)[c] for c in "xy"]).T for k in range(1, 5)])
    assert 0 < np.linalg.norm(steps, axis=1).max() < 0.05  # a continuous line


def test_the_bridge_is_shown_on_the_spot(page: App) -> None:
    open_expander(page, "Why a thin bridge joins the two moons", "bridge")
    expect(page.page.get_by_text("Lowest learned density on the way")).to_be_visible()
    wait_until_near(page, "bridge-data", 3, (1.0, -0.5))
    assert pixels(page, "bridge-data") == pytest.approx(1, abs=0.03)
    assert overflow(page)["across"] == 0


def test_on_a_phone_the_pictures_stand_one_under_the_other(new_tab: Callable[..., App], server: Server) -> None:
    app = open_density(new_tab(server, **PHONE))
    edges = [box(app.page.locator(f'.lf-panel[data-name="{name}"]')) for name in MAPS]
    assert edges[0]["bottom"] <= edges[1]["top"] < edges[1]["bottom"] <= edges[2]["top"]
    open_expander(app, "Sample, and put a point", "explore")
    open_expander(app, "Why a thin bridge", "bridge")
    assert overflow(app)["across"] == 0
    assert overflow(app)["right"] == 0
    app.plot("learned").scroll_into_view_if_needed()
    app.plot("learned").tap()
    middle = [np.mean(side) for side in app.ranges("learned")]
    app.page.wait_for_function(
        "x => Math.abs(document.querySelector('.lf-learned .lf-plot').data[1].x[0] - x) < 0.2", arg=middle[0]
    )
