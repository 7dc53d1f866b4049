"""The dialog in which the data are chosen, on a real engine; for what needs a browser see tests/browser."""

import time
from typing import Any

import numpy as np
import pytest
import torch
from helpers import some_points
from streamlit.testing.v1 import AppTest

from realnvp.config import TrainingConfig
from realnvp.engine.view import RunView
from realnvp.own.samples import SAMPLES
from realnvp.point_store import keep, load
from realnvp.training import trained_flow
from realnvp.ui.dialogs import OPEN
from realnvp.ui.runs import TOKEN, engine
from realnvp.ui.settings import DRAFT


def opened(app: AppTest, source: str) -> AppTest:
    app.button(key="choose_data").click().run()
    app.button_group(key="data_source").set_value(source).run()
    assert not app.exception
    return app


def button(app: AppTest, key: str) -> Any:
    return next((b for b in app.button if b.key == key), None)


def warnings(app: AppTest) -> list[str]:
    return [warning.value.replace("\\", "") for warning in app.warning]


def test_a_word_becomes_the_data_and_is_trained(app):
    opened(app, "word")
    app.text_input(key="word").set_value("Ada").run()
    button(app, "use_and_train").click().run()
    assert not app.exception
    assert OPEN not in app.session_state
    token = app.session_state[TOKEN]
    config = engine().view(token).config
    assert config == app.session_state[DRAFT]
    assert (load(config.dataset).title, load(config.dataset).classes) == ("Ada", ("A", "d", "a"))
    engine().discard(token)


@pytest.mark.parametrize(
    ("word", "complaint"), [("", "type one"), ("   ", "type one"), ("x" * 200, "24"), ("\u5b57", "\u5b57")]
)
def test_a_word_that_cannot_be_drawn_is_said_so_and_nothing_is_lost(app, word, complaint):
    before = app.session_state[DRAFT]
    opened(app, "word")
    app.text_input(key="word").set_value(word).run()
    assert not app.exception
    assert complaint in warnings(app)[0]
    assert button(app, "use_and_train") is None
    assert app.session_state[DRAFT] == before


@pytest.mark.parametrize("name", SAMPLES)
def test_real_data_in_the_box_can_be_used_without_training_at_once(app, name):
    opened(app, "examples")
    app.selectbox(key="example").set_value(name).run()
    button(app, "use_points").click().run()
    assert not app.exception
    assert TOKEN not in app.session_state
    points = load(app.session_state[DRAFT].dataset)
    assert points.title == SAMPLES[name].title
    assert points.axes == (SAMPLES[name].x, SAMPLES[name].y)
    assert any(SAMPLES[name].title in b.label for b in app.button if b.key == "choose_data")


def test_other_columns_and_colours_make_other_points(app):
    opened(app, "examples")
    app.selectbox(key="x of iris").set_value("petal width (cm)").run()
    app.selectbox(key="colour of iris").set_value("none").run()
    button(app, "use_points").click().run()
    points = load(app.session_state[DRAFT].dataset)
    assert points.axes == ("petal width (cm)", SAMPLES["iris"].y)
    assert set(points.labels) == {0}


def test_two_equal_columns_are_refused(app):
    opened(app, "examples")
    app.selectbox(key="x of iris").set_value(SAMPLES["iris"].y).run()
    assert len(warnings(app)) == 1
    assert button(app, "use_points") is None


def pasted(n: int = 60) -> str:
    return "\n".join(
        ["a;b", *(f"{x:.3f};{y:.3f}".replace(".", ",") for x, y in np.random.default_rng(0).normal(size=(n, 2)))]
    )


def test_pasted_rows_with_decimal_commas_become_points(app):
    opened(app, "file")
    app.text_area(key="pasted").set_value(pasted()).run()
    button(app, "use_points").click().run()
    points = load(app.session_state[DRAFT].dataset)
    assert points.axes == ("a", "b")
    np.testing.assert_allclose(points.points, np.random.default_rng(0).normal(size=(60, 2)).round(3))


@pytest.mark.parametrize("text", ["word", "1;2\n3;4", pasted(49), "a,b\n" + "1,2\n" * 80, "<script>alert(1)</script>"])
def test_pasted_rows_that_cannot_be_used_are_said_so_in_one_sentence(app, text):
    before = app.session_state[DRAFT]
    opened(app, "file")
    app.text_area(key="pasted").set_value(text).run()
    assert not app.exception
    assert len(warnings(app)) == 1
    assert warnings(app)[0].endswith(".")
    assert app.session_state[DRAFT] == before


def test_each_source_opens_and_the_dialog_stays_open_when_the_page_runs_again(app):
    for source in ("shelf", "draw", "picture", "file", "examples", "word"):
        opened(app, source)
        app.run()
        assert app.button_group(key="data_source").value == source


def test_a_persons_words_are_shown_as_they_are(app):
    """A title with marks, tags and formulas in it reaches the page as text."""
    opened(app, "word")
    app.text_input(key="word").set_value("*$x$*").run()
    button(app, "use_points").click().run()
    label = next(b.label for b in app.button if b.key == "choose_data")
    assert label == r"\*\$x\$\*"


def finished(token: str) -> RunView:
    end = time.monotonic() + 60
    while not (view := engine().view(token)).status.over:
        assert time.monotonic() < end
        time.sleep(0.05)
    return view


def test_every_page_looks_inside_a_flow_of_ones_own_points(app):
    """In their own units, and against no truth."""
    app.session_state[DRAFT] = TrainingConfig(dataset=keep(some_points()), layers=2, width=8, epochs=50)
    app.run()
    next(b for b in app.button if b.key == "train").click().run()
    token = app.session_state[TOKEN]
    view = finished(token)
    for page in ("playground", "layers", "follow", "density", "by_hand"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
        if page == "follow":
            fields = app.number_input[:2]
            assert [field.label for field in fields] == ["weight (g)", "slope"]
            np.testing.assert_allclose([field.value for field in fields], view.snapshot.input[0], rtol=1e-4)
            x = torch.tensor([[field.value for field in fields]], dtype=torch.float32)
            log_prob = float(trained_flow(view.config, view.snapshot.weights).log_prob(x).detach())
            shown = next(m.value for m in app.metric if m.label == "= log p(x)")
            assert float(shown.replace("\N{MINUS SIGN}", "-")) == pytest.approx(log_prob, abs=2e-4)
        if page == "density":
            labels = [m.label for m in app.metric]
            assert labels[0] == "Integral over the view"
            assert labels[1].startswith("Learned density at (")
            assert len(labels) == 2
            assert float(app.metric[0].value) == pytest.approx(1, abs=0.1)
        assert not any("KL gap" in m.label for m in app.metric)
    engine().discard(token)


def test_points_that_are_no_longer_kept_are_said_so_and_the_last_pictures_stand(app):
    app.session_state[DRAFT] = TrainingConfig(dataset="points-00000000deadbeef")
    app.run()
    assert any("Points no longer kept" in b.label for b in app.button if b.key == "choose_data")
    next(b for b in app.button if b.key == "train").click().run()
    finished(app.session_state[TOKEN])
    app.run()
    assert not app.exception
    assert "choose the data again" in app.warning[0].value
    engine().discard(app.session_state[TOKEN])


def test_stopping_early_is_forgotten_with_the_points_that_it_was_for(app):
    opened(app, "examples")
    button(app, "use_points").click().run()
    patience = next(box for box in app.selectbox if box.key.startswith("set_patience"))
    patience.set_value(100).run()
    assert app.session_state[DRAFT].patience == 100
    opened(app, "word")
    button(app, "use_points").click().run()
    assert app.session_state[DRAFT].patience == 100
