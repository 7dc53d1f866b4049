"""The settings of a program."""

import json
import re
from dataclasses import fields

from realnvp.config import TrainingConfig


def settings(config: TrainingConfig) -> str:
    """The numbers of a config as constants, each with the first sentence of its help text."""
    left_out = {"dataset", "schedule", "conditioner", "initialisation", "device"}
    left_out |= {name for name in ("clip_norm", "further", "patience") if not getattr(config, name)}
    lines = []
    for f in fields(config):
        value = getattr(config, f.name)
        if f.name not in left_out and value is not None:
            sentence = re.split(r"\.(?: |$)|: | \(", f.metadata["setting"].help)[0]
            lines.append(f"{f.name.upper()} = {value!r}  # {sentence}")
    automatic = '"cuda" if torch.cuda.is_available() else "cpu"'
    lines.append(f"DEVICE = {automatic if config.device == 'auto' else json.dumps(config.device)}")
    lines.append("AUTOGRAD = False  # whether PyTorch differentiates, or the gradient written out below")
    lines.append("torch.set_num_threads(1)  # in networks this small more threads gain little")
    return "\n".join(lines) + "\n"
