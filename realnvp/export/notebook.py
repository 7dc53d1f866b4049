"""A run as a Jupyter notebook: the script cut into cells, with words between them.

The format is nbformat 4.5, which is plain JSON: https://nbformat.readthedocs.io/en/latest/format_description.html
"""

import json
from typing import Any

from realnvp.config import TrainingConfig
from realnvp.export.program import program

HEAD = """# A RealNVP flow learns to turn data into a Gaussian, and back

Run all cells, after `pip install torch numpy`. On the CPU this trains as the RealNVP playground does with the same
settings: the same first weights and batches, and so the same result but for rounding. The last line is the held-out
NLL in nats.
"""

SHOW = '''class Picture(str):
    """SVG text, which a notebook draws."""

    def _repr_svg_(self) -> str:
        return str(self)


Picture(svg)
'''


def training_notebook(config: TrainingConfig) -> str:
    """An .ipynb file, as text, that trains this very configuration, draws it and prints ``NLL x.xxxx`` last.

    Points that are no longer kept are a ValueError.
    """
    cells = [("markdown", HEAD)]
    for section in program(config):
        cells += [("markdown", f"## {section.title}\n\n{section.words}"), ("code", section.code)]
        if section.title == "Pictures":
            cells.append(("code", SHOW))
    notebook = {
        "cells": [cell(f"cell-{k}", kind, text) for k, (kind, text) in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(notebook, indent=1, ensure_ascii=False) + "\n"


def cell(name: str, kind: str, text: str) -> dict[str, Any]:
    """A cell; a code cell has not run yet."""
    parts = {"id": name, "cell_type": kind, "metadata": {}, "source": text.rstrip("\n").splitlines(keepends=True)}
    return parts | {"execution_count": None, "outputs": []} if kind == "code" else parts
