"""A run as a Python script that needs PyTorch and NumPy alone."""

from textwrap import fill

from realnvp.config import TrainingConfig
from realnvp.export.program import program

WIDTH = 116

HEAD = '''"""Trains a RealNVP flow and draws what it has learned.

Run it with Python 3.11 or newer, after ``pip install torch numpy``. It writes a picture beside itself and
prints the held-out NLL (nats) last. On the CPU it trains as the RealNVP playground does with the same settings:
the same first weights and batches, and so the same result but for rounding.
"""
'''


def training_script(config: TrainingConfig) -> str:
    """Source text of a script that trains this very configuration, draws it and prints ``NLL x.xxxx`` last.

    Points that are no longer kept are a ValueError.
    """
    first, *rest = program(config)
    parts = [f"{HEAD}\n{first.code}"]
    for section in rest:
        words = fill(section.words, WIDTH, initial_indent="# ", subsequent_indent="# ")
        parts.append(f"# --- {section.title} ---\n{words}\n\n\n{section.code}")
    return "\n\n".join(part.rstrip("\n") + "\n" for part in parts)
