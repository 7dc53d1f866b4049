"""Training in view: what moves, what stays, and what each button does."""

import re
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from .app import SOON, App

pytestmark = pytest.mark.browser

GREY = "#9aa0ad"
EPOCH = re.compile(r"epoch ([\d,]+) / ([\d,]+)")


def progress_epoch(app: App) -> int:
    return int(EPOCH.search(app.progress.inner_text())[1].replace(",", ""))


def test_a_run_is_seen_from_epoch_0_to_its_end_in_plots_that_stay_where_they_are(app: App) -> None:
    first_loss = app.trace("loss")
    app.watch()
    app.train()
    app.wait_for_progress(re.compile(r"epoch [\d,]+ / 1,000 · [\d,]+ epochs/s · \d+ (s|min) left"))
    app.wait_for_progress(re.compile(r"epoch 1,000 / 1,000 · done in \d+ s of training"))
    app.wait_for_end()
    app.wait_for_epoch(1000)

    seen = app.watched()
    assert seen["faults"] == []  # no plot detached, emptied, or replaced in any frame
    assert seen["frames"] > 20
    for kind in ("panels", "loss"):
        epochs = [moment["epoch"] for moment in seen[kind]]
        assert epochs[0] == 0
        assert epochs == sorted(set(epochs))
        assert epochs[-1] == 1000
        assert len(epochs) >= 4
    # The last pictures stand until the first new ones, and the last of those are whole again.
    assert seen["shown"] == {name: [10_000, 1_000, 10_000] for name in ("input", "latent", "inverted")}
    moments = seen["panels"]
    assert all(moment["sameColours"] for moment in moments)
    assert all(moment["colours"] == moments[0]["colours"] for moment in moments[:-1])
    assert moments[-1]["colours"].startswith(moments[0]["colours"])  # the same points, and more of them
    assert len({tuple(moment["ranges"]) for moment in moments}) == 1

    # Beside the new run stands the one before.
    assert app.trace("loss", 0)["line"] == GREY
    assert app.trace("loss", 0)["y"] == first_loss["y"]
    assert app.trace("loss", 1)["y"] == pytest.approx(first_loss["y"], rel=1e-3)  # equal settings, equal numbers
    expect(app.page.locator(".st-key-loss")).to_contain_text(re.compile(r"before: 0\.\d{3}"))


def test_a_zoom_outlasts_the_updates_until_it_is_taken_back(app: App) -> None:
    app.start_endless_run()
    panels = ("input", "latent", "inverted", "loss")
    whole = {panel: app.ranges(panel) for panel in panels}
    for panel in panels:
        drag_across(app, panel)
        app.page.wait_for_function(
            "([panel, left]) => document.querySelector(`.lf-${panel} .lf-plot`)._fullLayout.xaxis.range[0] > left",
            arg=[panel, whole[panel][0][0]],
        )
    zoomed = {panel: app.ranges(panel) for panel in panels}
    for panel in panels:
        for (low, high), (whole_low, whole_high) in zip(zoomed[panel], whole[panel], strict=True):
            assert high - low < 0.75 * (whole_high - whole_low)
    for _ in range(3):
        app.wait_beyond(app.epoch)
        assert {panel: app.ranges(panel) for panel in panels} == zoomed

    app.action("Stop").click()
    app.wait_for_end()
    assert {panel: app.ranges(panel) for panel in panels} == zoomed

    for panel in panels[:3]:  # the whole view of the loss changes with the curve
        app.plot(panel).hover()
        app.plot(panel).get_by_role("button", name="Reset axes").click()
        app.page.wait_for_function(
            "([panel, low]) => document.querySelector(`.lf-${panel} .lf-plot`)._fullLayout.yaxis.range[0] < low",
            arg=[panel, zoomed[panel][1][0]],
        )
        for ends, whole_ends in zip(app.ranges(panel), whole[panel], strict=True):
            assert ends == pytest.approx(whole_ends)


