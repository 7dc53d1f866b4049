"""A run's settings, and a teacher's wishes, as the query of a link, and back. What a link says is believed in nothing.

The query has a setting's name and value where it is not the default, in the order of ``TrainingConfig``: equal
settings give equal links. Streamlit can bind widgets to query parameters by itself, but drops a value that is not
allowed without a word, and only knows the widgets of the page that is open.
"""

import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, fields
from typing import Any
from urllib.parse import quote, urlencode

from realnvp.config import PRESETS, Setting, TrainingConfig
from realnvp.datasets import DISTRIBUTIONS
from realnvp.point_store import is_point_set, load

LONGEST_TASK = 200  # characters; a QR code holds no link that is much longer
LONGEST_VALUE = 40  # characters of a value that a notice repeats
CONTROLS = ("shown", "locked", "hidden")
PRESET = "preset"
SETTINGS = {f.name: f for f in fields(TrainingConfig)}


@dataclass(frozen=True)
class Lesson:
    """What a teacher's link asks for beside the settings. It helps to keep to the task; it is no lock."""

    task: str = ""  # what to do, as plain text
    controls: str = "shown"  # one of CONTROLS
    projector: bool = False  # large type, and only what a class needs to see


def config_query(config: TrainingConfig) -> dict[str, str]:
    """The query of a config: ``config_from_query`` gives the config back."""
    usual = TrainingConfig(dataset=config.dataset)
    values = {name: getattr(config, name) for name in SETTINGS}
    return {
        name: value if isinstance(value, str) else repr(value)
        for name, value in values.items()
        if value != getattr(usual if name != "dataset" else TrainingConfig(), name)
    }


def query_text(query: Mapping[str, str]) -> str:
    """A query as it stands in an address, behind the question mark."""
    return urlencode(query, quote_via=quote)


def lesson_query(lesson: Lesson) -> dict[str, str]:
    """The query of a lesson: what differs from the usual one."""
    query = {"task": lesson.task, "controls": lesson.controls, "projector": "1"}
    return {name: value for name, value in query.items() if getattr(lesson, name) != getattr(Lesson, name)}


def lesson_from_query(query: Mapping[str, str]) -> Lesson:
    """The lesson of a link. A wish that there is not is left out; the task is cut to one line of LONGEST_TASK."""
    task = "".join(c for c in " ".join(query.get("task", "")[: 10 * LONGEST_TASK].split()) if c.isprintable())
    controls = query.get("controls", "")
    return Lesson(
        task[:LONGEST_TASK].strip(),
        controls if controls in CONTROLS else Lesson.controls,
        query.get("projector") == "1",
    )


def config_from_query(query: Mapping[str, str]) -> tuple[TrainingConfig, list[str]] | None:
    """The settings of a link, and a sentence for each that was not as it stands there; None where it names none.

    A value out of range becomes the nearest that is allowed, one that cannot be read the usual one.
    """
    if not any(name in query for name in (*SETTINGS, PRESET)):
        return None
    notices: list[str] = []
    values: dict[str, Any] = dict(preset_of(query, notices))
    dataset = values["dataset"] = dataset_of(query, notices)
    for name, f in SETTINGS.items():
        if name == "dataset" or name not in query:
            continue
        if (rule := rule_of(f, dataset)) is None:
            notices.append(
                f"{f.metadata['setting'].label} has no meaning for these data: the link's value is left out."
            )
        else:
            values[name] = value_of(f, rule, query[name], usual(name, values), notices)
    return TrainingConfig(**values), notices


def preset_of(query: Mapping[str, str], notices: list[str]) -> dict[str, Any]:
    """The settings of the preset that a link builds on."""
    name = query.get(PRESET, "quick")
    if name not in PRESETS:
        notices.append(f"There is no preset {shown(name)}: Quick is used. Choose one of {', '.join(PRESETS)}.")
    return PRESETS[name].values if name in PRESETS else {}


def dataset_of(query: Mapping[str, str], notices: list[str]) -> str:
    name = query.get("dataset", TrainingConfig.dataset)
    if name in DISTRIBUTIONS:
        return name
    if is_point_set(name):
        try:
            load(name)
            return name
        except ValueError:
            notices.append("The points of this link are not kept here: two moons are shown. Bring the points again.")
    else:
        notices.append(f"There is no dataset {shown(name)}: two moons are shown. Choose one from the shelf.")
    return TrainingConfig.dataset


def rule_of(f: Field, dataset: str) -> Setting | None:
    """What is allowed of a setting with these data; None where it has no meaning for them."""
    rule: Setting = f.metadata["setting"]
    fixed = is_point_set(dataset)
    if f.name == "parts" and not fixed:
        bounds = DISTRIBUTIONS[dataset].parts_range
        return bounds and Setting(rule.label, rule.help, *bounds)
    meaningless = f.name in ("noise", "parts") if fixed else f.name == "patience"
    return None if meaningless else rule


def usual(name: str, values: dict[str, Any]) -> Any:
    """The value of a setting that a link does not change."""
    return values.get(name, getattr(TrainingConfig(dataset=values["dataset"]), name))


def value_of(f: Field, rule: Setting, text: str, otherwise: Any, notices: list[str]) -> Any:
    """A value from a link, or else the nearest that is allowed."""
    if rule.choices:
        if text in rule.choices:
            return text
        allowed = f"one of {', '.join(rule.choices)}"
    else:
        allowed = f"{'a whole number' if f.type is int else 'a number'} from {rule.low:,} to {rule.high:,}"
        if (number := number_in(text)) is not None:
            whole = f.type is not int or number == int(number)
            nearest = f.type(min(max(number, rule.low), rule.high))
            if whole and nearest == number:
                return nearest
            otherwise = nearest
    notices.append(f"{rule.label} {shown(text)} is not {allowed}: {otherwise} is used.")
    return otherwise


def number_in(text: str) -> float | None:
    """A finite number written as such; None for anything else."""
    if not (len(text) <= LONGEST_VALUE and text.isascii() and "_" not in text):
        return None
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def shown(text: str) -> str:
    """A stranger's text as part of a sentence."""
    line = "".join(c if c.isprintable() else " " for c in text[:LONGEST_VALUE])
    return f'"{line}{"…" if len(text) > LONGEST_VALUE else ""}"'
