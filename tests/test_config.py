import math
import pickle
from dataclasses import FrozenInstanceError, asdict, fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realnvp.config import (
    NOT_OF_A_PRESET,
    PRESETS,
    Setting,
    TrainingConfig,
    apply_preset,
    check_goes_on,
    matching_preset,
)
from realnvp.datasets import DISTRIBUTIONS

FIELDS = {f.name: f for f in fields(TrainingConfig)}
CHOICES = [name for name, f in FIELDS.items() if f.metadata["setting"].choices]
NUMBERS = [name for name in FIELDS if name not in CHOICES and name != "parts"]  # parts: each dataset has its own range
FLOATS = [name for name in NUMBERS if FIELDS[name].type is float]
WHOLE = [name for name in NUMBERS if FIELDS[name].type is int]
POINTS = "points-0123456789abcdef"
# What else makes a value of a setting possible.
NEEDS = {"patience": {"dataset": POINTS}}


def rule(name: str) -> Setting:
    return FIELDS[name].metadata["setting"]


def just_outside(name: str) -> list[float]:
    """The nearest values that are not allowed."""
    low, high = rule(name).low, rule(name).high
    if FIELDS[name].type is int:
        return [low - 1, high + 1]
    return [math.nextafter(low, -math.inf), math.nextafter(high, math.inf)]


def message_of(name: str, value) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - the tests look at the message
        TrainingConfig(**{name: value})
    return str(caught.value)


def test_fields_are_choices_whole_numbers_and_floats():
    assert sorted(CHOICES + WHOLE + FLOATS) == sorted(FIELDS.keys() - {"parts"})
    assert all(FIELDS[name].type is str for name in CHOICES)


def test_defaults_are_valid_and_give_themselves_again():
    assert TrainingConfig(**asdict(TrainingConfig())) == TrainingConfig()


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_label_and_help(name):
    assert rule(name).label.strip()
    assert len(rule(name).help) > 10
    assert rule(name).label != rule(name).help


def test_labels_differ():
    assert len({rule(name).label for name in FIELDS}) == len(FIELDS)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name in NUMBERS for value in just_outside(name)])
def test_just_outside_the_range_is_refused_with_field_value_and_range(name, value):
    message = message_of(name, value)
    assert message.startswith(f"{name}: {value:,} ")
    assert f"{rule(name).low:,} to {rule(name).high:,}" in message


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("name", NUMBERS)
def test_what_is_no_finite_number_is_refused(name, value):
    message = message_of(name, value)
    assert message.startswith(f"{name}: {value} ")
    assert f"{rule(name).low:,} to {rule(name).high:,}" in message


@pytest.mark.parametrize("value", ["3", True, False, (), 1j])
@pytest.mark.parametrize("name", NUMBERS)
def test_another_type_than_a_number_is_refused(name, value):
    message = message_of(name, value)
    assert message.startswith(f"{name}: {value!r} is not ")
    assert f"{rule(name).low:,} to {rule(name).high:,}" in message


@pytest.mark.parametrize("name", WHOLE)
def test_a_fraction_is_no_whole_number(name):
    value = float(rule(name).low + 1)
    assert message_of(name, value).startswith(f"{name}: {value!r} is not a whole number from ")


@pytest.mark.parametrize("name", [name for name in FIELDS if name not in ("noise", "parts")])
def test_none_is_refused(name):
    assert message_of(name, None).startswith(f"{name}: None is not ")


@pytest.mark.parametrize("value", ["", "nonsense", "AUTO", 0, True])
@pytest.mark.parametrize("name", CHOICES)
def test_an_unknown_choice_is_refused_with_field_value_and_choices(name, value):
    message = message_of(name, value)
    assert message.startswith(f"{name}: {value!r} is not one of ")
    assert ", ".join(rule(name).choices) in message


@pytest.mark.parametrize(("name", "value"), [(n, v) for n in NUMBERS for v in (rule(n).low, rule(n).high)])
def test_the_ends_of_a_range_are_allowed(name, value):
    assert getattr(TrainingConfig(**{name: value}, **NEEDS.get(name, {})), name) == value


@pytest.mark.parametrize(("name", "value"), [(n, v) for n in CHOICES for v in rule(n).choices])
def test_every_choice_is_allowed(name, value):
    assert getattr(TrainingConfig(**{name: value}), name) == value


@given(data=st.data())
@pytest.mark.parametrize("name", NUMBERS)
def test_anything_inside_the_range_is_allowed(name, data):
    numbers = st.integers if FIELDS[name].type is int else st.floats
    value = data.draw(numbers(rule(name).low, rule(name).high))
    assert getattr(TrainingConfig(**{name: value}, **NEEDS.get(name, {})), name) == value


@pytest.mark.parametrize("name", ["clip_norm", "lr", "max_log_scale"])
def test_a_whole_number_does_for_a_float_and_becomes_one(name):
    config = TrainingConfig(**{name: 1})
    assert type(getattr(config, name)) is float
    assert config == TrainingConfig(**{name: 1.0})


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_no_noise_means_the_datasets_own(name):
    assert TrainingConfig(dataset=name).noise == DISTRIBUTIONS[name].noise
    assert TrainingConfig(dataset=name) == TrainingConfig(dataset=name, noise=DISTRIBUTIONS[name].noise)
    assert TrainingConfig(dataset=name, noise=0.2).noise == 0.2


@pytest.mark.parametrize("name", ["points-", "points-0123456789ABCDEF", f"{POINTS}0", f" {POINTS}", f"{POINTS}\n"])
def test_a_dataset_that_only_looks_like_a_set_of_points_is_refused(name):
    assert message_of("dataset", name).startswith(f"dataset: {name!r} is not one of two_moons, ")


