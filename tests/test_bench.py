"""The benchmark measures what it says it does: each measurement for real, at a tiny size."""

import json
import time

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from realnvp.__main__ import main
from realnvp.bench import MEASUREMENTS
from realnvp.bench.best_gap import best_gap, fitting
from realnvp.bench.classroom import classroom
from realnvp.bench.clock import interleaved
from realnvp.bench.gpu import graph_and_eager
from realnvp.bench.growth import growth, step_by_hand
from realnvp.bench.machine import machine
from realnvp.bench.page import page
from realnvp.bench.peers import LIBRARIES, Size, our_flow, peers, post_flow
from realnvp.bench.poll import poll
from realnvp.bench.recipe import quality, shelf
from realnvp.bench.runs import RECIPE, PostRecipe, Run, our_run, posts_run
from realnvp.bench.start import start
from realnvp.bench.steps import LIMIT, OURS, OURS_AUTOGRAD, contestants, faster, peer_step, steps
from realnvp.bench.store import store
from realnvp.bench.table import Table, shown
from realnvp.bench.throughput import measured, megabytes, throughput
from realnvp.bench.time_to_quality import median_of, until
from realnvp.config import TrainingConfig
from realnvp.datasets import DISTRIBUTIONS, distribution
from realnvp.flow import RealNVP
from realnvp.training import train

SIZE = Size(couplings=2, width=8, depth=1)
without_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, which would be measured")
QUICK = TrainingConfig(layers=2, width=16, epochs=200, device="cpu")


# Clock and steps.


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


def test_each_contestant_can_take_a_step():
    found = contestants(SIZE)
    assert {LIMIT, OURS, OURS_AUTOGRAD, "post", "post, fused"} <= set(found)
    for step in found.values():
        step()


