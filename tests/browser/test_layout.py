"""What is where on a laptop, on a phone, on a projector and in the dark."""

import tomllib
from collections.abc import Callable
from itertools import pairwise

import pytest
from playwright.sync_api import Locator, expect

from .app import PROJECT, SOON, App, Server

pytestmark = pytest.mark.browser

THEME = tomllib.loads((PROJECT / ".streamlit/config.toml").read_text())["theme"]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}


def box(locator: Locator) -> dict[str, float]:
    """Left, top, right and bottom edges."""
    found = locator.bounding_box()
    return {
        "left": found["x"],
        "top": found["y"],
        "right": found["x"] + found["width"],
        "bottom": found["y"] + found["height"],
    }


def overflow(app: App) -> dict[str, float]:
    """How far the page reaches beyond the window, in pixels."""
    return app.page.evaluate(
        """() => {
          const main = document.querySelector('[data-testid=stMain]');
          const nodes = [...document.querySelectorAll('.stMainBlockContainer *')];
          const seen = nodes.filter((node) => node.checkVisibility() && !node.closest('svg, .katex, pre'));
          const right = Math.max(...seen.map((node) => node.getBoundingClientRect().right));
          return {
            down: main.scrollHeight - innerHeight,
            across: Math.max(main.scrollWidth, document.documentElement.scrollWidth) - innerWidth,
            right: Math.max(0, Math.floor(right - innerWidth)),
          };
        }"""
    )


def rgb(colour: str) -> str:
    """#rrggbb as a browser reports it."""
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return f"rgb({red}, {green}, {blue})"


def test_all_of_it_is_in_view_on_a_small_laptop_before_during_and_after_a_run(app: App) -> None:
    assert overflow(app) == {"down": 0, "across": 0, "right": 0}
    app.start_endless_run()
    assert overflow(app) == {"down": 0, "across": 0, "right": 0}
    app.action("Pause").click()
    expect(app.action("Step 100")).to_be_visible()
    assert overflow(app) == {"down": 0, "across": 0, "right": 0}
    app.action("Stop").click()
    app.wait_for_end()
    expect(app.page.locator(".st-key-loss")).to_contain_text("before:")
    assert overflow(app) == {"down": 0, "across": 0, "right": 0}
    expect(app.page.get_by_text("Details")).to_be_in_viewport(ratio=1)


def test_the_three_panels_stand_in_a_row_as_large_as_each_other(opened: App) -> None:
    edges = [box(opened.page.locator(f'.lf-panel[data-name="{name}"]')) for name in ("input", "latent", "inverted")]
    for left, right in pairwise(edges):
        assert left["right"] < right["left"]
        assert left["top"] == pytest.approx(right["top"], abs=1)
        assert left["bottom"] == pytest.approx(right["bottom"], abs=1)
        assert left["right"] - left["left"] == pytest.approx(right["right"] - right["left"], abs=2)


