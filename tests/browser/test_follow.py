"""One point followed: chosen by click and keyboard, its bars opened, on every page, screen and snapshot."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .app import SOON, App, Server, until

pytestmark = pytest.mark.browser

# Where data coordinates lie on the page.
PLACE = """
(plot, [x, y]) => {
  const { _size: size, xaxis, yaxis } = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  const part = (value, [low, high]) => (value - low) / (high - low);
  return [box.left + size.l + part(x, xaxis.range) * size.w, box.top + size.t + (1 - part(y, yaxis.range)) * size.h];
}
"""


@pytest.fixture
def follow(new_tab: Callable[..., App], server: Server) -> App:
    return open_follow(new_tab(server))


def open_follow(app: App) -> App:
    app.go("/follow")
    wait_for_pictures(app)
    return app


def wait_for_pictures(app: App) -> None:
    """Until the page shows the trained default run."""
    expect(app.page.locator(".st-key-follow .live-figure")).to_have_attribute("data-epoch", "1000", timeout=SOON)
    expect(app.page.get_by_text("How it is checked")).to_be_visible(timeout=SOON)


def field(app: App, name: str) -> Locator:
    return app.page.get_by_role("spinbutton", name=name)


def bar(app: App) -> Locator:
    return app.page.get_by_role("combobox", name="Open a bar")


def point(app: App) -> tuple[float, float]:
    return float(field(app, "x₁").input_value()), float(field(app, "x₂").input_value())


def start_of_path(app: App) -> tuple[float, float]:
    """Where the path in the picture begins, which is the last curve there."""
    return tuple(app.plot("path").evaluate("plot => [plot.data.at(-1).x[0], plot.data.at(-1).y[0]]"))


def click_at(app: App, panel: str, x: float, y: float) -> None:
    app.page.mouse.click(*app.plot(panel).evaluate(PLACE, [x, y]))


def shows(app: App, x: float, y: float, within: float = 1e-4) -> None:
    """Waits until fields and path both show this point."""

    def there() -> bool:
        places = [*zip(point(app), (x, y), strict=True), *zip(start_of_path(app), (x, y), strict=True)]
        return all(abs(one - other) <= within for one, other in places)

    until(there, what=f"the point ({x}, {y})")


def test_a_click_in_the_plane_follows_that_place_and_one_near_a_point_that_point(follow: App) -> None:
    click_at(follow, "path", 1.6, 1.2)
    shows(follow, 1.6, 1.2, within=0.03)  # a pixel
    trace = follow.trace("path")
    x, y = trace["x"][7], trace["y"][7]
    follow.page.wait_for_timeout(600)  # or it were a double click
    click_at(follow, "path", x + 0.02, y)
    until(lambda: abs(point(follow)[1] - 1.2) > 0.1, what="the next point")
    near = point(follow)
    assert min(abs(a - near[0]) + abs(b - near[1]) for a, b in zip(trace["x"], trace["y"], strict=True)) < 2e-4


def test_a_typed_point_is_followed(follow: App) -> None:
    field(follow, "x₁").fill("0.25")
    field(follow, "x₁").press("Enter")
    until(lambda: abs(start_of_path(follow)[0] - 0.25) < 1e-4, what="x₁")
    field(follow, "x₂").fill("-0.5")
    field(follow, "x₂").press("Enter")
    shows(follow, 0.25, -0.5)


def test_a_bar_is_opened_by_click_and_by_keyboard_and_closed_again(follow: App) -> None:
    app = follow
    expect(app.page.locator(".st-key-follow_more .katex").first).to_be_hidden()
    click_at(app, "ledger", 3, -1)
    expect(bar(app)).to_have_value("Layer 3 of 6: x₁ stays, x₂ is stretched and shifted", timeout=SOON)
    explained = app.page.locator(".st-key-follow_more")
    expect(explained.locator(".katex").first).to_be_visible(timeout=SOON)
    expect(explained.locator("code", has_text="def forward").first).to_be_visible(timeout=SOON)
    assert app.plot("path").evaluate("plot => plot.data.length") == 3  # the step of this layer is set off
    app.page.wait_for_timeout(600)
    click_at(app, "ledger", 3, -1)
    expect(bar(app)).to_have_value("", timeout=SOON)
    app.select("Open a bar", "log p(x): the log-density of the point")
    expect(explained.locator("code", has_text="def log_prob").first).to_be_visible(timeout=SOON)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_pictures_fit_the_screen(new_tab: Callable[..., App], server: Server, width: int, scheme: str) -> None:
    app = open_follow(new_tab(server, viewport={"width": width, "height": 720}, color_scheme=scheme))
    path, ledger = (app.plot(name).bounding_box() for name in ("path", "ledger"))
    app.select("Open a bar", "Layer 2 of 6: x₂ stays, x₁ is stretched and shifted")
    app.page.get_by_text("Every number").click()
    expect(app.page.locator(".ledger-table")).to_be_visible()
    expect(app.page.locator(".st-key-follow_more .katex").first).to_be_visible(timeout=SOON)
    assert app.page.evaluate("document.documentElement.scrollWidth") <= width
    too_wide = """limit => [...document.querySelectorAll(".st-key-follow_more .katex-html, .ledger-table td")].filter(
      (node) => node.getBoundingClientRect().right > limit
    ).length"""
    assert app.page.evaluate(too_wide, width) == 0
    if width == 1280:
        assert path["y"] == ledger["y"]
        assert path["x"] + path["width"] < ledger["x"]
        assert ledger["y"] + ledger["height"] < 720
    else:
        assert path["x"] == ledger["x"]
        assert path["y"] + path["height"] < min(720, ledger["y"])
    assert app.problem_free()


def test_the_point_outlives_a_change_of_page_and_new_snapshots(app: App) -> None:
    app.start_endless_run()
    app.page.get_by_role("button", name="Look inside").click()
    app.page.get_by_role("menuitem", name="One point").click()
    figure = app.page.locator(".st-key-follow .live-figure")
    expect(figure).to_be_visible(timeout=SOON)
    field(app, "x₁").fill("0.75")
    field(app, "x₁").press("Enter")
    until(lambda: abs(start_of_path(app)[0] - 0.75) < 1e-4, what="x₁")
    chosen = point(app)
    for _ in range(2):
        epoch = int(figure.get_attribute("data-epoch"))
        until(lambda before=epoch: int(figure.get_attribute("data-epoch")) > before, what="a new snapshot")
        shows(app, *chosen)
    app.page.get_by_role("link", name="Playground").click()
    expect(app.action("Pause")).to_be_visible(timeout=SOON)
    app.page.get_by_role("button", name="Look inside").click()
    app.page.get_by_role("menuitem", name="One point").click()
    expect(figure).to_be_visible(timeout=SOON)
    shows(app, *chosen)
    app.page.get_by_role("link", name="Playground").click()
    expect(app.action("Stop")).to_be_visible(timeout=SOON)
