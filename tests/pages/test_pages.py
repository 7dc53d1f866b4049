"""Each page, run by Streamlit's AppTest on a real engine."""

import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any

import helpers
import pytest
from helpers import some_points
from streamlit.testing.v1 import AppTest

from realnvp.config import PRESETS, TrainingConfig
from realnvp.engine.report import Status
from realnvp.point_store import keep
from realnvp.ui.runs import TOKEN, engine, shared_token
from realnvp.ui.settings import DRAFT, STOPS

APP = str(Path(__file__).parents[2] / "app.py")
OTHER = {
    "dataset": "circles",
    "noise": 0.1,
    "layers": 2,
    "width": 8,
    "epochs": 50,
    "further": 100,
    "depth": 1,
    "batch_size": 64,
    "lr": 0.002,
    "schedule": "constant",
    "clip_norm": 0.0,
    "max_log_scale": 1.0,
    "conditioner": "separate",
    "initialisation": "default",
    "parts": 5,
    "patience": 100,
    "seed": 3,
    "device": "cpu",
}

# The data of which a setting is one.
NEEDS = {"parts": {"dataset": "rings"}, "patience": {"dataset": keep(some_points())}}


def widget(app: AppTest, key: str) -> Any:
    kinds = ("selectbox", "slider", "select_slider", "number_input", "toggle", "button", "button_group")
    return next(w for kind in kinds for w in app.get(kind) if w.key and re.sub(r"_\d+$", "", w.key) == key)


def until(condition: Callable[[], Any], timeout: float = 60) -> None:
    end = time.monotonic() + timeout
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def own_config(app: AppTest) -> TrainingConfig:
    return engine().view(app.session_state[TOKEN]).config


def labels(app: AppTest) -> list[str]:
    return [button.label.split("  (")[0] for button in app.button]


def test_the_playground_opens_on_the_default_run_and_without_a_fault(app):
    assert not app.exception
    assert TOKEN not in app.session_state
    assert app.session_state[DRAFT] == TrainingConfig()
    assert engine().view(shared_token()).config == TrainingConfig()
    assert "Train" in labels(app)


def test_the_layers_page_names_the_run(app):
    app.switch_page("pages/layers.py").run()
    assert not app.exception
    assert any("Two moons, 6 layers, width 64" in m.value for m in app.markdown)


@pytest.mark.parametrize("page", ["layers", "follow", "density"])
@pytest.mark.parametrize("standing", ["running", "paused", "stopped", "one layer", "untrained"])
def test_a_page_looks_into_a_run_wherever_it_stands(app, page, standing):
    widget(app, "set_epochs").set_value(50_000).run()
    if standing == "one layer":
        widget(app, "set_layers").set_value(1).run()
    widget(app, "train").click().run()
    token = app.session_state[TOKEN]
    if standing == "untrained":
        engine().pause(token)
    until(lambda: (view := engine().view(token)).snapshot and (standing == "untrained" or view.epoch > 20))
    if standing == "paused":
        engine().pause(token)
        until(lambda: engine().view(token).status is Status.PAUSED)
    elif standing == "stopped":
        engine().stop(token)
        until(lambda: engine().view(token).status is Status.STOPPED)
    app.switch_page(f"pages/{page}.py").run()
    assert not app.exception
    assert any(f"Two moons, {1 if standing == 'one layer' else 6} layer" in m.value for m in app.markdown)
    engine().discard(token)


@pytest.mark.parametrize("name", [f.name for f in fields(TrainingConfig) if f.name != "dataset"])  # see test_choose.py
def test_every_setting_has_a_control_with_help_that_changes_the_run(app, name):
    if name in NEEDS:
        app.session_state[DRAFT] = TrainingConfig(**NEEDS[name])
        app.run()
    kind = "set" if name in (*STOPS, "noise", *NEEDS) or isinstance(OTHER[name], str) else "exact"
    control = widget(app, f"{kind}_{name}")
    assert control.help
    control.set_value(OTHER[name]).run()
    widget(app, "train").click().run()
    assert not app.exception
    assert getattr(own_config(app), name) == OTHER[name]
    engine().discard(app.session_state[TOKEN])


