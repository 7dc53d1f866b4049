"""Runs that are kept, as pages show them; and pages whose runs cannot be kept."""

import os
from pathlib import Path

import pytest

from realnvp.config import TrainingConfig
from realnvp.engine.report import Status
from realnvp.ui.owner import OWNER
from realnvp.ui.runs import TOKEN, changed_in_store, engine, find, store, trained_for_all

SMALL = TrainingConfig(dataset="circles", layers=2, width=8, epochs=60)
PAGES = sorted(page.name for page in (Path(__file__).parents[2] / "pages").glob("*.py"))


def a_finished_run(owner: str) -> str:
    token = engine().submit(SMALL, owner=owner)
    until_over(token)
    engine().discard(token)  # it is kept, and the engine has it no more
    assert store().flush()
    return token


def until_over(token: str) -> None:
    import time

    end = time.monotonic() + 60
    while not engine().view(token).status.over:
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_shows_a_kept_run(page, opened):
    token = a_finished_run("somebody-with-a-long-token")
    app = opened({"run": token})
    app.switch_page(f"pages/{page}").run()
    assert not app.exception
    assert app.session_state[TOKEN] == token
    assert find(token).status is Status.FINISHED
    assert len(find(token).losses) == 60


def test_reset_lets_go_of_a_kept_run_and_leaves_it_kept(opened):
    token = a_finished_run("somebody-with-a-long-token")
    app = opened({"run": token})
    next(b for b in app.button if b.label == "Reset").click().run()
    assert TOKEN not in app.session_state
    assert store().load(token)


def test_a_run_that_another_takes_the_place_of_is_stopped_and_kept(opened):
    app = opened({})
    owner = app.session_state[OWNER]
    app.session_state["draft"] = TrainingConfig(width=8, epochs=50_000)
    app.run()
    app.button("train").click().run()
    first = app.session_state[TOKEN]
    app.session_state["draft"] = SMALL
    app.run()
    app.button("train").click().run()
    assert app.session_state[TOKEN] != first
    until_over(first)
    assert store().flush()
    assert first in [line.token for line in store().runs_of(owner)]
    assert store().load(first).status == "stopped"


def test_a_deleted_run_is_found_no_more(opened):
    token = a_finished_run("somebody-with-a-long-token")
    assert find(token)
    store().delete(token, "somebody-with-a-long-token")
    changed_in_store()
    app = opened({"run": token})
    assert "no longer kept" in app.toast[0].value
    assert TOKEN not in app.session_state


def test_without_a_database_the_app_says_so_and_trains(monkeypatch, opened):
    trained_for_all.clear()
    engine().close()
    store().close()
    engine.clear()
    store.clear()
    monkeypatch.setitem(os.environ, "REALNVP_DATABASE", "postgresql://nobody@127.0.0.1:1/nothing")
    app = opened({})
    assert not app.exception
    assert "database" in app.warning[0].value
    app.session_state["draft"] = SMALL
    app.run()
    app.button("train").click().run()
    until_over(app.session_state[TOKEN])
    assert not app.exception
