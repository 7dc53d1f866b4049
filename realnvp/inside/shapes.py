"""Simple functions of one coordinate, for couplings shaped by hand: a form, and the numbers that set it."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Parameter:
    """A number that the user sets."""

    label: str
    low: float
    high: float
    start: float


@dataclass(frozen=True)
class Form:
    """A family of functions of the kept coordinate a: ``apply(a, *values)``, and the same in LaTeX."""

    title: str
    parameters: tuple[Parameter, ...]
    apply: Callable[..., Tensor]
    latex: Callable[..., str]


FORMS = {
    "constant": Form(
        "Constant",
        (Parameter("Height", -1.5, 1.5, 0.0),),
        lambda a, height: height * torch.ones_like(a),
        lambda a, height: f"{height:.2f}",
    ),
    "slope": Form(
        "Slope",
        (Parameter("Slope", -1.5, 1.5, 0.6),),
        lambda a, slope: slope * a,
        lambda a, slope: rf"{slope:.2f}\,{a}",
    ),
    "bowl": Form(
        "Bowl",
        (Parameter("Bend", -1.0, 1.0, 0.4),),
        lambda a, bend: bend * a.square(),
        lambda a, bend: rf"{bend:.2f}\,{a}^2",
    ),
    "wave": Form(
        "Wave",
        (Parameter("Height", -1.5, 1.5, 0.5), Parameter("Waves", 0.5, 5.0, 2.0)),
        lambda a, height, waves: height * (waves * a).sin(),
        lambda a, height, waves: rf"{height:.2f}\,\sin({waves:.2f}\,{a})",
    ),
    "bump": Form(
        "Bump",
        (Parameter("Height", -1.5, 1.5, 0.8), Parameter("Place", -1.5, 1.5, 0.0)),
        lambda a, height, place: height * (-2 * (a - place).square()).exp(),
        lambda a, height, place: rf"{height:.2f}\,\exp(-2({a}{-place:+.2f})^2)",
    ),
}


@dataclass(frozen=True)
class Shape:
    """One function of the kept coordinate: a form with its parameters' values."""

    form: str
    values: tuple[float, ...]

    def __call__(self, a: Tensor) -> Tensor:
        return FORMS[self.form].apply(a, *self.values)

    def latex(self, a: str) -> str:
        """The formula, with ``a`` the name of the coordinate."""
        return FORMS[self.form].latex(a, *self.values)