def test_both_of_our_steps_learn_alike():
    found = contestants(SIZE)
    losses = [[float(found[name]().detach()) for _ in range(5)] for name in (OURS, OURS_AUTOGRAD)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert losses[0][-1] < losses[0][0]


def test_ours_is_compared_with_the_fastest_of_the_peers():
    times = {LIMIT: 1.0, OURS: 2.0, OURS_AUTOGRAD: 3.0, "a": 5.0, "b": 4.0, "a, fused": 3.0, "b, fused": 6.0}
    assert faster(times) == {"the fastest peer": 2.0, "the fastest, fused": 1.5}


def test_steps_are_timed_at_each_size_and_the_threads_are_given_back():
    times, limits, ratios = steps(rounds=1, sizes=[SIZE], seconds=0.02)
    assert torch.get_num_threads() == 1
    assert times.drawn[0] == "8 x 1, 1 thread"
    flows = {row["flow"]: row for row in times.rows}
    assert set(flows) == set(contestants(SIZE))
    for column in times.drawn:
        assert all(row[column] > 0 for row in times.rows)
        for row in limits.rows:
            assert row[column] == pytest.approx(flows[LIMIT][column] / flows[row["flow"]][column])
        fastest = min(flows[name][column] for name in peers())
        assert ratios.rows[0][column] == pytest.approx(fastest / flows[OURS][column])


# Peers.


def peer_of(name):
    found = peers()
    if name not in found:
        pytest.skip("its library is for the benchmark alone: pip install -r tests/peers.txt")
    return found[name]


@pytest.mark.parametrize("name", [*LIBRARIES, "post"])
def test_a_peer_learns_a_shifted_gaussian_of_any_dimension(name):
    make = peer_of(name)
    for dim in (2, 5):
        x = 0.3 * torch.randn(200, dim, generator=torch.Generator().manual_seed(0)) + 1
        peer = make(Size(couplings=2, width=8, depth=1, dim=dim))
        step = peer_step(peer, x, fused=True)
        first = step()
        for _ in range(50):
            last = step()
        assert last < first


@pytest.mark.parametrize("name", [*LIBRARIES, "post", "here"])
def test_a_peers_loss_is_its_density_and_its_samples_come_from_it(name):
    """The mean of 1 / q over samples of q that lie in a box is the area of the box."""
    peer = our_flow(SIZE) if name == "here" else peer_of(name)(SIZE)
    x = torch.randn(100, 2, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert float(peer.loss(x)) == pytest.approx(-float(peer.log_prob(x).mean()), rel=1e-5)
        points = peer.sample(4000)
        assert points.shape == (4000, 2)
        inside = (points.abs() < 1.5).all(1)
        area = float((inside / peer.log_prob(points).exp()).mean())
    assert area == pytest.approx(9.0, rel=0.15)


def test_the_posts_flow_is_as_large_as_the_post_says():
    flow = post_flow(Size(width=256, depth=4))
    one_network = (2 * 256 + 256) + 3 * (256 * 256 + 256) + (256 * 2 + 2)
    assert sum(p.numel() for p in flow.parameters) == 6 * 2 * one_network


# Growth.


def test_growth_is_measured_over_each_value():
    layers, dims = growth(rounds=1, values={"couplings": (1, 4), "dim": (2, 8)}, seconds=0.02)
    assert [row["couplings"] for row in layers.rows] == [1, 4]
    assert [row["dim"] for row in dims.rows] == [2, 8]
    assert layers.line
    assert {LIMIT, OURS, OURS_AUTOGRAD} <= set(layers.drawn)
    assert all(row[name] > 0 for row in (*layers.rows, *dims.rows) for name in layers.drawn)


@pytest.mark.parametrize("dim", [2, 3, 8])
def test_the_step_by_hand_learns_in_any_dimension(dim):
    x = 0.3 * torch.randn(200, dim, generator=torch.Generator().manual_seed(0)) + 1
    step = step_by_hand(Size(couplings=2, width=8, depth=1, dim=dim), x)
    first = step()
    for _ in range(50):
        last = step()
    assert last < first


# Quality.


def test_a_run_counts_its_epochs_and_stops_at_its_seconds():
    run = our_run(QUICK)
    run.advance(30)
    assert run.epoch == 30
    run.advance(1000, run.seconds + 0.02)
    assert 30 < run.epoch < 200


def test_evaluations_are_not_counted():
    run = our_run(QUICK)
    run.advance(5)
    before = run.seconds
    run.kl_gap(2000)
    assert run.seconds == before


def test_the_gap_of_a_run_is_that_of_its_training():
    run, training = our_run(QUICK), train(QUICK)
    run.advance(60)
    training.advance(60)
    assert run.kl_gap() == pytest.approx(training.evaluate().kl_gap, abs=1e-6)


def test_the_posts_recipe_learns_and_its_seed_decides():
    gaps = []
    for seed in (0, 0, 1):
        run = posts_run(post_flow, SIZE, seed)
        untrained = run.kl_gap(1000)
        run.advance(40)
        gaps.append(run.kl_gap(1000))
        assert gaps[-1] < untrained
    assert gaps[0] == gaps[1] != gaps[2]


def test_the_posts_recipe_draws_512_points_of_two_moons():
    recipe = PostRecipe(post_flow(SIZE))
    x, _ = distribution("two_moons", 0.05).sample(512, torch.Generator().manual_seed(0))
    expected = -recipe.flow.log_prob(x).mean().item()
    assert recipe.step() == pytest.approx(expected, rel=1e-6)


def test_training_until_a_goal_ends_at_the_first_evaluation_that_meets_it():
    run = our_run(QUICK)
    entropy = distribution("two_moons", 0.05).entropy
    goal = entropy + run.kl_gap(2000) - 0.05
    found = until(run, goal, epochs=200, n=2000)
    assert found["reached"]
    assert found["NLL"] <= goal
    assert found["epochs"] == run.epoch < 200
    assert found["seconds"] == run.seconds
    again = our_run(QUICK)
    again.advance(run.epoch - 10)
    assert entropy + again.kl_gap(2000) > goal


def test_a_goal_out_of_reach_ends_with_the_epochs_or_the_seconds():
    run = our_run(QUICK)
    assert until(run, -100.0, epochs=23, n=500) == {
        "seconds": run.seconds,
        "epochs": 23,
        "NLL": pytest.approx(distribution("two_moons", 0.05).entropy + run.kl_gap(500)),
        "reached": False,
    }
    calls = []
    slow = Run(lambda: calls.append(time.sleep(0.01)), RealNVP(n_layers=2).log_prob)
    assert not until(slow, -100.0, epochs=1000, seconds=0.1, n=500)["reached"]
    assert len(calls) <= 10


def test_a_run_that_diverges_ends_without_a_number():
    flow = RealNVP(n_layers=2)
    run = Run(lambda: flow.mean.fill_(torch.nan), flow.log_prob)
    found = until(run, 0.3, epochs=1000, n=500)
    assert (found["NLL"], found["reached"], found["epochs"]) == (None, False, 10)


def test_a_median_is_reached_only_if_all_are():
    one = {"seconds": 1.0, "epochs": 10, "NLL": 0.3, "reached": True}
    two = {"seconds": 3.0, "epochs": 30, "NLL": 0.4, "reached": False}
    three = {"seconds": 2.0, "epochs": 20, "NLL": 0.2, "reached": True}
    assert median_of([two, one, three]) == {"seconds": 2.0, "epochs": 20, "NLL": 0.2, "reached": False}
    assert median_of([one]) == one


def test_a_run_is_fitted_to_its_time():
    short, long = fitting(0.2), fitting(10.0)
    assert (short.layers, long.layers) == (6, 12)
    assert 5 < short.epochs < long.epochs
    assert short.schedule == "one-cycle"


def test_gaps_are_given_for_each_time_and_flow():
    (table,) = best_gap(budgets=(0.1, 0.3))
    flows = [row["flow"] for row in table.rows]
    assert flows[:2] == ["here", RECIPE]
    assert all(-0.1 < row[time] < 10 for row in table.rows for time in ("0.1 s", "0.3 s"))
    assert table.note.count("layers") == 2  # with what settings ours were trained


def test_the_quality_of_a_preset_is_the_mean_of_its_seeds():
    means, runs = quality(seeds=2, presets=("quick",))
    assert [row["seed"] for row in runs.rows] == [0, 1]
    assert means.rows[0]["NLL"] == pytest.approx(sum(row["NLL"] for row in runs.rows) / 2)
    assert means.rows[0]["worst NLL"] == max(row["NLL"] for row in runs.rows)
    assert all(row["NLL"] < 0.36 for row in runs.rows)


def test_the_shelf_has_a_row_for_each_distribution_with_its_entropy_and_gap():
    (table,) = shelf(names=("gaussian", "banana"), presets=("quick",))
    assert [row["distribution"] for row in table.rows] == ["Correlated Gaussian", "Banana"]
    for row, name in zip(table.rows, ("gaussian", "banana"), strict=True):
        assert row["entropy"] == distribution(name, DISTRIBUTIONS[name].noise).entropy
        assert -0.001 < row["Quick: KL gap"] < 0.01
    assert table.drawn == ("Quick: KL gap",)


def test_runs_saved_and_read_at_once_are_all_there_once():
    (table,) = store(writers=3, readers=2)
    for row in table.rows:
        assert (row["saves"], row["lost"], row["twice"]) == (15, 0, 0)
        assert row["ms of a save"] <= row["ms until it is written"]


# Throughput and memory.


def test_throughput_is_measured_in_a_process_of_its_own():
    (table,) = throughput(points=2_000, rounds=1, names=["here", "post"])
    assert [row["flow"] for row in table.rows] == ["here", "post"]
    for row in table.rows:
        assert row["log_prob"] > 0
        assert row["sample"] > 0
        assert 50 < row["MB before"] <= row["MB peak"] < 5000
        assert row["MB after"] <= row["MB peak"]


def test_the_peak_remembers_what_was_held():
    held, peak = megabytes()
    block = torch.ones(int(peak - held + 200) * 250_000)  # floats of 4 bytes
    assert megabytes()[0] > peak + 100
    assert megabytes()[1] > peak + 100
    del block
    assert megabytes()[0] < peak + 100 < megabytes()[1]


def test_a_chunk_is_no_larger_than_the_points():
    found = measured("here", 100)
    assert found["log_prob"] > 0


# The app.


def test_a_run_is_seen_first_as_a_picture_then_as_an_epoch():
    (table,) = start(repeats=2)
    picture, epoch = table.rows
    assert (picture["until"], epoch["until"]) == ("first picture", "first epoch")
    assert 0 < picture["median"] <= epoch["median"] <= epoch["longest"]


def test_polls_of_the_app_are_answered_with_pictures():
    (table,) = poll(runs=1)
    times, sizes = table.rows
    assert 0 < times["median"] <= times["largest"]
    assert sizes["largest"] > 50  # kilobytes: a thousand points a panel


def test_a_class_moves_and_finishes():
    (table,) = classroom(runs=3, epochs=20)
    (row,) = table.rows
    assert row["runs"] == 3
    assert 0 < row["seconds until all have moved"] <= row["seconds together"]


def test_graph_and_eager_are_the_same_where_there_is_no_graph():
    table = graph_and_eager("cpu", "On the CPU", rounds=1, sizes=[SIZE])
    (row,) = table.rows
    assert row["losses differ by"] == 0
    assert row["graph"] > 0
    assert row["eager"] > 0


# Tables, page, command.

CELLS = st.one_of(st.none(), st.integers(), st.floats(allow_nan=False), st.text("ab |<&", max_size=5))


@given(rows=st.lists(st.fixed_dictionaries({"one": CELLS, "two": CELLS}), min_size=1, max_size=4))
def test_a_table_shows_every_row_in_columns(rows):
    lines = Table("Title", rows, unit="ms", note="Note.").text().splitlines()
    assert lines[0] == "Title (ms)"
    assert lines[-1] == "Note."
    body = lines[2:-2]
    assert len(body) == len(rows) + 2
    assert len({len(line) for line in body}) == 1


def test_a_table_without_rows_is_one_line():
    assert Table("A step", [], note="nothing was measured.").text() == "A step: nothing was measured."


@pytest.mark.parametrize(
    ("value", "words"),
    [(None, "-"), (1234, "1,234"), (12345.6, "12,346"), (0.123456, "0.1235"), ("zuko", "zuko"), (True, "yes")],
)
def test_values_are_shown_with_four_digits(value, words):
    assert shown(value) == words


def test_the_page_stands_alone_with_a_plot_a_table_and_the_machine():
    bars = Table("Bars", [{"flow": "a<b", "ms": 1.0}], labels=("flow",), drawn=("ms",), unit="milliseconds")
    lines = Table("Lines", [{"width": w, "ms": 1.0 * w} for w in (1, 2)], labels=("width",), drawn=("ms",), line=True)
    text = page([bars, lines, Table("None", [], note="nothing")], "a machine & more")
    assert text.count("Plotly.newPlot(") >= 2
    assert 'src="http' not in text  # nothing is loaded
    assert len(text) > 3_000_000  # plotly.js is in it, once
    assert len(text) < 8_000_000
    assert "a machine &amp; more" in text
    assert "<td>a&lt;b</td>" in text


def test_the_machine_is_described():
    found = machine()
    assert found["cores"] >= 1
    assert found["processor"]
    assert found["torch"] == torch.__version__


@without_gpu
def test_the_command_prints_json_and_saves_a_page(capsys, tmp_path):
    file = tmp_path / "page.html"
    assert main(["bench", "gpu", "--json", "--html", str(file)]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert found["machine"]["cores"] >= 1
    assert "no NVIDIA GPU" in found["measured"]["gpu"][0]["note"]
    assert "no NVIDIA GPU" in file.read_text()


@without_gpu
def test_without_a_gpu_the_command_says_so_in_one_line_and_succeeds(capsys):
    assert main(["bench", "gpu"]) == 0
    (line,) = capsys.readouterr().out.strip().splitlines()
    assert "no NVIDIA GPU" in line


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["speed"], "invalid choice: 'speed'"), (["gpu", "--html", "/no/such/x.html"], "no folder")],
)
def test_a_bad_option_is_refused_in_one_line(capsys, arguments, words):
    with pytest.raises(SystemExit) as caught:
        main(["bench", *arguments])
    assert caught.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert words in line


def test_every_measurement_has_a_name_and_says_what_it_measures():
    for name, measurement in MEASUREMENTS.items():
        assert measurement.__name__ == name
        assert measurement.__doc__.endswith(".")
