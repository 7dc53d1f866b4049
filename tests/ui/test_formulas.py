"""The formulas and the table of the page that follows one point, read back as numbers."""

import math
import re
from decimal import Decimal

import numpy as np
import pytest
import torch
from helpers import gaussian, perturb

from realnvp.coupling import AffineCoupling
from realnvp.flow import RealNVP, log_normal
from realnvp.inside.ledger import autograd_jacobian, return_error, take_ledger
from realnvp.ui.follow.chosen import followed, numbers_of
from realnvp.ui.follow.formulas import (
    PROJECT,
    Numbers,
    determinant_formula,
    layer_formula,
    log_prob_formula,
    normal_formula,
    return_formula,
    short,
    source_of,
    total_formula,
)
from realnvp.ui.follow.table import COLUMNS, ledger_table

NUMBER = re.compile(r"[-+]?\d+\.\d+")


def make_flow(layers: int = 6) -> RealNVP:
    settings = {"hidden_features": 16, "max_log_scale": 1.0, "generator": torch.Generator().manual_seed(0)}
    return perturb(RealNVP(n_layers=layers, **settings)).requires_grad_(False)


def numbers(flow: RealNVP, point: tuple[float, float] = (0.4, -0.7)) -> Numbers:
    return numbers_of(followed(flow, point)[1])


def values(latex: str) -> list[Decimal]:
    return [Decimal(found) for found in NUMBER.findall(latex)]


@pytest.mark.parametrize("k", [0, 1])
def test_a_layers_formula_has_its_numbers_in_it(k):
    flow = make_flow(2)
    found = numbers(flow)
    latex = layer_formula(found, k, autograd_jacobian(flow.layers[k], torch.tensor(found.path[[k]]).float())[0].numpy())
    changed, kept = found.changed[k], 1 - found.changed[k]
    stays, *shown = [float(value) for value in values(latex)]
    assert stays == pytest.approx(found.path[k, kept], abs=5e-5)
    b, s, t, again, stretch, t_again, after = shown[:7]
    assert (b, t) == (again, t_again) == pytest.approx((found.path[k, changed], found.t[k]), abs=5e-5)
    assert stretch == pytest.approx(math.exp(s), abs=5e-4)
    assert b * stretch + t == pytest.approx(after, abs=5e-4)
    assert after == pytest.approx(found.path[k + 1, changed], abs=5e-5)
    *_, determinant, log_det = shown
    assert determinant == pytest.approx(stretch, abs=1e-3)
    assert log_det == s == float(found.column.log_dets[k])
    assert f"y_{changed + 1}" in latex
    assert f"s(x_{kept + 1})" in latex


def test_the_normal_formula_gives_its_value():
    found = numbers(make_flow())
    z1, z2, log_two_pi, value = [float(v) for v in values(normal_formula(found))]
    assert -0.5 * (z1**2 + z2**2) - log_two_pi == pytest.approx(value, abs=1e-3)
    assert value == float(found.column.log_normal)


@pytest.mark.parametrize("layers", [1, 4, 6, 32])
def test_the_total_adds_up_to_log_prob_to_the_digits_shown(layers):
    flow = make_flow(layers)
    found = numbers(flow)
    base, *parts = values(total_formula(found))
    log_dets, (again, running, total) = parts[:layers], parts[layers:]
    assert base == again
    assert sum(log_dets) == running
    assert base + running == total
    assert total == Decimal(float(flow.log_prob(torch.tensor([[0.4, -0.7]])))).quantize(Decimal("0.0001"))


def test_the_determinant_is_multiplied_out():
    flow = make_flow()
    jacobian = autograd_jacobian(flow, torch.tensor([[0.4, -0.7]]))[0].numpy()
    found = numbers(flow)
    a, b, c, d, determinant, log_det, ledger = [float(v) for v in values(determinant_formula(jacobian, found))]
    np.testing.assert_allclose([[a, b], [c, d]], jacobian, atol=1e-4)
    assert a * d - b * c == pytest.approx(determinant, abs=1e-3)
    assert log_det == pytest.approx(np.linalg.slogdet(jacobian)[1], abs=1e-6)
    assert ledger == pytest.approx(log_det, abs=1e-4)


def test_the_other_formulas_show_what_they_are_given():
    assert values(log_prob_formula(-1.25, -1.5)) == [Decimal("-1.25"), Decimal("-1.5")]
    shown = values(return_formula(np.array([0.5, -2.0]), np.array([0.25, -1.0]), 3e-7))
    assert shown == [Decimal(v) for v in ("0.5", "-2", "0.25", "-1", "3")]


@pytest.mark.parametrize("value", [0.0, 1.0, -12345.678, 3.4e7, -2.5e-6])
def test_short_numbers_keep_their_size(value):
    found = re.fullmatch(r"(.+?)(?: \\times 10\^\{(-?\d+)\})?", short(value))
    assert float(found[1]) * 10.0 ** int(found[2] or 0) == pytest.approx(value, rel=0.05)


@pytest.mark.parametrize("function", [log_normal, AffineCoupling.forward, make_flow(1).layers[0].forward, return_error])
def test_the_source_is_that_of_the_function_and_where_it_stands(function):
    source, where = source_of(function)
    file, line = re.fullmatch(r"(realnvp/[\w/]+\.py), line (\d+)", where).groups()
    lines = (PROJECT / file).read_text().splitlines()
    assert lines[int(line) - 1].strip() == source.splitlines()[0]
    assert f"def {function.__name__}(" in source
    assert "return" in source.splitlines()[-1]


@pytest.mark.parametrize("layers", [1, 6])
def test_the_table_holds_every_number_and_adds_up(layers):
    flow = make_flow(layers)
    x, ledger = followed(flow, (0.4, -0.7))
    html = ledger_table(numbers_of(ledger)).replace("\N{MINUS SIGN}", "-")
    rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row) for row in re.findall("<tr>(.*?)</tr>", html)]
    head, start, *body = rows[: layers + 2]
    assert head == [name for name, _ in COLUMNS]
    assert start[5:7] == ["0.4000", "-0.7000"]
    running = Decimal(0)
    for k, (name, stays, s, stretch, t, x1, x2, total) in enumerate(body):
        running += Decimal(s)
        assert (name, stays) == (f"{k + 1}", "x₁" if k % 2 == 0 else "x₂")
        assert Decimal(total) == running
        place = [float(value.replace("<b>", "").replace("</b>", "")) for value in (x1, x2)]
        np.testing.assert_allclose(place, ledger.path[k + 1, 0], atol=6e-5)
        assert ("<b>" in x1, "<b>" in x2) == (k % 2 == 1, k % 2 == 0)
        assert float(stretch) == pytest.approx(math.exp(float(ledger.s[k])), abs=6e-5)
        assert float(t) == pytest.approx(float(ledger.t[k]), abs=6e-5)
    sums = [Decimal(value.removesuffix(" nats")) for _, value in rows[layers + 2 :]]
    assert sums[0] == running
    assert sums[0] + sums[1] == sums[2]
    assert float(sums[2]) == pytest.approx(float(flow.log_prob(x)), abs=6e-5)


def test_a_point_that_float32_cannot_hold_has_no_ledger():
    flow = RealNVP(n_layers=24, hidden_features=16, max_log_scale=10.0, generator=torch.Generator().manual_seed(0))
    flow = perturb(flow, strength=8.0).requires_grad_(False)
    assert not take_ledger(flow, torch.tensor([[90.0, 90.0]])).path.isfinite().all()
    assert followed(flow, (90.0, 90.0)) is None
    assert followed(make_flow(), tuple(gaussian(1, 2)[0].tolist())) is not None
