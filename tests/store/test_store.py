"""What is kept comes back, to whom it belongs; on SQLite and on PostgreSQL."""

import math
import time
from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stored_runs import ALICE, BOB, a_run, assert_same, going_run

from realnvp.config import TrainingConfig
from realnvp.datasets import DISTRIBUTIONS
from realnvp.safe_arrays import arrays_from_bytes
from realnvp.snapshot import Evaluation
from realnvp.store.run import CONFIG, EPOCH, LONGEST_NAME, config_from_text, config_to_text, versions, weights_to_bytes

FEW = settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])


def kept(store, *runs) -> None:
    for run in runs:
        store.save(run)
    assert store.flush()
    assert store.notice is None


def tokens(store, owner: str = ALICE) -> list[str]:
    return [line.token for line in store.runs_of(owner)]


def values_of(field) -> st.SearchStrategy:
    rule = field.metadata["setting"]
    if rule.choices:
        return st.sampled_from(rule.choices)
    if field.type is int:
        return st.integers(int(rule.low), int(rule.high))
    return st.floats(rule.low, rule.high)


GIVEN_APART = ("dataset", "noise", "parts", "patience")
CONFIGS = st.builds(
    TrainingConfig,
    dataset=st.sampled_from(list(DISTRIBUTIONS)),
    **{f.name: values_of(f) for f in fields(TrainingConfig) if f.name not in GIVEN_APART},
)


def test_a_run_comes_back_bit_by_bit(open_store):
    run = a_run(name="My moons", pinned=True)
    before = time.time()
    kept(open_store(), run)
    found = open_store().load("run")
    assert_same(found, run)
    assert before <= found.created <= found.updated <= time.time()
    assert found.versions == versions()
    assert found.versions["torch"]


def test_a_run_of_little_comes_back_too(open_store):
    run = a_run(evaluation=None, first=None, snapshot=None, film=(), epoch=0, losses=np.empty(0, np.float32))
    kept(open_store(), run)
    assert_same(open_store().load("run"), run)


@pytest.mark.parametrize("nll", [math.inf, -math.inf])
def test_numbers_without_end_come_back(store, nll):
    kept(store, a_run(evaluation=Evaluation(nll, 0.5, 2_000)))
    assert store.load("run").evaluation == Evaluation(nll, 0.5, 2_000, None, None)
    assert store.runs_of(ALICE)[0].evaluation.nll == nll


@FEW
@given(config=CONFIGS, seed=st.integers(0, 1000))
def test_every_config_comes_back(store, config, seed):
    run = a_run(f"run{seed}", seed, config=config)
    kept(store, run)
    assert_same(store.load(run.token), run)


@FEW
@given(name=st.text(st.characters(), max_size=200))
def test_any_name_is_kept_as_one_short_line(store, name):
    kept(store, a_run())
    store.rename("run", ALICE, name)
    found = store.load("run").name
    assert found == store.runs_of(ALICE)[0].name
    assert len(found) <= LONGEST_NAME
    assert found.isprintable() or not found.isascii()
    assert len(found.splitlines()) <= 1
    if name.isprintable() and name.split() == name.split(" ") and len(name) <= LONGEST_NAME:
        assert found == name
    assert store.notice is None


HOSTILE = [
    "'; DROP TABLE runs; --",
    '" OR 1=1; DELETE FROM parts',
    "<script>alert(1)</script>",
    "%(name)s :name ? {name} $1",
    "\x00\x1b[31m\u202eexe.txt",
    "\ud800",
    "x" * 10_000,
    " \n\t ",
]