def drag_across(app: App, panel: str) -> None:
    """Drags a rectangle inside a plot with the mouse."""
    box = app.plot(panel).locator(".nsewdrag").bounding_box()
    mouse = app.page.mouse
    mouse.move(box["x"] + 0.3 * box["width"], box["y"] + 0.3 * box["height"])
    mouse.down()
    mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 0.7 * box["height"], steps=5)
    mouse.up()


def test_other_settings_train_another_flow(app: App) -> None:
    app.slide("Epochs", "200", key="ArrowLeft")
    app.train()
    app.wait_for_end()
    app.wait_for_actions("Train", "Reset")
    assert app.place.get_attribute("max") == "12"

    app.slide("Layers", "2", key="ArrowLeft")
    expect(app.train_button).to_contain_text("Train with new settings")
    app.train()
    app.wait_for_progress("epoch 200 / 200")
    app.wait_for_end()
    assert app.place.get_attribute("max") == "4"
    expect(app.caption).to_have_text("From the input through 2 coupling layers to the latent space, and back.")
    app.wait_for_actions("Train", "Reset")


def test_pause_step_resume_stop_and_reset(app: App) -> None:
    expect(app.train_button).to_contain_text(re.compile(r"about \d+ (s|min)"))
    app.slide("Epochs", "50,000")
    expect(app.train_button).to_contain_text(re.compile(r"about \d+ min"))  # the time expected follows
    app.train()
    app.wait_until_live()
    app.wait_for_actions("Pause", "Stop")

    app.action("Pause").click()
    app.wait_for_progress("paused")
    expect(app.action("Resume")).to_be_visible()
    app.wait_for_actions("Resume", "Step 1", "Step 10", "Step 100", "Stop")
    epoch = progress_epoch(app)
    app.wait_for_epoch(epoch)

    for step in (1, 10, 100):
        app.action(f"Step {step}").click()
        epoch += step
        app.wait_for_progress(re.compile(rf"epoch {epoch:,} / 50,000 · paused"))
        app.wait_for_epoch(epoch)
        assert app.points("latent") == 1_000

    app.action("Resume").click()
    app.wait_beyond(epoch)
    app.wait_for_actions("Pause", "Stop")

    app.action("Stop").click()
    app.wait_for_progress("stopped")
    app.wait_for_end()
    app.wait_for_actions("Train", "Reset")
    stopped = progress_epoch(app)
    assert epoch < stopped < 50_000
    app.wait_for_epoch(stopped)

    app.action("Reset").click()
    app.wait_for_progress(re.compile("epoch 1,000 / 1,000.*server"))
    app.wait_for_epoch(1000)
    app.wait_for_actions("Train")
    assert app.token is None
    expect(app.slider("Epochs")).to_have_attribute("aria-valuetext", "1,000")
    expect(app.selected("Preset")).to_have_value("Quick")


def test_slow_motion_starts_slowly_and_full_speed_takes_over(app: App) -> None:
    app.page.get_by_role("radio", name="Slow motion").click()
    app.watch()
    app.train()
    app.page.wait_for_function("() => watched().panels.length >= 8", timeout=SOON)
    early = [moment["epoch"] for moment in app.watched()["panels"]][:8]
    assert early[0] == 0
    assert early[-1] < 250
    steps = [later - earlier for earlier, later in pairwise(early)]
    assert sum(steps[-3:]) > sum(steps[:3])  # ever faster

    app.page.get_by_role("radio", name="Full speed").click()
    app.wait_for_progress("epoch 1,000 / 1,000")
    app.wait_for_end()


def test_sliders_work_while_a_run_goes_and_the_run_keeps_its_own_settings(app: App) -> None:
    app.start_endless_run()
    app.slide("Layers", "12")
    expect(app.train_button).to_contain_text("Train with new settings")
    app.wait_for_actions("Train with new settings", "Pause", "Stop")
    epoch = app.epoch
    app.wait_beyond(epoch)
    expect(app.slider("Layers")).to_have_attribute("aria-valuetext", "12")
    assert app.place.get_attribute("max") == "12"  # 2 x 6 layers: the run that goes

    first = app.token
    app.train()
    app.page.wait_for_function("() => document.querySelector('.lf-slider').max === '24'", timeout=SOON)
    assert app.token != first
    app.wait_for_progress("/ 50,000")