def test_on_a_phone_everything_is_in_one_column_in_the_order_of_use(
    new_tab: Callable[..., App], server: Server
) -> None:
    app = new_tab(server, **PHONE).open()
    assert overflow(app)["across"] == 0
    assert overflow(app)["right"] == 0
    panel = {name: box(app.page.locator(f'.lf-panel[data-name="{name}"]')) for name in ("input", "latent", "inverted")}
    assert panel["input"]["top"] == pytest.approx(panel["latent"]["top"], abs=1)
    assert panel["input"]["right"] <= panel["latent"]["left"]
    column = [
        box(app.page.get_by_text("A flow learns to turn your data")),
        panel["input"],
        panel["inverted"],
        box(app.page.locator(".lf-send .lf-send-button")),
        box(app.train_button),
        box(app.page.locator(".st-key-loss")),
        box(app.page.locator(".st-key-settings")),
        box(app.page.get_by_text("Details")),
    ]
    for above, below in pairwise(column):
        assert above["bottom"] <= below["top"] + 1
    assert box(app.progress)["bottom"] <= box(app.page.locator(".st-key-loss"))["top"]

    # A finger on a plot scrolls the page: it neither zooms nor, by a tap, moves the axes.
    for name in ("input", "latent", "inverted", "loss"):
        assert app.plot(name).evaluate("plot => plot._fullLayout.dragmode") is False
        assert app.plot(name).evaluate("plot => getComputedStyle(plot).touchAction") == "pan-y"
        before = app.ranges(name)
        app.plot(name).tap()
        assert app.ranges(name) == before

    app.slide("Epochs", "200", key="ArrowLeft")
    app.train()
    app.wait_for_progress("epoch 200 / 200")
    app.wait_for_end()
    assert overflow(app)["across"] == 0
    assert overflow(app)["right"] == 0


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)], ids=str)
def test_present_mode_is_larger_and_shows_the_picture_train_progress_and_loss_alone(
    new_tab: Callable[..., App], server: Server, size: tuple[int, int]
) -> None:
    app = new_tab(server, viewport=dict(zip(("width", "height"), size, strict=True))).open()
    title, plot = app.page.get_by_text("A flow learns to turn your data"), app.plot("latent")
    type_size = title.evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    height = plot.bounding_box()["height"]
    present = app.page.locator(".st-key-present label")
    present.click()
    expect(app.page.locator(".st-key-settings")).to_have_count(0)
    for hidden in ("Details", "What am I looking at?", "One layer"):
        expect(app.page.get_by_text(hidden)).to_have_count(0)
    # The picture is larger where there is room for it; a small window has none to give.
    least = height * (1.1 if size[1] >= 1000 else 0.95)
    app.page.wait_for_function(
        "least => document.querySelector('.lf-latent .lf-plot').getBoundingClientRect().height >= least", arg=least
    )
    assert title.evaluate("node => parseFloat(getComputedStyle(node).fontSize)") > 1.15 * type_size
    numbers = app.page.locator(".st-key-loss [data-testid=stMetricValue]").first
    for shown in (
        plot,
        app.train_button,
        app.progress,
        app.plot("loss"),
        app.page.locator(".lf-send .lf-send-button"),
        numbers,
    ):
        expect(shown).to_be_in_viewport(ratio=1)
    assert overflow(app) == {"down": 0, "across": 0, "right": 0}

    app.train()
    app.wait_until_live()
    expect(app.action("Stop")).to_be_in_viewport(ratio=1)
    app.action("Stop").click()
    app.wait_for_end()
    assert overflow(app) == {"down": 0, "across": 0, "right": 0}

    present.click()
    expect(app.page.locator(".st-key-settings")).to_be_visible()
    assert title.evaluate("node => parseFloat(getComputedStyle(node).fontSize)") == type_size


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_is_the_systems_in_the_page_and_in_the_plots(
    new_tab: Callable[..., App], server: Server, scheme: str
) -> None:
    app = new_tab(server, color_scheme=scheme).open()
    theme = THEME[scheme]
    painted = app.page.locator(".stApp").evaluate("node => getComputedStyle(node).backgroundColor")
    assert painted == rgb(theme["backgroundColor"])
    for name in ("input", "latent", "inverted", "loss"):
        assert app.plot(name).evaluate("plot => plot._fullLayout.font.color").lower() == theme["textColor"]
        label = app.plot(name).locator(".xtick text").first
        assert label.evaluate("node => getComputedStyle(node).fill") == rgb(theme["textColor"])
    # Points are the same in both: a class keeps its colour.
    assert app.trace("input")["color"][:3] == app.trace("latent")["color"][:3]


@pytest.mark.parametrize("options", [{}, PHONE], ids=["laptop", "phone"])
@pytest.mark.parametrize("page", ["by_hand", "layers", "follow", "density"])
def test_an_inner_page_fits_a_laptop_and_a_phone_in_light_and_dark_with_everything_opened(
    new_tab: Callable[..., App], server: Server, page: str, options: dict[str, object]
) -> None:
    app = new_tab(server, color_scheme="light", **options)
    app.go(f"/{page}")
    app.page.wait_for_function("() => document.querySelectorAll('.live-figure[data-epoch] .main-svg').length > 0")
    for more in app.page.locator(".stExpander").all():
        more.locator("summary").click()
        expect(more.locator("[data-testid=stVerticalBlock] > *").first).to_be_visible(timeout=SOON)
    for theme in ("light", "dark"):
        app.page.emulate_media(color_scheme=theme)
        expect(app.page.locator(".stApp")).to_have_css("background-color", rgb(THEME[theme]["backgroundColor"]))
        assert overflow(app)["across"] == 0
        assert overflow(app)["right"] == 0
        assert app.problem_free()
