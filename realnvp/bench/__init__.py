"""Measurements: ``python -m realnvp bench WHAT``. What is compared is measured side by side in one run, as a ratio."""

import json

import torch

from realnvp.bench.classroom import classroom
from realnvp.bench.recipe import quality, recipe
from realnvp.bench.steps import steps

MEASUREMENTS = {"steps": steps, "quality": quality, "recipe": recipe, "classroom": classroom}


def print_measurement(name: str) -> None:
    torch.set_num_threads(1)
    print(json.dumps(MEASUREMENTS[name](), indent=2))
