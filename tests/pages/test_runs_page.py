"""The page of one's runs: whose they are, what can be done with them, comparisons and sweeps."""

import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from realnvp.config import TrainingConfig
from realnvp.engine.report import Status
from realnvp.export.weights import weights_file
from realnvp.ui.history.table import SELECTED
from realnvp.ui.owner import OWNER
from realnvp.ui.runs import TOKEN, engine, store
from realnvp.ui.settings import DRAFT

APP = str(Path(__file__).parents[2] / "app.py")
ALICE, BOB = "alice-with-a-long-token-1", "bob-with-a-long-token-12"
SMALL = TrainingConfig(dataset="circles", layers=2, width=8, epochs=40)
HOSTILE = "**bold** <b>tag</b> [link](http://x) $x$ :material/home: \N{GRINNING FACE} \u202eright"


def until(condition: Callable[[], Any], timeout: float = 60) -> Any:
    end = time.monotonic() + timeout
    while not (answer := condition()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return answer


def trained(owner: str, name: str = "", **values: object) -> str:
    """The token of a run that has been trained and is kept."""
    token = engine().submit(replace(SMALL, **values), owner=owner, name=name)
    until(lambda: engine().view(token).status.over)
    assert store().flush()
    return token


@cache
def three_of_alice() -> list[str]:
    """The newest first, as the table has them; the tests of this module leave them as they are."""
    return [trained(ALICE, name, layers=layers) for layers, name in ((1, "one"), (2, HOSTILE), (3, ""))][::-1]


def runs_page(owner: str, *selected: str, **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.session_state[OWNER] = owner
    app.session_state[SELECTED] = list(selected)
    app.run()
    app.switch_page("pages/runs.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in app.markdown)


def html(app: AppTest) -> str:
    return "\n".join(element.proto.body for element in app.get("html"))


def button(app: AppTest, label: str) -> Any:
    return next(b for b in app.button if b.label == label)


def actions(app: AppTest) -> list[str]:
    """The labels of the buttons about runs, of any kind."""
    names = [b.label for b in (*app.menu_button, *app.button)] + [p.proto.popover.label for p in app.get("popover")]
    known = {"Open", "Train further", "Change settings", "Rename", "Share", "Pin", "Unpin", "Delete", "Compare", "Undo"}
    return sorted(known & set(names))


def names(app: AppTest) -> list[str]:
    return app.dataframe[0].value["name"].tolist()


def test_an_empty_history_says_what_to_do_and_shows_no_table():
    app = runs_page("nobody-has-this-token-yet")
    assert not app.dataframe
    assert "Train a flow on the playground" in words(app)
    assert actions(app) == []


def test_everyone_sees_their_own_runs_only():
    three_of_alice()
    trained(BOB, "Bob's")
    assert "Bob's" not in names(runs_page(ALICE))
    assert names(runs_page(BOB)) == ["Bob's"]


def test_the_table_has_a_picture_and_the_numbers_of_each_run():
    three_of_alice()
    table = runs_page(ALICE).dataframe[0].value
    assert table["layers"].tolist() == [3, 2, 1]
    assert all(uri.startswith("data:image/png;base64,") for uri in table["picture"])
    lines = store().runs_of(ALICE)
    assert table["kl_gap"].tolist() == [line.evaluation.kl_gap for line in lines]
    assert table["parameters"].tolist() == [line.parameters for line in lines]
    assert table["name"].tolist()[0] == "Circles, 3 layers"  # of a run that has no name


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, []),
        (1, ["Change settings", "Delete", "Open", "Pin", "Rename", "Share", "Train further"]),
        (2, ["Compare", "Delete", "Pin"]),
        (3, ["Compare", "Delete", "Pin"]),
    ],
)
def test_only_actions_that_make_sense_are_shown(n, expected):
    app = runs_page(ALICE, *three_of_alice()[:n])
    assert [a for a in actions(app) if a != "Share" or n == 1] == expected


def test_more_runs_than_can_be_compared_can_be_deleted():
    owner = "owner-of-five-runs-1234567"
    app = runs_page(owner, *[trained(owner, seed=seed, epochs=1) for seed in range(5)])
    assert actions(app) == ["Delete", "Pin"]
    assert "up to 4 can be compared" in words(app)


