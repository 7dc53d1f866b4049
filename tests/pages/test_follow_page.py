"""The page that follows one point, run by Streamlit's AppTest on a real engine."""

from decimal import Decimal
from inspect import getsource, unwrap
from textwrap import dedent

import pytest
import torch
from streamlit.testing.v1 import AppTest

from realnvp.coupling import AffineCoupling
from realnvp.flow import RealNVP, log_normal
from realnvp.inside.ledger import autograd_jacobian, autograd_log_det, return_error
from realnvp.training import trained_flow
from realnvp.ui.runs import engine, shared_token

pytestmark = pytest.mark.usefixtures("default_run")


@pytest.fixture
def page(app: AppTest) -> AppTest:
    return app.switch_page("pages/follow.py").run()


def flow() -> RealNVP:
    view = engine().view(shared_token())
    return trained_flow(view.config, view.snapshot.weights).requires_grad_(False)


def point(page: AppTest) -> tuple[float, float]:
    return page.number_input(key="follow_x1").value, page.number_input(key="follow_x2").value


def put(page: AppTest, x1: float | None, x2: float | None) -> None:
    page.number_input(key="follow_x1").set_value(x1)
    page.number_input(key="follow_x2").set_value(x2).run()
    assert not page.exception


def metrics(page: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\N{MINUS SIGN}", "-").replace(",", "") for metric in page.metric}


def tables(page: AppTest) -> list[str]:
    found = [html.proto.body for html in page.get("html") if "<table" in html.proto.body]
    return [table.replace("\N{MINUS SIGN}", "-") for table in found]


def said(page: AppTest) -> str:
    return " ".join(element.value for element in (*page.warning, *page.markdown, *page.caption))


def test_it_names_the_run_and_follows_the_first_held_out_point(page):
    assert not page.exception
    assert "Two moons, 6 layers, width 64, epoch 1,000" in said(page)
    first = engine().view(shared_token()).snapshot.input[0]
    assert point(page) == pytest.approx(first.tolist(), abs=5e-5)
    assert page.selectbox(key="follow_bar").value is None
    assert all(metric.help for metric in page.metric)
    assert all(control.help for control in (*page.number_input, *page.button, *page.selectbox))


@pytest.mark.parametrize(("x1", "x2"), [(0.5, -0.25), (1.1, 0.7), (-1.5, -0.5)])
def test_a_typed_point_has_its_own_ledger_which_adds_up_to_log_prob(page, x1, x2):
    before = metrics(page)
    put(page, x1, x2)
    shown = metrics(page)
    assert shown != before
    x = torch.tensor([[x1, x2]])
    log_normal_shown, log_dets, log_prob, autograd, error = [Decimal(value) for value in shown.values()]
    assert log_normal_shown + log_dets == log_prob
    assert log_prob == Decimal(float(flow().log_prob(x))).quantize(log_prob)
    assert autograd == pytest.approx(log_dets, abs=Decimal("0.0002"))
    assert float(autograd) == pytest.approx(float(autograd_log_det(flow(), x)), abs=5.1e-5)
    assert 0 <= error < Decimal("1e-3")


def test_every_number_is_one_click_away(page):
    put(page, 0.5, -0.25)
    assert not tables(page)
    page.session_state["follow_table"] = True  # as a press of its title does
    page.run()
    (table,) = tables(page)
    assert f"{Decimal(metrics(page)['= log p(x)']):+} nats" in table
    assert table.count("<tr>") == 1 + 1 + 6 + 3  # heads, the start, the layers, the sum


def test_how_it_is_checked_is_one_click_away(page):
    put(page, 0.5, -0.25)
    assert not page.code
    page.session_state["follow_checks"] = True
    page.run()
    assert not page.exception
    sources = [code.value for code in page.code]
    assert sources == [dedent(getsource(f)).rstrip() for f in (unwrap(autograd_jacobian), unwrap(return_error))]


def test_another_point_is_another_held_out_point(page):
    seen = {point(page)}
    for _ in range(3):
        page.button(key="follow_another").click().run()
        assert not page.exception
        seen.add(point(page))
    assert len(seen) == 4
    held_out = engine().view(shared_token()).snapshot.input
    assert all(abs(held_out - torch.tensor(found).numpy()).max(1).min() < 1e-4 for found in seen)


@pytest.mark.parametrize(
    ("x1", "x2", "words"),
    [(None, 0.5, "two numbers"), (0.5, None, "two numbers"), (1e300, 0.0, "up to 100"), (0.0, -100.5, "up to 100")],
)
def test_an_empty_field_or_a_huge_number_is_said_so_and_the_point_before_stays(page, x1, x2, words):
    put(page, 0.5, 0.25)
    before = metrics(page)
    put(page, x1, x2)
    assert words in said(page)
    assert point(page) == (0.5, 0.25)
    assert metrics(page) == before
    put(page, 0.6, 0.25)
    assert words not in said(page)
    assert metrics(page) != before


@pytest.mark.parametrize(("x1", "x2"), [(-3.0, 2.5), (100.0, -100.0)])
def test_a_point_far_outside_the_data_is_followed_and_said_to_be_so(page, x1, x2):
    assert "No data are out here" not in said(page)
    put(page, x1, x2)
    assert "No data are out here" in said(page)
    assert "leaves the picture and ends at z" in said(page)
    log_normal_shown, log_dets, log_prob, *_ = [Decimal(value) for value in metrics(page).values()]
    assert log_normal_shown + log_dets == log_prob
    assert float(log_prob) == pytest.approx(float(flow().log_prob(torch.tensor([[x1, x2]]))), rel=1e-6)
    put(page, 0.5, 0.25)
    assert "No data are out here" not in said(page)


def test_a_point_beyond_what_float32_can_count_is_replaced_and_said_so(page, monkeypatch):
    put(page, 0.5, 0.25)
    monkeypatch.setattr("realnvp.ui.follow.chosen.LARGEST", 3.0)
    put(page, 90.0, 90.0)
    assert "farther than float32 can count" in said(page)
    first = engine().view(shared_token()).snapshot.input[:1]
    expected = float(flow().log_prob(torch.from_numpy(first.copy())))
    assert float(metrics(page)["= log p(x)"]) == pytest.approx(expected, abs=1e-3)
    monkeypatch.setattr("realnvp.ui.follow.chosen.LARGEST", 0.0)
    put(page, 80.0, 90.0)
    assert "train another flow" in said(page)


@pytest.mark.parametrize(
    ("bar", "words", "functions"),
    [
        (0, r"\log N(z; 0, I)", [log_normal]),
        (1, r"\log|\det J_{1}|", [AffineCoupling.forward, AffineCoupling.scale_and_shift]),
        (6, r"\log|\det J_{6}|", [AffineCoupling.forward, AffineCoupling.scale_and_shift]),
        (7, r"\sum_k", [RealNVP.log_prob, RealNVP.forward]),
    ],
)
def test_a_bar_opens_its_formula_and_the_source_of_what_ran(page, bar, words, functions):
    closed = len(page.get("latex")), len(page.code)
    page.selectbox(key="follow_bar").select_index(bar).run()
    assert not page.exception
    formula = page.get("latex")[0] if page.get("latex") else next(m for m in page.markdown if words in m.value)
    assert words in formula.value
    assert [code.value for code in page.code][: len(functions)] == [
        dedent(getsource(function)).rstrip() for function in functions
    ]
    page.selectbox(key="follow_bar").set_value(None).run()
    assert (len(page.get("latex")), len(page.code)) == closed


def test_point_and_bar_outlive_a_change_of_page(page):
    put(page, 0.5, -0.25)
    page.selectbox(key="follow_bar").select_index(3).run()
    shown = metrics(page)
    page.switch_page("pages/layers.py").run()
    page.switch_page("pages/follow.py").run()
    assert not page.exception
    assert point(page) == (0.5, -0.25)
    assert page.selectbox(key="follow_bar").value == 3
    assert metrics(page) == shown
