"""The benchmark of a step times what it says it does."""

from importlib.util import find_spec

import pytest
import torch

from realnvp.bench.clock import interleaved
from realnvp.bench.peers import PEERS, Size
from realnvp.bench.steps import compared, contestants, peer_step

SIZE = Size(couplings=2, width=8, depth=1)


def test_each_contestant_can_take_a_step():
    found = contestants(SIZE)
    assert {"limit", "ours", "ours, autograd"} <= set(found)
    for step in found.values():
        step()


def test_both_of_our_steps_learn_alike():
    found = contestants(SIZE)
    losses = [[float(found[name]().detach()) for _ in range(5)] for name in ("ours", "ours, autograd")]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert losses[0][-1] < losses[0][0]


def test_all_have_their_turns_and_the_slower_fewer_calls():
    calls = {"short": 0, "long": 0}

    def count(name: str, size: int) -> None:
        calls[name] += 1
        torch.randn(size, size) @ torch.randn(size, size)

    times = interleaved(
        {"short": lambda: count("short", 2), "long": lambda: count("long", 400)}, rounds=2, seconds=0.02
    )
    assert set(times) == set(calls)
    assert 6 < calls["long"] < calls["short"]  # thousands of times the work


def test_ours_is_compared_with_the_fastest_of_the_peers():
    row = compared(
        {"limit": 1.0, "ours": 2.0, "ours, autograd": 3.0, "a": 5.0, "b": 4.0, "a, fused": 3.0, "b, fused": 6.0}
    )
    assert row["limit_reached"] == 0.5
    assert row["times_faster_than_fastest_peer"] == 2.0
    assert row["times_faster_than_fastest_fused"] == 1.5
    assert compared({"limit": 1.0, "ours": 2.0})["times_faster_than_fastest_peer"] is None


@pytest.mark.parametrize("name", list(PEERS))
def test_a_peer_learns(name):
    if not find_spec(name):
        pytest.skip("its library is for the benchmark alone: pip install -r tests/peers.txt")
    peer = PEERS[name](SIZE)
    x = 3 * torch.randn(200, 2, generator=torch.Generator().manual_seed(0)) + 1
    step = peer_step(peer.parameters, peer.loss, x, fused=True)
    first = step()
    for _ in range(50):
        last = step()
    assert last < first