def test_a_run_opens_on_the_page_chosen_and_settings_that_nobody_changed_follow():
    token = three_of_alice()[2]
    app = runs_page(ALICE, token)
    app.menu_button[0].click("pages/layers.py").run()
    assert not app.exception
    assert app.session_state[TOKEN] == token
    assert app.session_state[DRAFT].layers == 1
    assert any("Layer by layer** · one, Circles, 1 layer" in m.value for m in app.markdown)


def test_opening_a_run_leaves_changed_settings_alone():
    app = runs_page(ALICE, three_of_alice()[2])
    mine = TrainingConfig(layers=8, seed=5)
    app.session_state[DRAFT] = mine
    app.menu_button[0].click("pages/playground.py").run()
    assert app.session_state[DRAFT] == mine
    assert app.session_state[TOKEN] == three_of_alice()[2]


def test_changing_settings_takes_those_of_the_run_to_the_playground():
    app = runs_page(ALICE, three_of_alice()[0])
    app.session_state[DRAFT] = TrainingConfig(layers=8)
    button(app, "Change settings").click().run()
    assert not app.exception
    assert app.session_state[DRAFT] == replace(SMALL, layers=3)
    assert any(b.key == "train" for b in app.button)


def test_renaming_changes_the_name_everywhere():
    owner = "owner-who-renames-123456"
    token = trained(owner)
    app = runs_page(owner, token)
    app.text_input[0].set_value(HOSTILE).run()
    assert not app.exception
    kept = HOSTILE.replace("\u202e", "")
    assert names(app) == [kept]
    assert store().runs_of(owner)[0].name == engine().view(token).name == kept
    assert app.session_state[SELECTED] == [token]  # which stays selected


def test_pinned_runs_come_first_and_stay_selected():
    owner = "owner-who-pins-12345678"
    old, new = trained(owner, "old"), trained(owner, "new")
    app = runs_page(owner, old)
    assert names(app) == ["new", "old"]
    button(app, "Pin").click().run()
    assert names(app) == ["old", "new"]
    assert app.session_state[SELECTED] == [old]
    button(app, "Unpin").click().run()
    assert names(app) == ["new", "old"]
    assert new not in app.session_state[SELECTED]


def test_deleted_runs_come_back_by_undo_and_not_after_the_next_action():
    owner = "owner-who-deletes-123456"
    first, second = trained(owner, "first"), trained(owner, "second")
    app = runs_page(owner, first, second)
    button(app, "Delete").click().run()
    assert not app.dataframe
    assert "Deleted 2 runs" in words(app)
    button(app, "Undo").click().run()
    assert names(app) == ["second", "first"]
    assert "Undo" not in actions(app)

    app = runs_page(owner, first)
    button(app, "Delete").click().run()
    app.session_state[SELECTED] = [second]
    app.switch_page("pages/runs.py").run()
    assert "Undo" in actions(app)  # selecting is no action
    app = runs_page(owner, second)
    button(app, "Pin").click().run()
    assert "Undo" not in actions(app)
    assert names(app) == ["second"]
    assert store().load(first) is None


def test_the_run_shown_is_let_go_of_when_it_is_deleted():
    owner = "owner-of-the-run-shown-12"
    token = trained(owner)
    app = runs_page(owner, token)
    app.menu_button[0].click("pages/playground.py").run()
    app.switch_page("pages/runs.py").run()
    button(app, "Delete").click().run()
    assert TOKEN not in app.session_state
    app.switch_page("pages/playground.py").run()
    assert not app.exception
    assert not app.toast


def test_a_finished_run_is_trained_further_for_the_epochs_asked():
    owner = "owner-who-goes-on-123456"
    token = trained(owner, "begun")
    app = runs_page(owner, token)
    assert "begins again at 30%" in words(app)  # what the learning rate does
    app.number_input("further_epochs").set_value(60).run()
    app.button("train_further").click().run()
    assert not app.exception
    new = app.session_state[TOKEN]
    until(lambda: engine().view(new).status.over)
    view = engine().view(new)
    assert (view.config, view.epoch, view.name) == (replace(SMALL, further=60), 100, "begun")
    assert view.losses[:40].tolist() == store().load(token).losses.tolist()


def test_a_stopped_run_goes_on_to_its_end():
    owner = "owner-who-stopped-123456"
    token = engine().submit(replace(SMALL, epochs=3000), owner=owner)
    until(lambda: engine().view(token).epoch > 5)
    engine().stop(token)
    until(lambda: engine().view(token).status is Status.STOPPED)
    assert store().flush()
    app = runs_page(owner, token)
    assert "goes on to epoch 3,000" in words(app)
    app.button("train_further").click().run()
    assert engine().view(app.session_state[TOKEN]).config == replace(SMALL, epochs=3000)
    engine().discard(app.session_state[TOKEN])


