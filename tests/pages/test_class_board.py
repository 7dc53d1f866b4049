"""The class's board: the ways in, publishing, the order of the wall, and a teacher's tools."""

import csv
import io
import secrets
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from realnvp.config import TrainingConfig
from realnvp.store.board import Challenge, clean_nickname
from realnvp.ui.board import visit
from realnvp.ui.board.ranking import ranked
from realnvp.ui.board.spreadsheet import wall_csv
from realnvp.ui.board.teacher import KEY_TO_SHOW
from realnvp.ui.owner import OWNER
from realnvp.ui.runs import TOKEN, engine, store
from realnvp.ui.settings import DRAFT, QUESTION

APP = str(Path(__file__).parents[2] / "app.py")
TEACHER, ADA, BOB = (f"{name}-with-a-long-token-123" for name in ("teacher", "ada", "bob"))
SMALL = TrainingConfig(dataset="circles", layers=2, width=8, epochs=40)
HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "</b></article><script>alert(1)</script>",
    "[x](javascript:alert(1))",
    "**b** $x$ :material/home:",
    "\u202e\u200bevil",
    "=1+1",
    "@SUM(A1)",
    "'; DROP TABLE runs; --",
    "\U0001f600\U0001f600",
    "x" * 10_000,
]


def until(condition: Callable[[], Any], timeout: float = 60) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def trained(owner: str, **values: object) -> str:
    token = engine().submit(replace(SMALL, **values), owner=owner)
    until(lambda: engine().view(token).status.over)
    assert store().flush()
    return token


@cache
def runs_of_ada() -> list[str]:
    """The oldest first; the tests of this module leave them as they are."""
    return [trained(ADA, **values) for values in ({}, {"epochs": 60}, {"dataset": "two_moons"})]


@cache
def run_of_bob() -> str:
    return trained(BOB, layers=1)


@pytest.fixture(autouse=True)
def minutes_later() -> None:
    """What was published in the test before counts no more."""
    before = store().boards.clock
    store().boards.clock = lambda: before() + 61


def new_class(challenge: Challenge | None = None) -> tuple[str, str]:
    """The code of a class, and who teaches it."""
    teacher = secrets.token_urlsafe(16)
    return store().boards.open(teacher, "Physics", challenge or Challenge())[0], teacher


def class_page(owner: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[OWNER] = owner
    app.run()
    app.switch_page("pages/class_board.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def cards(app: AppTest) -> list[str]:
    return [body for element in app.get("html") if "wall-card" in (body := element.proto.body)]


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def button(app: AppTest, label: str) -> Any:
    return next(b for b in app.button if b.label == label)


def labels(app: AppTest) -> set[str]:
    return {b.label for b in app.button}


def notice(app: AppTest) -> str:
    return app.warning[0].value if app.warning else ""


def publish(code: str, owner: str, nickname: str, *runs: str) -> None:
    store().boards.join(code, owner, nickname)
    for run in runs:
        store().boards.publish(code, owner, run)


def test_a_teacher_opens_a_class_and_a_student_joins_it_by_its_link_and_publishes():
    runs_of_ada()
    teacher = class_page(TEACHER)
    teacher.text_input(key="new_class_title").set_value("Physics **11**")
    teacher.selectbox(key="new_class_dataset").set_value("circles")
    teacher.number_input(key="new_class_epochs").set_value(50)
    button(teacher, "Open the class").click().run()
    assert not teacher.exception
    assert r"**Physics \*\*11\*\***" in words(teacher)
    code = teacher.query_params["class"]
    assert "key" not in teacher.query_params
    assert "Close" in labels(teacher)

    ada = class_page(ADA, **{"class": code})
    assert r"Challenge: Circles, at most 50 epochs" in words(ada)
    assert "Nothing is on the wall yet" in ada.get("html")[-1].proto.body
    assert not {"Close", "Publish"} & labels(ada)
    ada.text_input(key="nickname").set_value("Ada")
    button(ada, "Join").click().run()
    choice = next(s for s in ada.selectbox if s.label == "Your run")
    gaps = [line.evaluation.kl_gap for line in store().runs_of(ADA)]
    assert [f"{gap:.3f} nats" in option for gap, option in zip(gaps, choice.options, strict=True)] == [True] * 3
    button(ada, "Publish").click().run()
    assert not ada.exception
    assert button(ada, "Publish").disabled
    (card,) = cards(ada)
    assert "Ada</b><i>you</i>" in card
    run = store().runs_of(ADA)[0]
    for shown in (
        f"{run.evaluation.kl_gap:.3f} ± {run.evaluation.se:.3f} nats",
        f"{run.parameters:,}",
        "data:image/png",
    ):
        assert shown in card
    assert "Not ranked: other data." in card  # two moons
    (card,) = cards(teacher.run())
    assert "Ada</b></header>" in card


def test_a_student_joins_by_code_and_comes_back_by_a_press():
    code, _ = new_class()
    app = class_page(BOB)
    app.text_input(key="code_typed").set_value(f" {code[:3].lower()} {code[3:]} ")
    app.text_input(key="name_typed").set_value("Bob")
    button(app, "Join").click().run()
    assert app.query_params["class"] == code
    assert "1 has joined" in words(app)
    app.switch_page("pages/playground.py").run()
    app.switch_page("pages/class_board.py").run()
    assert app.query_params["class"] == code  # a reload finds it
    button(app, "Leave").click().run()
    assert "class" not in app.query_params
    next(b for b in app.button if code in b.label).click().run()
    assert app.query_params["class"] == code


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("BCDFGH", "There is no class with this code"),
        ("", "six letters and digits"),
        ("<script>alert(1)</script>", "six letters and digits"),
        ("../../etc", "six letters and digits"),
        ("\x00", "six letters and digits"),
        ("x" * 10_000, "six letters and digits"),
    ],
)
def test_a_code_of_no_class_gets_one_sentence_and_the_doors(text, said):
    app = class_page(BOB, **{"class": text, "key": text})
    assert said in notice(app)
    assert "Join" in labels(app)
    assert not app.query_params.keys() & {"class", "key"}


