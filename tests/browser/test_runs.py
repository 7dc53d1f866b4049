"""One's runs in a browser: renamed, compared, deleted and had back; and a sweep over three values."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from realnvp.ui.history.table import HEAD, ROW

from .app import SOON, App, Server, until

pytestmark = pytest.mark.browser

NAME = "<b>My</b> run"


def select(page: Page, row: int) -> None:
    """Ticks a row of the table, which is drawn on a canvas."""
    table = page.locator(".stDataFrame")
    expect(table.locator("canvas").first).to_be_visible(timeout=SOON)
    table.click(position={"x": 16, "y": HEAD + ROW * row + ROW // 2})


def open_runs(app: App) -> None:
    app.page.get_by_role("link", name="Runs").click()
    expect(app.page.get_by_text("Your runs")).to_be_visible(timeout=SOON)


def names(page: Page) -> list[str]:
    """Those in the table, as screen readers have them."""
    return page.locator(".stDataFrame [role=gridcell][aria-colindex='2']").all_inner_texts()


def test_runs_are_renamed_compared_deleted_and_had_back(new_tab: Callable[..., App], server: Server) -> None:
    app = new_tab(server).open()
    page = app.page
    app.slide("Epochs", "200", key="ArrowLeft")
    app.train()
    app.wait_for_end()
    app.slide("Layers", "2", key="ArrowLeft")
    app.train()
    app.wait_for_end()
    open_runs(app)
    until(lambda: names(page) == ["Two moons, 2 layers", "Two moons, 6 layers"], what="two runs in the table")

    select(page, 0)
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("textbox", name="Name").fill(NAME)
    page.keyboard.press("Enter")
    until(lambda: names(page)[0] == NAME, what="the new name")
    page.keyboard.press("Escape")

    select(page, 1)
    page.get_by_role("button", name="Compare").click()
    comparison = page.locator(".st-key-comparison")
    expect(comparison.locator(".live-figure[data-epoch='400']")).to_have_count(4, timeout=SOON)
    plots = comparison.locator(".lf-run-0 .lf-plot, .lf-run-1 .lf-plot")
    views = plots.evaluate_all(
        "plots => plots.map(({ _fullLayout: { xaxis, yaxis } }) => [...xaxis.range, ...yaxis.range].join())"
    )
    assert len(views) == 6  # inverted, latent and input
    assert views[0] == views[1] == views[4] == views[5]
    assert views[2] == views[3]
    expect(comparison.locator(".differs")).to_have_text(re.compile(r"Layers\s*2\s*6"))
    expect(comparison.locator(".run-numbers thead")).to_contain_text(NAME)
    losses = app.plot("losses")
    assert losses.evaluate("plot => plot.data.map((trace) => trace.x.at(-1))") == [200, 200]
    page.get_by_role("radio", name="Seconds").click()
    page.wait_for_function(
        "() => document.querySelector('.lf-losses .lf-plot').layout.xaxis.title.text.includes('seconds')"
    )
    page.reload()  # the address has the comparison
    expect(comparison.locator(".live-figure[data-epoch='400']")).to_have_count(4, timeout=SOON)

    page.get_by_role("button", name="All runs").click()
    until(lambda: len(names(page)) == 2, what="the table")
    select(page, 0)
    page.get_by_role("button", name="Delete").click()
    until(lambda: names(page) == ["Two moons, 6 layers"], what="one run less")
    page.get_by_role("button", name="Undo").click()
    until(lambda: names(page) == [NAME, "Two moons, 6 layers"], what="the run again")

    select(page, 1)
    page.get_by_role("button", name="Open").click()
    page.get_by_role("option", name="Layers").or_(page.get_by_role("menuitem", name="Layers")).last.click()
    expect(app.stage).to_have_attribute("data-epoch", "200", timeout=SOON)
    expect(page.get_by_text("Two moons, 6 layers, width 64, epoch 200")).to_be_visible()


def test_a_sweep_comes_in_and_draws_its_curve(new_tab: Callable[..., App], server: Server) -> None:
    app = new_tab(server, viewport={"width": 390, "height": 844}).open()
    page = app.page
    app.go("/runs")
    expect(page.get_by_text("All other settings are those of the playground")).to_be_visible(timeout=SOON)
    page.get_by_role("combobox", name="Epochs of each").click()
    page.get_by_role("option", name="100", exact=True).click()
    page.get_by_role("button", name="Remove 8").or_(page.get_by_label("Remove 8")).first.click()
    page.get_by_role("button", name="Train 3 flows").click()
    page.wait_for_url("**/runs?sweep=layers*", timeout=SOON)
    rows = page.locator(".run-progress tbody tr")
    expect(rows).to_have_count(3, timeout=SOON)
    until(lambda: all("done" in row for row in rows.all_inner_texts()), what="three runs")
    curve = app.plot("curve")
    page.wait_for_function("() => document.querySelector('.lf-curve .lf-plot')?.data?.[0].x.length === 3")
    assert curve.evaluate("plot => plot.data[0].x") == [1, 2, 4]
    shown = curve.evaluate("plot => plot.data[0].y.map((gap) => gap.toFixed(3))")
    assert all(gap in row for gap, row in zip(shown, rows.all_inner_texts(), strict=True))
    expect(page.locator(".lf-panel[data-name^='value-']")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_role("button", name="All runs").click()
    until(lambda: len(names(page)) == 3, what="three runs in the table")
    assert app.problem_free()