@cache
def weights_of_a_run() -> bytes:
    view = engine().view(trained("owner-who-exports-12345678", "first"))
    return weights_file(view.config, view.snapshot.weights, view.snapshot.epoch)


def test_a_file_of_weights_becomes_a_run_that_is_selected_and_opens_on_every_page():
    owner = "owner-who-reads-back-1234"
    app = runs_page(owner)
    app.file_uploader[0].upload("flow.safetensors", weights_of_a_run()).run(timeout=120)
    assert not app.exception
    assert not app.error
    table = app.dataframe[0].value
    assert (table["name"].tolist(), table["ended"].tolist()) == (["imported"], ["imported"])
    assert table["seconds"].isna().all()
    (line,) = store().runs_of(owner)
    assert app.session_state[SELECTED] == [line.token]
    assert "Train further" in actions(app)
    exported = store().runs_of("owner-who-exports-12345678")[0]
    assert line.evaluation == exported.evaluation
    assert line.config == exported.config
    app.run()
    assert len(store().runs_of(owner)) == 1  # it is taken in once
    app.menu_button[0].click("pages/playground.py").run()
    for page in sorted(Path(APP).parent.glob("pages/*.py")):
        app.switch_page(f"pages/{page.name}").run()
        assert not app.exception, page
    app = runs_page(owner, compare=f"{line.token}.{exported.token}")
    assert not app.exception
    assert "unknown" in html(app)
    app.button_group(key="loss_scale").set_value("seconds").run()
    assert not app.exception


def test_training_weights_that_were_read_back_further_says_that_it_begins_anew():
    owner = "owner-who-reads-on-123456"
    app = runs_page(owner)
    app.file_uploader[0].upload("flow.safetensors", weights_of_a_run()).run(timeout=120)
    assert "no optimiser" in words(app)
    app.number_input("further_epochs").set_value(20).run()
    app.button("train_further").click().run()
    assert not app.exception
    token = app.session_state[TOKEN]
    until(lambda: engine().view(token).status.over)
    view = engine().view(token)
    assert (len(view.losses), view.name) == (60, "")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a safetensors file"),
        (pickle.dumps({"layers.0": 1}), "not a safetensors file"),
        (b"PK\x03\x04" + b"x" * 100, "not a safetensors file"),
        (lambda: weights_of_a_run()[:-5], "damaged"),
        (lambda: weights_of_a_run().replace(b'"circles', b'"circlet'), "circlet"),
        (lambda: weights_of_a_run().replace(b'layers\\": 2', b'layers\\": 3'), "missing"),
    ],
    ids=["empty", "pickle", "zip", "cut", "dataset", "layers"],
)
def test_a_file_that_is_no_flow_is_refused_in_a_sentence_and_nothing_else_happens(content, says):
    owner = "owner-of-a-bad-file-12345"
    app = runs_page(owner)
    app.file_uploader[0].upload("flow.safetensors", content() if callable(content) else content).run()
    assert not app.exception
    assert len(app.error) == 1
    assert says in app.error[0].value.replace("\\", "")
    assert store().runs_of(owner) == []
    assert not app.session_state[SELECTED]


def test_a_run_that_is_going_is_said_to_be_and_comes_into_the_table_when_it_ends():
    owner = "owner-of-a-going-run-1234"
    token = engine().submit(replace(SMALL, epochs=50_000), owner=owner, name=HOSTILE)
    app = runs_page(owner)
    assert "Not in the table yet" in words(app)
    assert r"\*\*bold\*\* \<b\>" in words(app)
    assert not app.dataframe
    engine().stop(token)
    until(lambda: engine().view(token).status.over)
    store().flush()
    app.run()
    assert "Not in the table yet" not in words(app)
    assert app.dataframe[0].value["ended"].tolist() == ["stopped"]