def test_codes_cannot_be_tried_out_quickly_and_ones_own_class_is_found_all_the_same(monkeypatch):
    code, teacher = new_class()
    app = class_page(teacher)
    for _ in range(visit.MOST_WRONG):
        app.text_input(key="code_typed").set_value("BCDFGH")
        button(app, "Join").click().run()
    other, _ = new_class()
    app.text_input(key="code_typed").set_value(other)
    button(app, "Join").click().run()
    assert notice(app) == visit.TOO_MANY
    app.text_input(key="code_typed").set_value(code)
    button(app, "Join").click().run()
    assert app.query_params["class"] == code


def test_a_teachers_link_lets_another_browser_teach_and_its_key_leaves_the_address():
    code, teacher = new_class()
    app = class_page(teacher, **{"class": code})
    button(app, "Link").click().run()
    shown_code, key = app.session_state[KEY_TO_SHOW]
    assert shown_code == code
    stranger = class_page(BOB, **{"class": code, "key": key[:-1]})
    assert "not the teacher's key" in notice(stranger)
    assert "Close" not in labels(stranger)
    other = class_page(ADA, **{"class": code, "key": key})
    assert "Close" in labels(other)
    assert dict(other.query_params) == {"class": code}
    button(other, "Invite").click().run()
    shown = "".join(str(element.proto) for element in other.get("html"))
    assert code in shown
    assert key not in shown
    button(app, "I have kept it").click().run()
    assert KEY_TO_SHOW not in app.session_state


def test_the_wall_is_ranked_filtered_and_marks_what_is_outside_the_challenge():
    runs = runs_of_ada()
    code, _ = new_class(Challenge("circles", 0, 50))
    publish(code, ADA, "Ada", *runs)
    publish(code, BOB, "Bob", run_of_bob())
    app = class_page(BOB, **{"class": code})
    gaps = {entry.run: entry.evaluation.kl_gap for entry in store().boards.board(code).entries}
    first, second = sorted([runs[0], run_of_bob()], key=gaps.get)
    shown = cards(app)  # the best of each
    assert [f"{gaps[run]:.3f} ± " in card for run, card in zip((first, second), shown, strict=True)] == [True, True]
    app.toggle(key="wall_best").set_value(False).run()
    shown = cards(app)
    assert [card.split('class="wall-place"')[1].split(">")[1].split("<")[0] for card in shown] == ["1", "2", "·", "·"]
    assert {card.split("Not ranked: ")[1].split(".")[0] for card in shown[2:]} == {"other data", "too many epochs"}
    app.selectbox(key="wall_data").set_value("Two moons").run()
    assert len(cards(app)) == 1
    app.selectbox(key="wall_data").set_value("All").run()
    app.toggle(key="wall_inside").set_value(True).run()
    app.selectbox(key="wall_order").set_value("parameters").run()
    assert [("Bob" in card) for card in cards(app)] == [True, False]  # one layer has fewer
    assert not app.exception


