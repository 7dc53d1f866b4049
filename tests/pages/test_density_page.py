"""The density page, run by Streamlit's AppTest on a real engine: what it draws is caught on the way to the browser."""

import math
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from realnvp.config import TrainingConfig
from realnvp.datasets import distribution
from realnvp.engine.report import Pace
from realnvp.flow import RealNVP
from realnvp.training import trained_flow
from realnvp.ui.data import points_of
from realnvp.ui.density import bridge, latent
from realnvp.ui.density import page as density
from realnvp.ui.density.numbers import decimals_of, density_words, nats_words, percent, signed
from realnvp.ui.live_figure import Click
from realnvp.ui.runs import TOKEN, UNSEEN, engine, shared_token

APP = str(Path(__file__).parents[2] / "app.py")
pytestmark = pytest.mark.usefixtures("default_run")


def wait_for_end(token: str) -> None:
    end = time.monotonic() + 120
    while not engine().view(token).status.over:
        assert time.monotonic() < end
        time.sleep(0.1)


class Shown(dict):
    """What was drawn last: panel name -> its figure, and what a click there does; by epoch too."""

    def catch(self, panels: list[Any], *, epoch: int, on_click: Any = None, **options: Any) -> None:
        for panel in panels:
            self[panel.name] = self[panel.name, epoch] = panel.figures[""]
            self[panel.name, "click"] = on_click

    def values(self, panel: str | tuple[str, int]) -> np.ndarray:
        return np.array(self[panel]["data"][0]["z"])

    def points(self, panel: str, trace: int = 0) -> np.ndarray:
        found = self[panel]["data"][trace]
        return np.stack([found["x"], found["y"]], 1)


@pytest.fixture
def shown(monkeypatch) -> Shown:
    shown = Shown()
    for module in (density, latent, bridge):
        monkeypatch.setattr(module, "live_figure", shown.catch)
    return shown


@pytest.fixture
def page(shown, app) -> AppTest:
    return opened(app)


def opened(app: AppTest) -> AppTest:
    app.switch_page("pages/density.py").run()
    assert not app.exception
    return app


def flow() -> RealNVP:
    view = engine().view(shared_token())
    return trained_flow(view.config, view.snapshot.weights).requires_grad_(False)


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in page.metric}


def said(page: AppTest) -> str:
    return " ".join(element.value for element in (*page.markdown, *page.caption))


def test_it_names_the_run_and_explains_every_number_and_control(page):
    assert "Two moons, 6 layers, width 64, epoch 1,000" in said(page)
    assert all(metric.help for metric in page.metric)
    assert all(control.help for control in (*page.slider, *page.get("button_group")))
    assert [expander.label for expander in page.expander] == [
        "Sample, and put a point, a line or a circle into the latent space",
        "Why a thin bridge joins the two moons",
    ]


def test_learned_true_and_difference_are_of_the_same_cells_and_the_integral_is_the_learned_ones(page, shown):
    learned, true = shown.values("learned"), shown.values("true")
    np.testing.assert_allclose(shown.values("difference"), learned - true, atol=1e-6)
    trace = shown["learned"]["data"][0]
    assert learned.sum() * trace["dx"] * trace["dy"] == pytest.approx(
        float(metrics(page)["Integral over the view"]), abs=5.1e-4
    )
    scale = ("zmin", "zmax", "colorscale", "x0", "dx", "y0", "dy")
    assert all(shown["learned"]["data"][0][name] == shown["true"]["data"][0][name] for name in scale)


def test_the_scale_can_be_that_of_the_log_density(page, shown):
    plain = shown.values("learned")
    page.get("button_group")[0].set_value(True).run()
    logs = shown.values("learned")
    np.testing.assert_allclose(np.exp(logs[plain > 0.01]), plain[plain > 0.01], rtol=1e-3)
    assert shown["difference"]["data"][0]["zmax"] != pytest.approx(shown["true"]["data"][0]["zmax"])
    opened(page.switch_page("pages/layers.py").run())
    assert np.array_equal(shown.values("learned"), logs)  # the choice has outlived a change of page