@pytest.mark.parametrize("name", list(STOPS))
def test_an_exact_value_shows_on_the_slider_too(app, name):
    value = {"layers": 7, "width": 50, "epochs": 123}[name]
    widget(app, f"exact_{name}").set_value(value).run()
    assert widget(app, f"set_{name}").value == value


def test_the_preset_sets_the_settings_and_a_change_makes_it_custom(app):
    preset = widget(app, "set_preset")
    assert preset.value == "quick"
    preset.set_value("original_post").run()
    for name, value in PRESETS["original_post"].values.items():
        assert getattr(app.session_state[DRAFT], name) == value
    widget(app, "set_layers").set_value(2).run()
    assert widget(app, "set_preset").value == "custom"


def test_a_control_that_would_change_nothing_is_not_there(app):
    """Moons have no number of parts, and a fixed set of points has no noise; a distribution needs no patience."""
    shown = {
        widget_.key.rsplit("_", 1)[0] for kind in ("slider", "number_input", "selectbox") for widget_ in app.get(kind)
    }
    assert "set_noise" in shown
    assert not {"set_parts", "set_patience"} & shown
    app.session_state[DRAFT] = TrainingConfig(**NEEDS["patience"])
    app.run()
    shown = {
        widget_.key.rsplit("_", 1)[0] for kind in ("slider", "number_input", "selectbox") for widget_ in app.get(kind)
    }
    assert "set_patience" in shown
    assert not {"set_parts", "set_noise"} & shown


@pytest.mark.parametrize(
    ("chip", "name", "value"), [("One layer", "layers", 1), ("Width 4", "width", 4), ("New seed", "seed", 1)]
)
def test_a_chip_sets_its_control_and_asks_until_train_is_pressed(app, chip, name, value):
    opening = app.markdown[0].value
    widget(app, f"try_{chip}").click().run()
    assert getattr(app.session_state[DRAFT], name) == value
    assert "Decide, then train" in app.markdown[0].value
    widget(app, "train").click().run()
    assert app.markdown[0].value == opening
    engine().discard(app.session_state[TOKEN])


def test_settings_that_differ_from_the_run_shown_are_named_on_the_button(app):
    widget(app, "set_layers").set_value(2).run()
    assert "Train with new settings" in labels(app)


def test_present_mode_leaves_only_what_a_class_needs(app):
    app.toggle(key="present").set_value(True).run()
    assert not app.exception
    assert not app.selectbox
    assert not app.select_slider
    assert "Train" in labels(app)


def test_a_run_that_is_not_kept_any_more_is_said_so_and_nothing_breaks():
    app = AppTest.from_file(APP, default_timeout=60)
    app.query_params["run"] = "nobody-knows-this-run"
    app.run()
    assert not app.exception
    assert "no longer kept" in app.toast[0].value
    assert "Train" in labels(app)


def test_the_app_opens_without_waiting_for_torch():
    """Its import takes longer than all else that happens before the first picture."""
    imports = "import sys, realnvp.ui.frame, realnvp.ui.playground; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", imports], cwd=Path(APP).parent).returncode == 0


def test_what_was_sent_while_the_data_were_others_is_passed_over(app: AppTest) -> None:
    config = TrainingConfig(dataset=keep(some_points()))
    widget(app, "set_noise").set_value(0.3)
    app.session_state[DRAFT] = config
    app.run()
    assert not app.exception
    assert app.session_state[DRAFT] == config


def test_a_run_that_has_made_its_flow_worse_says_so(app: AppTest) -> None:
    config = TrainingConfig(**helpers.WORSENED, device="cpu")
    app.session_state[DRAFT] = config
    widget(app.run(), "train").click().run()
    until(lambda: engine().view(app.session_state[TOKEN]).status.over)
    assert ["Try a learning rate below 1" in warning.value for warning in app.run().warning] == [True]
    assert widget(app, "train").label.startswith("Train")