def test_without_a_challenge_places_are_among_runs_of_the_same_data():
    code, _ = new_class()
    publish(code, ADA, "Ada", *runs_of_ada())
    wall = ranked(store().boards.board(code))
    assert sorted((one.entry.config.dataset, one.place) for one in wall) == [
        ("circles", 1),
        ("circles", 2),
        ("two_moons", 1),
    ]
    best = ranked(store().boards.board(code), best_of_each=True)
    assert sorted((one.entry.config.dataset, one.place) for one in best) == [("circles", 1), ("two_moons", 1)]


def test_a_published_run_is_opened_and_once_it_is_gone_its_settings_are():
    run = trained(BOB, seed=5)
    code, _ = new_class()
    publish(code, BOB, "Bob", run)
    app = class_page(ADA, **{"class": code})
    button(app, "Open").click().run()
    assert not app.exception
    assert app.session_state[TOKEN] == run
    assert "Stop" not in labels(app)
    engine().discard(run)
    store().delete(run, BOB)
    app = class_page(ADA, **{"class": code})
    button(app, "Open").click().run()
    assert "no longer kept" in app.toast[0].value
    assert app.session_state[DRAFT] == replace(SMALL, seed=5)


def test_a_challenge_is_taken_up_on_the_playground():
    code, _ = new_class(Challenge("rings", 5_000, 300, "How *few* layers?"))
    app = class_page(BOB, **{"class": code})
    button(app, "Take up the challenge").click().run()
    assert not app.exception
    draft = app.session_state[DRAFT]
    assert (draft.dataset, draft.total_epochs) == ("rings", 300)
    assert app.session_state[QUESTION] == r"How \*few\* layers?"


def test_a_teacher_removes_a_run_closes_the_class_and_deletes_it():
    code, teacher = new_class()
    publish(code, BOB, "Bob", run_of_bob())
    app, student = class_page(teacher, **{"class": code}), class_page(BOB, **{"class": code})
    assert "Remove" not in labels(student)
    button(app, "Remove").click().run()
    assert not cards(app)
    button(app, "Undo").click().run()
    assert len(cards(app)) == 1
    app.number_input(key="class_parameters").set_value(1)
    button(app, "Set the challenge").click().run()
    assert "Not ranked: too many parameters." in cards(app)[0]
    button(app, "Close").click().run()
    student.run()
    assert "closed" in words(student)
    assert "Publish" not in labels(student)
    assert len(cards(student)) == 1
    button(student, "Take back").click().run()
    assert not cards(student)
    button(app.run(), "Reopen").click().run()
    button(app, "Delete for good").click().run()
    assert "Join" in labels(app)
    student.run()
    assert "There is no class" in notice(student)


def test_hostile_nicknames_are_plain_text_on_the_wall_and_in_the_table():
    code, _ = new_class()
    names = []
    for k, name in enumerate(HOSTILE):
        owner = f"hostile-{k}-with-a-long-token"
        store().save(replace(store().load(run_of_bob()), token=f"hostile{k}", owner=owner))
        assert store().flush()
        app = class_page(owner, **{"class": code})
        app.text_input(key="nickname").set_value(name)
        button(app, "Join").click().run()
        assert not app.exception
        button(app, "Publish").click().run()
        assert not app.exception
        names.append(clean_nickname(name))
    shown = cards(class_page(BOB, **{"class": code}))
    for card, name in zip(shown, names, strict=True):
        found = card.split("</b>")[0].split('dir="auto">')[1]
        assert unescape(found) == name
        assert not set(found) & set("<>\u202e\u200b")
    table = list(csv.DictReader(io.StringIO(wall_csv(store().boards.board(code)).removeprefix("\ufeff"))))
    assert [row["nickname"] for row in table] == [f"'{n}" if n[0] in "=@" else n for n in names]
    assert [float(row["kl_gap_nats"]) for row in table] == [store().load(run_of_bob()).evaluation.kl_gap] * len(names)
    assert [row["place"] for row in table] == [str(k + 1) for k in range(len(names))]


def test_a_nickname_that_is_taken_or_empty_is_refused_in_a_sentence():
    code, _ = new_class()
    store().boards.join(code, ADA, "Ada")
    app = class_page(BOB, **{"class": code})
    for name, said in ((" ada ", "has that nickname"), ("\u200b", "at least one letter")):
        app.text_input(key="nickname").set_value(name)
        button(app, "Join").click().run()
        assert said in notice(app)
    app.text_input(key="nickname").set_value("Bob")
    button(app, "Join").click().run()
    assert not notice(app)
