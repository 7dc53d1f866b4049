"""The layers in motion: played, scrubbed and stepped through in the browser, and looked at while they stand."""

import re
from collections.abc import Callable

import numpy as np
import pytest
import torch
from helpers import gaussian, perturb
from playwright.sync_api import Locator, expect

from realnvp.flow import RealNVP
from realnvp.tracing import partway, take_journey
from realnvp.ui.static_files import modules_name

from .app import SOON, App, Server

pytestmark = pytest.mark.browser
LAYERS = 6
TIMES = "\N{MULTIPLICATION SIGN}"


@pytest.fixture
def layers(new_tab: Callable[..., App], server: Server) -> App:
    """The layers page with the default run, standing before the first layer."""
    app = new_tab(server)
    app.page.add_init_script("sessionStorage.setItem('realnvp-stage', 'seen')")
    return open_layers(app)


def open_layers(app: App) -> App:
    app.go("/layers")
    expect(app.stage).to_have_attribute("data-epoch", "1000", timeout=SOON)
    return app


def button(app: App, name: str) -> Locator:
    return app.stage.get_by_role("button", name=name, exact=True)


def stands_at(app: App, place: float) -> None:
    """Waits until the stage stands there: the plot shows it, and not the canvas."""
    expect(app.stage).to_have_attribute("data-stands", f"{place:.2f}", timeout=SOON)


def points(app: App) -> np.ndarray:
    trace = app.trace("stage")
    return np.stack([trace["x"], trace["y"]], -1)


def test_the_browser_computes_the_places_between_the_layers_as_the_flow_does(opened: App) -> None:
    flow = perturb(RealNVP(n_layers=5, hidden_features=16, max_log_scale=1.0, generator=torch.Generator()))
    x = gaussian(40, 2, dtype=torch.float32)
    journey = take_journey(flow, x)
    for place in (0.0, 0.3, 1.0, 2.62, 4.999, 5.0):
        y, log_det, eased = opened.page.evaluate(
            """async ([module, x, s, t, changed, place]) => {
              const { Way } = await import(module);
              const array = (values) => Float32Array.from(values);
              const way = new Way({ x: array(x), s: array(s), t: array(t), changed });
              const [layer, u] = way.part(place);
              return [[...way.points(place)], [...way.logDets(place)], layer + u];
            }""",
            [
                f"/app/static/{modules_name()}/way.js",
                journey.points.ravel().tolist(),
                journey.s.ravel().tolist(),
                journey.t.ravel().tolist(),
                list(journey.changed),
                place,
            ],
        )
        expected, expected_log_det = partway(flow, x, eased)
        assert abs(eased - place) < 0.5
        assert np.allclose(np.reshape(y, (-1, 2)), expected.detach(), rtol=1e-4, atol=1e-4)
        assert np.allclose(log_det, expected_log_det.detach(), rtol=1e-4, atol=1e-4)


def test_it_plays_once_by_itself_to_the_latent_space_and_asks_the_server_for_nothing(
    new_tab: Callable[..., App], server: Server
) -> None:
    app = new_tab(server)
    messages: list[object] = []
    app.page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: messages.append(frame)))
    open_layers(app)
    expect(button(app, "Pause")).to_be_visible(timeout=SOON)
    app.page.wait_for_function("() => document.querySelector('.lf-canvas').dataset.place > 0.5", timeout=SOON)
    before = len(messages)
    assert before > 0
    stands_at(app, LAYERS)
    assert len(messages) == before
    expect(app.stage_caption).to_have_text(f"Latent: after all {LAYERS} layers.")
    app.page.reload()
    expect(app.stage).to_have_attribute("data-epoch", "1000", timeout=SOON)
    stands_at(app, 0)
    expect(button(app, "Play")).to_be_visible()


def test_steps_go_layer_by_layer_and_the_plot_shows_where_the_points_are(layers: App) -> None:
    stands_at(layers, 0)
    start = points(layers)
    button(layers, "Next layer").click()
    stands_at(layers, 1)
    expect(layers.stage_caption).to_have_text(f"After layer 1 of {LAYERS}: x₁ stayed, x₂ was stretched and shifted.")
    moved = points(layers)
    assert np.allclose(moved[:, 0], start[:, 0], atol=1e-4)
    assert np.abs(moved[:, 1] - start[:, 1]).max() > 0.05
    button(layers, "Layer before").click()
    stands_at(layers, 0)
    assert np.allclose(points(layers), start, atol=1e-4)


def test_the_keyboard_steps_and_plays(layers: App) -> None:
    stands_at(layers, 0)
    for place in (1, 2):
        layers.page.keyboard.press("ArrowRight")
        stands_at(layers, place)
    layers.page.keyboard.press("ArrowLeft")
    stands_at(layers, 1)
    layers.page.keyboard.press("Space")
    expect(button(layers, "Pause")).to_be_visible()
    layers.page.keyboard.press("Space")
    expect(button(layers, "Play")).to_be_visible()


def test_the_slider_goes_between_the_layers(layers: App) -> None:
    layers.place.fill("2.5")
    stands_at(layers, 2.5)
    expect(layers.stage_caption).to_have_text(f"Layer 3 of {LAYERS}: x₁ stays, x₂ is stretched and shifted.")


