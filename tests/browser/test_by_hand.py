"""Coupling by hand: sliders that are live while they move, and a phone."""

from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, expect

from .app import SOON, App, Server
from .conftest import tabs

pytestmark = pytest.mark.browser


def by_hand(app: App) -> App:
    app.go("/by_hand")
    app.page.wait_for_function("() => document.querySelector('.lf-after .lf-plot')?.data", timeout=SOON)
    return app


@pytest.fixture
def page(new_tab: Callable[..., App], server: Server) -> App:
    return by_hand(new_tab(server))


@pytest.fixture(scope="module")
def shared(chromium: Browser, server: Server) -> Iterator[App]:
    with tabs(chromium) as open_tab:
        yield by_hand(open_tab(server))


def dial(app: App, group: str, name: str) -> Locator:
    return app.page.locator(f".st-key-{group}").get_by_role("slider", name=name)


def wait_for_change(app: App, plot: str, before: dict, which: int = 0) -> None:
    app.page.wait_for_function(
        "([plot, which, x, y]) => { const t = document.querySelector(`.lf-${plot} .lf-plot`).data[which];"
        " return String([...t.x, ...t.y]) !== String([...x, ...y]); }",
        arg=[plot, which, before["x"], before["y"]],
        timeout=SOON,
    )


@pytest.mark.parametrize(
    ("group", "name", "value", "which"),
    [
        ("hand_dials_s_1", "Slope", "-0.5", 0),
        ("hand_dials_t_1", "Bend", "-0.5", 0),
        ("hand_dials_s_2", "Height", "0.7", 0),
        ("hand_dials_t_2", "Height", "-0.6", 0),
        ("hand_dials_t_2", "Waves", "3.5", 0),
        ("hand_way", "How far", "1.4", 0),
        ("hand_cell", "Cell at x₁", "-0.75", 2),
        ("hand_cell", "Cell at x₂", "-0.3", 2),
        ("hand_cell", "Its side", "0.2", 2),
    ],
)
def test_every_slider_changes_the_picture(shared, group, name, value, which):
    toggle = shared.page.get_by_role("switch", name="Layer 2")
    if not toggle.is_checked():
        toggle.press("Space")
        expect(dial(shared, "hand_dials_t_2", "Waves")).to_be_visible()
    before = shared.trace("after", which)
    dial(shared, group, name).fill(value)
    wait_for_change(shared, "after", before, which)
    expect(dial(shared, group, name)).to_have_value(value)
    assert shared.problem_free()


def test_picture_and_numbers_change_while_a_slider_is_held(page):
    slider, numbers = dial(page, "hand_dials_s_1", "Slope"), page.page.locator(".st-key-hand_metrics")
    before, words = page.trace("after"), numbers.inner_text()
    box = slider.bounding_box()
    page.page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + box["height"] / 2)
    page.page.mouse.down()
    page.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + box["height"] / 2, steps=5)
    wait_for_change(page, "after", before)
    expect(numbers).not_to_have_text(words, use_inner_text=True)
    expect(numbers).to_contain_text("\N{MINUS SIGN}")  # the cell shrinks: its log-det is negative
    page.page.mouse.up()


def test_a_click_in_the_left_picture_moves_the_cell_in_both(page):
    before, after = page.trace("before", 2), page.trace("after", 2)
    plot = page.plot("before")
    left, top = plot.evaluate(
        "({ _fullLayout: { xaxis, yaxis } }) => [xaxis._offset + xaxis.d2p(-1), yaxis._offset + yaxis.d2p(0.6)]"
    )
    box = plot.bounding_box()
    page.page.mouse.click(box["x"] + left, box["y"] + top)
    wait_for_change(page, "before", before, 2)
    wait_for_change(page, "after", after, 2)
    outline = page.trace("before", 2)
    middle = [(max(outline[axis]) + min(outline[axis])) / 2 for axis in ("x", "y")]
    assert middle == pytest.approx([-1, 0.6], abs=0.03)
    expect(dial(page, "hand_cell", "Cell at x₁")).to_have_value("-1")


def test_play_goes_through_the_layer_and_back_to_where_the_points_began(page):
    at_first = page.trace("before")
    assert np.abs(np.subtract(page.trace("after")["y"], at_first["y"])).max() > 0.5
    page.page.get_by_role("button", name="Play").click()
    expect(page.page.locator(".ld-plays .ld-value")).to_have_text("undone: each point is back", timeout=SOON)
    page.page.wait_for_function(
        """() => {
          const points = (name) => document.querySelector(`.lf-${name} .lf-plot`).data[0].y;
          return points("before").every((y, i) => Math.abs(y - points("after")[i]) < 1e-3);
        }""",
        timeout=SOON,
    )
    expect(page.page.locator(".st-key-hand_metrics")).to_contain_text("1.000 times")


def test_on_a_phone_nothing_is_wider_than_the_screen_and_the_pictures_stay_in_view(new_tab, server):
    app = by_hand(new_tab(server, viewport={"width": 390, "height": 844}))
    assert app.page.evaluate("document.documentElement.scrollWidth") <= 390
    app.page.locator(".st-key-hand_numbers").scroll_into_view_if_needed()
    expect(app.plot("before")).to_be_in_viewport()
    expect(app.plot("after")).to_be_in_viewport()
