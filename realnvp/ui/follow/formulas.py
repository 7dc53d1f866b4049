"""The formulas of a ledger in LaTeX, with the numbers of one point in them."""

from collections.abc import Callable
from dataclasses import dataclass
from inspect import getsource, getsourcefile, getsourcelines, unwrap
from pathlib import Path
from textwrap import dedent

import numpy as np

from realnvp.figures.ledger import Column, shown

PROJECT = Path(__file__).parents[3]


@dataclass(frozen=True)
class Numbers:
    """The numbers of one point, rounded for show where they must add up."""

    path: np.ndarray  # (layers + 1, 2) before the first layer, standardised, and after each
    changed: tuple[int, ...]  # which coordinate each layer changes, 0 or 1
    s: np.ndarray  # (layers,) log-scale of that coordinate; in the plane it is also the layer's log-det
    t: np.ndarray  # (layers,) its shift
    column: Column  # of the log-dets in nats


def layer_formula(numbers: Numbers, k: int, jacobian: np.ndarray) -> str:
    """Layer k, from 0: what it does to its two coordinates, and its log-determinant.

    ``jacobian`` (2, 2) is the layer's own, by autograd: triangular, so that its determinant is its diagonal's product.
    """
    changed = numbers.changed[k]
    a, b = 2 - changed, changed + 1  # which stays and which moves, from 1
    before, after = numbers.path[k], numbers.path[k + 1]
    s, log_det, t = numbers.s[k], numbers.column.log_dets[k], numbers.t[k]
    return aligned(
        [
            (rf"y_{a}", rf"= x_{a} = {plain(before[a - 1])}"),
            (rf"y_{b}", rf"= x_{b}\,e^{{s(x_{a})}} + t(x_{a})"),
            ("", rf"\approx {plain(before[b - 1])}\cdot e^{{{log_det}}} {signed(t)}"),
            ("", rf"\approx {plain(before[b - 1])}\cdot {plain(np.exp(s))} {signed(t)}"),
            ("", rf"\approx {plain(after[b - 1])}"),
            (rf"J_{{{k + 1}}}", rf"\approx {matrix(jacobian)}"),
            (rf"\det J_{{{k + 1}}}", rf"\approx {short(determinant(jacobian))} \approx e^{{s(x_{a})}}"),
            (rf"\log|\det J_{{{k + 1}}}|", rf"= s(x_{a}) = {log_det:+}\ \text{{nats}}"),
        ]
    )


def normal_formula(numbers: Numbers) -> str:
    """The base distribution's log-density where the path ends."""
    z1, z2 = numbers.path[-1]
    return aligned(
        [
            (r"\log N(z; 0, I)", r"= -\tfrac12\,(z_1^2 + z_2^2) - \log 2\pi"),
            ("", rf"\approx -\tfrac12\,(({plain(z1)})^2 + ({plain(z2)})^2) - {np.log(2 * np.pi):.4f}"),
            ("", rf"\approx {numbers.column.log_normal}\ \text{{nats}}"),
        ]
    )


def units_formula(mean: list[float], std: list[float], numbers: Numbers) -> str:
    """The standardising of the two columns by their mean and standard deviation (2,), and its log-determinant."""
    (y1, y2), (m1, m2), (d1, d2) = numbers.path[0], mean, std
    return aligned(
        [
            (r"y_1", rf"= \frac{{x_1 - ({m1:.6g})}}{{{d1:.6g}}} \approx {plain(y1)}"),
            (r"y_2", rf"= \frac{{x_2 - ({m2:.6g})}}{{{d2:.6g}}} \approx {plain(y2)}"),
            (r"\log|\det J_0|", rf"= -\log {d1:.6g} - \log {d2:.6g}"),
            ("", rf"\approx {numbers.column.units:+}\ \text{{nats}}"),
        ]
    )


