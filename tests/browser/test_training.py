"""Training in view: what moves, what stays, and what each button does."""

import re

import pytest
from playwright.sync_api import expect

from .app import App

pytestmark = pytest.mark.browser

GREY = "#9aa0ad"
EPOCH = re.compile(r"epoch ([\d,]+) / ([\d,]+)")


def progress_epoch(app: App) -> int:
    return int(EPOCH.search(app.progress.inner_text())[1].replace(",", ""))


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
    assert app.shown_actions() == ["Train", "Reset"]
    assert app.place.get_attribute("max") == "12"

    app.slide("Layers", "2", key="ArrowLeft")
    expect(app.train_button).to_contain_text("Train with new settings")
    app.train()
    app.wait_for_progress("epoch 200 / 200")
    app.wait_for_end()
    assert app.place.get_attribute("max") == "4"
    expect(app.caption).to_have_text("From the input through 2 coupling layers to the latent space, and back.")
    assert app.shown_actions() == ["Train", "Reset"]