@pytest.mark.parametrize("place", [(0.0, 1.0), (0.5, 0.25), (2.3, 1.4)])
def test_a_click_shows_both_densities_there(page, place):
    page.session_state[density.PLACE] = (points_of(engine().view(shared_token())), *place)
    page.run()
    x = torch.tensor([place])
    at = f"({signed(place[0])}, {signed(place[1])})"
    learned, true = (metrics(page)[f"{name} density at {at}"] for name in ("Learned", "True"))
    assert learned == f"{density_words(float(flow().log_prob(x)))} per unit area"
    assert true == f"{density_words(float(distribution('two_moons', 0.05).log_prob(x)))} per unit area"


def test_a_place_of_other_data_is_not_kept(page, shown):
    first = metrics(page)
    page.session_state[density.PLACE] = ("circles 0.05", 0.4, 0.4)
    page.run()
    assert metrics(page) == first
    held_out = engine().view(shared_token()).snapshot.input[0]
    assert shown.points("learned", 1)[0] == pytest.approx(held_out)


def test_the_temperature_scales_noise_and_samples_follow(page, shown):
    noise, samples = shown.points("latent"), shown.points("data")
    page.slider(key=latent.TEMPERATURE).set_value(0.5).run()
    np.testing.assert_allclose(shown.points("latent"), 0.5 * noise, rtol=1e-5)
    expected = flow().inverse(torch.from_numpy(0.5 * noise))[0]
    np.testing.assert_allclose(shown.points("data"), expected, atol=1e-4)
    assert not np.allclose(shown.points("data"), samples, atol=0.01)


def put_in(page: AppTest, form: str) -> None:
    page.get("button_group")[1].set_value(form).run()
    assert not page.exception


def test_a_point_put_in_is_shown_with_its_path_and_where_it_lands(page, shown):
    page.session_state[latent.POINT] = (0.3, -1.2)
    page.run()
    path = shown.points("data", 1)
    assert len(path) == 7
    assert path[0] == pytest.approx((0.3, -1.2))
    assert path[-1] == pytest.approx(flow().inverse(torch.tensor([[0.3, -1.2]]))[0][0].numpy(), abs=1e-5)
    assert f"lands at x = ({signed(path[-1][0])}, {signed(path[-1][1])})" in said(page)


def test_a_line_is_drawn_from_click_to_click(page, shown):
    put_in(page, "line")
    before = shown.points("latent", 1)
    page.session_state[latent.ENDS] = ((-1.0, 0.5),)
    page.run()
    assert "there the line ends" in said(page)
    page.session_state[latent.ENDS] = ((-1.0, 0.5), (1.5, 0.5))
    page.run()
    pieces = [shown.points("latent", k) for k in range(1, 5)]
    assert pieces[0][0] == pytest.approx((-1, 0.5))
    assert pieces[-1][-1] == pytest.approx((1.5, 0.5))
    assert not np.array_equal(pieces[0], before)
    image = np.concatenate([shown.points("data", k) for k in range(1, 5)])
    expected = flow().inverse(torch.from_numpy(np.concatenate(pieces)))[0]
    np.testing.assert_allclose(image, expected, atol=1e-4)


def test_the_radius_changes_the_circle_and_its_image(page, shown):
    put_in(page, "circle")
    image = shown.points("data", 1)
    page.slider(key=latent.RADIUS).set_value(2.2).run()
    assert np.linalg.norm(shown.points("latent", 1), axis=1) == pytest.approx(2.2)
    assert shown.points("data", 1).shape != image.shape or not np.allclose(shown.points("data", 1), image)