@pytest.mark.parametrize("name", DISTRIBUTIONS)
def test_no_parts_means_the_datasets_own_number_if_it_has_one(name):
    usual, allowed = DISTRIBUTIONS[name].parts, DISTRIBUTIONS[name].parts_range
    assert TrainingConfig(dataset=name).parts == usual
    assert TrainingConfig(dataset=name) == TrainingConfig(dataset=name, parts=usual)
    if allowed is None:
        with pytest.raises(ValueError, match=f"^parts: 3 is not allowed; the dataset {name} has no number of parts"):
            TrainingConfig(dataset=name, parts=3)
        return
    low, high = allowed
    assert rule("parts").low <= low
    assert high <= rule("parts").high
    for parts in allowed:
        assert TrainingConfig(dataset=name, parts=parts).parts == parts
    for parts in (low - 1, high + 1):
        with pytest.raises(ValueError, match=f"^parts: {parts} is outside the allowed range {low} to {high}"):
            TrainingConfig(dataset=name, parts=parts)
    for parts in (3.0, "3", True):
        with pytest.raises(ValueError, match=f"^parts: {parts!r} is not a whole number from {low} to {high}"):
            TrainingConfig(dataset=name, parts=parts)


def test_a_fixed_set_has_no_noise_and_a_distribution_needs_no_patience():
    assert TrainingConfig(dataset=POINTS).noise is None
    assert TrainingConfig(dataset=POINTS).fixed_points
    assert not TrainingConfig().fixed_points
    with pytest.raises(ValueError, match=r"^noise: 0.1 has no meaning for a fixed set"):
        TrainingConfig(dataset=POINTS, noise=0.1)
    with pytest.raises(ValueError, match=r"^parts: 3 has no meaning for a fixed set"):
        TrainingConfig(dataset=POINTS, parts=3)
    with pytest.raises(ValueError, match=r"^patience: 30 has no meaning for a distribution"):
        TrainingConfig(patience=30)


def test_a_run_goes_on_to_more_further_epochs_or_to_fewer_that_it_has_not_trained_yet():
    begun = TrainingConfig(epochs=100, further=50)
    assert begun.total_epochs == 150
    for further in (20, 50, 50_000):
        check_goes_on(replace(begun, further=further), begun, 120)
    with pytest.raises(ValueError, match=r"^further: .* epoch 120, .* beyond 119 epochs in all; choose at least 20$"):
        check_goes_on(replace(begun, further=19), begun, 120)
    for other in ({"epochs": 150, "further": 0}, {"seed": 1}, {"dataset": POINTS, "noise": None, "parts": None}):
        with pytest.raises(ValueError, match=r"^checkpoint: .* other settings"):
            check_goes_on(replace(begun, **other), begun, 120)


@pytest.mark.parametrize("name", FIELDS)
def test_configs_are_frozen(name):
    with pytest.raises(FrozenInstanceError):
        setattr(TrainingConfig(), name, getattr(TrainingConfig(), name))


def test_configs_are_keys_of_dictionaries():
    results = {TrainingConfig(): "default", TrainingConfig(seed=1): "other"}
    assert results[TrainingConfig(seed=0)] == "default"
    assert results[pickle.loads(pickle.dumps(TrainingConfig(seed=1)))] == "other"


OTHERS = {
    "dataset": POINTS,
    "noise": None,
    "parts": None,
    "further": 500,
    "patience": 30,
    "seed": 5,
    "device": "cpu",
}


@pytest.mark.parametrize("name", PRESETS)
def test_presets_are_valid_and_recognised(name):
    assert matching_preset(apply_preset(name)) == name
    assert PRESETS[name].title.strip()
    assert len(PRESETS[name].help) > 10


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_keeps_what_is_learned_and_where(name):
    config = apply_preset(name, TrainingConfig(**OTHERS, layers=3, width=5, lr=0.1, conditioner="separate"))
    assert {field: getattr(config, field) for field in OTHERS} == OTHERS
    assert set(OTHERS) == set(NOT_OF_A_PRESET)
    assert config == replace(apply_preset(name), **OTHERS)
    assert matching_preset(config) == name


@pytest.mark.parametrize("field", [name for name in FIELDS if name not in OTHERS])
@pytest.mark.parametrize("name", PRESETS)
def test_a_changed_setting_is_no_preset_any_more(name, field):
    config = apply_preset(name)
    different = rule(field).choices or (rule(field).low, rule(field).high)
    value = next(v for v in different if v != getattr(config, field))
    assert matching_preset(replace(config, **{field: value})) is None


def test_presets_differ_and_their_titles_too():
    assert len({apply_preset(name) for name in PRESETS}) == len(PRESETS)
    assert len({preset.title for preset in PRESETS.values()}) == len(PRESETS)


def test_the_defaults_are_quick():
    assert TrainingConfig() == apply_preset("quick")


def test_original_post_is_the_posts_recipe():
    config = apply_preset("original_post")
    assert (config.layers, config.width, config.depth + 1) == (6, 256, 5)  # five linear layers in each network
    assert (config.epochs, config.batch_size, config.lr, config.schedule) == (3000, 512, 1e-3, "constant")
    assert (config.clip_norm, config.max_log_scale) == (0.0, 1.0)
    assert (config.conditioner, config.initialisation) == ("separate", "default")
    assert (config.dataset, config.noise) == ("two_moons", 0.05)
