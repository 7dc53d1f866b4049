import copy
from itertools import pairwise

import pytest
import torch
from helpers import gaussian, global_generators, jacobian, perturb
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from realnvp.coupling import (
    AffineCoupling,
    SeparateConditioner,
    SharedConditioner,
    alternating_masks,
    linear,
    mlp,
)

CONDITIONERS = [SharedConditioner, SeparateConditioner]


class Fixed(nn.Module):
    """A conditioner that ignores its input."""

    def __init__(self, raw: list[float], t: list[float]) -> None:
        super().__init__()
        self.raw, self.t = torch.tensor(raw), torch.tensor(t)

    def forward(self, a):
        return self.raw.expand(len(a), -1), self.t.expand(len(a), -1)


def make_coupling(mask, conditioner=SharedConditioner, *, max_log_scale=2.0, seed=0) -> AffineCoupling:
    mask = torch.tensor(mask)
    kept = int(mask.sum())
    net = conditioner(
        kept, len(mask) - kept, hidden_features=16, depth=2, generator=torch.Generator().manual_seed(seed)
    )
    return perturb(AffineCoupling(mask, net, max_log_scale=max_log_scale), seed + 1)


@pytest.mark.parametrize("dim", [2, 3, 8])
@pytest.mark.parametrize("n_layers", [1, 2, 5])
def test_masks_alternate(dim, n_layers):
    masks = alternating_masks(dim, n_layers)
    assert masks.shape == (n_layers, dim)
    assert masks.dtype == torch.bool
    assert masks[0].tolist() == [i % 2 == 0 for i in range(dim)]
    for mask, following in pairwise(masks):
        assert torch.equal(following, ~mask)


@pytest.mark.parametrize("mask", [[True, True], [False, False, False]])
def test_a_mask_must_keep_one_coordinate_and_change_another(mask):
    with pytest.raises(ValueError, match=r"mask: .*keep at least one coordinate"):
        AffineCoupling(torch.tensor(mask), Fixed([0.0], [0.0]), max_log_scale=1.0)


def test_the_formula_on_numbers_worked_by_hand():
    # Keeps coordinate 1; s = 2 tanh(1 / 2) = 0.924234, exp(s) = 2.519937.
    coupling = AffineCoupling(torch.tensor([False, True]), Fixed([1.0], [0.5]), max_log_scale=2.0)
    y, log_det = coupling(torch.tensor([[3.0, -4.0]]))
    torch.testing.assert_close(y, torch.tensor([[3 * 2.519937 + 0.5, -4.0]]))
    torch.testing.assert_close(log_det, torch.tensor([0.924234]))
    x, log_det = coupling.inverse(torch.tensor([[3.0, -4.0]]))
    torch.testing.assert_close(x, torch.tensor([[(3 - 0.5) / 2.519937, -4.0]]))
    torch.testing.assert_close(log_det, torch.tensor([-0.924234]))


@given(mask=st.lists(st.booleans(), min_size=2, max_size=8), c=st.floats(0.1, 10.0), seed=st.integers(0, 10**6))
@pytest.mark.parametrize("conditioner", CONDITIONERS)
def test_any_mask_inverts_and_has_autograds_log_det(conditioner, mask, c, seed):
    mask[0], mask[-1] = True, False
    coupling = make_coupling(mask, conditioner, max_log_scale=c, seed=seed).double()
    x = gaussian(4, len(mask), seed)
    y, log_det = coupling(x)
    back, back_log_det = coupling.inverse(y)
    forward_jacobian, inverse_jacobian = jacobian(coupling, x), jacobian(coupling.inverse, y)
    tolerance = 1e-10 * torch.linalg.cond(forward_jacobian)
    assert ((back - x).norm(dim=1) <= tolerance).all()
    assert ((log_det - torch.linalg.slogdet(forward_jacobian)[1]).abs() <= tolerance).all()
    assert ((back_log_det - torch.linalg.slogdet(inverse_jacobian)[1]).abs() <= tolerance).all()


@pytest.mark.parametrize("mask", [[True, False], [False, True], [True, False, True], [False, False, True, False]])
def test_kept_coordinates_pass_untouched_and_the_others_move(mask):
    coupling, mask, x = make_coupling(mask), torch.tensor(mask), gaussian(50, len(mask), dtype=torch.float32)
    for direction in (coupling, coupling.inverse):
        y, _ = direction(x)
        assert torch.equal(y[:, mask], x[:, mask])
        assert (y[:, ~mask] != x[:, ~mask]).all()


