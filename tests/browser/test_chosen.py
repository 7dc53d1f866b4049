"""Points chosen in one picture are lit in every picture, of the playground and of the layers."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

from .app import SOON, App, Server

pytestmark = pytest.mark.browser


@pytest.fixture
def choosing(new_tab: Callable[..., App], server: Server) -> App:
    app = new_tab(server)
    app.page.add_init_script("sessionStorage.setItem('realnvp-stage', 'seen')")
    return app.open()


def lit(app: App, name: str) -> list[int]:
    """The points of a panel that stand out, by their index."""
    return app.plot(name).evaluate("plot => [...(plot.data[0].selectedpoints ?? [])].sort((a, b) => a - b)")


def wait_until_lit(app: App, name: str, points: list[int]) -> None:
    app.page.wait_for_function(
        """([name, points]) => {
          const plot = document.querySelector(`.lf-panel[data-name="${name}"] .lf-plot`);
          const lit = [...(plot?.data?.[0].selectedpoints ?? [])].sort((a, b) => a - b);
          return JSON.stringify(lit) === JSON.stringify(points);
        }""",
        arg=[name, points],
        timeout=SOON,
    )


def note(app: App) -> Locator:
    return app.page.locator(".lf-chosen")


def draw(app: App, name: str, tool: str, *, low: tuple[float, float], high: tuple[float, float]) -> None:
    """Draws a rectangle around part of a panel (fractions of its plotting area) with the box or the lasso."""
    plot = app.plot(name)
    plot.hover()
    plot.locator(f'[data-title="{tool}"]').click()
    place = plot.evaluate(
        """(plot) => {
          const { _fullLayout: { xaxis, yaxis } } = plot;
          const box = plot.getBoundingClientRect();
          return [box.left + xaxis._offset, box.top + yaxis._offset, xaxis._length, yaxis._length];
        }"""
    )
    left, top, width, height = place
    (x0, y0), (x1, y1) = ((left + part[0] * width, top + (1 - part[1]) * height) for part in (low, high))
    corners = [(x0, y0), (x1, y1)] if tool == "Box Select" else [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]
    app.page.mouse.move(*corners[0])
    app.page.mouse.down()
    for corner in corners[1:]:
        app.page.mouse.move(*corner, steps=4)
    app.page.mouse.up()


def inside(app: App, name: str, low: tuple[float, float], high: tuple[float, float]) -> list[int]:
    """The points of a panel in such a rectangle."""
    trace = app.trace(name)
    limits = [
        [start + part * (end - start) for part in (low[k], high[k])] for k, (start, end) in enumerate(app.ranges(name))
    ]
    return [
        i
        for i, point in enumerate(zip(trace["x"], trace["y"], strict=True))
        if all(limits[k][0] <= point[k] <= limits[k][1] for k in (0, 1))
    ]


@pytest.mark.parametrize("tool", ["Box Select", "Lasso Select"])
def test_what_is_drawn_around_in_the_latent_panel_is_lit_in_the_input_and_on_every_layer(
    choosing: App, tool: str
) -> None:
    app = choosing
    low, high = (0.45, 0.5), (0.55, 0.65)
    expected = inside(app, "latent", low, high)
    assert 100 < len(expected) < 5000
    draw(app, "latent", tool, low=low, high=high)
    expect(note(app)).to_have_text(re.compile("chosen"))
    chosen = lit(app, "latent")
    assert len(set(chosen) ^ set(expected)) <= 0.03 * len(expected)  # at the edges, pixels decide
    wait_until_lit(app, "input", chosen)

    app.page.get_by_role("button", name="Look inside").click()
    app.page.get_by_role("menuitem", name="Layers").click()
    expect(app.stage).to_be_visible(timeout=SOON)
    wait_until_lit(app, "stage", [point for point in chosen if point < 1000])
    app.page.get_by_text("All layers side by side").click()
    for layer in (0, 3, 6):
        wait_until_lit(app, f"stage-{layer}", [point for point in chosen if point < 400])
    app.stage.locator(".lf-chosen").click()
    for name in ("stage", "stage-3"):
        wait_until_lit(app, name, [])

    draw(app, "stage", tool, low=(0.2, 0.2), high=(0.5, 0.8))
    expect(note(app).first).to_have_text(re.compile("chosen"))
    wait_until_lit(app, "stage-3", [point for point in lit(app, "stage") if point < 400])
    assert lit(app, "stage-3")


def test_a_click_chooses_a_point_and_a_click_on_it_or_beside_it_lets_go(choosing: App) -> None:
    app = choosing

    def click(x: float, y: float) -> None:
        place = app.plot("input").evaluate(
            """(plot, [x, y]) => {
              const { xaxis, yaxis } = plot._fullLayout;
              return [xaxis._offset + xaxis.d2p(x), yaxis._offset + yaxis.d2p(y)];
            }""",
            [x, y],
        )
        app.plot("input").click(position={"x": place[0], "y": place[1]})

    trace = app.trace("input")
    click(trace["x"][0], trace["y"][0])
    expect(note(app)).to_have_text(re.compile("^1 chosen"))
    (chosen,) = lit(app, "input")
    nearby = (trace["x"][chosen] - trace["x"][0], trace["y"][chosen] - trace["y"][0])
    assert max(map(abs, nearby)) < 0.05
    wait_until_lit(app, "latent", [chosen])
    click(0.5, 1.3)  # where there are no points
    expect(note(app)).to_have_count(0)
    wait_until_lit(app, "latent", [])


def test_chosen_points_stay_lit_while_a_new_run_is_trained(choosing: App) -> None:
    app = choosing
    draw(app, "latent", "Box Select", low=(0.45, 0.5), high=(0.55, 0.65))
    expect(note(app)).to_have_text(re.compile("chosen"))
    chosen = lit(app, "latent")
    app.start_endless_run()
    wait_until_lit(app, "latent", [point for point in chosen if point < 1000])
    app.wait_beyond(app.epoch)
    assert lit(app, "input") == [point for point in chosen if point < 1000]
    app.choose("circles")  # of another distribution, other points
    app.train()
    app.page.wait_for_function("() => document.querySelector('.lf-input .lf-plot').data[0].selectedpoints === null")
