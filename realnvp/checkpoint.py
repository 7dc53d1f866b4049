"""A training's checkpoint as bytes and back: safetensors and JSON, never a pickle, for it may come from elsewhere."""

import json
from dataclasses import asdict
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from realnvp.config import TrainingConfig
from realnvp.safe_arrays import facts_in

STATES = ("kept", "best")  # (epoch, weights) to fall back on; "best" may be None


def checkpoint_to_bytes(checkpoint: dict[str, Any]) -> bytes:
    """What ``Training.checkpoint()`` gives, whole: bytes that hold tensors and a JSON object with the rest."""
    tensors = {"generator": checkpoint["generator"]}
    facts: dict[str, Any] = {name: checkpoint[name] for name in ("epoch", "seconds", "held_out_curve")}
    facts["config"] = asdict(checkpoint["config"])
    facts["param_groups"] = checkpoint["optimizer"]["param_groups"]
    add(tensors, "flow", checkpoint["flow"])
    for parameter, state in checkpoint["optimizer"]["state"].items():
        add(tensors, f"optimizer/{parameter}", state)
    for name in STATES:
        if state := checkpoint[name]:
            facts[name] = state[0]
            add(tensors, name, state[1])
    return save(tensors, {"checkpoint": json.dumps(facts)})


def checkpoint_from_bytes(content: bytes) -> dict[str, Any]:
    """The checkpoint in such bytes, its tensors on the CPU. Anything else is a ValueError."""
    try:
        tensors, facts = load(content), json.loads(facts_in(content)["checkpoint"])
        return {
            "config": TrainingConfig(**facts["config"]),
            "epoch": facts["epoch"],
            "seconds": facts["seconds"],
            "flow": part(tensors, "flow"),
            "optimizer": {
                "state": {
                    int(parameter): part(tensors, f"optimizer/{parameter}")
                    for parameter in {name.split("/")[1] for name in tensors if name.startswith("optimizer/")}
                },
                "param_groups": [group | {"betas": tuple(group["betas"])} for group in facts["param_groups"]],
            },
            "generator": tensors["generator"],
            "held_out_curve": [(epoch, loss) for epoch, loss in facts["held_out_curve"]],
            **{name: (facts[name], part(tensors, name)) if name in facts else None for name in STATES},
        }
    except (SafetensorError, json.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"checkpoint: it is damaged ({error!r}); train the run anew") from None


def add(tensors: dict[str, Tensor], prefix: str, state: dict[str, Tensor]) -> None:
    tensors |= {f"{prefix}/{name}": value.contiguous() for name, value in state.items()}


def part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {name.removeprefix(f"{prefix}/"): value for name, value in tensors.items() if name.startswith(f"{prefix}/")}