@pytest.mark.parametrize("conditioner", CONDITIONERS)
def test_log_det_depends_on_the_kept_coordinates_only(conditioner):
    coupling, x = make_coupling([True, False, False, True], conditioner), gaussian(20, 4, dtype=torch.float32)
    other = x.clone()
    other[:, 1:3] += 3
    assert torch.equal(coupling(x)[1], coupling(other)[1])
    other[:, 3] += 3
    assert (coupling(x)[1] != coupling(other)[1]).any()


@given(c=st.floats(0.1, 10.0), raw=st.floats(-100, 100))
def test_the_scale_stays_within_its_bound(c, raw):
    coupling = AffineCoupling(torch.tensor([True, False]), Fixed([raw], [0.0]), max_log_scale=c).double()
    s, _ = coupling.scale_and_shift(torch.zeros(1, 1))
    assert abs(float(s)) <= c * (1 + 1e-6)
    assert float(s) * raw >= 0


@pytest.mark.parametrize("c", [0.1, 1.0, 3.0])
def test_the_scale_has_slope_one_at_zero_and_reaches_its_bound(c):
    def s(raw: float) -> float:
        coupling = AffineCoupling(torch.tensor([True, False]), Fixed([raw], [0.0]), max_log_scale=c)
        return float(coupling.scale_and_shift(torch.zeros(1, 1))[0])

    assert s(1e-3) == pytest.approx(1e-3, rel=1e-4)
    assert s(1000.0) == pytest.approx(c)
    assert s(-1000.0) == pytest.approx(-c)


@given(mask=st.lists(st.booleans(), min_size=2, max_size=8))
def test_merge_undoes_split(mask):
    mask[0], mask[-1] = True, False
    coupling, x = make_coupling(mask), gaussian(3, len(mask))
    a, b = coupling.split(x)
    assert torch.equal(a, x[:, torch.tensor(mask)])
    assert torch.equal(b, x[:, ~torch.tensor(mask)])
    assert torch.equal(coupling.merge(a, b), x)


@pytest.mark.parametrize("conditioner", CONDITIONERS)
def test_zeroed_outputs_make_the_identity(conditioner):
    coupling, x = make_coupling([True, False, True], conditioner), gaussian(20, 3, dtype=torch.float32)
    before = copy.deepcopy(coupling.state_dict())
    for last in coupling.conditioner.outputs():
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)
    y, log_det = coupling(x)
    assert torch.equal(y, x)
    assert torch.equal(log_det, torch.zeros(20))
    coupling.load_state_dict(before)
    assert not torch.equal(coupling(x)[0], x)


def test_shared_conditioner_has_one_network_and_separate_two():
    # 1 -> 16 -> 16 -> outputs: 32 + 272 weights, and 17 for each output.
    sizes = {"hidden_features": 16, "depth": 2, "generator": torch.Generator()}
    shared, separate = SharedConditioner(1, 1, **sizes), SeparateConditioner(1, 1, **sizes)
    assert sum(p.numel() for p in shared.parameters()) == 304 + 2 * 17
    assert sum(p.numel() for p in separate.parameters()) == 2 * (304 + 17)
    assert [len(shared.outputs()), len(separate.outputs())] == [1, 2]


@pytest.mark.parametrize("depth", [1, 2, 8])
def test_mlp_has_depth_hidden_layers_with_relu_between(depth):
    layers = list(mlp(3, 5, hidden_features=7, depth=depth, generator=torch.Generator()))
    linears = [layer for layer in layers if isinstance(layer, nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linears] == [(3, 7), *[(7, 7)] * (depth - 1), (7, 5)]
    assert [type(layer) for layer in layers] == [*[nn.Linear, nn.ReLU] * depth, nn.Linear]


@pytest.mark.parametrize("n_in", [1, 2, 64])
def test_linear_is_drawn_like_pytorchs_from_its_own_generator(n_in):
    before = global_generators()
    layer = linear(n_in, 2000, torch.Generator().manual_seed(3))
    again = linear(n_in, 2000, torch.Generator().manual_seed(3))
    assert global_generators() == before
    bound = n_in**-0.5
    for parameter, same in zip(layer.parameters(), again.parameters(), strict=True):
        assert torch.equal(parameter, same)
        assert parameter.requires_grad
        assert 0.99 * bound < parameter.abs().max() <= bound
        assert parameter.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)
        assert abs(parameter.mean().item()) < 0.1 * bound