def test_what_a_click_puts_in(monkeypatch):
    state: dict[str, Any] = {}
    monkeypatch.setattr(latent.st, "session_state", state)
    latent.take("point", (1.0, 2.0))
    assert state.pop(latent.POINT) == (1.0, 2.0)
    for click, ends in zip("abc", (("a",), ("a", "b"), ("c",)), strict=True):
        latent.take("line", click)
        assert state[latent.ENDS] == ends
    for place, radius in (((0.6, 0.8), 1.0), ((9.0, 0.0), latent.WIDEST), ((0.0, 0.0), 0.1)):
        latent.take("circle", place)
        assert state[latent.RADIUS] == pytest.approx(radius)


def test_a_click_in_the_data_panel_puts_in_the_point_that_lands_there(page, shown, monkeypatch):
    taken = []
    monkeypatch.setattr(latent, "take", lambda form, place: taken.append(place))
    shown["data", "click"](Click("data", 0.5, 0.8, -1))
    assert flow().inverse(torch.tensor(taken))[0][0].numpy() == pytest.approx((0.5, 0.8), abs=1e-4)


def test_the_bridge_has_its_numbers(page, shown):
    numbers = metrics(page)
    lowest = [float(trace["y"].min()) for trace in shown["bridge-along"]["data"]]
    assert numbers["Lowest learned density on the way"] == f"{density_words(lowest[0])} per unit area"
    assert numbers["Lowest true density on the way"] == f"{density_words(lowest[1])} per unit area"
    assert "not tear" in said(page)
    line = shown.points("bridge-data", 3)
    assert line[0] == pytest.approx((0, 1), abs=0.01)
    assert line[-1] == pytest.approx((1, -0.5), abs=0.01)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"dataset": "circles"}, "two circles lie apart"),
        ({"dataset": "blobs"}, "blobs lie apart"),
        ({"dataset": "two_moons", "noise": 0.5}, "nothing to bridge"),
        ({"lr": 1.0, "clip_norm": 0.0, "max_log_scale": 10.0, "initialisation": "default"}, "two moons lie apart"),
    ],
    ids=str,
)
def test_other_and_badly_trained_flows_are_shown_with_words_that_fit(shown, settings, words):
    token = engine().submit(TrainingConfig(**{"layers": 2, "width": 8, "epochs": 5} | settings), pace=Pace.FULL)
    wait_for_end(token)
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[TOKEN] = token
    page = opened(app.run())
    assert words in said(page)
    assert "nan" not in " ".join(metrics(page).values())
    assert all(np.isfinite(shown.values(panel)).all() for panel in ("learned", "true", "difference"))
    engine().discard(token)


def test_a_flow_that_has_not_trained_is_shown_as_the_gaussian_it_is(shown):
    token = engine().submit(TrainingConfig(epochs=200), pace=Pace.FULL)
    wait_for_end(token)
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[TOKEN] = app.session_state[UNSEEN] = token  # so that it is seen from epoch 0
    app.switch_page("pages/density.py").run()
    assert not app.exception
    assert shown.values(("learned", 0)).max() == pytest.approx(1 / (2 * math.pi), rel=0.01)
    trace = shown["learned", 0]["data"][0]
    assert shown.values(("learned", 0)).sum() * trace["dx"] * trace["dy"] == pytest.approx(0.718, abs=1e-3)
    line = shown["bridge-data", 0]["data"][3]
    assert np.ptp(np.gradient(line["y"]) / np.gradient(line["x"])) < 0.01  # straight
    engine().discard(token)


def test_numbers_as_they_are_read():
    assert density_words(0.0) == "1.00"
    assert density_words(math.log(0.0123)) == "0.0123"
    assert density_words(-20.0).endswith("10⁻⁹")
    assert density_words(-math.inf) == "0"
    assert density_words(80.0).endswith("10³⁵")
    assert re.sub(r"\W", "", nats_words(-1.5)) == "150nats"
    assert "∞" in nats_words(-math.inf)
    assert [percent(part) for part in (0.2471, 0.00023, 0.0)] == ["24.7%", "0.02%", "0.0%"]
    assert [decimals_of(error) for error in (2e-4, 1e-3, 1e-2)] == [3, 2, 1]
