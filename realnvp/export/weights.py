"""A trained flow's weights as a safetensors file, its configuration inside; and read back, believing nothing.

Kept free of torch. The format, which cannot hold code: https://huggingface.co/docs/safetensors
"""

import json
import re
from dataclasses import fields
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from realnvp.config import TrainingConfig
from realnvp.points import BadData
from realnvp.safe_arrays import LENGTH, arrays_from_bytes
from realnvp.store.run import CONFIG, EPOCH, weights_to_bytes

MOST_BYTES = 500_000_000  # the largest flow that a config allows has 472 MB
MOST_HEADER_BYTES = 2_000_000
NETWORKS = {"shared": {"net": 2}, "separate": {"s": 1, "t": 1}}  # outputs of a coupling's networks, by their names


class Weights(NamedTuple):
    """What a file of weights holds."""

    config: TrainingConfig
    arrays: dict[str, np.ndarray]  # the flow's state dict
    epoch: int  # after which they were written; they may be of a run that was stopped


def weights_file(config: TrainingConfig, weights: dict[str, np.ndarray], epoch: int) -> bytes:
    """A .safetensors file of a flow's state dict. Weights that are not a flow's of this config are BadData."""
    check_weights(config, weights)
    return weights_to_bytes(weights, config, epoch)


def read_weights(content: bytes) -> Weights:
    """What ``weights_file`` wrote. Anything else is BadData: one sentence."""
    if len(content) > MOST_BYTES:
        raise BadData(f"The file is larger than {MOST_BYTES // 1_000_000:,} MB: choose one that this app has written.")
    facts = read_facts(content)
    config = read_config(facts)
    try:
        weights, _ = arrays_from_bytes(content)
    except ValueError:
        raise BadData("The file's tensors are damaged, or of a kind that no flow has: export it again.") from None
    check_weights(config, weights)
    return Weights(config, weights, read_epoch(facts, config))


def read_facts(content: bytes) -> dict[str, object]:
    """The metadata in the header: a length of eight bytes, then JSON."""
    size = int.from_bytes(content[:LENGTH], "little")
    if len(content) < LENGTH or size > min(MOST_HEADER_BYTES, len(content) - LENGTH):
        raise BadData("This is not a safetensors file, or it is cut short: choose one that this app has written.")
    try:
        header = json.loads(content[LENGTH : LENGTH + size])
    except (ValueError, RecursionError):
        raise BadData(
            "This is not a safetensors file, or it is damaged: choose one that this app has written."
        ) from None
    facts = header.get("__metadata__") if isinstance(header, dict) else None
    return facts if isinstance(facts, dict) else {}


def read_config(facts: dict[str, object]) -> TrainingConfig:
    try:
        settings = json.loads(facts[CONFIG])
    except (KeyError, TypeError, ValueError, RecursionError):
        raise BadData(
            "The file does not say which settings its flow has: choose one that this app has written."
        ) from None
    known = {f.name for f in fields(TrainingConfig)}
    if not isinstance(settings, dict) or not isinstance(settings.get("dataset"), str):
        raise BadData("The file names no dataset in its settings: choose one that this app has written.")
    if unknown := sorted(settings.keys() - known):
        raise BadData(f"The file has a setting that is not known here, {shown(unknown[0])}: it needs a newer app.")
    try:
        return TrainingConfig(**settings)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadData(
            f"The file has settings that are not allowed ({shown(str(error), 160)}): export it again."
        ) from None


def read_epoch(facts: dict[str, object], config: TrainingConfig) -> int:
    text = facts.get(EPOCH, str(config.total_epochs))  # files of before it was written had none
    if isinstance(text, str) and re.fullmatch("[0-9]{1,9}", text) and int(text) <= config.total_epochs:
        return int(text)
    raise BadData("The file does not say after which epoch its weights were written: export it again.")


def shown(text: str, most: int = 60) -> str:
    """A stranger's text as part of one line."""
    line = "".join(letter if letter.isprintable() else " " for letter in text)
    return line if len(line) <= most else f"{line[: most - 1]}…"


def check_weights(config: TrainingConfig, weights: dict[str, np.ndarray]) -> None:
    """BadData where these are not the weights of a flow of this config, or are no finite numbers."""
    expected = tensors_of(config)
    if missing := sorted(expected.keys() - weights.keys()):
        raise BadData(f"The weights {missing[0]} are missing: these are not the weights of a flow with these settings.")
    if unknown := sorted(weights.keys() - expected.keys()):
        raise BadData(
            f"There are weights that the flow does not have, {shown(unknown[0])}: these are not the weights of a flow "
            "with these settings."
        )
    for name, value in weights.items():
        wanted = expected[name]
        shape = wanted if isinstance(wanted, tuple) else wanted.shape
        if value.shape != shape:
            raise BadData(f"The weights {name} have the shape {value.shape}, and not {shape}, as these settings say.")
        if isinstance(wanted, np.ndarray):
            if value.dtype != np.int64 or not np.array_equal(value, wanted):
                raise BadData(
                    f"The coordinates {name} are not those of a flow whose layers alternate: export it again."
                )
        elif value.dtype != np.float32 or not np.isfinite(value).all():
            raise BadData(
                f"The weights {name} are not all finite 32-bit numbers: export those of a run that went well."
            )
    if not (weights["std"] > 0).all():
        raise BadData("The standard deviations of the data, std, are not all above 0: export the weights again.")


def tensors_of(config: TrainingConfig) -> dict[str, tuple[int, ...] | np.ndarray]:
    """The state dict of a config's flow: the shape of each tensor, or its values where nothing else is possible."""
    found: dict[str, tuple[int, ...] | np.ndarray] = {"mean": (2,), "std": (2,)}
    for layer in range(config.layers):
        kept, changed = np.array([layer % 2]), np.array([1 - layer % 2])
        order = np.argsort(np.concatenate([kept, changed]))
        found |= {
            f"layers.{layer}.{name}": value for name, value in (("kept", kept), ("changed", changed), ("order", order))
        }
        for network, outputs in NETWORKS[config.conditioner].items():
            sizes = [1, *[config.width] * config.depth, outputs]
            for k, (n_in, n_out) in enumerate(pairwise(sizes)):
                name = f"layers.{layer}.conditioner.{network}.{2 * k}"
                found |= {f"{name}.weight": (n_out, n_in), f"{name}.bias": (n_out,)}
    return found
