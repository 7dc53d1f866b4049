"""Runs and links: a run is found again after a reload and on other pages, and by nobody who has not its token."""

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from .app import SOON, App, Server

pytestmark = pytest.mark.browser


def test_a_reload_finds_the_run_and_its_settings_again(app: App) -> None:
    app.slide("Layers", "4", key="ArrowLeft")
    app.start_endless_run()
    app.wait_beyond(0)
    token, epoch = app.token, app.epoch
    app.page.reload()
    app.wait_beyond(epoch)
    assert app.token == token
    app.wait_for_actions("Pause", "Stop")
    assert app.place.get_attribute("max") == "8"
    expect(app.slider("Layers")).to_have_attribute("aria-valuetext", "4")
    app.wait_beyond(app.epoch)

    app.action("Pause").click()
    app.wait_for_progress("paused")
    words = app.progress.inner_text()
    app.page.reload()
    app.wait_for_progress(words)
    app.wait_for_actions("Resume", "Step 1", "Step 10", "Step 100", "Stop")


def test_a_run_that_is_no_longer_kept_gives_a_notice_and_the_first_picture(app: App) -> None:
    app.open("/?run=nobody-knows-this-one")
    expect(app.page.get_by_text("That run is no longer kept here")).to_be_visible()
    expect(app.progress).to_contain_text("server")
    app.wait_for_actions("Train")
    assert app.problem_free()
    app.page.wait_for_function("() => !location.search.includes('run=')")


def test_a_run_goes_on_while_another_page_is_looked_at(app: App) -> None:
    app.start_endless_run()
    app.slide("Width", "32", key="ArrowLeft")  # for the next run
    token = app.token

    app.page.get_by_role("button", name="Look inside").click()
    app.page.get_by_role("menuitem", name="Layers").click()
    expect(app.stage).to_be_visible(timeout=SOON)
    app.page.wait_for_url(f"**/layers?run={token}")
    app.page.wait_for_function(
        "epoch => Number(document.querySelector('.st-key-stage .live-figure').dataset.epoch) > epoch", arg=0
    )
    epoch = int(app.stage.get_attribute("data-epoch"))
    app.page.wait_for_function(
        "epoch => Number(document.querySelector('.st-key-stage .live-figure').dataset.epoch) > epoch", arg=epoch
    )
    expect(app.page.get_by_text("Two moons, 6 layers, width 64, epoch")).to_be_visible()

    app.page.get_by_role("link", name="Playground").click()
    app.wait_beyond(epoch)
    assert app.token == token
    app.wait_for_actions("Train with new settings", "Pause", "Stop")
    expect(app.slider("Width")).to_have_attribute("aria-valuetext", "32")
    expect(app.slider("Epochs")).to_have_attribute("aria-valuetext", "50,000")
    app.wait_beyond(app.epoch)


def test_a_direct_link_to_an_inner_page_works_on_a_server_that_has_just_started(
    first_tab: App,
) -> None:
    app = first_tab
    app.go("/layers?lesson=3")
    expect(app.stage).to_be_visible(timeout=SOON)
    app.page.wait_for_function("() => document.querySelector('.lf-stage .lf-plot')?.data?.[0].x.length > 0")
    assert app.problem_free()
    # The menu of the app, not the one that Streamlit would make of the folder pages/.
    menu = app.page.get_by_role("navigation")
    expect(menu.get_by_role("link", name="Playground")).to_be_visible()
    expect(menu.get_by_role("button", name="Look inside")).to_be_visible()
    expect(app.page.get_by_test_id("stSidebar")).to_have_count(0)
    assert re.search(r"/layers\?(.*&)?lesson=3", app.page.url)

    menu.get_by_role("link", name="Playground").click()
    expect(app.panels.locator(".lf-panel")).to_have_count(3)


def test_a_link_to_the_layers_with_a_token_shows_that_run(
    app: App, new_tab: Callable[..., App], server: Server
) -> None:
    app.slide("Layers", "2", key="ArrowLeft")
    app.slide("Epochs", "200", key="ArrowLeft")
    app.train()
    app.wait_for_end()
    other = new_tab(server)
    other.go(f"/layers?run={app.token}")
    expect(other.stage).to_have_attribute("data-epoch", "200", timeout=SOON)
    other.page.get_by_text("All layers side by side").click()
    expect(other.stages.locator(".lf-panel")).to_have_count(3)
    expect(other.page.get_by_text("2 layers, width 64, epoch 200")).to_be_visible()
    assert other.token == app.token


def test_each_stage_moves_the_coordinate_that_its_title_names(new_tab: Callable[..., App], server: Server) -> None:
    app = new_tab(server)
    app.go("/layers")
    app.page.get_by_text("All layers side by side").click()
    expect(app.stages).to_have_attribute("data-epoch", "1000", timeout=SOON)
    stages = [app.trace(f"stage-{layer}") for layer in range(7)]
    titles = app.stages.locator(".lf-title").all_inner_texts()
    assert titles[0] == "Input"
    for layer, (before, after) in enumerate(pairwise(stages), start=1):
        stays = "y" if "x₁ moves" in titles[layer] else "x"
        assert titles[layer].startswith(f"Layer {layer}: ")
        assert after[stays] == pytest.approx(before[stays], abs=2e-3)  # 16-bit rounding
        moves = "xy".replace(stays, "")
        assert after[moves] != pytest.approx(before[moves], abs=2e-3)
        assert after["color"] == before["color"]
    assert app.plot("stage-6").evaluate("plot => plot._fullLayout.shapes.length") == 3


def test_two_browsers_do_not_see_each_others_runs(new_tab: Callable[..., App], server: Server) -> None:
    first, second = new_tab(server).open(), new_tab(server).open()
    first.slide("Layers", "2", key="ArrowLeft")
    first.start_endless_run()
    # The second still sees what it opened with.
    assert second.epoch == 1000
    second.wait_for_actions("Train")
    expect(second.slider("Layers")).to_have_attribute("aria-valuetext", "6")

    second.slide("Epochs", "200", key="ArrowLeft")
    second.train()
    second.wait_for_progress("epoch 200 / 200")
    second.wait_for_end()
    assert second.place.get_attribute("max") == "12"

    assert first.token != second.token
    assert first.place.get_attribute("max") == "4"
    first.wait_beyond(first.epoch)
    expect(first.progress).to_contain_text("/ 50,000")
    first.wait_for_actions("Pause", "Stop")