def test_the_other_direction_goes_from_the_latent_space_to_the_data(layers: App) -> None:
    stands_at(layers, 0)
    start = points(layers)
    button(layers, "Latent → data").click()
    stands_at(layers, LAYERS)
    button(layers, f"2{TIMES}").click()
    button(layers, "Play").click()
    stands_at(layers, 0)
    assert np.allclose(points(layers), start, atol=1e-4)


def test_speed_changes_how_long_a_layer_takes(layers: App) -> None:
    """The ratio of two times taken in one page, at half and at double speed: 4, whatever the machine."""
    times = []
    for speed in (f"0.5{TIMES}", f"2{TIMES}"):
        layers.place.fill("0")
        stands_at(layers, 0)
        button(layers, speed).click()
        expect(button(layers, speed)).to_have_attribute("aria-pressed", "true")
        times.append(
            layers.page.evaluate(
                """async () => {
                  const canvas = document.querySelector(".lf-canvas");
                  const reach = (place) => new Promise((done) => {
                    const there = () => canvas.dataset.place >= place;
                    const look = () => (there() ? done(performance.now()) : requestAnimationFrame(look));
                    look();
                  });
                  document.querySelector(".lf-stage-row .lf-send-button").click();
                  const from = await reach(0.2);
                  const to = await reach(2.2);
                  document.querySelector(".lf-stage-row .lf-send-button").click();
                  return to - from;
                }"""
            )
        )
    assert times[0] > 2 * times[1]


@pytest.mark.parametrize(("coat", "shown"), [("Points", True), ("Grid", True), ("Density", False)])
def test_each_coat_can_be_put_on_and_taken_off(layers: App, coat: str, shown: bool) -> None:
    stands_at(layers, 0)
    before = drawn(layers)
    expect(button(layers, coat)).to_have_attribute("aria-pressed", str(shown).lower())
    button(layers, coat).click()
    expect(button(layers, coat)).to_have_attribute("aria-pressed", str(not shown).lower())
    layers.page.wait_for_function(
        "(before) => { const plot = document.querySelector('.lf-stage .lf-plot');"
        " return JSON.stringify([plot.data[0].visible, plot.layout.images[0].source]) !== before; }",
        arg=before,
        timeout=SOON,
    )
    if coat == "Density":
        expect(layers.stage.locator(".lf-scale")).to_contain_text("log density, -7 to")


def drawn(app: App) -> str:
    """Whether there are points, and the image of what lies under them."""
    return app.plot("stage").evaluate("plot => JSON.stringify([plot.data[0].visible, plot.layout.images[0].source])")


def test_the_layer_in_view_is_explained_and_a_small_picture_brings_another(layers: App) -> None:
    stands_at(layers, 0)
    layers.page.get_by_text("What this layer does").click()
    expect(layers.plot("curves").locator(".xtitle")).to_have_text("x₁, which stays", timeout=SOON)
    first = layers.trace("curves")["y"]
    highlighted = layers.trace("contributions")["color"].index("#4c6fe0")
    assert highlighted == 0
    layers.page.get_by_text("All layers side by side").click()
    layers.stages.get_by_role("button", name="Layer 4: x₁ moves").click()
    stands_at(layers, 4)
    expect(layers.plot("curves").locator(".xtitle")).to_have_text("x₂, which stays", timeout=SOON)
    assert layers.trace("curves")["y"] != first
    layers.page.wait_for_function(
        "() => document.querySelector('.lf-contributions .lf-plot').data[0].marker.color[3] === '#4c6fe0'", timeout=SOON
    )
    expect(layers.stages.locator(".lf-stage-4")).to_have_class(re.compile("lf-in-view"))


def test_while_it_stands_a_point_can_be_hovered_and_the_picture_saved(layers: App) -> None:
    button(layers, "Next layer").click()
    stands_at(layers, 1)
    place = layers.plot("stage").evaluate(
        """(plot) => {
          const { _size: size, xaxis, yaxis } = plot._fullLayout;
          return [size.l + xaxis.d2p(plot.data[0].x[0]), size.t + yaxis.d2p(plot.data[0].y[0])];
        }"""
    )
    layers.plot("stage").hover(position={"x": place[0], "y": place[1]})
    expect(layers.plot("stage").locator(".hovertext")).to_contain_text("x₁", timeout=SOON)
    with layers.page.expect_download() as saved:
        layers.plot("stage").locator('[data-title="Download plot as a PNG"]').click()
    assert saved.value.suggested_filename == "realnvp-stage.png"


def test_a_page_of_a_run_that_goes_shows_its_newest_layers(app: App) -> None:
    app.start_endless_run()
    app.page.evaluate("sessionStorage.setItem('realnvp-stage', 'seen')")
    app.page.get_by_role("button", name="Look inside").click()
    app.page.get_by_role("menuitem", name="Layers").click()
    expect(app.stage).to_be_visible(timeout=SOON)
    first = int(app.stage.get_attribute("data-epoch") or 0)
    app.page.wait_for_function(
        "epoch => Number(document.querySelector('.st-key-stage .live-figure').dataset.epoch) > epoch",
        arg=first,
        timeout=SOON,
    )
