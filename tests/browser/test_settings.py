"""The settings: what one control does to the others, and that nothing a person has set is lost."""

import re

import pytest
from playwright.sync_api import expect

from .app import App

pytestmark = pytest.mark.browser


def expect_slider(app: App, label: str, value: str) -> None:
    expect(app.slider(label)).to_have_attribute("aria-valuetext", value)


def test_a_preset_sets_the_sliders_and_a_changed_slider_makes_it_custom(opened: App) -> None:
    app = opened
    expect(app.selected("Preset")).to_have_value("Quick")
    app.select("Preset", "Best quality")
    expect_slider(app, "Layers", "12")
    expect_slider(app, "Width", "64")
    expect_slider(app, "Epochs", "3,000")

    app.slide("Layers", "16")
    expect(app.selected("Preset")).to_have_value("Custom")
    expect_slider(app, "Epochs", "3,000")

    app.slide("Layers", "12", key="ArrowLeft")
    expect(app.selected("Preset")).to_have_value("Best quality")


def test_a_dataset_brings_its_noise_and_is_drawn_once_it_is_trained(app: App) -> None:
    app.choose("blobs")
    expect(app.dataset).to_contain_text("Gaussian blobs")
    expect_slider(app, "Noise", "0.25")
    expect(app.exact("Parts")).to_have_value("3")
    app.choose("circles")
    expect(app.exact("Parts")).to_be_hidden()
    expect_slider(app, "Noise", "0.05")
    app.slide("Epochs", "200", key="ArrowLeft")
    app.train()
    app.wait_for_progress("epoch 200 / 200")
    app.wait_for_end()
    data = app.trace("input")
    radii = [(x**2 + y**2) ** 0.5 for x, y in zip(data["x"], data["y"], strict=True)]
    assert 0.9 < max(radii) < 1.4
    assert 0.2 < min(radii) < 0.5


def test_a_chip_sets_a_control_and_asks_its_question_until_training_starts(app: App) -> None:
    headline = app.page.locator(".st-key-headline")
    expect(headline).to_contain_text("A flow learns")
    for chip, label, value, question in (
        ("Width 4", "Width", "4", "4 units"),
        ("One layer", "Layers", "1", "One coupling layer"),
    ):
        app.page.get_by_role("button", name=chip, exact=True).click()
        expect(headline).to_contain_text(re.compile(question + ".*Decide, then train"))
        expect_slider(app, label, value)
    app.slide("Epochs", "50,000")
    app.train()
    expect(headline).to_contain_text("A flow learns")
    app.wait_until_live()
    assert app.place.get_attribute("max") == "2"

    # And when one run follows another, long before the new one ends.
    app.page.get_by_role("button", name="New seed", exact=True).click()
    expect(headline).to_contain_text(re.compile("Other random numbers.*Decide, then train"))
    app.train()
    expect(headline).to_contain_text("A flow learns", timeout=10_000)


def test_an_exact_number_shows_on_the_slider_and_can_be_left_again(opened: App) -> None:
    app = opened
    app.select("Preset", "Quick")
    app.open_advanced()
    app.set_exact("Layers", "7")
    app.close_advanced()
    expect_slider(app, "Layers", "7")
    app.slide("Layers", "8")
    app.open_advanced()
    expect(app.exact("Layers")).to_have_value("8")
    app.close_advanced()


def test_a_number_out_of_range_is_not_taken(opened: App) -> None:
    app = opened
    app.open_advanced()
    app.exact("Layers").fill("33")
    app.exact("Layers").press("Enter")
    app.exact("Width").fill("32")
    app.exact("Width").press("Enter")
    app.close_advanced()
    expect_slider(app, "Width", "32")
    assert int(app.slider("Layers").get_attribute("aria-valuetext")) <= 32


def test_changes_made_faster_than_the_page_answers_are_all_kept(app: App) -> None:
    for key in ["ArrowLeft"] * 3:
        app.slider("Epochs").press(key)  # 500, 200, 100
    for key in ["ArrowLeft"] * 2:
        app.slider("Width").press(key)  # 32, 16
    app.slider("Layers").press("ArrowRight")  # 8
    app.train_button.click()
    app.wait_for_progress(re.compile("epoch .* / 100"))
    app.wait_for_end()
    for label, value in {"Epochs": "100", "Width": "16", "Layers": "8"}.items():
        expect_slider(app, label, value)
    assert app.place.get_attribute("max") == "16"
    app.wait_for_actions("Train", "Reset")  # nothing differs from the run shown
