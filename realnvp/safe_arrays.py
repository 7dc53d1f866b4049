"""Arrays as safetensors bytes, with facts beside them: a format that holds numbers and nothing that could run."""

import json

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

LENGTH = 8  # bytes at the start that say how long the header is; https://github.com/huggingface/safetensors#format


def arrays_to_bytes(arrays: dict[str, np.ndarray], facts: dict[str, str] | None = None) -> bytes:
    """Named arrays, and facts about them, as safetensors."""
    return save({name: np.asarray(value, order="C") for name, value in arrays.items()}, facts or None)


def arrays_from_bytes(content: bytes) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays and the facts in safetensors bytes. Anything else is a ValueError."""
    try:
        return load(content), facts_in(content)
    except (SafetensorError, ValueError, TypeError, KeyError, OverflowError):  # whichever the damage leads to
        raise ValueError("The file is no safetensors file, or it is damaged.") from None


def facts_in(content: bytes) -> dict[str, str]:
    """The facts in the header of safetensors bytes that have been read once, and so are sound."""
    header = content[LENGTH : LENGTH + int.from_bytes(content[:LENGTH], "little")]
    return json.loads(header).get("__metadata__", {})
