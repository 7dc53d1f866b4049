"""Links as the pages take them in, and as the Share dialog gives them out."""

import pytest

from realnvp.config import TrainingConfig
from realnvp.link import config_query
from realnvp.ui.lesson import LESSON
from realnvp.ui.runs import TOKEN, engine, shared_token
from realnvp.ui.settings import DRAFT
from realnvp.ui.share.show_link import qr_code

SMALL = TrainingConfig(dataset="circles", layers=2, width=8, epochs=60)
HOSTILE = [
    {"run": "../../etc/passwd"},
    {"run": "' OR 1=1 --"},
    {"run": "x" * 10_000},
    {"run": "<script>alert(1)</script>"},
    {"task": "<img src=x onerror=alert(1)>", "controls": "none", "projector": "yes"},
    {"dataset": "\x00", "layers": "NaN", "preset": "__class__"},
    {"owner": "somebody", "realnvp_owner": "somebody", "present": "1", "draft": "x"},
]


def test_a_link_opens_its_settings_and_their_run_which_is_trained_once_for_all(opened):
    first, second = opened(config_query(SMALL)), opened(config_query(SMALL))
    for app in (first, second):
        assert not app.exception
        assert app.session_state[DRAFT] == SMALL
        assert TOKEN not in app.session_state  # nobody steers it
        assert not app.toast
    assert engine().view(shared_token(SMALL)).config == SMALL


def test_a_link_with_values_that_are_not_allowed_says_so_and_takes_the_nearest(opened):
    app = opened({"layers": "99", "epochs": "60", "width": "8", "lr": "fast"})
    assert app.session_state[DRAFT] == TrainingConfig(layers=32, epochs=60, width=8)
    assert [("Layers" in toast.value, "Learning rate" in toast.value) for toast in app.toast] == [
        (True, False),
        (False, True),
    ]
    assert dict(app.query_params) == {"layers": "32", "epochs": "60", "width": "8"}


def test_a_link_to_minutes_of_training_waits_for_train(opened):
    app = opened({"width": "512", "depth": "8", "epochs": "50000"})
    assert app.session_state[DRAFT].width == 512
    assert "press Train" in app.toast[0].value
    assert engine().view(shared_token()).config == TrainingConfig()


def test_a_lesson_shows_its_task_and_locks_the_settings_on_every_page(opened):
    app = opened({**config_query(SMALL), "task": "What *moves*?", "controls": "locked"})
    assert any(m.value == r"What \*moves\*?" for m in app.markdown)
    assert all(w.disabled for kind in ("slider", "select_slider", "selectbox") for w in app.get(kind))
    assert not [b for b in app.button if b.key.startswith("try_")]
    app.switch_page("pages/layers.py").run()
    assert dict(app.query_params)["task"] == "What *moves*?"  # a reload finds it
    app.switch_page("pages/playground.py").run()
    assert app.session_state[LESSON].controls == "locked"


def test_a_lesson_can_hide_the_settings(opened):
    app = opened({"controls": "hidden"})
    assert not app.exception
    assert not app.get("select_slider")
    assert any(b.key == "train" for b in app.button)


def test_the_run_of_another_browser_is_seen_and_not_steered(opened):
    mine = opened({})
    mine.session_state[DRAFT] = TrainingConfig(epochs=50_000)
    mine.run()
    mine.button("train").click().run()
    token = mine.session_state[TOKEN]
    theirs = opened({"run": token})
    assert theirs.session_state[TOKEN] == token
    shown = {b.label for b in theirs.button}
    assert not shown & {"Pause", "Stop", "Resume"}
    assert "Pause" in {b.label for b in mine.button}
    next(b for b in theirs.button if b.label == "Reset").click().run()
    assert TOKEN not in theirs.session_state
    assert engine().view(token).going  # it went on
    engine().discard(token)


@pytest.mark.parametrize("query", HOSTILE, ids=lambda query: next(iter(query)))
def test_a_hostile_link_does_nothing(query, opened):
    app = opened(query)
    assert not app.exception
    assert app.session_state[DRAFT] == TrainingConfig()
    assert TOKEN not in app.session_state
    assert not app.session_state["present"]
    assert "Train" in {b.label.split("  (")[0] for b in app.button}


def test_a_qr_code_for_every_link_that_fits():
    assert qr_code("http://localhost:8501/?layers=2").startswith("data:image/svg+xml")
    assert qr_code("x" * 5000) is None


def test_opening_and_a_link_to_the_default_settings_share_one_run():
    assert shared_token(None) == shared_token(TrainingConfig()) == shared_token()
