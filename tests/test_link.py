"""Links: equal settings give equal queries, a query gives its settings back, and none is believed."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from helpers import some_points
from hypothesis import given
from hypothesis import strategies as st

from realnvp.config import PRESETS, TrainingConfig, apply_preset
from realnvp.datasets import DISTRIBUTIONS
from realnvp.link import (
    LONGEST_TASK,
    SETTINGS,
    Lesson,
    config_from_query,
    config_query,
    lesson_from_query,
    lesson_query,
)
from realnvp.point_store import keep


def through_a_link(query):
    return dict(parse_qsl(urlencode(query), keep_blank_values=True))


def values_of(name):
    rule = SETTINGS[name].metadata["setting"]
    if rule.choices:
        return st.sampled_from(rule.choices)
    numbers = st.integers if SETTINGS[name].type is int else st.floats
    return numbers(rule.low, rule.high)


MOST_RINGS = DISTRIBUTIONS["rings"].parts_range[1]
OF_SOME_DATA = ("dataset", "noise", "parts", "patience")


@st.composite
def configs(draw):
    names = draw(st.sets(st.sampled_from(sorted(SETTINGS))))
    values = {name: draw(values_of(name)) for name in names if name not in OF_SOME_DATA}
    dataset = draw(st.sampled_from([*DISTRIBUTIONS, keep(some_points())]))
    if dataset not in DISTRIBUTIONS:
        return TrainingConfig(dataset=dataset, patience=draw(values_of("patience")), **values)
    if bounds := DISTRIBUTIONS[dataset].parts_range:
        values["parts"] = draw(st.integers(*bounds))
    return TrainingConfig(dataset=dataset, noise=draw(values_of("noise")), **values)


@given(configs())
def test_every_config_comes_back_from_its_link(config):
    query = config_query(config)
    assert config_from_query(through_a_link(query)) == ((config, []) if query else None)


def test_the_query_names_what_is_not_the_default_in_the_order_of_the_settings():
    assert config_query(TrainingConfig()) == {}
    config = TrainingConfig(seed=3, dataset="rings", lr=0.02, parts=5)
    assert list(config_query(config).items()) == [("dataset", "rings"), ("parts", "5"), ("lr", "0.02"), ("seed", "3")]


def test_every_single_setting_is_in_the_link():
    other = {"noise": 0.1, "layers": 2, "width": 8, "epochs": 50, "depth": 1, "batch_size": 64, "lr": 0.002}
    other |= {"schedule": "constant", "clip_norm": 0.0, "max_log_scale": 1.0, "conditioner": "separate"}
    other |= {"initialisation": "default", "seed": 3, "device": "cpu", "dataset": "circles"}
    for name, value in other.items():
        assert set(config_query(TrainingConfig(**{name: value}))) == {name}


def test_a_link_without_settings_asks_for_none():
    assert config_from_query({}) is None
    assert config_from_query({"run": "x", "utm_source": "newsletter"}) is None


@pytest.mark.parametrize("name", PRESETS)
def test_a_link_may_build_on_a_preset(name):
    config, notices = config_from_query({"preset": name, "seed": "4"})
    assert (config, notices) == (replace(apply_preset(name), seed=4), [])


@pytest.mark.parametrize(
    ("query", "expected", "words"),
    [
        ({"layers": "99"}, {"layers": 32}, "Layers"),
        ({"layers": "-3"}, {"layers": 1}, "Layers"),
        ({"layers": "2.5"}, {"layers": 2}, "whole number"),
        ({"layers": "1e400"}, {}, "Layers"),
        ({"layers": "nan"}, {}, "Layers"),
        ({"layers": "\uff11\uff12"}, {}, "Layers"),
        ({"layers": "1_0"}, {}, "Layers"),
        ({"layers": ""}, {}, "Layers"),
        ({"layers": "9" * 5000}, {}, "Layers"),
        ({"lr": "5"}, {"lr": 1.0}, "Learning rate"),
        ({"noise": "0"}, {"noise": 0.01}, "Noise"),
        ({"schedule": "<script>alert(1)</script>"}, {}, "Schedule"),
        ({"dataset": "../../etc/passwd"}, {}, "no dataset"),
        ({"dataset": "points-0123456789abcdef"}, {}, "not kept here"),
        ({"dataset": "rings", "parts": "80"}, {"dataset": "rings", "parts": MOST_RINGS}, "Parts"),
        ({"parts": "3"}, {}, "no meaning"),
        ({"patience": "100"}, {}, "no meaning"),
        ({"preset": "javascript:alert(1)"}, {}, "no preset"),
        ({"seed": "1'; DROP TABLE runs; --"}, {}, "Seed"),
    ],
)
def test_what_is_not_allowed_becomes_the_nearest_that_is_and_is_said(query, expected, words):
    config, (notice,) = config_from_query(through_a_link(query))
    assert config == TrainingConfig(**expected)
    assert words in notice
    assert len(notice) < 250


@given(st.dictionaries(st.sampled_from([*SETTINGS, "preset", "task", "controls", "projector"]), st.text(), min_size=1))
def test_no_query_fails_or_gives_anything_but_allowed_settings(query):
    found = config_from_query(query)
    assert found is None or isinstance(found[0], TrainingConfig)
    assert lesson_from_query(query) == lesson_from_query(lesson_query(lesson_from_query(query)))


def test_a_lesson_comes_back_from_its_link():
    for lesson in (Lesson(), Lesson("What moves? 100% \u00d7", "hidden", True), Lesson("shown", "locked")):
        assert lesson_from_query(through_a_link(lesson_query(lesson))) == lesson
    assert lesson_query(Lesson()) == {}


def test_a_task_is_one_short_line():
    task = lesson_from_query({"task": "a\n\u202eb\x00" + 10_000 * "c"}).task
    assert task.startswith("a bc")
    assert len(task) == LONGEST_TASK
