"""Sending the points through: a canvas over the panels on which they travel from input to latent and back."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from .app import SOON, App, Server

pytestmark = pytest.mark.browser

# The share of points of a panel that the canvas shows at the place where the panel has them, in their colour.
SHARE_IN_PLACE = """
(plot) => {
  const canvas = document.querySelector(".lf-canvas");
  const input = document.querySelector(".lf-input .lf-plot");
  const { _size: size, xaxis, yaxis } = plot._fullLayout;
  const box = plot.getBoundingClientRect();
  const origin = canvas.getBoundingClientRect();
  const ratio = canvas.width / origin.width;
  const palette = [[0, 0x72, 0xb2], [0xe6, 0x9f, 0]];
  const context = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
  context.drawImage(canvas, 0, 0);
  let [seen, right] = [0, 0];
  for (let i = 0; i < 1000; i++) {
    const [x, y] = [plot.data[0].x[i], plot.data[0].y[i]];
    const across = (x - xaxis.range[0]) / (xaxis.range[1] - xaxis.range[0]);
    const up = (y - yaxis.range[0]) / (yaxis.range[1] - yaxis.range[0]);
    if (across < 0.01 || across > 0.99 || up < 0.01 || up > 0.99) continue;
    const left = box.left - origin.left + size.l + across * size.w;
    const top = box.top - origin.top + size.t + (1 - up) * size.h;
    const [r, g, b] = context.getImageData(Math.round(left * ratio), Math.round(top * ratio), 1, 1).data;
    const far = palette.map((colour) => Math.hypot(r - colour[0], g - colour[1], b - colour[2]));
    seen += 1;
    if (far[input.data[0].marker.color[i]] < 120 && far[input.data[0].marker.color[i]] <= Math.min(...far)) right += 1;
  }
  return [seen, right / seen];
}
"""


def put_at(app: App, place: float) -> None:
    """Moves the slider of the journey as a hand does."""
    app.place.fill(str(place))
    expect(app.canvas).to_have_attribute("data-place", f"{place:.2f}")


def empty(app: App) -> bool:
    """Whether the canvas shows nothing."""
    return app.canvas.evaluate(
        """(canvas) => {
          const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d", { willReadFrequently: true });
          copy.drawImage(canvas, 0, 0);
          return copy.getImageData(0, 0, canvas.width, canvas.height).data.every((byte) => byte === 0);
        }"""
    )


def record_places(app: App) -> None:
    """Keeps every place that the points come to, from the first on."""
    app.page.add_init_script(
        """window.places = [];
        new MutationObserver((changes) => {
          for (const { target } of changes) places.push(Number(target.dataset.place));
        }).observe(document, { subtree: true, attributes: true, attributeFilter: ["data-place"] });"""
    )


def places(app: App) -> list[float]:
    return app.page.evaluate("places")


def test_it_plays_by_itself_once_and_not_again_after_a_reload(new_tab: Callable[..., App], server: Server) -> None:
    app = new_tab(server, journey=True)
    record_places(app)
    app.open()
    app.page.wait_for_function("() => Math.max(...places) > 11 && places.at(-1) === 0", timeout=SOON)
    travelled = places(app)
    assert len(travelled) > 10
    way = travelled[: travelled.index(max(travelled)) + 1]
    assert way == sorted(way)
    assert 6 in way  # it rests at the latent space
    assert empty(app)

    app.page.reload()
    app.wait_for_epoch(1000)
    app.page.wait_for_timeout(1500)  # it would set out half a second after the first picture
    assert set(places(app)) == {0}


def test_it_never_plays_by_itself_under_reduced_motion_but_can_be_asked_to(
    new_tab: Callable[..., App], server: Server
) -> None:
    app = new_tab(server, journey=True, reduced_motion="reduce")
    record_places(app)
    app.open()
    app.page.wait_for_timeout(1500)
    assert set(places(app)) == {0}

    app.page.get_by_role("button", name="Send the points through").click()
    app.page.wait_for_function("() => Math.max(...places) === 12 && places.at(-1) === 0", timeout=SOON)
    assert all(place == round(place) for place in places(app))  # from layer to layer, without the way between


def test_the_button_plays_and_pauses(opened: App) -> None:
    app = opened
    put_at(app, 0)
    app.page.get_by_role("button", name="Send the points through").click()
    app.page.wait_for_function("() => Number(document.querySelector('.lf-canvas').dataset.place) > 1")
    app.page.locator(".lf-send .lf-send-button", has_text="Pause").click()
    expect(app.page.get_by_role("button", name="Send the points through")).to_be_visible()
    place = float(app.canvas.get_attribute("data-place"))
    assert 0 < place < 12
    app.page.get_by_role("button", name="Send the points through").click()
    app.page.wait_for_function("place => Number(document.querySelector('.lf-canvas').dataset.place) > place", arg=place)
    expect(app.canvas).to_have_attribute("data-place", "0.00", timeout=SOON)


def test_its_caption_says_at_every_place_what_the_layers_do(opened: App) -> None:
    app = opened
    put_at(app, 0)
    expect(app.caption).to_have_text("From the input through 6 coupling layers to the latent space, and back.")
    moving = []
    for layer in range(6):
        put_at(app, layer + 0.5)
        there = re.fullmatch(
            rf"Layer {layer + 1} of 6: (x₁|x₂) stays, (x₁|x₂) is stretched and shifted.", app.caption.inner_text()
        )
        put_at(app, 12 - layer - 0.5)
        back = re.fullmatch(
            rf"Layer {layer + 1} of 6: (x₁|x₂) stays, (x₁|x₂) is shifted and stretched back.", app.caption.inner_text()
        )
        assert there.groups() == back.groups()
        assert there[1] != there[2]
        moving.append(there[2])
    assert moving in (["x₁", "x₂"] * 3, ["x₂", "x₁"] * 3)
    put_at(app, 6)
    expect(app.caption).to_contain_text("Latent")
    put_at(app, 12)
    expect(app.caption).to_contain_text("Inverted")


def test_the_points_arrive_where_each_panel_has_them(opened: App) -> None:
    app = opened
    put_at(app, 0)
    assert empty(app)
    app.page.get_by_role("button", name="Same points").click()
    app.page.wait_for_function(
        "() => typeof document.querySelector('.lf-inverted .lf-plot').data[0].marker.color !== 'string'"
    )
    for place, panel in ((0.02, "input"), (6, "latent"), (12, "inverted")):
        put_at(app, place)
        seen, share = app.plot(panel).evaluate(SHARE_IN_PLACE)
        assert seen > 900
        assert share > 0.9, panel
    put_at(app, 5)  # one layer before: elsewhere
    assert app.plot("latent").evaluate(SHARE_IN_PLACE)[1] < 0.5
    put_at(app, 0)
    assert empty(app)


def test_it_can_be_played_while_a_run_goes_and_takes_its_newest_points(app: App) -> None:
    app.start_endless_run()
    put_at(app, 6)
    for _ in range(3):
        app.wait_beyond(app.epoch)
        expect(app.canvas).to_have_attribute("data-place", "6.00")
    app.action("Pause").click()
    app.wait_for_progress("paused")
    epoch = re.search(r"epoch ([\d,]+)", app.progress.inner_text())[1].replace(",", "")
    app.wait_for_epoch(int(epoch))
    seen, share = app.plot("latent").evaluate(SHARE_IN_PLACE)
    assert seen > 500
    assert share > 0.9
