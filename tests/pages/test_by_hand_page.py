"""The page "Coupling by hand", run by Streamlit's AppTest. Its live sliders are tested in the browser."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from realnvp.inside.shapes import FORMS
from realnvp.ui.by_hand.hand import HAND, TRIALS, Hand


@pytest.fixture
def app(app: AppTest) -> AppTest:
    return app.switch_page("pages/by_hand.py").run()


def numbers(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def chooser(app: AppTest, name: str):
    return next(box for box in app.selectbox if re.fullmatch(rf"hand_{name}_\d+", box.key))


def second(app: AppTest):
    return next(toggle for toggle in app.toggle if toggle.key.startswith("hand_second"))


def test_it_opens_on_an_example_that_tells_the_idea(app):
    assert not app.exception
    assert "One coordinate stays" in app.markdown[0].value
    shown = numbers(app)
    assert shown["Area before"] == "0.2500 units²"
    assert shown["Determinant"] != "1.000 times"
    assert all(metric.help for metric in app.metric)
    assert len(app.latex) == 3


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["s_1", "t_1", "s_2", "t_2"])
def test_a_form_changes_the_formula_and_what_is_computed(app, name, form):
    second(app).set_value(True).run()
    box = chooser(app, name)
    assert box.help
    other = "bump" if box.value == form == "constant" else "constant"
    if box.value == form:
        box = box.set_value(other).run() and chooser(app, name)
    before = [latex.value for latex in app.latex]
    box.set_value(form).run()
    assert not app.exception
    assert [latex.value for latex in app.latex] != before
    role, layer = name.split("_")
    assert getattr(app.session_state[HAND].layers[int(layer) - 1], role).form == form
    assert chooser(app, name).value == form


def test_a_stretch_changes_the_determinant_and_a_shift_does_not(app):
    before = numbers(app)
    chooser(app, "t_1").set_value("wave").run()
    assert numbers(app)["Determinant"] == before["Determinant"]
    chooser(app, "s_1").set_value("constant").run()
    assert numbers(app)["Determinant"] == "1.000 times"
    assert numbers(app)["Area now"] == before["Area before"]


def test_the_second_layer_comes_with_controls_of_its_own_and_is_shown_done(app):
    assert len(app.selectbox) == 2
    second(app).set_value(True).run()
    assert not app.exception
    assert len(app.selectbox) == 4
    assert len(app.latex) == 6
    assert app.session_state[HAND].place == 2
    second(app).set_value(False).run()
    assert len(app.selectbox) == 2
    assert app.session_state[HAND].place == 1


@pytest.mark.parametrize("name", TRIALS)
def test_a_trial_sets_the_controls_asks_and_answers_when_asked_to(app, name):
    app.button(key=f"hand_try_{name}").click().run()
    assert not app.exception
    trial = TRIALS[name]
    assert app.markdown[0].value == trial.question
    assert app.markdown[1].value == trial.answer
    hand: Hand = app.session_state[HAND]
    assert all(getattr(hand, field) == value for field, value in trial.values.items())
    assert second(app).value == hand.second
    assert chooser(app, "t_1").value == hand.layers[0].t.form


def test_what_is_set_outlasts_a_change_of_page(app):
    chooser(app, "s_1").set_value("bump").run()
    before = numbers(app)
    app.switch_page("pages/playground.py").run()
    app.switch_page("pages/by_hand.py").run()
    assert chooser(app, "s_1").value == "bump"
    assert numbers(app) == before
