"""What a person sees who opens the app, and what the browser has to do for it."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from .app import App

pytestmark = pytest.mark.browser


def test_it_opens_with_a_trained_flow_and_says_whose_it_is(opened: App) -> None:
    assert opened.epoch == 1000
    assert {name: opened.points(name) for name in ("input", "latent", "inverted")} == dict.fromkeys(
        ("input", "latent", "inverted"), 10_000
    )
    expect(opened.progress).to_contain_text("epoch 1,000 / 1,000")
    expect(opened.progress).to_contain_text("server")  # that is, nobody has pressed Train
    opened.wait_for_actions("Train")
    assert opened.token is None


def test_the_numbers_that_are_always_there_add_up(opened: App) -> None:
    numbers = opened.page.locator(".st-key-loss [data-testid=stMetricValue]").all_inner_texts()
    nll, kl_gap = (float(re.fullmatch(r"(-?\d+\.\d{3}) nats", number)[1]) for number in numbers)
    floor = float(re.search(r"entropy floor (\d+\.\d{3})", opened.plot("loss").inner_text())[1])
    assert floor == pytest.approx(0.288, abs=0.002)
    assert nll == pytest.approx(floor + kl_gap, abs=0.0016)
    assert 0 < kl_gap < 0.1


def test_every_figure_has_a_name_for_those_who_cannot_see_it(opened: App) -> None:
    for name in ("Input", "Latent", "Inverted", "Loss"):
        expect(opened.page.get_by_role("figure", name=name)).to_have_count(1)


def test_the_latent_panel_has_the_rings_of_1_2_and_3_sigma(opened: App) -> None:
    rings = opened.plot("latent").evaluate("plot => plot._fullLayout.shapes.map(s => [s.type, s.x0, s.x1, s.y0, s.y1])")
    assert rings == [["circle", -sigma, sigma, -sigma, sigma] for sigma in (1, 2, 3)]
    for name in ("input", "inverted"):
        assert opened.plot(name).evaluate("plot => plot._fullLayout.shapes.length") == 0


def test_the_axes_of_each_panel_have_one_scale(opened: App) -> None:
    for name in ("input", "latent", "inverted"):
        across, up = opened.plot(name).evaluate(
            "({ _fullLayout: { xaxis, yaxis } }) => [xaxis, yaxis].map((a) => a._length / (a.range[1] - a.range[0]))"
        )
        assert across == pytest.approx(up, rel=0.02)


def test_a_point_has_the_same_colour_in_input_and_latent(opened: App) -> None:
    colours = [opened.trace(name)["color"] for name in ("input", "latent")]
    assert colours[0] == colours[1]
    assert set(colours[0]) == {0, 1}


def test_the_latent_points_are_about_gaussian_and_the_samples_about_the_data(opened: App) -> None:
    data, latent, samples = (
        np.array([trace["x"], trace["y"]]) for trace in map(opened.trace, ("input", "latent", "inverted"))
    )
    assert np.abs(latent.mean(1)).max() < 0.2
    assert np.abs(latent.std(1) - 1).max() < 0.2
    assert np.abs(data.mean(1) - samples.mean(1)).max() < 0.2
    assert np.abs(data.std(1) - samples.std(1)).max() < 0.2


def test_same_points_are_the_input_in_its_colours_and_new_samples_have_one_neutral_colour(opened: App) -> None:
    samples = opened.trace("inverted")
    assert isinstance(samples["color"], str)  # one for all

    opened.page.get_by_role("button", name="Same points").click()
    expect(opened.page.get_by_role("button", name="Same points")).to_have_attribute("aria-pressed", "true")
    opened.page.wait_for_function(
        "() => document.querySelector('.lf-inverted .lf-plot').data[0].marker.color.length > 100"
    )
    same, data = opened.trace("inverted"), opened.trace("input")
    assert same["color"] == data["color"]
    assert same["x"] == pytest.approx(data["x"], abs=1e-3)
    assert same["y"] == pytest.approx(data["y"], abs=1e-3)

    opened.page.get_by_role("button", name="New samples").click()
    opened.page.wait_for_function(
        "() => typeof document.querySelector('.lf-inverted .lf-plot').data[0].marker.color === 'string'"
    )
    assert opened.trace("inverted") == samples


def test_on_a_fresh_server_the_first_flow_is_seen_learning_and_no_panel_is_ever_empty(
    first_tab: App,
) -> None:
    app = first_tab
    app.go("/")
    app.wait_until_live()
    app.watch()
    app.wait_for_actions("Train")
    app.wait_for_epoch(1000)
    expect(app.progress).to_contain_text("trained when the server started")
    seen = app.watched()
    assert set(seen["faults"]) <= {"loss is empty"}  # a first curve begins with no epoch at all
    assert len(seen["panels"]) > 3
    assert app.points("latent") == 10_000