@pytest.mark.parametrize("name", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_names_do_nothing(store, name):
    kept(store, a_run("run", name=name), a_run("other"))
    store.rename("other", ALICE, name)
    first, second = store.load("run").name, store.load("other").name
    assert first == second
    assert len(first) <= LONGEST_NAME
    assert not {"\x00", "\x1b", "\u202e", "\n", "\ud800"} & set(first)
    assert len(tokens(store)) == 2


@pytest.mark.parametrize("token", ["' OR '1'='1", "", "run%", "run\n", "\x00", "\ud800", "x" * 10_000])
def test_hostile_tokens_find_nothing(store, token):
    kept(store, a_run())
    assert store.load(token) is None
    assert store.runs_of(token) == []
    store.rename(token, ALICE, "Mine")
    store.delete("run", token)
    assert store.load("run").name == ""
    assert store.notice is None


def test_saving_again_replaces_all_but_what_its_owner_decided(store):
    kept(store, a_run(seed=1))
    created = store.load("run").created
    store.rename("run", ALICE, "Mine")
    store.pin("run", ALICE, True)
    later = a_run(seed=2, film=(), first=None)
    kept(store, later)
    found = store.load("run")
    assert_same(found, replace(later, name="Mine", pinned=True))
    assert found.created == created


def test_each_sees_and_changes_their_own_runs_only(store):
    kept(store, a_run("a"), a_run("b", owner=BOB))
    assert (tokens(store, ALICE), tokens(store, BOB)) == (["a"], ["b"])
    assert tokens(store, "") == tokens(store, "%") == []
    store.rename("a", BOB, "Bob's")
    store.pin("a", BOB, True)
    store.delete("a", BOB)
    store.trim(BOB, 0)
    kept(store, a_run("a", seed=5, owner=BOB))
    assert_same(store.load("a"), a_run("a"))
    assert (tokens(store, ALICE), tokens(store, BOB)) == (["a"], [])
    store.delete("a", ALICE)
    store.undelete("a", BOB)
    assert tokens(store, ALICE) == []


def test_the_newest_come_first_with_what_a_list_shows(store):
    kept(store, *(a_run(f"run{k}", k, created=1e9 + k % 3 * 100 + k) for k in range(6)))
    assert tokens(store) == ["run5", "run2", "run4", "run1", "run3", "run0"]
    line, run = store.runs_of(ALICE)[0], store.load("run5")
    assert all(getattr(line, f.name) == getattr(run, f.name) for f in fields(line))


def test_a_deleted_run_is_gone_until_that_is_undone(store):
    kept(store, a_run("a"), a_run("b"))
    store.delete("a", ALICE)
    assert tokens(store) == ["b"]
    assert store.load("a") is None
    store.undelete("a", ALICE)
    assert set(tokens(store)) == {"a", "b"}
    assert_same(store.load("a"), a_run("a"))


def test_what_was_deleted_long_ago_is_let_go(store, monkeypatch):
    kept(store, a_run("a"), a_run("b"))
    store.delete("a", ALICE)
    store.trim(None, 10)
    now = time.time()
    with monkeypatch.context() as later:
        later.setattr(time, "time", lambda: now + 4_000)
        store.trim(None, 10)
    store.undelete("a", ALICE)
    assert tokens(store) == ["b"]


def test_trimming_lets_go_of_the_oldest_that_are_not_pinned(store):
    kept(store, *(a_run(f"run{k}", k, created=1e9 + k, pinned=k in (0, 3)) for k in range(6)))
    kept(store, a_run("bob", owner=BOB, created=1.0), going_run("going", created=2.0))
    store.trim(ALICE, 4)
    assert tokens(store) == ["run5", "run4", "run3", "run0"]
    store.trim(ALICE, 0)
    assert tokens(store) == ["run3", "run0"]
    assert tokens(store, BOB) == ["bob"]
    store.trim(None, 2)
    assert (tokens(store), tokens(store, BOB)) == (["run3", "run0"], [])
    assert [run.token for run in store.going()] == ["going"]


def test_the_limits_are_kept_to_as_runs_come_in(open_store):
    store = open_store(most=5, most_each=3)
    kept(store, *(a_run(f"a{k}", created=1e9 + k) for k in range(5)))
    assert tokens(store) == ["a4", "a3", "a2"]
    kept(store, *(a_run(f"b{k}", owner=BOB, created=2e9 + k) for k in range(3)))
    assert (tokens(store), tokens(store, BOB)) == (["a4", "a3"], ["b2", "b1", "b0"])


def test_a_run_that_is_going_is_kept_apart(open_store):
    first = open_store()
    run = going_run("a", status="paused", pace="slow", epoch=99)
    kept(first, run, going_run("b"), a_run("c"))
    assert tokens(first) == ["c"]
    assert first.load("a") is None
    first.forget("b")
    first.forget("c")  # it is over, and stays
    kept(first)
    first.close()
    second = open_store()
    (found,) = second.going()
    assert_same(found, run)
    assert second.load("c")
    kept(second, a_run("a", seed=9))
    assert_same(second.load("a"), a_run("a", seed=9))
    assert second.going() == []


def test_runs_that_go_on_a_server_are_not_another_servers(open_store):
    first = open_store()
    assert first.going() == []
    kept(first, going_run("a"))
    second = open_store()
    assert second.going() == []
    assert second.notice is None
    assert len(first.going()) == 1
    first.close()
    assert [run.token for run in second.going()] == ["a"]


def test_the_latest_of_two_states_wins(store):
    for seed in range(50):
        store.save(a_run(seed=seed))
    assert store.flush()
    assert_same(store.load("run"), a_run(seed=49))
    assert len(tokens(store)) == 1


def test_a_run_can_be_opened_before_it_has_been_written(store):
    store.save(a_run())
    assert_same(store.load("run"), a_run())


# Configs of other versions.


def test_a_config_of_before_a_setting_was_added_has_its_default():
    old = '{"dataset": "two_moons", "layers": 3, "seed": 5}'
    assert config_from_text(old) == TrainingConfig(dataset="two_moons", layers=3, seed=5)


@pytest.mark.parametrize("text", ['{"layers": 3, "colour": 1}', '{"layers": 3000}', "[", '{"dataset": "no such"}'])
def test_a_config_of_a_newer_version_is_no_config(text):
    with pytest.raises(ValueError, match=r"colour|3,000|Expecting|no such"):
        config_from_text(text)


@given(config=CONFIGS)
def test_weights_carry_their_config(config):
    weights = {"a": np.ones((2, 3), np.float32)}
    arrays, facts = arrays_from_bytes(weights_to_bytes(weights, config, 7))
    assert facts[EPOCH] == "7"
    assert config_from_text(facts[CONFIG]) == config == config_from_text(config_to_text(config))
    assert np.array_equal(arrays["a"], weights["a"])
