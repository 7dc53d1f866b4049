"""What is set on the page "Coupling by hand", and the experiments that set it."""

from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from realnvp.inside.by_hand import HandLayer
from realnvp.inside.shapes import Shape

HAND = "by_hand"  # session key: what the user has set, which outlives a change of page
FLAT = Shape("constant", (0.0,))


@dataclass(frozen=True)
class Hand:
    """What is set on the page."""

    layers: tuple[HandLayer, HandLayer] = (
        HandLayer(Shape("slope", (0.6,)), Shape("bowl", (0.4,))),
        HandLayer(FLAT, Shape("wave", (0.5, 2.0))),
    )
    second: bool = False
    place: float = 1.0  # from 0 to n the layers are applied, from n to 2 n undone
    cell: tuple[float, float] = (1.0, 0.5)  # its middle
    side: float = 0.5
    trial: str = ""  # the experiment chosen last

    @property
    def shown(self) -> tuple[HandLayer, ...]:
        return self.layers if self.second else self.layers[:1]


@dataclass(frozen=True)
class Trial:
    """A small experiment: what it sets, what it asks, and the answer, which waits until it is asked for."""

    values: dict[str, Any]
    question: str
    answer: str


TRIALS = {
    "Only shift": Trial(
        {"layers": (HandLayer(FLAT, Shape("wave", (0.8, 2.0))), HandLayer(FLAT, FLAT)), "second": False, "place": 0.0},
        "With s = 0 the points are only shifted. Will the area of any cell change? Decide, then press play.",
        "None does. The determinant is exp(s) = exp(0) = 1 everywhere, whatever t is: a shift, however bent, moves "
        "area and keeps it. Click other cells to check.",
    ),
    "Double": Trial(
        {"layers": (HandLayer(Shape("slope", (1.0,)), FLAT), HandLayer(FLAT, FLAT)), "second": False, "place": 1.0},
        "Here s = x₁, almost. Where does the area of a cell double? Decide, then click there.",
        "Where exp(s) = 2: s = ln 2 = 0.69, so at x₁ near 0.7, and at any x₂. At x₁ near -0.7 the area is halved.",
    ),
    "Quarter turn": Trial(
        {
            "layers": (HandLayer(FLAT, Shape("slope", (1.0,))), HandLayer(FLAT, Shape("slope", (-1.0,)))),
            "second": True,
            "place": 2.0,
        },
        "Two shifts turn the picture by a quarter, nearly. Can one layer turn it? What would a third have to do?",
        "One cannot: its x₁ stays. After two, the first coordinate is -x₂, as in a quarter turn, but the second is "
        "x₁ + x₂. A third layer with t of slope 1 adds the first to it, which leaves x₁: exactly a quarter turn. Two "
        "layers reach every coordinate; it takes more to reach every map.",
    ),
}


def hand() -> Hand:
    return st.session_state.setdefault(HAND, Hand())


def change(**values: Any) -> None:
    st.session_state[HAND] = replace(hand(), **values)