def total_formula(numbers: Numbers, in_a_line: int = 4) -> str:
    """The change of variables, with all parts of the sum; J_0 is the standardising where there is any."""
    column = numbers.column
    parts = [f"{part:+}" for part in (*([column.units] if column.units else []), *column.log_dets)]
    lines = [" ".join(parts[i : i + in_a_line]) for i in range(0, len(parts), in_a_line)]
    return aligned(
        [
            (r"\log p(x)", r"= \log N(z; 0, I) + \sum_k \log|\det J_k|"),
            ("", f"= {column.log_normal} {lines[0]}"),
            *[("", rf"\quad {line}") for line in lines[1:]],
            ("", rf"= {column.log_normal} {column.running[-1]:+} = {column.log_prob}\ \text{{nats}}"),
        ]
    )


def determinant_formula(jacobian: np.ndarray, numbers: Numbers) -> str:
    """Autograd's Jacobian (2, 2), its determinant multiplied out, and the ledger's sum beside it."""
    det = determinant(jacobian)
    return aligned(
        [
            ("J", rf"= \frac{{\partial z}}{{\partial x}} \approx {matrix(jacobian)}"),
            (r"\det J", rf"= J_{{11}} J_{{22}} - J_{{12}} J_{{21}} \approx {short(det)}"),
            (r"\log|\det J|", rf"\approx {np.log(abs(det)):+.6f}\ \text{{nats}}"),
            (r"\textstyle\sum_k \log|\det J_k|", rf"= {numbers.column.running[-1]:+}\ \text{{nats (ledger)}}"),
        ]
    )


def log_prob_formula(of_training: float, of_ledger: float) -> str:
    """The log-density by the function that training uses, and by the ledger, with all digits of float32."""
    return aligned(
        [
            (r"\text{flow.log\_prob}(x)", f"= {of_training:.8g}"),
            (r"\text{ledger}", rf"= {of_ledger:.8g}\ \text{{nats}}"),
        ]
    )


def return_formula(x: np.ndarray, back: np.ndarray, error: float) -> str:
    """A point (2,) before and after the way there and back."""
    return aligned(
        [
            ("x", rf"= ({x[0]:.8f},\ {x[1]:.8f})"),
            (r"f^{-1}(f(x))", rf"= ({back[0]:.8f},\ {back[1]:.8f})"),
            (r"\text{distance}", rf"\approx {scientific(error)}\ \text{{data units}}"),
        ]
    )


def determinant(jacobian: np.ndarray) -> float:
    (a, b), (c, d) = jacobian
    return float(a * d - b * c)


def matrix(jacobian: np.ndarray) -> str:
    (a, b), (c, d) = jacobian
    return rf"\begin{{pmatrix}} {short(a)} & {short(b)} \\ {short(c)} & {short(d)} \end{{pmatrix}}"


def aligned(lines: list[tuple[str, str]]) -> str:
    return r"\begin{aligned}" + r" \\ ".join(f"{left} &{right}" for left, right in lines) + r"\end{aligned}"


def plain(value: float) -> str:
    return f"{shown(float(value))}"


def signed(value: float) -> str:
    return f"{shown(float(value)):+}"


def short(value: float) -> str:
    """Five digits, without an exponent where it is not needed."""
    return f"{value:.4f}" if 1e-3 <= abs(value) < 1e5 or value == 0 else scientific(value)


def scientific(value: float) -> str:
    mantissa, exponent = f"{value:.1e}".split("e")
    return "0" if value == 0 else rf"{mantissa} \times 10^{{{int(exponent)}}}"


def source_of(function: Callable) -> tuple[str, str]:
    """The source of a function as it runs here, and where it stands: file and line."""
    function = unwrap(function)  # without its decorators, whose source is elsewhere
    where = Path(getsourcefile(function)).resolve().relative_to(PROJECT)
    return dedent(getsource(function)).rstrip(), f"{where.as_posix()}, line {getsourcelines(function)[1]}"
