"""The program that trains a configuration without this package, as sections: a script or a notebook is made of them.

Flow, gradient and distribution are excerpts of this package's source; what runs them is text.
"""

from realnvp.config import TrainingConfig
from realnvp.export.sections.data import data
from realnvp.export.sections.flow import flow, gradient
from realnvp.export.sections.pictures import pictures
from realnvp.export.sections.section import Section
from realnvp.export.sections.settings import settings
from realnvp.export.sections.training import quality, training


def program(config: TrainingConfig) -> list[Section]:
    """The sections in the order in which they run. Points that are no longer kept are a ValueError."""
    parts = [flow(config), data(config), gradient(config), training(config), pictures(config), quality(config)]
    imports = {("torch", ""), *(wanted for part in parts for wanted in part.imports)}
    code = f"{import_lines(imports)}\n{settings(config)}"
    return [Section("Settings", "Change them, and run it all again.", code), *parts]


def import_lines(imports: set[tuple[str, str]]) -> str:
    """Import statements, the standard library first, sorted as ruff does."""
    plain = sorted(module for module, name in imports if not name)
    named = {module: sorted(name for m, name in imports if m == module and name) for module, _ in sorted(imports)}
    groups = []
    for outside in (False, True):
        lines = [f"import {module}" for module in plain if (module in ("torch", "numpy")) == outside]
        lines += [
            f"from {module} import {', '.join(names)}"
            for module, names in named.items()
            if names and (module == "torch") == outside
        ]
        groups.append("\n".join(lines).replace("import numpy", "import numpy as np") + "\n")
    return "\n".join(groups)