def test_a_comparison_is_reached_by_a_press_and_sets_off_what_differs():
    tokens = three_of_alice()
    app = runs_page(ALICE, *tokens)
    button(app, "Compare").click().run()
    assert not app.exception
    assert app.query_params["compare"] == ".".join(tokens)
    table = html(app)
    differing, agreeing = table.split("<details")
    assert differing.count('class="differs"') == 1
    assert "<td>3</td><td>2</td><td>1</td>" in differing
    assert "Seed: 0" in agreeing
    assert "Layers" not in agreeing
    for token in tokens:
        assert f"{engine().view(token).evaluation.kl_gap:.3f} ± " in differing
        assert f"{engine().view(token).parameters:,}" in differing
    assert "&lt;b&gt;tag&lt;/b&gt;" in table
    assert "<b>tag" not in table
    app.button_group(key="loss_scale").set_value("seconds").run()
    assert not app.exception
    button(app, "All runs").click().run()
    assert names(app)


def test_a_comparison_is_shown_to_whoever_has_its_link():
    tokens = three_of_alice()[:2]
    app = runs_page(BOB, compare=".".join(tokens))
    assert "Circles, 3 layers" in html(app)
    assert not app.warning
    app = runs_page(BOB, compare=".".join([*tokens, "nobody-knows-this-run"]))
    assert "Not all runs" in app.warning[0].value
    assert "Circles, 3 layers" in html(app)


@pytest.mark.parametrize("text", [".", "nobody-knows-this", "../../etc", "<b>x</b>", "a.b.c.d.e.f.g", "'; drop table"])
def test_a_comparison_of_nothing_says_what_to_do(text):
    app = runs_page(ALICE, compare=text)
    assert "It takes two runs" in words(app)


def test_runs_of_different_data_are_compared_with_axes_of_their_own():
    moons = trained(ALICE + "x", dataset="two_moons", noise=0.05)
    app = runs_page(ALICE, compare=f"{moons}.{three_of_alice()[0]}")
    assert "each picture of the data has its own axes" in words(app)


def test_a_sweep_starts_a_run_for_each_value_and_ends_in_ones_runs():
    owner = "owner-of-a-sweep-1234567"
    app = runs_page(owner)
    app.session_state[DRAFT] = SMALL
    app.run()
    app.selectbox(key="sweep_epochs").set_value(50).run()
    app.multiselect(key="sweep_layers_values").set_value([1, 4]).run()
    start = app.button("start_sweep")
    assert start.label.startswith("Train 2 flows")
    start.click().run()
    assert not app.exception
    setting, tokens = app.query_params["sweep"].split(":")
    tokens = tokens.split(".")
    assert setting == "layers"
    assert [engine().view(token).config for token in tokens] == [
        replace(SMALL, layers=layers, epochs=50) for layers in (1, 4)
    ]
    until(lambda: all(engine().view(token).status.over for token in tokens))
    assert store().flush()
    app.run()
    assert "Lowest KL gap: layers" in words(app)
    assert html(app).count("done") == 2
    button(app, "All runs").click().run()
    assert sorted(names(app)) == ["sweep: layers 1", "sweep: layers 4"]


def test_all_runs_of_a_sweep_are_stopped_at_once():
    owner = "owner-who-stops-a-sweep-1"
    tokens = [engine().submit(replace(SMALL, epochs=50_000, width=width), owner=owner) for width in (4, 8)]
    app = runs_page(owner, sweep=f"width:{'.'.join(tokens)}")
    assert "0 of 2 have ended" in words(app)
    assert "Stop all" not in [b.label for b in runs_page(BOB, sweep=f"width:{'.'.join(tokens)}").button]
    button(app, "Stop all").click().run()
    until(lambda: all(engine().view(token).status is Status.STOPPED for token in tokens))


@pytest.mark.parametrize("setting", ["epochs", "conditioner", "lr", "seed"])
def test_any_setting_of_a_sweep_is_one_that_a_run_can_have(setting):
    app = runs_page("owner-of-no-sweep-1234567")
    app.session_state[DRAFT] = SMALL
    app.selectbox(key="sweep_setting").set_value(setting).run()
    assert not app.exception
    values = app.multiselect(key=f"sweep_{setting}_values")
    assert len(values.value) >= 2
    assert app.button("start_sweep").label.startswith(f"Train {len(values.value)} flows")


@pytest.mark.parametrize("text", ["layers:nobody-knows-this", "layers:", "secret:x", "dataset:x.y", ":", "layers"])
def test_a_sweep_of_nothing_is_said_to_be_so(text):
    app = runs_page(ALICE, sweep=text)
    assert "not kept here" in app.warning[0].value
